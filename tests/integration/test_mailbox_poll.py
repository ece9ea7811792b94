"""A mailbox on a real server is looked into: what came back, what is a reply, and what is neither."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests.integration.lab.certificates import Certificates
from tests.integration.lab.imap import PASSWORD, USER, DovecotImap
from tests.integration.lab.process import ServerMissingError

from eilbote import AuthenticationError, ConnectError, Draft, Eilbote, OutboxUnavailableError, SettingsError
from eilbote.engine.mailbox_poll import MailboxOptions, delivered_to, look, polling
from eilbote.model.secret import Secret
from eilbote.model.tls import TlsPolicy
from eilbote.testing import MemoryOutbox

CORPUS = Path(__file__).parents[1] / "corpus" / "dsn"
DRAFT = Draft(from_="orders@example.org", to="max@example.com", subject="Order 4711", text="Ready.")
PERSON = b"From: max@example.com\r\nTo: orders@example.org\r\nSubject: Re: x\r\n\r\nThank you\r\n"


@pytest.fixture(scope="module")
def imap(certificates: Certificates) -> Iterator[DovecotImap]:
    try:
        server = DovecotImap(certificates)
    except ServerMissingError as missing:
        pytest.skip(str(missing))
    yield server
    server.stop()


@pytest.fixture
def options(imap: DovecotImap) -> MailboxOptions:
    return MailboxOptions(
        host="localhost",
        port=imap.tls,
        user=USER,
        password=Secret(PASSWORD),
        tls=TlsPolicy(ca_file=imap.ca_file),
    )


def eilbote() -> Eilbote:
    return Eilbote(store=MemoryOutbox(), connections="smtp://127.0.0.1:1")


def returned(message_id: str) -> bytes:
    octets = (CORPUS / "postfix.eml").read_bytes().replace(b"<4711@example.org>", message_id.encode())
    return octets.replace(b"\n", b"\r\n")


@pytest.mark.asyncio
@pytest.mark.parametrize("security", ["tls", "starttls"])
async def test_what_came_back_is_taken_and_each_message_is_looked_at_once(
    imap: DovecotImap, options: MailboxOptions, security: str
) -> None:
    options = replace(options, security=security, port=imap.tls if security == "tls" else imap.starttls)
    async with eilbote() as house:
        submission = await house.submit(DRAFT)
        imap.put(returned(submission.message_id), PERSON)
        found = await look(house, options)
        assert (found.bounces, found.replies, found.left) == (1, 1, 0)
        assert [one.address for one in await house.suppressions.list()] == ["max@example.com"]
        again = await look(house, options)
        assert (again.bounces, again.replies) == (0, 0)
        assert (imap.count(), imap.count(which="SEEN")) == (2, 2)


@pytest.mark.asyncio
async def test_what_was_looked_at_is_moved_when_that_is_wanted(
    imap: DovecotImap, options: MailboxOptions
) -> None:
    imap.make_folder('"Gelesen &- &AOQ-"')
    imap.put(PERSON, PERSON)
    async with eilbote() as house:
        await look(house, replace(options, finished_folder="Gelesen & ä"))
    assert imap.count() == 0
    assert imap.count('"Gelesen &- &AOQ-"') == 2


@pytest.mark.asyncio
async def test_what_could_not_be_taken_is_looked_at_again(
    imap: DovecotImap, options: MailboxOptions, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with eilbote() as house:
        submission = await house.submit(DRAFT)
        imap.put(returned(submission.message_id))

        async def full(*_: object, **__: object) -> bool:
            raise OutboxUnavailableError("the disk is full")

        with monkeypatch.context() as patch:
            patch.setattr(house.store, "note", full)
            with pytest.raises(OutboxUnavailableError):
                await look(house, options)
        assert (await look(house, options)).bounces == 1


@pytest.mark.asyncio
async def test_it_is_looked_into_while_the_block_lasts(imap: DovecotImap, options: MailboxOptions) -> None:
    async with eilbote() as house:
        submission = await house.submit(DRAFT)
        imap.put(returned(submission.message_id))
        heard = asyncio.Event()
        was = house.bounces.take

        async def take(octets: bytes, to: tuple[str, ...] = ()) -> object:
            try:
                return await was(octets, to)
            finally:
                heard.set()

        house.bounces.take = take  # type: ignore[method-assign,assignment]
        async with polling(house, options), asyncio.timeout(20):
            await heard.wait()


@pytest.mark.asyncio
async def test_a_wrong_password_and_a_missing_folder_are_told(
    imap: DovecotImap, options: MailboxOptions
) -> None:
    async with eilbote() as house:
        with pytest.raises(AuthenticationError, match=r"mailbox\.password"):
            await look(house, replace(options, password=Secret("wrong")))
        with pytest.raises(SettingsError, match=r"mailbox\.folder: localhost has no such folder"):
            await look(house, replace(options, folder="Nowhere"))
        with pytest.raises(ConnectError, match=r"mailbox\.host"):
            await look(house, replace(options, tls=TlsPolicy()))
        with pytest.raises(ConnectError, match=r"mailbox\.host"):
            await look(house, replace(options, port=1))


def test_addresses_are_read_from_where_servers_put_them() -> None:
    octets = b'Delivered-To: bounces+x@example.org\r\nTo: "B" <b@example.org>,\r\n c@example.org\r\n\r\nTo: d@example.org\r\n'
    assert delivered_to(octets) == ("bounces+x@example.org", "b@example.org", "c@example.org")
    assert delivered_to(b"\xff\0") == ()
