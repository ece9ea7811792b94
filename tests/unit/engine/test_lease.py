import asyncio

import pytest
from tests.unit.engine.hand_turned import HandTurned

from eilbote.engine.lease import Lease
from eilbote.errors import OutboxUnavailableError


class Beats:
    """Answers beats as it is told, and counts them."""

    def __init__(self, time: HandTurned) -> None:
        self.time = time
        self.answer: bool | Exception = True
        self.takes = 0.0
        self.at: list[float] = []

    async def __call__(self) -> bool:
        self.at.append(self.time.clock.monotonic())
        if self.takes:
            await self.time.sleep(self.takes)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def kept(time: HandTurned, beats: Beats) -> tuple[Lease, asyncio.Task[str]]:
    lease = Lease(30.0, clock=time.clock)
    return lease, asyncio.get_running_loop().create_task(lease.keep(beats, sleep=time.sleep))


@pytest.mark.asyncio
async def test_beats_three_times_a_lease_keep_it() -> None:
    time = HandTurned()
    beats = Beats(time)
    lease, keeping = kept(time, beats)
    await time.turn(100.0)
    assert beats.at == [10.0, 20.0, 30.0, 40.0, 50.0, 60.0, 70.0, 80.0, 90.0, 100.0]
    assert not lease.is_over()
    assert lease.content_until == pytest.approx(127.0)
    keeping.cancel()


@pytest.mark.asyncio
async def test_the_lease_counts_from_the_begin_of_the_beat_and_not_from_its_answer() -> None:
    time = HandTurned()
    beats = Beats(time)
    beats.takes = 8.0
    lease, keeping = kept(time, beats)
    await time.turn(18.0)
    assert lease.content_until == pytest.approx(10.0 + 27.0)
    keeping.cancel()


@pytest.mark.asyncio
async def test_a_courier_taken_for_dead_knows_it_by_its_next_beat() -> None:
    time = HandTurned()
    beats = Beats(time)
    beats.answer = False
    _, keeping = kept(time, beats)
    await time.turn(10.0)
    assert "taken" in keeping.result() or "took" in keeping.result()


@pytest.mark.asyncio
async def test_an_outbox_out_of_reach_ends_the_lease_in_its_time() -> None:
    time = HandTurned()
    beats = Beats(time)
    beats.answer = OutboxUnavailableError("locked")
    lease, keeping = kept(time, beats)
    await time.turn(26.9)
    assert not lease.is_over()
    await time.turn(0.1)
    assert lease.is_over()
    assert not keeping.done()
    await time.turn(3.0)
    assert "30 seconds" in keeping.result()
    assert beats.at == [10.0, 20.0]


@pytest.mark.asyncio
async def test_a_process_that_was_stopped_for_longer_than_its_lease_does_not_renew_it() -> None:
    time = HandTurned()
    beats = Beats(time)
    lease, keeping = kept(time, beats)
    await time.turn(10.0)
    time.clock.advance(60.0)  # nobody was awake meanwhile
    assert lease.is_over()
    await time.turn(0.0)
    assert keeping.done()
    assert beats.at == [10.0]
