"""The question whether anybody is on the suppression list: asked once for many, and never answered from before an entry."""

from __future__ import annotations

import asyncio

import pytest

from eilbote.engine.suppression_desk import SuppressionDesk
from eilbote.errors import OutboxUnavailableError
from eilbote.record.suppression import SuppressionReason
from eilbote.store.memory_suppressions import MemorySuppressions
from eilbote.testing import ManualClock

pytestmark = pytest.mark.asyncio


class SlowList(MemorySuppressions):
    """A list that looks at once, and answers when the test says so."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = 0
        self.may_answer = asyncio.Event()
        self.is_out_of_reach = False

    async def any(self) -> bool:
        self.asked += 1
        answer = await super().any()
        await self.may_answer.wait()
        if self.is_out_of_reach:
            raise OutboxUnavailableError("the database does not answer", remedy="Wait")
        return answer


async def many_ask(desk: SuppressionDesk) -> list[asyncio.Task[bool]]:
    """Have fifty ask at once, of whom none has an answer yet."""
    asking = [asyncio.create_task(desk.any()) for _ in range(50)]
    await asyncio.sleep(0)
    return asking


async def test_the_question_is_asked_once_for_all_who_want_to_know() -> None:
    kept, clock = SlowList(), ManualClock()
    desk = SuppressionDesk(lambda: kept, clock=clock)
    for times in (1, 2):
        kept.may_answer.clear()
        asking = await many_ask(desk)
        kept.may_answer.set()
        assert await asyncio.gather(*asking) == [False] * 50
        assert not await desk.any()
        assert kept.asked == times
        clock.advance(1.5)


async def test_who_is_entered_while_it_is_asked_is_heard_of_by_whoever_waits() -> None:
    kept = SlowList()
    desk = SuppressionDesk(lambda: kept, clock=ManualClock())
    first, *others = await many_ask(desk)
    await desk.add("", "anna@example.org", SuppressionReason.MANUAL)
    kept.may_answer.set()
    await first
    assert await asyncio.gather(*others) == [True] * 49
    assert await desk.any()


async def test_a_question_without_an_answer_is_asked_again() -> None:
    kept = SlowList()
    desk = SuppressionDesk(lambda: kept, clock=ManualClock())
    kept.may_answer.set()
    kept.is_out_of_reach = True
    with pytest.raises(OutboxUnavailableError):
        await desk.any()
    kept.is_out_of_reach = False
    assert not await desk.any()
    assert kept.asked == 2
