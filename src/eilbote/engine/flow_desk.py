"""Where programs and people deal with flows: keep and publish them, run them, look at their runs.

::

    run = await eilbote.flows.run("order-ready", {"email": "anna@example.org", "number": 4711})
    run.status, run.context, [step.node for step in run.steps]
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from types import MappingProxyType, NoneType
from typing import TYPE_CHECKING, Final

from eilbote.author.flow.nodes.start import check_input
from eilbote.author.flow.retry import tried_again
from eilbote.author.flow.run import Run, RunStatus
from eilbote.author.flow.run_state import read_run, run_data
from eilbote.author.flow.shelf import Shelf
from eilbote.author.flow.store import DRAFT, Awaits, KeptRun, RunFilter
from eilbote.engine.flow_again import check_same, mark_of
from eilbote.engine.flow_input import plain_input
from eilbote.engine.flow_library import FlowLibrary
from eilbote.engine.flow_view import in_full, in_short
from eilbote.engine.outbox_parts import check_limit
from eilbote.engine.run_flow import flow_of
from eilbote.engine.workers import Workers
from eilbote.errors import ConflictError, FlowError, LeaseLostError, RunNotFoundError
from eilbote.model.kinds import check_kind, shown
from eilbote.model.moment import later
from eilbote.record.notice import Notice, NoticeKind

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence
    from contextlib import AbstractAsyncContextManager

    from eilbote.author.flow.definition import Flow
    from eilbote.author.flow.store import FlowStore
    from eilbote.engine.flow_view import FlowRun
    from eilbote.engine.worker import Worker
    from eilbote.model.clock import Clock
    from eilbote.model.data import Data
    from eilbote.model.ids import EntryId, IdSource
    from eilbote.record.report import Report

_ID: Final = re.compile(r"[\x21-\x7e]{1,100}")
_NO_INPUT: Final[Mapping[str, object]] = MappingProxyType({})


class FlowDesk(FlowLibrary):
    """The flows of an outbox.

    Args:
        store: Where they are kept.
        worker: Makes a worker for runs, all of them for ``None``; it is told what to call with the id of each run it lets go of.
        clock: Tells the time.
        ids: Makes the ids of runs.
        report: Hears what happens.
        author: Who begins runs, when nobody says so.
        check: Looks whether this program can do what a flow wants, before it is run.
        sleep: Waits for seconds; tests hand in their own.
    """

    def __init__(
        self,
        store: FlowStore,
        *,
        worker: Callable[[Sequence[str] | None, Callable[[str], None]], Worker[KeptRun]],
        clock: Clock,
        ids: IdSource,
        report: Report,
        author: str = "",
        check: Callable[[Flow], None] = lambda _: None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        super().__init__(store, clock=clock)
        self._ids = ids
        self._report = report
        self._author = author
        self._check = check
        self._workers = Workers(
            worker,
            find=self._kept,
            is_stayed_with=self._is_stayed_with,
            monotonic=clock.monotonic,
            sleep=sleep,
        )

    # -- runs ----------------------------------------------------------------------------------------------------

    async def begin(
        self,
        flow: str,
        input: Mapping[str, object] = _NO_INPUT,  # noqa: A002 - the author's word
        *,
        session: str = "",
        organization: str = "",
        version: int | None = None,
        run_id: str | None = None,
        author: str = "",
    ) -> FlowRun:
        """Begin a run; it is on the disk when this returns, and a courier works it, in this process or another one.

        Args:
            flow: The name of a flow, or the text of one, which has several lines.
            input: What it is given: texts, numbers, true, false, ``None``, lists and tables.
            session: The conversation; runs of one conversation share their context. Its own when empty.
            organization: On whose behalf.
            version: Which version; the latest that was published when ``None``, and 0 for the draft.
            run_id: A name of the caller's for the run: begun twice under one name it runs once. 1 to 100 visible ASCII
                characters.
            author: Who begins it.

        Returns:
            The run; under an id that was used before for the same flow and input, or without one, the earlier one.

        Raises:
            FlowNotFoundError: There is no such flow or version.
            FlowError: The flow, the input or an option cannot be used; or the id was used before for another flow or input.
            OutboxUnavailableError: Nothing can be kept for now; nothing was begun.
        """
        return in_full(
            await self._begin(
                flow,
                input,
                session=session,
                organization=organization,
                version=version,
                run_id=run_id,
                author=author,
            )
        )

    async def run(
        self,
        flow: str,
        input: Mapping[str, object] = _NO_INPUT,  # noqa: A002 - the author's word
        *,
        session: str = "",
        organization: str = "",
        version: int | None = None,
        run_id: str | None = None,
        author: str = "",
        wait_seconds: float | None = None,
    ) -> FlowRun:
        """Begin a run and work it in this process, until it has ended or waits for a time or an answer.

        Its messages are delivered by a courier, in this process or another one.

        Args:
            flow: As :meth:`begin`.
            input: As :meth:`begin`.
            session: As :meth:`begin`.
            organization: As :meth:`begin`.
            version: As :meth:`begin`.
            run_id: As :meth:`begin`; one that has begun before is gone on with.
            author: As :meth:`begin`.
            wait_seconds: How long to stay with it at most, waits of its own included; it goes on without us.

        Raises:
            FlowNotFoundError: As :meth:`begin`.
            FlowError: As :meth:`begin`; a run that fails raises nothing, its ``error`` tells.
            OutboxUnavailableError: As :meth:`begin`.
        """
        kept = await self._begin(
            flow,
            input,
            session=session,
            organization=organization,
            version=version,
            run_id=run_id,
            author=author,
        )
        return in_full(await self._workers.follow(kept.id, wait_seconds))

    async def resume(
        self, run_id: str | None = None, *, wait_seconds: float | None = None
    ) -> Sequence[FlowRun]:
        """Work what is due now: one run until it has ended or waits, or each run that is due.

        Gives the runs that were worked, as they stand now; the one run in any case.

        Args:
            run_id: Which run; one that was restored from a copy, and is held back for that, goes on by being named.
            wait_seconds: How long to stay with one run at most; it goes on without us.

        Raises:
            RunNotFoundError: There is no such run.
        """
        if run_id is not None:
            return (in_full(await self._workers.follow(run_id, wait_seconds)),)
        async with self.engaged() as worker:
            worked = await worker.run(once=True)
        return tuple([in_full(await self._kept(each)) for each in worked])

    async def get(self, run_id: str, *, organization: str | None = None) -> FlowRun:
        """Give a run with everything that is known of it.

        Args:
            run_id: Which.
            organization: On whose behalf it must run; any when ``None``.

        Raises:
            RunNotFoundError: There is none.
        """
        kept = await self._kept(run_id)
        if organization not in {None, kept.organization}:
            raise _no_run(run_id)
        return in_full(kept)

    async def runs(
        self, which: RunFilter | None = None, *, limit: int = 100, after: str | None = None
    ) -> Sequence[FlowRun]:
        """List runs, the latest first, without what they know and where they have been.

        Args:
            which: Which ones; all when ``None``.
            limit: At most so many.
            after: The id of the last one of the page before.
        """
        check_kind(which, (RunFilter, NoneType), field="which", fault=FlowError)
        check_limit(limit)
        return tuple([in_short(kept) for kept in await self._store.runs(which, limit=limit, after=after)])

    async def cancel(self, run_id: str) -> bool:
        """Call a run back: it ends before its next step, and messages it has handed in stay in the outbox.

        Says whether it had not ended yet.

        Raises:
            RunNotFoundError: There is no such run.
        """
        await self._kept(run_id)
        is_called_back = await self._store.cancel(run_id, now=self._now())
        self.nudge()
        return is_called_back

    async def retry(self, run_id: str) -> FlowRun:
        """Let a failed run begin again at the node at which it failed; it is due at once, and a courier works it.

        The node does again what it did, whatever came of that: who must not send a message twice asks
        :func:`~eilbote.engine.flow_retry.retry_run`.

        Raises:
            RunNotFoundError: There is no such run.
            ConflictError: It has not failed, was called back, or somebody has tried it again meanwhile.
            FlowError: Its flow cannot run any more.
            OutboxUnavailableError: Nothing can be kept for now.
        """
        kept = await self._kept(run_id)
        if kept.cancelled:
            raise ConflictError(
                f"the run {run_id[:100]!r} was called back",
                field="run",
                remedy="Begin a new run with the same input",
            )
        flow = flow_of(kept.text)
        self._check(flow)
        run = tried_again(flow, read_run(flow, kept.state, context=kept.context))
        now = self._now()
        waiting = replace(
            kept, status=run.status, state=run_data(run), awaits=Awaits.NOTHING, entry=None, due=now
        )
        try:
            again = await self._store.keep(waiting, context={}, holds=False, now=now)
        except LeaseLostError:
            raise ConflictError(
                f"somebody has tried the run {run_id[:100]!r} again meanwhile",
                field="run",
                remedy="Look at it again",
            ) from None
        self._report.noticed(
            Notice(
                kind=NoticeKind.RUN_BEGAN,
                at=now,
                text=f"again at {run.at}",
                flow=kept.flow,
                run=kept.id,
                organization=kept.organization,
            )
        )
        self.nudge()
        return in_full(again)

    async def context(self, session: str, *, organization: str = "") -> Mapping[str, Data]:
        """Give what a conversation keeps; nothing for one that nobody knows."""
        return await self._store.context(organization, session)

    async def forget_context(self, session: str, *, organization: str = "") -> bool:
        """Forget what a conversation keeps; says whether there was anything."""
        return await self._store.forget_context(organization, session)

    # -- working -------------------------------------------------------------------------------------------------

    def nudge(self) -> None:
        """Tell the workers of this process that there is something new."""
        self._workers.nudge()

    def hear(self, entries: Sequence[EntryId]) -> None:
        """Tell the workers of this process which messages were settled."""
        self._workers.hear(entries)

    def engaged(self) -> AbstractAsyncContextManager[Worker[KeptRun]]:
        """Have a worker for all runs while the block lasts; whoever engages it runs it."""
        return self._workers.engaged()

    # -- within --------------------------------------------------------------------------------------------------

    async def _begin(
        self,
        flow: str,
        given: Mapping[str, object],
        *,
        session: str,
        organization: str,
        version: int | None,
        run_id: str | None,
        author: str,
    ) -> KeptRun:
        texts = {"flow": flow, "session": session, "organization": organization, "run_id": run_id or ""}
        for name, text in texts.items():
            check_kind(text, (str,), field=name, fault=FlowError)
        if run_id is not None and not _ID.fullmatch(run_id):
            raise FlowError(
                f"{shown(run_id)} cannot be the id of a run",
                field="run_id",
                remedy="Give 1 to 100 visible ASCII characters",
            )
        is_text = "\n" in flow
        text, number = (
            (flow, DRAFT) if is_text else await self.find(flow, organization=organization, version=version)
        )
        read = flow_of(text)
        self._check(read)
        now, name, plain = self._now(), run_id or self._ids.token(), plain_input(given)
        check_input(read, plain)
        shelves = {Shelf.INPUT: plain, Shelf.CONTEXT: {}}
        run = Run(id=name, at=read.start, shelves=shelves, begun_with=mark_of(plain))
        asked = KeptRun(
            id=name,
            organization=organization,
            flow=read.name,
            version=number,
            text=text,
            session=session or name,
            author=author or self._author,
            status=RunStatus.RUNNING,
            state=run_data(run),
            context={},
            due=now,
            began=now,
            changed=now,
        )
        kept = await self._store.begin(asked)
        check_same(kept, asked, session=session)
        if kept.began == now:
            self._report.noticed(
                Notice(
                    kind=NoticeKind.RUN_BEGAN, at=now, flow=kept.flow, run=kept.id, organization=organization
                )
            )
        self.nudge()
        return kept

    def _is_stayed_with(self, kept: KeptRun, seconds: float | None) -> bool:
        """Tell whether something may soon happen in a run."""
        if kept.status is not RunStatus.RUNNING:
            return False
        if kept.cancelled or kept.awaits in {Awaits.NOTHING, Awaits.MAIL}:
            return True
        # It waits for a time or for somebody: only who has said how long stays.
        within = later(self._now(), seconds or 0.0)
        return kept.due is not None and kept.due <= within

    async def _kept(self, run_id: str) -> KeptRun:
        kept = await self._store.run(run_id)
        if kept is None:
            raise _no_run(run_id)
        return kept


def _no_run(run_id: str) -> RunNotFoundError:
    return RunNotFoundError(
        f"there is no run {run_id[:100]!r}",
        field="run",
        cause="Its id is misspelt, or it ended so long ago that it was forgotten",
        remedy="List runs with `eilbote flow runs`",
    )
