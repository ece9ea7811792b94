"""What has expired beside the outbox is forgotten, hour by hour."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from eilbote.engine.service_upkeep import ServiceUpkeep
from eilbote.errors import OutboxUnavailableError
from eilbote.model.moment import Moment
from eilbote.store.memory_accounts import MemoryAccounts
from eilbote.store.memory_suppressions import MemorySuppressions
from eilbote.testing.account_exercises.scene import link, session, user
from eilbote.testing.hook_exercises.suppressing import said
from eilbote.testing.manual_clock import ManualClock

pytestmark = pytest.mark.asyncio


class Nap:
    """Sleeps until somebody says how much time has passed."""

    def __init__(self, clock: ManualClock) -> None:
        self.wanted: asyncio.Queue[float] = asyncio.Queue()
        self._clock = clock
        self._over = asyncio.Event()

    async def __call__(self, seconds: float) -> None:
        self._over.clear()
        self.wanted.put_nowait(seconds)
        await self._over.wait()

    async def pass_by(self) -> float:
        """Let the pause pass that is wanted next; gives its seconds."""
        seconds = await self.wanted.get()
        self._clock.advance(seconds)
        self._over.set()
        return seconds


class House:
    """Stores with something that expires within the first hour, and something that does not."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.nap = Nap(self.clock)
        self.accounts: MemoryAccounts = MemoryAccounts()
        self.suppressions = MemorySuppressions()
        self.upkeep = ServiceUpkeep(
            (
                lambda now: self.accounts.prune(now=now),
                lambda now: self.suppressions.prune(now=now),
            ),
            clock=self.clock,
            sleep=self.nap,
        )

    async def fill(self) -> None:
        await self.accounts.keep_user(user())
        await self.accounts.keep_user(user("u2", "bert@example.org"))
        await self.accounts.keep_session(session("short", expires=30))
        await self.accounts.keep_session(session("long", expires=10**6))
        await self.accounts.keep_link(link("short", expires=30))
        await self.accounts.keep_link(link("long", of="u2", expires=10**6))
        await self.suppressions.add([said(), replace(said("bert@example.org"), expires=None)])

    async def left(self) -> tuple[list[str], bool, bool, list[str]]:
        return (
            [one.digest for one in await self.accounts.sessions("u1")],
            await self.accounts.link("short") is not None,
            await self.accounts.link("long") is not None,
            [one.address for one in await self.suppressions.list()],
        )


async def while_working(house: House, do: Callable[[], Awaitable[None]]) -> None:
    async with asyncio.timeout(10), house.upkeep.engaged() as rounds:
        working = asyncio.create_task(rounds.run())
        try:
            await do()
        finally:
            rounds.stop()
            await working


async def test_what_has_expired_is_forgotten_and_nothing_else() -> None:
    house = House()
    await house.fill()

    async def an_hour() -> None:
        assert await house.nap.pass_by() == 60
        assert await house.nap.pass_by() == 3600
        await house.nap.wanted.get()

    await while_working(house, an_hour)

    assert await house.left() == (["long"], False, True, ["bert@example.org"])


async def test_who_only_works_once_leaves_it_to_others() -> None:
    house = House()
    await house.fill()
    house.clock.advance(10**5)

    async with house.upkeep.engaged() as rounds:
        assert await rounds.run(once=True) == ()

    assert sorted((await house.left())[0]) == ["long", "short"]


async def test_a_clock_that_has_just_jumped_forward_ends_nobodys_session() -> None:
    house = House()
    await house.fill()
    found: list[list[str]] = []

    async def a_jump() -> None:
        house.clock.set_wall_clock(house.clock.now() + timedelta(days=100))
        for _ in range(3):
            await house.nap.pass_by()
            house.nap.wanted.put_nowait(await house.nap.wanted.get())  # the round is over with that
            found.append((await house.left())[0])

    await while_working(house, a_jump)

    assert found == [["long"], [], []]  # an hour later it still says so, and is believed


class OutOfReach(MemoryAccounts):
    """Does not answer at first."""

    asked = 0

    async def prune(self, *, now: Moment) -> int:
        self.asked += 1
        if self.asked == 1:
            raise OutboxUnavailableError("the database does not answer")
        return await super().prune(now=now)


async def test_a_database_out_of_reach_is_asked_again() -> None:
    house = House()
    house.accounts = OutOfReach()
    await house.fill()

    async def two_rounds() -> None:
        await house.nap.pass_by()
        await house.nap.pass_by()
        await house.nap.wanted.get()

    await while_working(house, two_rounds)

    assert (await house.left())[0] == ["long"]
