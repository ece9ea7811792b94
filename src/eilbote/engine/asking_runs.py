"""Runs of flows that ask people: whether one still waits, and how it is woken by an answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from eilbote.author.flow.run import RunStatus
from eilbote.engine.asking import HandedOver

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eilbote.author.flow.store import KeptRun
    from eilbote.author.questions import Question
    from eilbote.model.moment import Moment


class KnownRuns(Protocol):
    """What is needed of the runs that ask: a part of :class:`~eilbote.author.flow.store.FlowStore`."""

    async def run(self, run_id: str) -> KeptRun | None:
        """Give a run."""
        ...

    async def wake_runs(self, runs: Sequence[str], *, now: Moment) -> int:
        """Make those runs due that wait for an answer; says how many."""
        ...


class AskingRuns:
    """Runs as :class:`~eilbote.engine.answers.Answers` needs them.

    Args:
        runs: Where they are kept.
    """

    def __init__(self, runs: KnownRuns) -> None:
        self._runs = runs

    async def is_waiting(self, question: Question) -> bool:
        """Say whether the run goes on, and nobody has called it back."""
        run = await self._runs.run(question.run)
        return run is not None and not run.cancelled and run.status is RunStatus.RUNNING

    async def hand_over(self, questions: Sequence[Question], *, now: Moment) -> HandedOver:
        """Wake runs; each notes by itself that it has heard, once it goes on."""
        heard: list[str] = []
        waiting: list[str] = []
        for question in questions:
            run = await self._runs.run(question.run)
            if run is None or run.status is not RunStatus.RUNNING:
                heard.append(question.id)  # it has ended: there is nobody to hear it
            else:
                waiting.append(question.run)
        return HandedOver(await self._runs.wake_runs(waiting, now=now) if waiting else 0, heard)
