"""Group commit without a database: who goes alone, who goes together, and who fails for whom."""

from __future__ import annotations

import asyncio

import pytest

from eilbote.errors import OutboxUnavailableError
from eilbote.store.gathering import Gathering


class Counter:
    """Doubles numbers, one group at a time, when the test lets it."""

    def __init__(self) -> None:
        self.groups: list[list[int]] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.refuses: set[int] = set()
        self.away = False

    async def double(self, numbers: list[int]) -> list[int]:
        self.groups.append(numbers)
        await self.gate.wait()
        if self.away:
            raise OutboxUnavailableError("away")
        if self.refuses & set(numbers):
            raise ValueError(f"not {numbers}")
        return [2 * number for number in numbers]


def gathering(counter: Counter, *, groups: int = 1, size: int = 10) -> Gathering[int, int]:
    return Gathering(counter.double, groups=groups, size=size, weigh=lambda _: 1)


@pytest.mark.asyncio
async def test_one_that_comes_alone_waits_for_nobody() -> None:
    counter = Counter()

    assert await gathering(counter).do(1) == 2
    assert counter.groups == [[1]]


@pytest.mark.asyncio
async def test_what_comes_while_others_are_on_the_way_goes_together() -> None:
    counter = Counter()
    counter.gate.clear()
    them = gathering(counter, size=4)
    first = asyncio.ensure_future(them.do(0))
    await asyncio.sleep(0)
    rest = [asyncio.ensure_future(them.do(number)) for number in range(1, 7)]
    await asyncio.sleep(0)
    counter.gate.set()

    assert await asyncio.gather(first, *rest) == [0, 2, 4, 6, 8, 10, 12]
    assert counter.groups == [[0], [1, 2, 3, 4], [5, 6]]


@pytest.mark.asyncio
async def test_one_after_the_other_is_served_every_time() -> None:
    counter = Counter()
    them = gathering(counter)

    assert [await asyncio.wait_for(them.do(number), 5) for number in range(50)] == [
        2 * number for number in range(50)
    ]


@pytest.mark.asyncio
async def test_a_payload_heavier_than_a_group_goes_by_itself() -> None:
    weights = {1: 1, 2: 50, 3: 1}
    counter = Counter()
    them = Gathering(counter.double, groups=1, size=10, weigh=weights.__getitem__)

    assert await asyncio.gather(*(them.do(number) for number in weights)) == [2, 4, 6]
    assert counter.groups == [[1], [2], [3]]


@pytest.mark.asyncio
async def test_one_that_cannot_be_done_does_not_fail_its_neighbours() -> None:
    counter = Counter()
    counter.refuses = {2}
    them = gathering(counter)

    results = await asyncio.gather(*(them.do(number) for number in range(4)), return_exceptions=True)

    assert [str(one) for one in results] == ["0", "2", "not [2]", "6"]


@pytest.mark.asyncio
async def test_when_nothing_can_be_done_nobody_tries_alone() -> None:
    counter = Counter()
    counter.away = True
    them = gathering(counter)

    results = await asyncio.gather(*(them.do(number) for number in range(4)), return_exceptions=True)

    assert {type(one) for one in results} == {OutboxUnavailableError}
    assert counter.groups == [[0, 1, 2, 3]]


@pytest.mark.asyncio
async def test_a_caller_that_goes_away_leaves_the_others_their_answers() -> None:
    counter = Counter()
    counter.gate.clear()
    them = gathering(counter)
    tasks = [asyncio.ensure_future(them.do(number)) for number in range(3)]
    await asyncio.sleep(0)
    tasks[1].cancel()
    counter.gate.set()

    results = await asyncio.gather(*tasks, return_exceptions=True)

    assert [results[0], type(results[1]), results[2]] == [0, asyncio.CancelledError, 4]
    await them.finish()


@pytest.mark.asyncio
async def test_finishing_waits_for_every_answer() -> None:
    counter = Counter()
    counter.gate.clear()
    them = gathering(counter)
    tasks = [asyncio.ensure_future(them.do(number)) for number in range(3)]
    await asyncio.sleep(0)
    asyncio.get_running_loop().call_soon(counter.gate.set)

    await them.finish()

    assert await asyncio.gather(*tasks) == [0, 2, 4]
