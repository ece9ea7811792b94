"""Processes, routes and instances in a database, SQLite or PostgreSQL: which statements go together, and which with those of others.

What happens to many instances at the same time shares transactions, as it does for flows (:mod:`eilbote.store.database_flows`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from eilbote.author.process.kept import InstanceFilter
from eilbote.author.process.limits import (
    check_name,
    check_route,
    check_starts,
    check_text,
    keepable_instance,
    keepable_standing,
    state_text,
    trigger_text,
)
from eilbote.store import (
    process_instance_rows,
    process_start_rows,
    process_trigger_rows,
    process_wait_rows,
    route_rows,
)
from eilbote.store.draft_rows import PROCESS_DRAFTS
from eilbote.store.process_instance_rows import INSTANCES
from eilbote.store.step_store import StepStore

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eilbote.author.process.kept import (
        FoundWait,
        KeptInstance,
        KeptTrigger,
        ProcessStart,
        ProcessVersion,
        StoredProcess,
        WaitKind,
        WaitPlace,
    )
    from eilbote.author.process.route.route import StoredRoute
    from eilbote.model.ids import EntryId
    from eilbote.model.moment import Moment
    from eilbote.store.record_database import Statements


class DatabaseProcesses(StepStore):
    """A :class:`~eilbote.author.process.store.ProcessStore` in a database."""

    # -- processes -----------------------------------------------------------------------------------------------

    async def processes(self, organization: str | None = None) -> Sequence[StoredProcess]:
        """See :meth:`ProcessStore.processes <eilbote.author.process.store.ProcessStore.processes>`."""
        return await self._database.read(lambda db: PROCESS_DRAFTS.all(db, organization))

    async def process(self, organization: str, name: str) -> StoredProcess | None:
        """Give one."""
        return await self._database.read(lambda db: PROCESS_DRAFTS.find(db, organization, name))

    async def keep_draft(self, process: StoredProcess, text: str, *, now: Moment) -> StoredProcess:
        """See :meth:`ProcessStore.keep_draft <eilbote.author.process.store.ProcessStore.keep_draft>`."""
        check_name(process.organization, field="organization")
        check_name(process.name, field="name")
        check_text(text)
        return await self._database.transact(lambda db: PROCESS_DRAFTS.keep(db, process, text, now))

    async def publish(
        self, organization: str, name: str, *, revision: int, starts: Sequence[ProcessStart], now: Moment
    ) -> ProcessVersion:
        """See :meth:`ProcessStore.publish <eilbote.author.process.store.ProcessStore.publish>`."""
        check_starts(starts)

        async def work(db: Statements) -> ProcessVersion:
            version = await PROCESS_DRAFTS.publish(db, organization, name, now, revision=revision)
            await process_start_rows.replace_starts(db, organization, name, starts)
            return version

        return await self._database.transact(work)

    async def version(
        self, organization: str, name: str, version: int | None = None
    ) -> ProcessVersion | None:
        """See :meth:`ProcessStore.version <eilbote.author.process.store.ProcessStore.version>`."""
        return await self._database.read(lambda db: PROCESS_DRAFTS.version(db, organization, name, version))

    async def versions(self, organization: str, name: str) -> Sequence[ProcessVersion]:
        """Give all published versions, the latest first."""
        return await self._database.read(lambda db: PROCESS_DRAFTS.versions(db, organization, name))

    async def drop(self, organization: str, name: str) -> bool:
        """See :meth:`ProcessStore.drop <eilbote.author.process.store.ProcessStore.drop>`."""

        async def work(db: Statements) -> bool:
            await process_start_rows.replace_starts(db, organization, name, ())
            return await PROCESS_DRAFTS.drop(db, organization, name)

        return await self._database.transact(work)

    async def starts(self, organization: str, message: str) -> Sequence[ProcessStart]:
        """See :meth:`ProcessStore.starts <eilbote.author.process.store.ProcessStore.starts>`."""
        return await self._database.read(lambda db: process_start_rows.read_starts(db, organization, message))

    async def due_starts(self, *, now: Moment, limit: int) -> Sequence[ProcessStart]:
        """See :meth:`ProcessStore.due_starts <eilbote.author.process.store.ProcessStore.due_starts>`."""
        return await self._database.read(
            lambda db: process_start_rows.due_starts(db, now=now, limit=max(0, limit))
        )

    async def move_start(self, start: ProcessStart, *, due: Moment | None) -> bool:
        """See :meth:`ProcessStore.move_start <eilbote.author.process.store.ProcessStore.move_start>`."""
        if start.due is None:
            return False
        return await self._database.transact(lambda db: process_start_rows.move_start(db, start, due))

    # -- routes --------------------------------------------------------------------------------------------------

    async def routes(self, organization: str | None = None) -> Sequence[StoredRoute]:
        """See :meth:`ProcessStore.routes <eilbote.author.process.store.ProcessStore.routes>`."""
        return await self._database.read(lambda db: route_rows.read_routes(db, organization))

    async def route(self, organization: str, message_name: str) -> StoredRoute | None:
        """Give one."""
        return await self._database.read(lambda db: route_rows.find_route(db, organization, message_name))

    async def keep_route(self, route: StoredRoute, *, now: Moment) -> StoredRoute:
        """See :meth:`ProcessStore.keep_route <eilbote.author.process.store.ProcessStore.keep_route>`."""
        check_route(route)
        return await self._database.transact(lambda db: route_rows.keep_route(db, route, now))

    async def drop_route(self, organization: str, message_name: str) -> bool:
        """Forget a route; says whether there was one."""
        return await self._database.transact(lambda db: route_rows.drop_route(db, organization, message_name))

    # -- instances -----------------------------------------------------------------------------------------------

    async def begin(self, instance: KeptInstance) -> KeptInstance:
        """See :meth:`ProcessStore.begin <eilbote.author.process.store.ProcessStore.begin>`."""
        new, state = keepable_instance(instance), state_text(instance)
        return await self._steps.do(
            (instance.id,), lambda db: process_instance_rows.begin_instance(db, new, state)
        )

    async def claim(
        self, worker: str, *, limit: int, now: Moment, until: Moment, only: Sequence[str] | None = None
    ) -> Sequence[KeptInstance]:
        """See :meth:`ProcessStore.claim <eilbote.author.process.store.ProcessStore.claim>`."""
        if limit <= 0 or (only is not None and not only):
            return ()
        skip = self._locking.skip
        return await self._database.transact(
            lambda db: process_instance_rows.claim_instances(
                db, worker, limit=limit, now=now, until=until, only=only, skip=skip
            )
        )

    async def prolong(self, worker: str, instances: Sequence[str], *, until: Moment) -> Sequence[str]:
        """See :meth:`ProcessStore.prolong <eilbote.author.process.store.ProcessStore.prolong>`."""
        return await self._database.transact(lambda db: INSTANCES.prolong(db, worker, instances, until))

    async def keep(
        self, instance: KeptInstance, *, taken_in: Sequence[str] = (), holds: bool, now: Moment
    ) -> KeptInstance:
        """See :meth:`ProcessStore.keep <eilbote.author.process.store.ProcessStore.keep>`."""
        standing, state = keepable_standing(instance), state_text(instance)
        return await self._steps.do(
            (instance.id,),
            lambda db: process_instance_rows.keep_instance(
                db, standing, state=state, taken_in=taken_in, holds=holds, now=now
            ),
        )

    async def instance(self, instance_id: str) -> KeptInstance | None:
        """Give an instance, with what has happened to it."""
        return await self._database.read(lambda db: process_instance_rows.find_instance(db, instance_id))

    async def instances(
        self, which: InstanceFilter | None = None, *, limit: int = 100, after: str | None = None
    ) -> Sequence[KeptInstance]:
        """See :meth:`ProcessStore.instances <eilbote.author.process.store.ProcessStore.instances>`."""
        wanted = which or InstanceFilter()
        return await self._database.read(
            lambda db: process_instance_rows.list_instances(db, wanted, limit=max(0, limit), after=after)
        )

    async def next_due(self, now: Moment) -> Moment | None:
        """See :meth:`ProcessStore.next_due <eilbote.author.process.store.ProcessStore.next_due>`."""

        async def question(db: Statements) -> Moment | None:
            both = await INSTANCES.next_due(db, now), await process_start_rows.next_start(db)
            return min((moment for moment in both if moment is not None), default=None)

        return await self._database.read(question)

    async def post(self, instance_id: str, trigger: KeptTrigger) -> bool:
        """See :meth:`ProcessStore.post <eilbote.author.process.store.ProcessStore.post>`."""
        text, lock = trigger_text(trigger), self._locking.lock
        return await self._steps.do(
            (instance_id,),
            lambda db: process_trigger_rows.post(db, instance_id, trigger, text, lock=lock),
        )

    async def waiting(
        self,
        *,
        organization: str | None = None,
        kind: WaitKind,
        name: str | None = None,
        correlation: str | None = None,
        limit: int = 100,
        after: WaitPlace | None = None,
    ) -> Sequence[FoundWait]:
        """See :meth:`ProcessStore.waiting <eilbote.author.process.store.ProcessStore.waiting>`."""
        return await self._database.read(
            lambda db: process_wait_rows.find_waits(
                db,
                kind=kind,
                organization=organization,
                name=name,
                correlation=correlation,
                limit=max(0, limit),
                after=after,
            )
        )

    async def awaited(self, *, limit: int, after: EntryId | None = None) -> Sequence[EntryId]:
        """See :meth:`ProcessStore.awaited <eilbote.author.process.store.ProcessStore.awaited>`."""
        return await self._database.read(
            lambda db: process_wait_rows.awaited(db, limit=max(0, limit), after=after)
        )

    async def wake(self, entries: Sequence[EntryId], *, now: Moment) -> int:
        """See :meth:`ProcessStore.wake <eilbote.author.process.store.ProcessStore.wake>`."""
        return await self._database.transact(lambda db: process_wait_rows.wake(db, entries, now))

    async def wake_instances(self, instances: Sequence[str], *, now: Moment) -> int:
        """See :meth:`ProcessStore.wake_instances <eilbote.author.process.store.ProcessStore.wake_instances>`."""
        return await self._database.transact(lambda db: process_wait_rows.wake_instances(db, instances, now))

    async def cancel(self, instance_id: str, *, now: Moment) -> bool:
        """See :meth:`ProcessStore.cancel <eilbote.author.process.store.ProcessStore.cancel>`."""
        return await self._database.transact(lambda db: INSTANCES.cancel(db, instance_id, now))

    async def prune(self, *, ended_before: Moment, limit: int) -> int:
        """See :meth:`ProcessStore.prune <eilbote.author.process.store.ProcessStore.prune>`."""
        return await self._database.transact(
            lambda db: process_instance_rows.prune(db, before=ended_before, limit=max(0, limit))
        )
