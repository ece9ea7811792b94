"""A store of flows as the exercises look at it that are for processes as well (:mod:`eilbote.testing.work_exercises`)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, cast

from eilbote.author.flow.limits import MOST_TEXT_OCTETS
from eilbote.author.flow.run import RunStatus
from eilbote.errors import FlowError, FlowNotFoundError
from eilbote.testing.flows_exercises.scene import new_flow, new_run, state
from eilbote.testing.work_exercises.scene import Leases, at

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eilbote.author.flow.store import FlowStore, KeptRun, StoredFlow
    from eilbote.author.plain.drafted import Drafted
    from eilbote.model.moment import Moment
    from eilbote.testing.work_exercises.scene import WorkView


class FlowDrafts:
    """Flows and their versions.

    Args:
        store: The handle.
    """

    fault, not_found, most_octets = FlowError, FlowNotFoundError, MOST_TEXT_OCTETS

    def __init__(self, store: FlowStore) -> None:
        self._store = store
        self.publish, self.version = store.publish, store.version
        self.versions, self.drop = store.versions, store.drop

    def new(self, name: str, organization: str = "") -> StoredFlow:
        """Give a flow that is not kept yet."""
        return new_flow(name, organization=organization)

    async def all(self, organization: str | None = None) -> Sequence[StoredFlow]:
        """Give all flows."""
        return await self._store.flows(organization)

    async def find(self, organization: str, name: str) -> StoredFlow | None:
        """Give one."""
        return await self._store.flow(organization, name)

    async def keep(self, drafted: Drafted, text: str, *, now: Moment) -> StoredFlow:
        """Keep a draft."""
        return await self._store.keep_draft(cast("StoredFlow", drafted), text, now=now)


class Runs(Leases["KeptRun"]):
    """Runs of flows.

    Args:
        store: The handle.
    """

    def __init__(self, store: FlowStore) -> None:
        super().__init__(store)
        self._store = store

    async def begin(self, name: str, *, organization: str = "", due: float | None = 0.0) -> KeptRun:
        """Begin a run."""
        return await self._store.begin(new_run(name, organization=organization, due=due))

    async def keep(
        self,
        one: WorkView,
        *,
        now: float,
        due: float | None = None,
        ends: bool = False,
        holds: bool = False,
        mark: str = "",
    ) -> KeptRun:
        """Keep a run."""
        run = replace(
            cast("KeptRun", one),
            status=RunStatus.DONE if ends else RunStatus.RUNNING,
            due=None if due is None else at(due),
            state=state(one.id, {"mark": mark}),
        )
        return await self._store.keep(run, context={"mark": mark}, holds=holds, now=at(now))

    async def find(self, name: str) -> KeptRun | None:
        """Give a run."""
        return await self._store.run(name)
