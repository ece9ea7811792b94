"""Returned mail finds its entry, is told there, and whoever cannot be reached gets nothing more."""

import re
from pathlib import Path

import pytest
from tests.integration.relay_scene import relay

from eilbote import Draft, Eilbote, SuppressedError
from eilbote.engine.bounces import BounceState
from eilbote.engine.process.reply_keys import KeysOfThisProgram
from eilbote.engine.return_paths import ReturnPaths
from eilbote.model.attempt import EventKind
from eilbote.model.ids import EntryId
from eilbote.record.suppression import SuppressionReason
from eilbote.relay.relay_options import RelayOptions
from eilbote.testing import Catcher, MemoryOutbox

CORPUS = Path(__file__).parents[1] / "corpus" / "dsn"
ADDRESS = "bounces@mail.example.org"
DRAFT = Draft(from_="orders@example.org", to="max@example.com", subject="Order 4711", text="Ready.")


@pytest.fixture(autouse=True)
def address_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EILBOTE_BOUNCES__ADDRESS", ADDRESS)


def returned(
    message_id: str = "<4711@example.org>", *, to: str = "max@example.com", name: str = "postfix"
) -> bytes:
    octets = (CORPUS / f"{name}.eml").read_bytes()
    return octets.replace(b"<4711@example.org>", message_id.encode()).replace(b"max@example.com", to.encode())


def eilbote(uri: str = "smtp://127.0.0.1:1") -> Eilbote:
    return Eilbote(store=MemoryOutbox(), connections=uri)


@pytest.mark.asyncio
async def test_from_the_way_out_and_back_to_the_suppression_list() -> None:
    options = RelayOptions(bounces=ADDRESS)
    async with Catcher() as catcher, relay(options, connections=catcher.uri) as house:
        submission = await house.eilbote.submit(DRAFT)
        await house.eilbote.deliver_due()
        path = (await catcher.next()).reverse_path
        assert re.fullmatch(r"bounces\+[0-9a-z]{13}[a-z2-7]{16}@mail\.example\.org", path)

        dialogue = await house.dial()
        await dialogue.say("EHLO mx.example.com")
        await dialogue.begin(path.upper(), sender="")
        reply = await dialogue.content(returned("<changed-on-the-way@example.net>").replace(b"\n", b"\r\n"))
        assert reply.startswith("250 ")

        (found,) = await house.eilbote.suppressions.list()
        assert (found.address, found.reason) == ("max@example.com", SuppressionReason.HARD_BOUNCE)
        assert found.entry == submission.id
        events = (await house.eilbote.history(submission.id)).events
        (told,) = [event for event in events if event.kind is EventKind.BOUNCED]
        assert told.recipients == (0,)
        assert told.text == "failed: 550 5.1.1 <max@example.com>: nobody here by that name"
        with pytest.raises(SuppressedError):
            await house.eilbote.submit(DRAFT)


@pytest.mark.asyncio
async def test_a_message_id_finds_it_too() -> None:
    async with eilbote() as house:
        submission = await house.submit(DRAFT)
        found = await house.bounces.take(returned(submission.message_id))
        assert (found.state, found.entry) == (BounceState.TAKEN, submission.id)
        assert found.suppressed == ("max@example.com",)


@pytest.mark.asyncio
async def test_nobody_is_struck_off_who_was_not_written_to() -> None:
    async with eilbote() as house:
        submission = await house.submit(DRAFT.replace(cc="eve@example.com"))
        found = await house.bounces.take(returned(submission.message_id, to="victim@example.net"))
        assert (found.state, found.recipients) == (BounceState.TAKEN, ())
        assert await house.suppressions.list() == []


@pytest.mark.asyncio
async def test_the_only_recipient_is_meant_by_whatever_address_it_was_passed_on_to() -> None:
    async with eilbote() as house:
        submission = await house.submit(DRAFT)
        found = await house.bounces.take(returned(submission.message_id, to="max@elsewhere.example.net"))
        assert found.suppressed == ("max@example.com",)


@pytest.mark.asyncio
@pytest.mark.parametrize("name", ["postfix-delayed", "exchange-quota", "gmail-policy", "delivered"])
async def test_what_says_nothing_about_the_address_is_told_and_no_more(name: str) -> None:
    async with eilbote() as house:
        submission = await house.submit(DRAFT)
        found = await house.bounces.take(returned(submission.message_id, name=name))
        assert (found.state, found.suppressed) == (BounceState.TAKEN, ())
        kinds = [event.kind for event in (await house.history(submission.id)).events]
        assert (EventKind.BOUNCED in kinds) is (name != "delivered")


@pytest.mark.asyncio
async def test_a_complaint_counts_as_one() -> None:
    async with eilbote() as house:
        submission = await house.submit(DRAFT)
        await house.bounces.take(returned(submission.message_id, name="complaint"))
        (found,) = await house.suppressions.list()
        assert found.reason is SuppressionReason.COMPLAINT


@pytest.mark.asyncio
async def test_another_organization_s_entries_are_not_found() -> None:
    async with eilbote() as house:
        submission = await house.submit(DRAFT, organization="acme")
        octets = returned(submission.message_id)
        path = ReturnPaths(ADDRESS, house.services.parts.return_keys).of(submission.id)
        assert path is not None
        for to in ((), (path,)):
            assert (await house.bounces.take(octets, to, organization="other")).state is BounceState.UNKNOWN
        assert (await house.bounces.take(octets, organization="acme")).organization == "acme"


@pytest.mark.asyncio
async def test_other_mail_is_left_alone() -> None:
    async with eilbote() as house:
        assert (await house.bounces.take(returned())).state is BounceState.UNKNOWN
        octets = (CORPUS / "none-out-of-office.eml").read_bytes()
        assert (await house.bounces.take(octets)).state is BounceState.NO_BOUNCE
        assert (await house.bounces.take(b"")).state is BounceState.NO_BOUNCE


def test_nobody_else_makes_a_return_path() -> None:
    keys = KeysOfThisProgram()
    paths = ReturnPaths(ADDRESS, keys)
    path = paths.of(EntryId(4711))
    assert path is not None
    assert paths.entry_of(path) == paths.entry_of(path.upper()) == EntryId(4711)
    assert ReturnPaths(ADDRESS, KeysOfThisProgram()).entry_of(path) is None
    assert ReturnPaths("bounces@example.net", keys).entry_of(path) is None
    local, _, domain = path.partition("@")
    for at in range(len("bounces+"), len(local)):
        other = "2" if local[at] != "2" else "3"
        assert paths.entry_of(f"{local[:at]}{other}{local[at + 1 :]}@{domain}") is None
    assert paths.entry_of(ADDRESS) is None
    assert paths.entry_of("") is None
