"""Processes, routes and instances in memory, for tests and for programs that keep nothing: every rule of a store but that it lasts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from eilbote.author.process.instance import InstanceStatus
from eilbote.author.process.kept import (
    FoundWait,
    InstanceFilter,
    KeptInstance,
    KeptTrigger,
    ProcessStart,
    ProcessVersion,
    StartKind,
    StoredProcess,
    WaitKind,
)
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
from eilbote.store.draft_kinds import PROCESSES, qualified
from eilbote.store.fair_share import fair_share
from eilbote.store.lease_faults import lease_lost
from eilbote.store.lost_race import check_race
from eilbote.store.memory_drafts import MemoryDrafts
from eilbote.store.memory_instance import MemoryInstance, MemoryTrigger
from eilbote.store.memory_listing import has, is_within

if TYPE_CHECKING:
    from eilbote.author.process.kept import WaitPlace
    from eilbote.author.process.route.route import StoredRoute
    from eilbote.model.data import Data
    from eilbote.model.ids import EntryId
    from eilbote.model.moment import Moment

_NOTHING: Final[Mapping[str, Data]] = MappingProxyType({})


class MemoryProcesses:
    """A :class:`~eilbote.author.process.store.ProcessStore` that keeps everything in this process, and nothing longer."""

    def __init__(self) -> None:
        self._drafts = MemoryDrafts(PROCESSES)
        self._starts: dict[tuple[str, str], list[ProcessStart]] = {}
        self._routes: dict[tuple[str, str], StoredRoute] = {}
        self._instances: dict[str, MemoryInstance] = {}

    # -- processes -----------------------------------------------------------------------------------------------

    async def processes(self, organization: str | None = None) -> Sequence[StoredProcess]:
        """See :meth:`ProcessStore.processes <eilbote.author.process.store.ProcessStore.processes>`."""
        return self._drafts.all(organization)

    async def process(self, organization: str, name: str) -> StoredProcess | None:
        """Give one."""
        return self._drafts.find(organization, name)

    async def keep_draft(self, process: StoredProcess, text: str, *, now: Moment) -> StoredProcess:
        """See :meth:`ProcessStore.keep_draft <eilbote.author.process.store.ProcessStore.keep_draft>`."""
        check_name(process.organization, field="organization")
        check_name(process.name, field="name")
        return self._drafts.keep(process, check_text(text), now)

    async def publish(
        self, organization: str, name: str, *, revision: int, starts: Sequence[ProcessStart], now: Moment
    ) -> ProcessVersion:
        """See :meth:`ProcessStore.publish <eilbote.author.process.store.ProcessStore.publish>`."""
        check_starts(starts)
        version = self._drafts.publish(organization, name, now, revision=revision)
        self._starts[organization, name] = [
            replace(start, organization=organization, process=name) for start in starts
        ]
        return version

    async def version(
        self, organization: str, name: str, version: int | None = None
    ) -> ProcessVersion | None:
        """See :meth:`ProcessStore.version <eilbote.author.process.store.ProcessStore.version>`."""
        return self._drafts.version(organization, name, version)

    async def versions(self, organization: str, name: str) -> Sequence[ProcessVersion]:
        """Give all published versions, the latest first."""
        return self._drafts.versions(organization, name)

    async def drop(self, organization: str, name: str) -> bool:
        """See :meth:`ProcessStore.drop <eilbote.author.process.store.ProcessStore.drop>`."""
        self._starts.pop((organization, name), None)
        return self._drafts.drop(organization, name)

    async def starts(self, organization: str, message: str) -> Sequence[ProcessStart]:
        """See :meth:`ProcessStore.starts <eilbote.author.process.store.ProcessStore.starts>`."""
        found = [
            start
            for start in self._every_start()
            if start.kind is StartKind.MESSAGE
            and (start.organization, start.message) == (organization, message)
        ]
        return tuple(sorted(found, key=lambda start: (start.process, start.element)))

    async def due_starts(self, *, now: Moment, limit: int) -> Sequence[ProcessStart]:
        """See :meth:`ProcessStore.due_starts <eilbote.author.process.store.ProcessStore.due_starts>`."""
        due = sorted(
            (start.due, start.organization, start.process, start.element, start)
            for start in self._every_start()
            if start.due is not None and start.due <= now
        )
        return tuple(each[-1] for each in due[: max(0, limit)])

    async def move_start(self, start: ProcessStart, *, due: Moment | None) -> bool:
        """See :meth:`ProcessStore.move_start <eilbote.author.process.store.ProcessStore.move_start>`."""
        known = self._starts.get((start.organization, start.process), [])
        for place, each in enumerate(known):
            if each.element == start.element and start.due is not None:
                if (each.due, each.turn) != (start.due, start.turn):
                    return False
                known[place] = replace(each, due=due, turn=each.turn + 1, held_back=False)
                return True
        return False

    # -- routes --------------------------------------------------------------------------------------------------

    async def routes(self, organization: str | None = None) -> Sequence[StoredRoute]:
        """See :meth:`ProcessStore.routes <eilbote.author.process.store.ProcessStore.routes>`."""
        wanted = [route for route in self._routes.values() if organization in {None, route.organization}]
        return tuple(sorted(wanted, key=lambda route: (route.message_name, route.organization)))

    async def route(self, organization: str, message_name: str) -> StoredRoute | None:
        """Give one."""
        return self._routes.get((organization, message_name))

    async def keep_route(self, route: StoredRoute, *, now: Moment) -> StoredRoute:
        """See :meth:`ProcessStore.keep_route <eilbote.author.process.store.ProcessStore.keep_route>`."""
        check_route(route)
        known = self._routes.get((route.organization, route.message_name))
        name = qualified(route.organization, route.message_name)
        check_race(
            "route", name, read=route.revision, found=known.revision if known else 0, key="message_name"
        )
        kept = replace(route, changed=now, revision=route.revision + 1)
        self._routes[route.organization, route.message_name] = kept
        return kept

    async def drop_route(self, organization: str, message_name: str) -> bool:
        """Forget a route; says whether there was one."""
        return self._routes.pop((organization, message_name), None) is not None

    # -- instances -----------------------------------------------------------------------------------------------

    async def begin(self, instance: KeptInstance) -> KeptInstance:
        """See :meth:`ProcessStore.begin <eilbote.author.process.store.ProcessStore.begin>`."""
        keepable, state = keepable_instance(instance), state_text(instance)
        record = self._instances.get(instance.id)
        if record is None:
            kept = replace(keepable, state=_NOTHING, triggers=(), cancelled=False, revision=1)
            since = {(wait.kind, wait.key): instance.changed for wait in kept.waits}
            record = self._instances[instance.id] = MemoryInstance(kept, state, since)
        return record.view()

    async def claim(
        self, worker: str, *, limit: int, now: Moment, until: Moment, only: Sequence[str] | None = None
    ) -> Sequence[KeptInstance]:
        """See :meth:`ProcessStore.claim <eilbote.author.process.store.ProcessStore.claim>`."""
        due = [
            (record.instance.due is None, record.instance.due or 0, number, record)
            for number, record in enumerate(self._instances.values())
            if record.is_running
            and record.lease.is_over(now)
            and (record.is_due(now) if only is None else record.instance.id in only)
        ]
        waiting = [(record, record.instance.organization) for *_, record in sorted(due, key=_in_turn)]
        taken = fair_share(waiting, limit)
        for record in taken:
            kept = record.instance
            record.lease.begin(worker, until)
            record.woken = False
            record.instance = replace(
                kept,
                held_back=False,
                due=now if kept.held_back else kept.due,
                revision=kept.revision + 1,
            )
        return tuple(record.view() for record in taken)

    async def prolong(self, worker: str, instances: Sequence[str], *, until: Moment) -> Sequence[str]:
        """See :meth:`ProcessStore.prolong <eilbote.author.process.store.ProcessStore.prolong>`."""
        held = [record for record in self._named(instances) if record.lease.worker == worker]
        for record in held:
            record.lease.until = until
        return tuple(record.instance.id for record in held)

    async def keep(
        self, instance: KeptInstance, *, taken_in: Sequence[str] = (), holds: bool, now: Moment
    ) -> KeptInstance:
        """See :meth:`ProcessStore.keep <eilbote.author.process.store.ProcessStore.keep>`."""
        keepable, state = keepable_standing(instance), state_text(instance)
        record = self._instances.get(instance.id)
        if record is None or record.instance.revision != instance.revision:
            raise lease_lost(f"process instance {instance.id}", instance.revision)
        runs = instance.status is InstanceStatus.RUNNING
        for name, each in record.triggers.items():
            if name in taken_in or not runs:
                each.text = None
        is_urgent = record.instance.cancelled or holds or record.woken or bool(record.left())
        record.state = state
        record.instance = replace(
            record.instance,
            status=instance.status,
            stage=keepable.stage,
            incidents=instance.incidents,
            waits=keepable.waits if runs else (),
            due=(now if is_urgent else instance.due) if runs else None,
            changed=now,
            revision=instance.revision + 1,
        )
        record.since = {
            (wait.kind, wait.key): record.since.get((wait.kind, wait.key), now)
            for wait in record.instance.waits
        }
        if not holds or not runs:
            record.lease.end()
            record.woken = False
        return record.view()

    async def instance(self, instance_id: str) -> KeptInstance | None:
        """Give an instance, with what has happened to it."""
        record = self._instances.get(instance_id)
        return None if record is None else record.view()

    async def instances(
        self, which: InstanceFilter | None = None, *, limit: int = 100, after: str | None = None
    ) -> Sequence[KeptInstance]:
        """See :meth:`ProcessStore.instances <eilbote.author.process.store.ProcessStore.instances>`."""
        latest = [record.instance for record in reversed(self._instances.values())]
        if after is not None:
            behind = [number for number, each in enumerate(latest, start=1) if each.id == after]
            latest = latest[behind[0] :] if behind else []
        wanted = [
            replace(each, text="", waits=()) for each in latest if which is None or _matches(each, which)
        ]
        return tuple(wanted[: max(0, limit)])

    async def next_due(self, now: Moment) -> Moment | None:
        """See :meth:`ProcessStore.next_due <eilbote.author.process.store.ProcessStore.next_due>`."""
        instances = [
            record.lease.free_from(record.instance.due, now)
            for record in self._instances.values()
            if record.instance.due is not None
        ]
        starts = [start.due for start in self._every_start() if start.due is not None]
        return min(instances + starts, default=None)

    async def post(self, instance_id: str, trigger: KeptTrigger) -> bool:
        """See :meth:`ProcessStore.post <eilbote.author.process.store.ProcessStore.post>`."""
        text = trigger_text(trigger)
        record = self._instances.get(instance_id)
        if record is None or not record.is_running or trigger.id in record.triggers:
            return False
        record.triggers[trigger.id] = MemoryTrigger(trigger.at, text)
        if not record.instance.held_back and not record.is_due(trigger.at):
            record.instance = replace(record.instance, due=trigger.at)
        return True

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
        found = [
            (record.since[wait.kind, wait.key], number, wait, record.instance)
            for number, record in enumerate(self._instances.values())
            for wait in record.instance.waits
            if organization in {None, record.instance.organization}
            and wait.kind is kind
            and name in {None, wait.name}
            and correlation in {None, wait.correlation}
        ]
        found.sort(key=lambda each: (each[0], each[1], each[2].key))
        if after is not None:
            numbers = {name: number for number, name in enumerate(self._instances)}
            place = (after.since, numbers.get(after.instance, -1), after.key)
            found = [each for each in found if (each[0], each[1], each[2].key) > place]
        return tuple(
            FoundWait(
                organization=instance.organization,
                process=instance.process,
                instance=instance.id,
                wait=wait,
                since=since,
            )
            for since, _, wait, instance in found[: max(0, limit)]
        )

    async def awaited(self, *, limit: int, after: EntryId | None = None) -> Sequence[EntryId]:
        """See :meth:`ProcessStore.awaited <eilbote.author.process.store.ProcessStore.awaited>`."""
        found = {
            wait.entry
            for record in self._instances.values()
            if not record.instance.held_back
            for wait in record.instance.waits
            if wait.entry is not None and (after is None or wait.entry > after)
        }
        return tuple(sorted(found)[: max(0, limit)])

    async def wake(self, entries: Sequence[EntryId], *, now: Moment) -> int:
        """See :meth:`ProcessStore.wake <eilbote.author.process.store.ProcessStore.wake>`."""
        wanted = set(entries)
        return sum(
            record.wake(now)
            for record in self._instances.values()
            if any(wait.entry in wanted for wait in record.instance.waits if wait.entry is not None)
        )

    async def wake_instances(self, instances: Sequence[str], *, now: Moment) -> int:
        """See :meth:`ProcessStore.wake_instances <eilbote.author.process.store.ProcessStore.wake_instances>`."""
        return sum(record.wake(now) for record in self._named(instances))

    async def cancel(self, instance_id: str, *, now: Moment) -> bool:
        """See :meth:`ProcessStore.cancel <eilbote.author.process.store.ProcessStore.cancel>`."""
        record = self._instances.get(instance_id)
        if record is None or not record.is_running:
            return False
        record.instance = replace(record.instance, cancelled=True, due=now)
        return True

    async def prune(self, *, ended_before: Moment, limit: int) -> int:
        """See :meth:`ProcessStore.prune <eilbote.author.process.store.ProcessStore.prune>`."""
        old = sorted(
            (record.instance.changed, number, record.instance.id)
            for number, record in enumerate(self._instances.values())
            if not record.is_running and record.instance.changed < ended_before
        )[: max(0, limit)]
        for _, _, name in old:
            del self._instances[name]
        return len(old)

    # -- within --------------------------------------------------------------------------------------------------

    def _every_start(self) -> Iterable[ProcessStart]:
        return (start for starts in self._starts.values() for start in starts)

    def _named(self, instances: Iterable[str]) -> list[MemoryInstance]:
        return [self._instances[name] for name in dict.fromkeys(instances) if name in self._instances]


def _in_turn(each: tuple[bool, int, int, MemoryInstance]) -> tuple[bool, int, int]:
    return each[:3]


def _matches(instance: KeptInstance, which: InstanceFilter) -> bool:
    return (
        all(
            wanted in {None, said}
            for wanted, said in (
                (which.organization, instance.organization),
                (which.process, instance.process),
                (which.status, instance.status),
                (which.correlation, instance.correlation),
                (which.has_incident, instance.incidents > 0),
                (which.held_back, instance.held_back),
            )
        )
        and is_within(instance.began, which.since, which.before)
        and has(
            which.holding,
            instance.id,
            instance.process,
            instance.correlation,
            instance.stage,
            instance.author,
        )
    )
