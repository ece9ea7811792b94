"""Flows and their runs in memory, for tests and for programs that keep nothing: every rule of a store but that it lasts."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, cast

from eilbote.author.flow.limits import check_name, check_names, check_text, context_texts, state_text
from eilbote.author.flow.run import RunStatus
from eilbote.author.flow.run_state import failed_nodes, why_failed, with_late
from eilbote.author.flow.shelf import Shelf
from eilbote.author.flow.store import Awaits, FlowVersion, KeptRun, LateResult, RunFilter, StoredFlow
from eilbote.author.plain.data_text import read
from eilbote.model.ids import EntryId
from eilbote.store.draft_kinds import FLOWS
from eilbote.store.fair_share import fair_share
from eilbote.store.flow_late import context_name, context_with, late_text
from eilbote.store.lease_faults import lease_lost
from eilbote.store.memory_drafts import MemoryDrafts
from eilbote.store.memory_leases import MemoryLease
from eilbote.store.memory_listing import has, is_within

if TYPE_CHECKING:
    from eilbote.model.data import Data
    from eilbote.model.moment import Moment

_NOTHING: Final[Mapping[str, Data]] = MappingProxyType({})


@dataclass(slots=True)
class _Late:
    """A late result that is awaited, or that lies beside its run."""

    wanted: LateResult
    result: str | None = None
    given: bool = False
    """Whether whoever holds the run has it."""


@dataclass(slots=True)
class _Record:
    """A run: what never changes and how it stands in ``run``, its state beside it as it is written."""

    run: KeptRun
    state: str
    lease: MemoryLease = field(default_factory=MemoryLease)
    late: dict[EntryId, _Late] = field(default_factory=dict[EntryId, _Late])

    @property
    def is_running(self) -> bool:
        return self.run.status is RunStatus.RUNNING

    def is_due(self, now: Moment, *, named: bool) -> bool:
        if named and self.run.awaits is Awaits.RELEASE:
            return True
        return self.run.due is not None and self.run.due <= now

    def arrived(self, shelf: Shelf) -> list[_Late]:
        found = (late for late in self.late.values() if late.result is not None)
        return [late for late in found if late.wanted.target.shelf is shelf]

    def view(self, context: Mapping[str, Data]) -> KeptRun:
        late = [(each.wanted.target.key, read(each.result or "")) for each in self.arrived(Shelf.INPUT)]
        state = cast("dict[str, Data]", json.loads(self.state))
        return replace(self.run, state=with_late(state, late) if late else state, context=context)

    def listed(self) -> KeptRun:
        error = why_failed(json.loads(self.state)) if self.run.status is RunStatus.FAILED else None
        return replace(self.run, text="", state={"error": error} if error else self.run.state)


@dataclass(slots=True)
class _Context:
    values: dict[str, str]
    changed: Moment


class MemoryFlows:
    """A :class:`~eilbote.author.flow.store.FlowStore` that keeps everything in this process, and nothing longer."""

    def __init__(self) -> None:
        self._drafts = MemoryDrafts(FLOWS)
        self._runs: dict[str, _Record] = {}
        self._contexts: dict[tuple[str, str], _Context] = {}

    # -- flows -------------------------------------------------------------------------------------------------

    async def flows(self, organization: str | None = None) -> Sequence[StoredFlow]:
        """See :meth:`FlowStore.flows <eilbote.author.flow.store.FlowStore.flows>`."""
        return self._drafts.all(organization)

    async def flow(self, organization: str, name: str) -> StoredFlow | None:
        """Give one."""
        return self._drafts.find(organization, name)

    async def keep_draft(self, flow: StoredFlow, text: str, *, now: Moment) -> StoredFlow:
        """See :meth:`FlowStore.keep_draft <eilbote.author.flow.store.FlowStore.keep_draft>`."""
        check_name(flow.organization, field="organization")
        check_name(flow.name, field="name")
        return self._drafts.keep(flow, check_text(text), now)

    async def publish(self, organization: str, name: str, *, now: Moment) -> FlowVersion:
        """See :meth:`FlowStore.publish <eilbote.author.flow.store.FlowStore.publish>`."""
        return self._drafts.publish(organization, name, now)

    async def version(self, organization: str, name: str, version: int | None = None) -> FlowVersion | None:
        """See :meth:`FlowStore.version <eilbote.author.flow.store.FlowStore.version>`."""
        return self._drafts.version(organization, name, version)

    async def versions(self, organization: str, name: str) -> Sequence[FlowVersion]:
        """Give all published versions, the latest first."""
        return self._drafts.versions(organization, name)

    async def drop(self, organization: str, name: str) -> bool:
        """See :meth:`FlowStore.drop <eilbote.author.flow.store.FlowStore.drop>`."""
        return self._drafts.drop(organization, name)

    # -- runs --------------------------------------------------------------------------------------------------

    async def begin(self, run: KeptRun) -> KeptRun:
        """See :meth:`FlowStore.begin <eilbote.author.flow.store.FlowStore.begin>`."""
        check_names(run)
        record = self._runs.get(run.id)
        if record is None:
            text, state = check_text(run.text), state_text(run)
            kept = replace(run, text=text, state=_NOTHING, context=_NOTHING, cancelled=False, revision=1)
            record = self._runs[run.id] = _Record(kept, state)
        return self._view(record)

    async def claim(
        self, worker: str, *, limit: int, now: Moment, until: Moment, only: Sequence[str] | None = None
    ) -> Sequence[KeptRun]:
        """See :meth:`FlowStore.claim <eilbote.author.flow.store.FlowStore.claim>`."""
        named = None if only is None else set(only)
        due = [
            (record.run.due or 0, number, record)
            for number, record in enumerate(self._runs.values())
            if (named is None or record.run.id in named)
            and record.is_running
            and record.lease.is_over(now)
            and record.is_due(now, named=only is not None)
        ]
        waiting = [(record, record.run.organization) for _, _, record in sorted(due)]
        taken = list(fair_share(waiting, limit))
        for record in taken:
            self._take(record, worker, until, now)
        # Only now, because each may have left a late result in the conversation of another.
        return tuple(map(self._view, taken))

    def _take(self, record: _Record, worker: str, until: Moment, now: Moment) -> None:
        record.lease.begin(worker, until)
        record.run = replace(record.run, revision=record.run.revision + 1)
        self._put_into_context(record, now)
        for late in record.arrived(Shelf.INPUT):
            late.given = True

    async def prolong(self, worker: str, runs: Sequence[str], *, until: Moment) -> Sequence[str]:
        """See :meth:`FlowStore.prolong <eilbote.author.flow.store.FlowStore.prolong>`."""
        held = [record for record in self._named(runs) if record.lease.worker == worker]
        for record in held:
            record.lease.until = until
        return tuple(record.run.id for record in held)

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
        record = self._runs.get(run.id)
        if record is None or record.run.revision != run.revision:
            raise lease_lost(f"run {run.id}", run.revision)
        record.state = state
        record.run = replace(
            record.run,
            status=run.status,
            awaits=run.awaits,
            entry=run.entry,
            due=run.due,
            changed=now,
            revision=run.revision + 1,
            failed_nodes=failed_nodes(run.state),
        )
        if values:
            self._context_of(record, now).values.update(values)
        record.late = {entry: each for entry, each in record.late.items() if not each.given}
        if not record.is_running:
            record.run = replace(record.run, due=None)
        elif record.run.cancelled:
            record.run = replace(record.run, due=now)
        if not holds or not record.is_running:
            record.lease.end()
            self._put_into_context(record, now)
        for each in late:
            record.late.setdefault(each.entry, _Late(each))
        return self._view(record)

    async def run(self, run_id: str) -> KeptRun | None:
        """Give a run."""
        record = self._runs.get(run_id)
        return None if record is None else self._view(record)

    async def runs(
        self, which: RunFilter | None = None, *, limit: int = 100, after: str | None = None
    ) -> Sequence[KeptRun]:
        """See :meth:`FlowStore.runs <eilbote.author.flow.store.FlowStore.runs>`."""
        latest = list(reversed(self._runs.values()))
        if after is not None:
            behind = [number for number, record in enumerate(latest, start=1) if record.run.id == after]
            latest = latest[behind[0] :] if behind else []
        wanted = [record for record in latest if which is None or _matches(record.run, which)]
        return tuple(record.listed() for record in wanted[: max(0, limit)])

    async def next_due(self, now: Moment) -> Moment | None:
        """See :meth:`FlowStore.next_due <eilbote.author.flow.store.FlowStore.next_due>`."""
        return min(
            (
                record.lease.free_from(record.run.due, now)
                for record in self._runs.values()
                if record.is_running and record.run.due is not None
            ),
            default=None,
        )

    async def awaited(self, *, limit: int, after: EntryId | None = None) -> Sequence[EntryId]:
        """See :meth:`FlowStore.awaited <eilbote.author.flow.store.FlowStore.awaited>`."""
        found = {record.run.entry for record in self._runs.values() if _awaits_mail(record)} | {
            entry
            for record in self._runs.values()
            for entry, late in record.late.items()
            if late.result is None
        }
        return tuple(
            sorted(entry for entry in found if entry is not None and (after is None or entry > after))[
                : max(0, limit)
            ]
        )

    async def wake(self, entries: Sequence[EntryId], *, now: Moment) -> int:
        """See :meth:`FlowStore.wake <eilbote.author.flow.store.FlowStore.wake>`."""
        wanted = set(entries)
        woken = 0
        for record in self._runs.values():
            due = record.run.due
            if _awaits_mail(record) and record.run.entry in wanted and (due is None or due > now):
                record.run = replace(record.run, due=now)
                woken += 1
        return woken

    async def wake_runs(self, runs: Sequence[str], *, now: Moment) -> int:
        """See :meth:`FlowStore.wake_runs <eilbote.author.flow.store.FlowStore.wake_runs>`."""
        woken = 0
        for record in self._named(dict.fromkeys(runs)):
            due = record.run.due
            if record.is_running and record.run.awaits is Awaits.ANSWER and (due is None or due > now):
                record.run = replace(record.run, due=now)
                woken += 1
        return woken

    async def late_results(self, entries: Sequence[EntryId]) -> Sequence[LateResult]:
        """See :meth:`FlowStore.late_results <eilbote.author.flow.store.FlowStore.late_results>`."""
        wanted = set(entries)
        found = [
            late.wanted
            for record in self._runs.values()
            for entry, late in record.late.items()
            if entry in wanted and late.result is None
        ]
        return tuple(sorted(found, key=lambda late: (late.entry, late.run)))

    async def keep_late(self, late: LateResult, result: Mapping[str, Data], *, now: Moment) -> None:
        """See :meth:`FlowStore.keep_late <eilbote.author.flow.store.FlowStore.keep_late>`."""
        record = self._runs.get(late.run)
        known = record.late.get(late.entry) if record else None
        if record is None or known is None or known.result is not None:
            return
        known.result = late_text(result)
        if record.lease.worker is None:
            self._put_into_context(record, now)

    async def cancel(self, run_id: str, *, now: Moment) -> bool:
        """See :meth:`FlowStore.cancel <eilbote.author.flow.store.FlowStore.cancel>`."""
        record = self._runs.get(run_id)
        if record is None or not record.is_running:
            return False
        record.run = replace(record.run, cancelled=True, due=now)
        return True

    async def prune(self, *, ended_before: Moment, limit: int) -> int:
        """See :meth:`FlowStore.prune <eilbote.author.flow.store.FlowStore.prune>`."""
        old = sorted(
            (record.run.changed, number, record.run.id)
            for number, record in enumerate(self._runs.values())
            if not record.is_running and record.run.changed < ended_before
        )
        gone = [run_id for _, _, run_id in old[: max(0, limit)]]
        for run_id in gone:
            del self._runs[run_id]
        used = {(record.run.organization, record.run.session) for record in self._runs.values()}
        for key in [key for key, kept in self._contexts.items() if kept.changed < ended_before]:
            if key not in used:
                del self._contexts[key]
        return len(gone)

    # -- conversations -----------------------------------------------------------------------------------------

    async def context(self, organization: str, session: str) -> Mapping[str, Data]:
        """Give what a conversation keeps."""
        kept = self._contexts.get((organization, session))
        return {name: read(text) for name, text in kept.values.items()} if kept else {}

    async def forget_context(self, organization: str, session: str) -> bool:
        """See :meth:`FlowStore.forget_context <eilbote.author.flow.store.FlowStore.forget_context>`."""
        return self._contexts.pop((organization, session), None) is not None

    # -- within --------------------------------------------------------------------------------------------------

    def _named(self, runs: Iterable[str]) -> list[_Record]:
        return [self._runs[name] for name in dict.fromkeys(runs) if name in self._runs]

    def _view(self, record: _Record) -> KeptRun:
        kept = self._contexts.get((record.run.organization, record.run.session))
        return record.view({name: read(text) for name, text in kept.values.items()} if kept else {})

    def _context_of(self, record: _Record, now: Moment) -> _Context:
        key = record.run.organization, record.run.session
        kept = self._contexts.setdefault(key, _Context({}, now))
        kept.changed = now
        return kept

    def _put_into_context(self, record: _Record, now: Moment) -> None:
        """Put late results where conversations keep them; nobody holds this run who could write over them."""
        for late in record.arrived(Shelf.CONTEXT):
            del record.late[late.wanted.entry]
            values, target = self._context_of(record, now).values, late.wanted.target
            name = context_name(target)
            values[name] = context_with(target, values.get(name), late.result or "")


def _awaits_mail(record: _Record) -> bool:
    return record.is_running and record.run.awaits is Awaits.MAIL and record.run.entry is not None


def _matches(run: KeptRun, which: RunFilter) -> bool:
    return (
        all(
            wanted in {None, said}
            for wanted, said in (
                (which.organization, run.organization),
                (which.flow, run.flow),
                (which.session, run.session),
                (which.status, run.status),
                (which.awaits, run.awaits),
            )
        )
        and which.has_failures in {None, run.failed_nodes > 0}
        and is_within(run.began, which.since, which.before)
        and has(which.holding, run.id, run.flow, run.session, run.author)
    )
