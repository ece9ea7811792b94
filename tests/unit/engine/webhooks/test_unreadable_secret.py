"""What waits for a webhook whose secret cannot be read: it is not signed, and does not wait without anybody knowing why."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from tests.unit.engine.webhooks.hook_scene import Scene

from eilbote.errors import SecretKeyError
from eilbote.model.attempt import Event, EventKind
from eilbote.model.ids import EntryId
from eilbote.record.webhook import DeliveryState, HookDelivery, Webhook
from eilbote.record.webhook_store import HookOwner
from eilbote.store.memory_webhooks import MemoryWebhooks

pytestmark = pytest.mark.asyncio


class Unreadable(MemoryWebhooks):
    """Keeps webhooks whose secrets cannot be read for a while, or are gone."""

    def __init__(self) -> None:
        super().__init__()
        self.is_readable = True
        self.has_secret = True

    async def webhooks(self, organization: str | None = None) -> Sequence[Webhook]:
        return await super().webhooks(organization) if self.is_readable else []

    async def webhook(self, id: str) -> Webhook | None:  # noqa: A002 - its own word
        if not self.is_readable:
            raise SecretKeyError("the key 'k1' is missing", field="secret")
        return await super().webhook(id)

    async def owner(self, id: str) -> HookOwner | None:  # noqa: A002 - its own word
        known = await super().owner(id)
        return known and HookOwner(organization=known.organization, has_secret=self.has_secret)


class Locked(Scene):
    """A delivery that waits, to a webhook whose secret has become unreadable since."""

    def __init__(self) -> None:
        self.secrets = Unreadable()
        super().__init__(self.secrets)
        self.id = ""

    async def begin(self, *, has_secret: bool) -> None:
        self.id = (await self.desk.add("https://example.org/hook")).id
        self.feed.all.append(
            Event(sequence=1, entry=EntryId(1), at=self.now, kind=EventKind.ACCEPTED, organization="")
        )
        self.postman.before = self._interrupt
        with pytest.raises(InterruptedError):
            await self.new_worker().run(once=True)
        self.postman.before = None
        self.secrets.is_readable, self.secrets.has_secret = False, has_secret
        self.clock.advance(120)  # whoever held it is gone

    async def waiting(self) -> HookDelivery:
        (one,) = await self.store.deliveries(self.id)
        return one

    def _interrupt(self) -> None:
        raise InterruptedError


async def test_what_can_never_be_signed_ends_once_and_says_why() -> None:
    scene = Locked()
    await scene.begin(has_secret=False)
    assert await scene.new_worker().run(once=True) == []
    ended = await scene.waiting()
    assert (ended.state, ended.answer) == (DeliveryState.FAILED, "secret: the key 'k1' is missing")
    assert await scene.store.next_due() is None, "nobody takes it up again"
    assert scene.postman.brought == []


async def test_what_can_be_signed_when_its_key_is_there_again_waits_for_it() -> None:
    scene = Locked()
    await scene.begin(has_secret=True)
    assert await scene.new_worker().run(once=True) == []
    put_aside = await scene.waiting()
    assert (put_aside.state, put_aside.answer) == (DeliveryState.WAITING, "secret: the key 'k1' is missing")
    assert put_aside.due == scene.now + 300_000
    assert put_aside.attempts == 0, "nobody was asked"
    scene.secrets.is_readable = True
    scene.clock.advance(300)
    assert len(await scene.new_worker().run(once=True)) == 1
    assert (await scene.waiting()).state is DeliveryState.DELIVERED
