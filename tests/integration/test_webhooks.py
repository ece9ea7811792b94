"""Webhooks against a real receiver: signed so that the specification's own library believes them, and never lost."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from tests.integration.hook_receiver import receiver
from tests.integration.lab.web_server import answer

from eilbote import Draft, Eilbote
from eilbote.config.config import EgressSettings
from eilbote.config.reading import read_config
from eilbote.engine.webhooks.postman import LONGEST_ANSWER, Postman
from eilbote.errors import NotFoundError
from eilbote.net.egress import EgressPolicy
from eilbote.record.webhook import DeliveryState, HookEvent
from eilbote.testing import Catcher, MemoryOutbox

pytestmark = pytest.mark.asyncio


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith(("EILBOTE_", "EMAIL_", "SYSTEM_")):
            monkeypatch.delenv(name)


@asynccontextmanager
async def house(uri: str = "smtp://127.0.0.1:1", *, ports: str = "") -> AsyncIterator[Eilbote]:
    config = replace(read_config(), egress=EgressSettings(ports=ports))
    async with Eilbote(store=MemoryOutbox(), connections={"default": uri}, config=config) as eilbote:
        yield eilbote


def mail(to: str = "anna@example.org") -> Draft:
    return Draft(from_="shop@example.org", to=to, subject="Your order", text="It is on its way")


async def test_who_listens_is_told_what_became_of_a_message() -> None:
    async with Catcher() as catcher, receiver() as there, house(catcher.uri) as eilbote:
        hook = await eilbote.webhooks.add(there.url, events=["message.*"])
        there.believe(hook.secret)
        submission = await eilbote.submit(mail())
        await eilbote.deliver_due()
        await eilbote.webhooks.deliver_due()

    assert there.types == ["message.submitted", "message.accepted"]
    assert there.forged == 0
    _, _, data = there.told[-1]
    assert data["message_id"] == str(submission.message_id)
    assert data["subject"] == "Your order"
    assert [one["address"] for one in data["recipients"]] == ["anna@example.org"]


async def test_a_secret_that_is_replaced_is_believed_for_a_while_and_then_no_more() -> None:
    async with receiver() as there, house() as eilbote:
        hook = await eilbote.webhooks.add(there.url)
        there.believe(hook.secret)
        await eilbote.webhooks.rotate(hook.id)
        assert (await eilbote.webhooks.test(hook.id)).state is DeliveryState.DELIVERED
        new = await eilbote.webhooks.rotate(hook.id, overlap_seconds=0)
        assert (await eilbote.webhooks.test(hook.id)).status == 401
        there.believe(new.secret)
        assert (await eilbote.webhooks.test(hook.id)).state is DeliveryState.DELIVERED


@pytest.mark.parametrize(
    "octets, status, says",
    [
        (answer(b"out of order", status="500 Internal Server Error"), 500, "out of order"),
        (answer(b"", status="302 Found", headers=("Location: http://127.0.0.1:1/",)), 302, "leads elsewhere"),
        (b"this is not HTTP\r\n\r\n", 0, "HTTP"),
        (None, 0, "answer"),
        (answer(b"x" * 500_000, status="400 Bad Request"), 400, "xxx"),
        (b"HTTP/1.1 400 No\r\nContent-Length: 100\r\n\r\nbroken off", 400, "broken off"),
        (
            answer("no \x00 good \udcff".encode("utf-8", "surrogateescape"), status="400 No"),
            400,
            "no \ufffd good",
        ),
    ],
    ids=["refuses", "redirects", "garbage", "hangs-up", "very-long", "breaks-off", "no-text"],
)
async def test_what_a_receiver_does_instead_is_told_in_the_log(
    octets: bytes | None, status: int, says: str
) -> None:
    async with receiver() as there, house() as eilbote:
        hook = await eilbote.webhooks.add(there.url)
        there.answers.append(octets)
        tried = await eilbote.webhooks.test(hook.id)

    assert (tried.state, tried.status) == (DeliveryState.FAILED, status)
    assert says in tried.answer
    assert len(tried.answer) <= LONGEST_ANSWER
    assert there.requests == 1  # no redirection was followed, nothing sent twice


async def test_one_that_says_yes_and_talks_on_and_on_has_taken_it() -> None:
    async with receiver() as there, house() as eilbote:
        hook = await eilbote.webhooks.add(there.url)
        there.answers.append(answer(b"y" * 5_000_000))
        assert (await eilbote.webhooks.test(hook.id)).state is DeliveryState.DELIVERED


async def test_one_that_never_answers_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    async with receiver() as there, house() as eilbote:
        hook = await eilbote.webhooks.add(there.url)
        delivery = await eilbote.webhooks.test(hook.id)
        there.is_silent = True
        found = await Postman(EgressPolicy(), None, seconds=0.2).bring(hook, delivery, now=delivery.created)

    assert found.status == 0
    assert "0.2" in found.answer
    assert found.seconds < 2


async def test_an_organization_cannot_have_a_name_of_the_inside_asked() -> None:
    async with receiver() as there:
        port = there.url.rpartition(":")[2].removesuffix("/hook")
        async with house(ports=port) as eilbote:
            hook = await eilbote.webhooks.add(f"http://localhost:{port}/hook", organization="acme")
            tried = await eilbote.webhooks.test(hook.id)

    assert tried.status == 0
    assert there.requests == 0
    assert tried.answer


async def test_not_even_the_host_asks_what_clouds_tell_their_guests() -> None:
    async with house() as eilbote:
        hook = await eilbote.webhooks.add("https://169.254.169.254/latest/meta-data/")
        tried = await eilbote.webhooks.test(hook.id)

    assert tried.status == 0
    assert "169.254.169.254" in tried.answer


async def test_who_is_gone_is_switched_off_and_who_comes_back_hears_what_happens_then() -> None:
    async with receiver() as there, house() as eilbote:
        hook = await eilbote.webhooks.add(there.url, events=["suppression.added"])
        there.answers.append(answer(b"", status="410 Gone"))
        event = HookEvent(
            id="1",
            kind="suppression.added",
            organization="",
            at=hook.created,
            data={"address": "a@example.org"},
        )
        await eilbote.webhooks.tell(event)
        await eilbote.webhooks.deliver_due()
        assert not (await eilbote.webhooks.show(hook.id)).is_enabled
        assert [kept.event.kind for kept in await eilbote.notify.events()] == ["webhook.disabled"]

        on = await eilbote.webhooks.change(hook.id, is_enabled=True)
        await eilbote.webhooks.tell(replace(event, id="2", at=on.changed))
        await eilbote.webhooks.deliver_due()

    assert [data["address"] for _, _, data in there.told] == ["a@example.org"]


async def test_what_is_removed_is_delivered_to_no_more() -> None:
    async with receiver() as there, house() as eilbote:
        hook = await eilbote.webhooks.add(there.url)
        await eilbote.submit(mail())
        await eilbote.webhooks.remove(hook.id)
        await eilbote.webhooks.deliver_due()
        with pytest.raises(NotFoundError):
            await eilbote.webhooks.show(hook.id)

    assert there.requests == 0
