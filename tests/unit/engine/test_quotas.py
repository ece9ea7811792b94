"""How much an organization may hand in, counted without asking the database each time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, cast

import pytest

from eilbote.accounts.organization import Organization, Quota
from eilbote.engine.quotas import Quotas
from eilbote.errors import ThrottledError
from eilbote.model.moment import Moment, moment_of
from eilbote.testing import ManualClock

if TYPE_CHECKING:
    from eilbote.accounts.store import AccountStore
    from eilbote.outbox.store import OutboxStore

pytestmark = pytest.mark.asyncio


@dataclass
class Scene:
    """One organization with a quota, and what the database says when it is asked."""

    quota: Quota
    clock: ManualClock = field(default_factory=ManualClock)
    minutes: dict[int, int] = field(default_factory=dict)
    waits: int = 0
    asked: list[str] = field(default_factory=list)

    def quotas(self) -> Quotas:
        return Quotas(lambda: cast("AccountStore", self), lambda: cast("OutboxStore", self), clock=self.clock)

    async def organization(self, name: str) -> Organization | None:
        self.asked.append("organization")
        now = moment_of(self.clock.now())
        return Organization(name=name, quota=self.quota, created=now, changed=now) if name == "acme" else None

    async def submitted_by_minute(self, organization: str, since: Moment) -> Mapping[int, int]:
        self.asked.append("minutes")
        return {each: number for each, number in self.minutes.items() if each >= since // 60_000}

    async def waiting(self, organization: str) -> int:
        self.asked.append("waiting")
        return self.waits

    def in_outbox(self, number: int, *, minutes_ago: int) -> None:
        self.minutes[moment_of(self.clock.now()) // 60_000 - minutes_ago] = number


async def has_room(quotas: Quotas, organization: str, messages: int = 1) -> None:
    """Take room and give it back, as for messages of which none is accepted."""
    with await quotas.take(organization, messages):
        pass


async def hand_in(quotas: Quotas, organization: str, messages: int = 1) -> None:
    """Take room for messages that are all accepted."""
    with await quotas.take(organization, messages) as taken:
        taken.accepted = messages


async def test_the_host_and_who_has_no_quota_hand_in_what_they_like() -> None:
    scene = Scene(Quota())
    quotas = scene.quotas()

    await has_room(quotas, "", 10_000)
    await has_room(quotas, "acme", 10_000)
    await has_room(quotas, "unknown", 10_000)

    assert scene.asked == ["organization", "organization"], "the outbox is asked nothing"


async def test_more_than_in_an_hour_is_refused_with_the_numbers_and_when_to_come_back() -> None:
    scene = Scene(Quota(messages_per_hour=10))
    scene.in_outbox(7, minutes_ago=40)
    quotas = scene.quotas()

    await hand_in(quotas, "acme", 3)
    with pytest.raises(ThrottledError, match=r"10 messages .* at most 10") as caught:
        await has_room(quotas, "acme")

    assert caught.value.field == "quota.messages_per_hour"
    assert 19 * 60 < caught.value.retry_after <= 20 * 60


async def test_more_than_in_a_day_is_refused() -> None:
    scene = Scene(Quota(messages_per_hour=100, messages_per_day=150))
    scene.in_outbox(149, minutes_ago=600)
    quotas = scene.quotas()

    await has_room(quotas, "acme")
    with pytest.raises(ThrottledError, match="24 hours") as caught:
        await has_room(quotas, "acme", 2)

    assert caught.value.field == "quota.messages_per_day"
    assert 13 * 3600 < caught.value.retry_after <= 14 * 3600


async def test_as_many_as_are_allowed_may_wait() -> None:
    scene = Scene(Quota(waiting=5), waits=4)
    quotas = scene.quotas()

    await hand_in(quotas, "acme")
    with pytest.raises(ThrottledError, match="5 messages wait, and at most 5"):
        await has_room(quotas, "acme")

    scene.waits = 0
    scene.clock.advance(6)
    await has_room(quotas, "acme")


async def test_the_database_is_asked_now_and_then_and_not_each_time() -> None:
    scene = Scene(Quota(messages_per_hour=1000))
    quotas = scene.quotas()

    for _ in range(100):
        await hand_in(quotas, "acme")
    assert scene.asked == ["organization", "minutes"]

    scene.in_outbox(950, minutes_ago=0)  # another process has handed in as well
    scene.clock.advance(21)
    with pytest.raises(ThrottledError):
        await has_room(quotas, "acme", 100)


async def test_a_quota_that_was_changed_counts_within_seconds() -> None:
    scene = Scene(Quota(messages_per_hour=1))
    quotas = scene.quotas()
    await hand_in(quotas, "acme")
    with pytest.raises(ThrottledError):
        await has_room(quotas, "acme")

    scene.quota = Quota(messages_per_hour=2)
    scene.clock.advance(6)

    await has_room(quotas, "acme")


async def test_an_hour_later_there_is_room_again() -> None:
    scene = Scene(Quota(messages_per_hour=1))
    quotas = scene.quotas()
    await hand_in(quotas, "acme")
    scene.in_outbox(1, minutes_ago=0)

    scene.clock.advance(timedelta(hours=1).total_seconds() + 60)

    await has_room(quotas, "acme")


async def test_more_at_once_than_ever_allowed_is_refused_too() -> None:
    with pytest.raises(ThrottledError, match="fewer than 11 at once"):
        await has_room(Scene(Quota(messages_per_hour=10)).quotas(), "acme", 11)


async def test_what_is_being_handed_in_counts_until_it_is_known_what_became_of_it() -> None:
    """Of three who come at once, and each of whom would have room, the third one has none; what is not accepted makes room again."""
    quotas = Scene(Quota(messages_per_hour=10, messages_per_day=10, waiting=10)).quotas()

    with await quotas.take("acme", 5) as first:
        with (
            await quotas.take("acme", 5),
            pytest.raises(ThrottledError, match=r"10 messages .* at most 10"),
        ):
            await quotas.take("acme")
        first.accepted += 4

    await has_room(quotas, "acme", 6)
    with pytest.raises(ThrottledError):
        await has_room(quotas, "acme", 7)


async def test_room_is_given_back_when_handing_in_fails() -> None:
    quotas = Scene(Quota(waiting=5)).quotas()

    with pytest.raises(OSError, match="full"), await quotas.take("acme", 5):
        raise OSError("full")

    await has_room(quotas, "acme", 5)


async def test_what_is_there_already_needs_no_room() -> None:
    quotas = Scene(Quota(messages_per_hour=2, waiting=2), waits=3).quotas()
    with await quotas.take("acme", 0):
        pass


async def test_the_host_takes_as_much_as_it_likes() -> None:
    with await Scene(Quota(waiting=1)).quotas().take("", 10_000) as taken:
        taken.accepted += 10_000
