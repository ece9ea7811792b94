"""A process instance in memory: what its rows are in a database."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, cast

from eilbote.author.plain.data_text import read
from eilbote.author.process.instance import InstanceStatus
from eilbote.author.process.kept import KeptInstance, KeptTrigger
from eilbote.store.memory_leases import MemoryLease

if TYPE_CHECKING:
    from eilbote.author.process.kept import WaitKind
    from eilbote.model.data import Data
    from eilbote.model.moment import Moment


@dataclass(slots=True)
class MemoryTrigger:
    """What has happened to an instance; its id is never forgotten.

    Attributes:
        at: When.
        text: What, as it is written; ``None`` when it was taken in.
    """

    at: Moment
    text: str | None


@dataclass(slots=True)
class MemoryInstance:
    """An instance.

    Attributes:
        instance: How it stands, without state and triggers.
        state: What it holds, as it is written.
        since: Since when it waits for what.
        triggers: What has happened to it, by id.
        lease: Who holds it.
        woken: Whether it was woken while somebody held it.
    """

    instance: KeptInstance
    state: str
    since: dict[tuple[WaitKind, str], Moment]
    triggers: dict[str, MemoryTrigger] = field(default_factory=dict[str, MemoryTrigger])
    lease: MemoryLease = field(default_factory=MemoryLease)
    woken: bool = False

    @property
    def is_running(self) -> bool:
        """Whether it has not ended."""
        return self.instance.status is InstanceStatus.RUNNING

    def is_due(self, now: Moment) -> bool:
        """Tell whether it is to be looked at."""
        return self.instance.due is not None and self.instance.due <= now

    def wake(self, now: Moment) -> bool:
        """Make it due; says whether it was not already."""
        if not self.is_running or self.instance.held_back:
            return False
        if self.lease.worker is None:
            wakes = not self.is_due(now)
        else:
            wakes, self.woken = not self.woken, True
        if not self.is_due(now):
            self.instance = replace(self.instance, due=now)
        return wakes

    def left(self) -> tuple[KeptTrigger, ...]:
        """Give what it has not taken in."""
        return tuple(
            KeptTrigger(id=name, data=cast("dict[str, Data]", read(each.text)), at=each.at)
            for name, each in self.triggers.items()
            if each.text is not None
        )

    def view(self) -> KeptInstance:
        """Give it with all that belongs to it."""
        state = cast("dict[str, Data]", json.loads(self.state))
        return replace(self.instance, state=state, triggers=self.left())
