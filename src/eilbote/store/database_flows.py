"""Flows and their runs in a database, SQLite or PostgreSQL: which statements go together, and which go with those of others.

What many runs do at the same time, begin and keep, shares transactions: a thousand runs that go a step wait for some tens
of flushes of the disk, and not for a thousand.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from eilbote.author.flow.limits import check_name, check_names, check_text, context_texts, state_text
from eilbote.author.flow.store import RunFilter
from eilbote.errors import FlowError
from eilbote.store import context_rows, late_rows, run_due_rows, run_rows
from eilbote.store.draft_rows import FLOW_DRAFTS
from eilbote.store.flow_late import late_text
from eilbote.store.run_row import read_values
from eilbote.store.run_rows import RUNS
from eilbote.store.step_store import StepStore

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eilbote.author.flow.store import FlowVersion, KeptRun, LateResult, StoredFlow
    from eilbote.model.data import Data
    from eilbote.model.ids import EntryId
    from eilbote.model.moment import Moment


class DatabaseFlows(StepStore):
    """A :class:`~eilbote.author.flow.store.FlowStore` in a database."""

    # -- flows -------------------------------------------------------------------------------------------------

    async def flows(self, organization: str | None = None) -> Sequence[StoredFlow]:
        """See :meth:`FlowStore.flows <eilbote.author.flow.store.FlowStore.flows>`."""
        return await self._database.read(lambda db: FLOW_DRAFTS.all(db, organization))

    async def flow(self, organization: str, name: str) -> StoredFlow | None:
        """Give one."""
        return await self._database.read(lambda db: FLOW_DRAFTS.find(db, organization, name))

    async def keep_draft(self, flow: StoredFlow, text: str, *, now: Moment) -> StoredFlow:
        """See :meth:`FlowStore.keep_draft <eilbote.author.flow.store.FlowStore.keep_draft>`."""
        check_name(flow.organization, field="organization")
        check_name(flow.name, field="name")
        check_text(text)
        return await self._database.transact(lambda db: FLOW_DRAFTS.keep(db, flow, text, now))

    async def publish(self, organization: str, name: str, *, now: Moment) -> FlowVersion:
        """See :meth:`FlowStore.publish <eilbote.author.flow.store.FlowStore.publish>`."""
        return await self._database.transact(lambda db: FLOW_DRAFTS.publish(db, organization, name, now))

    async def version(self, organization: str, name: str, version: int | None = None) -> FlowVersion | None:
        """See :meth:`FlowStore.version <eilbote.author.flow.store.FlowStore.version>`."""
        return await self._database.read(lambda db: FLOW_DRAFTS.version(db, organization, name, version))

    async def versions(self, organization: str, name: str) -> Sequence[FlowVersion]:
        """Give all published versions, the latest first."""
        return await self._database.read(lambda db: FLOW_DRAFTS.versions(db, organization, name))

    async def drop(self, organization: str, name: str) -> bool:
        """See :meth:`FlowStore.drop <eilbote.author.flow.store.FlowStore.drop>`."""
        return await self._database.transact(lambda db: FLOW_DRAFTS.drop(db, organization, name))

    # -- runs --------------------------------------------------------------------------------------------------

    async def begin(self, run: KeptRun) -> KeptRun:
        """See :meth:`FlowStore.begin <eilbote.author.flow.store.FlowStore.begin>`."""
        check_names(run)
        check_text(run.text)
        state = state_text(run)
        return await self._steps.do(_place(run), lambda db: run_rows.begin_run(db, run, state))

    async def claim(
        self, worker: str, *, limit: int, now: Moment, until: Moment, only: Sequence[str] | None = None
    ) -> Sequence[KeptRun]:
        """See :meth:`FlowStore.claim <eilbote.author.flow.store.FlowStore.claim>`."""
        if limit <= 0 or (only is not None and not only):
            return ()
        skip = self._locking.skip
        return await self._database.transact(
            lambda db: run_rows.claim_runs(
                db, worker, limit=limit, now=now, until=until, only=only, skip=skip
            )
        )

    async def prolong(self, worker: str, runs: Sequence[str], *, until: Moment) -> Sequence[str]:
        """See :meth:`FlowStore.prolong <eilbote.author.flow.store.FlowStore.prolong>`."""
        return await self._database.transact(lambda db: RUNS.prolong(db, worker, runs, until))

    async def keep(
        self,
        run: KeptRun,
        *,
        context: Mapping[str, Data],
        late: Sequence[LateResult] = (),
        holds: bool,
        now: Moment,
    ) -> KeptRun:
        """See :meth:`FlowStore.keep <eilbote.author.flow.store.FlowStore.keep>`."""
        state, values = state_text(run), context_texts(context)
        return await self._steps.do(
            _place(run),
            lambda db: run_rows.keep_run(
                db, run, state=state, values=values, late=late, holds=holds, now=now
            ),
        )

    async def run(self, run_id: str) -> KeptRun | None:
        """Give a run."""
        return await self._database.read(lambda db: run_rows.find_run(db, run_id))

    async def runs(
        self, which: RunFilter | None = None, *, limit: int = 100, after: str | None = None
    ) -> Sequence[KeptRun]:
        """See :meth:`FlowStore.runs <eilbote.author.flow.store.FlowStore.runs>`."""
        wanted = which or RunFilter()
        return await self._database.read(
            lambda db: run_due_rows.list_runs(db, wanted, limit=max(0, limit), after=after)
        )

    async def next_due(self, now: Moment) -> Moment | None:
        """See :meth:`FlowStore.next_due <eilbote.author.flow.store.FlowStore.next_due>`."""
        return await self._database.read(lambda db: RUNS.next_due(db, now))

    async def awaited(self, *, limit: int, after: EntryId | None = None) -> Sequence[EntryId]:
        """See :meth:`FlowStore.awaited <eilbote.author.flow.store.FlowStore.awaited>`."""
        return await self._database.read(
            lambda db: run_due_rows.awaited(db, limit=max(0, limit), after=after)
        )

    async def wake(self, entries: Sequence[EntryId], *, now: Moment) -> int:
        """See :meth:`FlowStore.wake <eilbote.author.flow.store.FlowStore.wake>`."""
        return await self._database.transact(lambda db: run_due_rows.wake(db, entries, now))

    async def wake_runs(self, runs: Sequence[str], *, now: Moment) -> int:
        """See :meth:`FlowStore.wake_runs <eilbote.author.flow.store.FlowStore.wake_runs>`."""
        return await self._database.transact(lambda db: run_due_rows.wake_runs(db, runs, now))

    async def late_results(self, entries: Sequence[EntryId]) -> Sequence[LateResult]:
        """See :meth:`FlowStore.late_results <eilbote.author.flow.store.FlowStore.late_results>`."""
        return await self._database.read(lambda db: late_rows.read_wanted(db, entries))

    async def keep_late(self, late: LateResult, result: Mapping[str, Data], *, now: Moment) -> None:
        """See :meth:`FlowStore.keep_late <eilbote.author.flow.store.FlowStore.keep_late>`."""
        text, lock = late_text(result), self._locking.lock
        await self._database.transact(lambda db: run_rows.arrive_late(db, late, text, now=now, lock=lock))

    async def cancel(self, run_id: str, *, now: Moment) -> bool:
        """See :meth:`FlowStore.cancel <eilbote.author.flow.store.FlowStore.cancel>`."""
        return await self._database.transact(lambda db: RUNS.cancel(db, run_id, now))

    async def prune(self, *, ended_before: Moment, limit: int) -> int:
        """See :meth:`FlowStore.prune <eilbote.author.flow.store.FlowStore.prune>`."""
        return await self._database.transact(
            lambda db: run_due_rows.prune(db, before=ended_before, limit=max(0, limit))
        )

    # -- conversations -----------------------------------------------------------------------------------------

    async def context(self, organization: str, session: str) -> Mapping[str, Data]:
        """Give what a conversation keeps.

        Raises:
            FlowError: A value is damaged.
        """
        key = organization, session
        found = await self._database.read(lambda db: context_rows.read_contexts(db, [key]))
        faults: list[str] = []
        values = read_values(found[key], faults)
        if faults:
            raise FlowError(
                "the context of the conversation cannot be read",
                field="session",
                cause="; ".join(faults),
                remedy="Look the database over with `eilbote db check`; forgetting the context lets new runs begin",
            )
        return values

    async def forget_context(self, organization: str, session: str) -> bool:
        """See :meth:`FlowStore.forget_context <eilbote.author.flow.store.FlowStore.forget_context>`."""
        return await self._database.transact(
            lambda db: context_rows.forget_context(db, (organization, session))
        )


def _place(run: KeptRun) -> tuple[str, ...]:
    """Name what runs of one conversation change together."""
    return run.organization, run.session
