"""A store of processes as the exercises look at it that are for flows as well (:mod:`eilbote.testing.work_exercises`)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, cast

from eilbote.author.process.instance import InstanceStatus
from eilbote.author.process.limits import MOST_TEXT_OCTETS
from eilbote.errors import ProcessError, ProcessNotFoundError
from eilbote.testing.process_exercises.scene import new_instance, new_process, publish, state
from eilbote.testing.work_exercises.scene import Leases, at

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eilbote.author.plain.drafted import Drafted
    from eilbote.author.process.kept import KeptInstance, ProcessVersion, StoredProcess
    from eilbote.author.process.store import ProcessStore
    from eilbote.model.moment import Moment
    from eilbote.testing.work_exercises.scene import WorkView


class ProcessDrafts:
    """Processes and their versions.

    Args:
        store: The handle.
    """

    fault, not_found, most_octets = ProcessError, ProcessNotFoundError, MOST_TEXT_OCTETS

    def __init__(self, store: ProcessStore) -> None:
        self._store = store
        self.version, self.versions, self.drop = store.version, store.versions, store.drop

    def new(self, name: str, organization: str = "") -> StoredProcess:
        """Give a process that is not kept yet."""
        return new_process(name, organization=organization)

    async def all(self, organization: str | None = None) -> Sequence[StoredProcess]:
        """Give all processes."""
        return await self._store.processes(organization)

    async def find(self, organization: str, name: str) -> StoredProcess | None:
        """Give one."""
        return await self._store.process(organization, name)

    async def keep(self, drafted: Drafted, text: str, *, now: Moment) -> StoredProcess:
        """Keep a draft."""
        return await self._store.keep_draft(cast("StoredProcess", drafted), text, now=now)

    async def publish(self, organization: str, name: str, *, now: Moment) -> ProcessVersion:
        """Publish the draft that is there."""
        return await publish(self._store, name, organization=organization, now=now)


class Instances(Leases["KeptInstance"]):
    """Process instances.

    Args:
        store: The handle.
    """

    def __init__(self, store: ProcessStore) -> None:
        super().__init__(store)
        self._store = store

    async def begin(self, name: str, *, organization: str = "", due: float | None = 0.0) -> KeptInstance:
        """Begin an instance."""
        return await self._store.begin(new_instance(name, organization=organization, due=due))

    async def keep(
        self,
        one: WorkView,
        *,
        now: float,
        due: float | None = None,
        ends: bool = False,
        holds: bool = False,
        mark: str = "",
    ) -> KeptInstance:
        """Keep an instance."""
        instance = replace(
            cast("KeptInstance", one),
            status=InstanceStatus.COMPLETED if ends else InstanceStatus.RUNNING,
            due=None if due is None else at(due),
            state=state(one.id, {"mark": mark}),
        )
        return await self._store.keep(instance, holds=holds, now=at(now))

    async def find(self, name: str) -> KeptInstance | None:
        """Give an instance."""
        return await self._store.instance(name)
