"""What has to be looked after now and then where flows are worked: lost answers, connections nobody needs, runs that ended long ago."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from eilbote.model.moment import later

if TYPE_CHECKING:
    from collections.abc import Callable

    from eilbote.author.flow.store import FlowStore
    from eilbote.author.questions import QuestionStore
    from eilbote.engine.answers import Answers
    from eilbote.engine.flow_connections import FlowConnections
    from eilbote.engine.wall_clock import WallClock

_ANSWERS_SECONDS: Final = 30.0
_HOUSEKEEPING_SECONDS: Final = 3600.0
_AT_ONCE: Final = 500
_BATCHES: Final = 20


class FlowUpkeep:
    """Looks after flows; whoever works them asks it again and again, and it knows when something is to be done.

    Args:
        store: Where runs are kept.
        answers: What people have answered.
        questions: What they were asked.
        connections: Those that stand in flows.
        time: Tells what is certain to be too old.
        monotonic: Tells seconds that never run backwards.
        retention_seconds: How long runs are kept that have ended.
    """

    def __init__(
        self,
        store: FlowStore,
        *,
        answers: Answers,
        questions: QuestionStore,
        connections: FlowConnections,
        time: WallClock,
        monotonic: Callable[[], float],
        retention_seconds: float,
    ) -> None:
        self._store = store
        self._answers = answers
        self._questions = questions
        self._connections = connections
        self._time = time
        self._monotonic = monotonic
        self._retention_seconds = retention_seconds
        self._next_answers = 0.0
        self._next_housekeeping = monotonic() + _HOUSEKEEPING_SECONDS / 60

    async def __call__(self) -> None:
        """Do what is due.

        Raises:
            OutboxError: The database does not answer.
        """
        now = self._monotonic()
        if now >= self._next_answers or self._answers.is_hasty:
            self._next_answers = now + _ANSWERS_SECONDS
            self._time.certain_now()  # it is watched even while nothing is old
            await self._answers.wake_answered()
        if now >= self._next_housekeeping:
            self._next_housekeeping = now + _HOUSEKEEPING_SECONDS
            await self._connections.sweep()
            await self._answers.close_orphans()
            await self.prune()

    async def prune(self) -> int:
        """Forget runs, conversations and questions whose time is over, some thousands at most; gives how many runs.

        Raises:
            OutboxError: The database does not answer.
        """
        before = later(self._time.certain_now(), -self._retention_seconds)
        count = 0
        for _ in range(_BATCHES):
            pruned = await self._store.prune(ended_before=before, limit=_AT_ONCE)
            count += pruned
            if pruned < _AT_ONCE:
                break
        await self._questions.prune(due_before=before, limit=_AT_ONCE)
        return count
