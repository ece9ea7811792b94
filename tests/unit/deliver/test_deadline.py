"""One timer for a whole session."""

from __future__ import annotations

import asyncio

import pytest
from tests.unit.deliver.test_client_deadlines import JumpingLoop

from eilbote.deliver.deadline import NEVER, Deadline
from eilbote.testing.manual_clock import ManualClock


class Watch:
    """A deadline that a test moves, and when it fired."""

    def __init__(self, clock: ManualClock, *, shortest: float) -> None:
        self.clock = clock
        self.due = NEVER
        self.looks = 0
        self.fired: list[float] = []
        self.deadline = Deadline(clock.monotonic, due=self.look, expired=self.expire, shortest=shortest)

    def look(self) -> float:
        self.looks += 1
        return self.due

    def expire(self) -> None:
        self.fired.append(self.clock.monotonic())


def play(shortest: float, *moves: tuple[float, float]) -> Watch:
    """Move the deadline at some times, each to another time, then wait long."""
    clock = ManualClock()

    async def scene() -> Watch:
        watch = Watch(clock, shortest=shortest)
        for at, due in moves:
            await asyncio.sleep(at - clock.monotonic())
            watch.due = due
            watch.deadline.start()
        await asyncio.sleep(10_000)
        return watch

    with asyncio.Runner(loop_factory=lambda: JumpingLoop(clock)) as runner:
        return runner.run(scene())


def test_fires_once_when_the_time_is_up() -> None:
    assert play(60, (0, 20)).fired == pytest.approx([20])


def test_a_later_deadline_is_kept() -> None:
    assert play(60, (0, 20), (15, 40), (35, 55)).fired == pytest.approx([55])


def test_an_earlier_deadline_is_kept() -> None:
    """From the wait for a verdict (600) to the wait for a command (60): the timer must not sleep on."""
    assert play(60, (0, 600), (10, 70)).fired == pytest.approx([70])


def test_nothing_awaited_nothing_fires() -> None:
    assert play(60, (0, 20), (10, NEVER)).fired == []


def test_a_deadline_that_moves_all_the_time_costs_few_looks() -> None:
    watch = play(60, *[(number * 0.01, 60 + number * 0.01) for number in range(1000)])
    assert watch.fired == pytest.approx([69.99])
    assert watch.looks < 10


def test_cancelled_for_good() -> None:
    clock = ManualClock()

    async def scene() -> Watch:
        watch = Watch(clock, shortest=60)
        watch.due = 20
        watch.deadline.start()
        watch.deadline.cancel()
        await asyncio.sleep(1000)
        return watch

    with asyncio.Runner(loop_factory=lambda: JumpingLoop(clock)) as runner:
        assert runner.run(scene()).fired == []
