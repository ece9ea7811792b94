import asyncio

import pytest

from eilbote.engine.waiting import first_of


@pytest.mark.asyncio
async def test_the_first_one_ends_the_waiting_and_the_others() -> None:
    fast, slow = asyncio.Event(), asyncio.Event()
    cancelled = []

    async def patient() -> None:
        try:
            await slow.wait()
        except asyncio.CancelledError:
            cancelled.append(True)
            raise

    fast.set()
    await first_of(patient(), fast.wait())
    assert cancelled == [True]


@pytest.mark.asyncio
async def test_a_task_that_was_handed_in_goes_on() -> None:
    slow = asyncio.Event()
    task = asyncio.get_running_loop().create_task(slow.wait())
    await first_of(task, asyncio.sleep(0))
    assert not task.done()
    slow.set()
    assert await task


@pytest.mark.asyncio
async def test_what_the_first_one_raises_is_raised() -> None:
    async def broken() -> None:
        raise RuntimeError("broken")

    with pytest.raises(RuntimeError, match="broken"):
        await first_of(broken(), asyncio.Event().wait())


@pytest.mark.asyncio
async def test_whoever_stops_waiting_leaves_nothing_running() -> None:
    ended = asyncio.Event()

    async def patient() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    waiting = asyncio.get_running_loop().create_task(first_of(patient()))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    assert ended.is_set()
