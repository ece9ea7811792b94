"""Works one run of a flow: goes on as far as it goes, performs what it asks for, and keeps it before and after.

What is promised:

* What a run asks for is kept before it is begun, with the time and the context it was asked in. Whoever takes the run up again asks
  for exactly the same, whatever has happened to the flow, the conversation and the clock meanwhile.
* It is done under the name of the visit, so that it is done once; an e-mail has one entry in the outbox for each visit.
* A run that cannot go on ends with an error that says why. It never takes others with it.
* Who has lost the lease keeps nothing any more: :class:`~eilbote.errors.LeaseLostError` ends the work.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Final, assert_never

from eilbote.author.flow.definition import read_flow
from eilbote.author.flow.effect import WaitUntil
from eilbote.author.flow.run import RunStatus, failed, go_on, resume
from eilbote.author.flow.run_state import failed_data, read_run, run_data
from eilbote.author.flow.shelf import Shelf
from eilbote.author.flow.store import Awaits
from eilbote.engine.flow_effects import Asked, Done, Parked
from eilbote.engine.flow_fault import told, told_as, told_unforeseen
from eilbote.errors import EilboteError, OutboxError
from eilbote.model.moment import Moment
from eilbote.record.notice import Notice, NoticeKind

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from eilbote.author.flow.definition import Flow
    from eilbote.author.flow.run import Run
    from eilbote.author.flow.store import FlowStore, KeptRun, LateResult
    from eilbote.engine.flow_effects import Effects
    from eilbote.engine.wall_clock import WallClock
    from eilbote.model.data import Data
    from eilbote.record.report import Report
    from eilbote.template.branding import Branding

CANCELLED: Final = "cancelled"
"""The code of the error with which a run ends that was called back."""
_FLOWS_IN_MIND: Final = 128
_HELD_SECONDS: Final = 10.0
"""After which a run that could go on is let go of, so that those of others come to a worker that long ones would fill."""
_TURN_SECONDS: Final = 0.05
"""After which leases are prolonged and others go on, though a run could."""
_NOTHING: Final[Mapping[str, Data]] = {}


@lru_cache(maxsize=_FLOWS_IN_MIND)
def flow_of(text: str) -> Flow:
    """Read a flow; those that run often are read once.

    Raises:
        FlowError: It cannot run any more as it was kept.
    """
    return read_flow(text)


class RunFlow:
    """Works runs that were claimed.

    Args:
        store: Where runs are kept.
        effects: Performs what they ask for.
        time: Tells the time, and how much of it is certain.
        report: Hears how runs end.
        monotonic: Tells seconds that never run backwards.
        branding: Gives how an organization's notifications look.
        is_stopping: Whether whoever works is to let go of runs at the next good place.
    """

    def __init__(
        self,
        store: FlowStore,
        effects: Effects,
        *,
        time: WallClock,
        report: Report,
        monotonic: Callable[[], float],
        branding: Callable[[str], Awaitable[Branding]] | None = None,
        is_stopping: Callable[[], bool] = lambda: False,
    ) -> None:
        self._store = store
        self._effects = effects
        self._time = time
        self._report = report
        self._branding = branding
        self._is_stopping = is_stopping
        self._monotonic = monotonic

    async def work(self, kept: KeptRun) -> KeptRun:
        """Work a claimed run until it has ended or waits, and let go of it.

        Raises:
            LeaseLostError: Somebody else has it by now.
            OutboxError: What is kept cannot be reached; the run goes on where it was kept last.
        """
        if kept.cancelled:
            return await self._called_back(kept)
        try:
            flow = flow_of(kept.text)
            if self._branding is not None:
                flow = replace(flow, branding=await self._branding(kept.organization))
            run = read_run(flow, kept.state, context=kept.context)
        except OutboxError:
            raise
        except EilboteError as fault:
            return await self._broken(kept, told(fault), former=kept.state)
        except Exception as fault:  # noqa: BLE001 - a node of somebody else's; it ends its run and nothing else
            return await self._broken(kept, told_unforeseen(fault), former=kept.state)
        return await _Working(self, flow, kept, run).work()

    # -- for one run ---------------------------------------------------------------------------------------------

    def now(self) -> Moment:
        """Give the time."""
        return self._time.now()

    def asked(self, kept: KeptRun, run: Run, *, again: bool) -> Asked:
        """Give what a performer is told."""
        now = (
            self._time.now()
        )  # asked once: a wait of which the certain time is later than now is none that is ahead
        return Asked(kept=kept, run=run, again=again, now=now, certain=Moment(now - self._time.ahead(now)))

    @property
    def effects(self) -> Effects:
        """Who performs."""
        return self._effects

    def monotonic(self) -> float:
        """Give seconds that never run backwards."""
        return self._monotonic()

    def turn(self) -> Callable[[], bool]:
        """Begin a turn, during which nobody else of this process gets to work; gives what tells when it is over."""
        end = self._monotonic() + _TURN_SECONDS
        return lambda: self._monotonic() >= end

    def lets_go(self, since: float) -> bool:
        """Whether a run is to be let go of that was taken up then: others may wait for its place."""
        return self._is_stopping() or self._monotonic() - since >= _HELD_SECONDS

    async def keep(
        self,
        kept: KeptRun,
        run: Run,
        *,
        holds: bool,
        parked: Parked | None = None,
        late: tuple[LateResult, ...] = (),
    ) -> KeptRun:
        """Keep how a run stands.

        Raises:
            FlowError: It holds something that cannot be kept.
            OutboxError: It cannot be kept for now, or by this worker any more.
        """
        now, context = self.now(), run.shelves[Shelf.CONTEXT]
        due = now if parked is None else parked.due
        written = await self._store.keep(
            replace(
                kept,
                status=run.status,
                state=run_data(run),
                awaits=Awaits.NOTHING if parked is None else parked.awaits,
                entry=None if parked is None else parked.entry,
                due=None if run.at is None else due,
            ),
            context=changed(kept.context, context),
            late=late,
            holds=holds,
            now=now,
        )
        return replace(written, text=kept.text, context=context)

    async def ended(self, kept: KeptRun, run: Run, late: tuple[LateResult, ...]) -> KeptRun:
        """Keep a run that has come to its end, and tell it."""
        ended = await self.keep(kept, run, holds=False, late=late)
        if run.status is RunStatus.FAILED:
            self.tell(NoticeKind.RUN_FAILED, ended, _words(run.error))
        else:
            self.tell(NoticeKind.RUN_ENDED, ended, count=run.steps)
        return ended

    def tell(self, kind: NoticeKind, kept: KeptRun, text: str = "", *, count: int = 0) -> None:
        """Tell those who look after it what a run does."""
        self._report.noticed(
            Notice(
                kind=kind,
                at=self.now(),
                text=text,
                count=count,
                flow=kept.flow,
                run=kept.id,
                organization=kept.organization,
            )
        )

    async def fail(self, kept: KeptRun, run: Run, error: Mapping[str, Data]) -> KeptRun:
        """End a run that cannot go on, though it could be read; what it knows stays to be looked at."""
        known = replace(run, shelves={**run.shelves, Shelf.CONTEXT: kept.context})
        ended = (
            replace(known, status=RunStatus.FAILED, error=error)
            if run.at is None
            else failed(known, error, self.now())
        )
        if error.get("code") == CANCELLED:  # nothing went wrong in the node that it was called back from
            ended = replace(ended, failed_nodes=run.failed_nodes)
        try:
            return await self.ended(kept, ended, ())
        except OutboxError:
            raise
        except EilboteError:  # what it knows is what cannot be kept
            return await self._broken(kept, error)

    async def _broken(
        self, kept: KeptRun, error: Mapping[str, Data], *, former: Mapping[str, Data] | None = None
    ) -> KeptRun:
        """End a run that cannot be read; of what was kept of it before stays what can be kept again."""
        ended = await self._store.keep(
            replace(
                kept,
                status=RunStatus.FAILED,
                state=failed_data(kept.id, error, former=former),
                awaits=Awaits.NOTHING,
                entry=None,
                due=None,
            ),
            context=_NOTHING,
            holds=False,
            now=self.now(),
        )
        self.tell(NoticeKind.RUN_FAILED, ended, _words(error))
        return replace(ended, text=kept.text)

    async def _called_back(self, kept: KeptRun) -> KeptRun:
        error = told_as(CANCELLED, "the run was called back")
        try:
            run = read_run(flow_of(kept.text), kept.state, context=kept.context)
        except Exception:  # noqa: BLE001 - it ends anyway
            return await self._broken(kept, error, former=kept.state)
        return await self.fail(kept, run, error)


class _Working:
    """One run in somebody's hands."""

    def __init__(self, runs: RunFlow, flow: Flow, kept: KeptRun, run: Run) -> None:
        self._runs = runs
        self._flow = flow
        self._kept = kept
        self._run = run
        # One that was let go of before anything was begun awaits a time that has come.
        self._again = run.since is not None and kept.awaits is not Awaits.TIME
        self._late: tuple[LateResult, ...] = ()
        self._since = runs.monotonic()

    async def work(self) -> KeptRun:
        """Go on until the run has ended or waits."""
        runs = self._runs
        try:
            while self._run.at is not None:
                if self._run.waits_for is None:
                    self._run = go_on(self._flow, self._run, now=runs.now(), is_enough=runs.turn())
                    await asyncio.sleep(0)  # others get their turn
                    if self._run.can_go_on and runs.lets_go(self._since):
                        return await self._keep(holds=False)
                    continue
                if runs.lets_go(self._since):
                    return await self._let_go()
                if not self._again and not isinstance(self._run.waits_for, WaitUntil):
                    self._kept = await self._keep(holds=True)
                    if self._kept.cancelled:
                        return await runs.fail(
                            self._kept, self._run, told_as(CANCELLED, "the run was called back")
                        )
                parked = await self._perform()
                if parked is not None:
                    return await self._keep(holds=False, parked=parked)
            return await runs.ended(self._kept, self._run, self._late)
        except asyncio.CancelledError:
            # Told to stop at once: what it asked for is kept, and somebody else goes on without waiting for the lease.
            with suppress(EilboteError):
                await self._keep(holds=False)
            raise
        except OutboxError:
            raise
        except EilboteError as fault:
            return await runs.fail(self._kept, self._run, told(fault, node=self._run.at or ""))
        except Exception as fault:  # noqa: BLE001 - a node of somebody else's; it ends its run and nothing else
            runs.tell(
                NoticeKind.UNFORESEEN,
                self._kept,
                f"an unforeseen {type(fault).__name__} in the node {self._run.at}: {fault}. The run has failed",
            )
            return await runs.fail(self._kept, self._run, told_unforeseen(fault, node=self._run.at or ""))

    async def _perform(self) -> Parked | None:
        """Have done what the run asks for; gives how it waits, if it does."""
        run, effect = self._run, self._run.waits_for
        if effect is None:
            return None
        asked = self._runs.asked(self._kept, run, again=self._again)
        performed = await self._runs.effects.perform(asked, effect)
        match performed:
            case Parked():
                return performed
            case Done(outcome=outcome, late=late):
                self._late += late
                now, is_enough = self._runs.now(), self._runs.turn()
                self._run = resume(self._flow, run, outcome, now=now, is_enough=is_enough)
                self._again = False
                if outcome.error is not None and self._run.status is not RunStatus.FAILED:
                    self._runs.tell(
                        NoticeKind.RUN_STEP_FAILED, self._kept, f"{run.at}: {_words(outcome.error)}"
                    )
                return None
            case _:
                assert_never(performed)

    async def _let_go(self) -> KeptRun:
        """Leave the rest to others; what the run asks for has not been begun, if it was not before."""
        if self._again:
            return await self._keep(holds=False)
        return await self._keep(holds=False, parked=Parked(awaits=Awaits.TIME, due=self._runs.now()))

    async def _keep(self, *, holds: bool, parked: Parked | None = None) -> KeptRun:
        kept = await self._runs.keep(self._kept, self._run, holds=holds, parked=parked, late=self._late)
        self._late = ()
        return kept


def changed(before: Mapping[str, Data], after: Mapping[str, Data]) -> dict[str, Data]:
    """Give the values on the uppermost level that are not what they were."""
    return {
        name: value
        for name, value in after.items()
        if name not in before or not _is_same(before[name], value)
    }


def _is_same(one: Data, other: Data) -> bool:
    """Compare as JSON does: 1, 1.0 and true are three values."""
    if one is other:
        return True
    if type(one) is not type(other):
        return False
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_is_same(one[name], other[name]) for name in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_is_same, one, other))
    return str(one) == str(other)


def _words(error: Mapping[str, Data]) -> str:
    """Give an error in one line; what a flow's author said beside it is not logged."""
    node, field, what = error.get("node"), error.get("field"), error.get("message")
    where = f"{node}.{field}" if node and field and not str(field).startswith(f"{node}.") else field or node
    return f"{where}: {what}" if where else str(what)
