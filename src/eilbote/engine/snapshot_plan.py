"""What restoring a snapshot would do, item by item, and what is written when it is done."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eilbote.author.flow.history import FlowHistory
    from eilbote.author.flow.store import FlowStore
    from eilbote.author.notification.store import NotificationStore
    from eilbote.author.notification.subscription import Subscription
    from eilbote.connections.stored import StoredConnection
    from eilbote.engine.snapshot_contents import Contents
    from eilbote.model.moment import Moment
    from eilbote.settings.records import Records
    from eilbote.settings.scope import ScopeSettings


class Kind(StrEnum):
    """What an item is."""

    FLOW = "flow"
    CONNECTION = "connection"
    SETTINGS = "settings"
    SUBSCRIPTION = "subscription"


class Doing(StrEnum):
    """What is done with an item."""

    ADD = "add"
    """Nothing of its name is there."""
    REPLACE = "replace"
    """Another one of its name is there, and gives way."""
    SKIP = "skip"
    """Another one of its name is there, and stays."""
    SAME = "same"
    """It is there as it is in the snapshot."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoredItem:
    """What is done with one item of a snapshot.

    Attributes:
        kind: What it is.
        organization: Whose; empty for the host's.
        name: What it is called; empty for settings.
        doing: What is done with it.
        missing: Secrets that somebody has to enter, because the snapshot did not tell them.
        notes: What is worth knowing besides, a sentence each.
    """

    kind: Kind
    organization: str
    name: str
    doing: Doing
    missing: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What came of restoring a snapshot.

    Attributes:
        contents: The snapshot, as far as it was asked for.
        items: What was done with everything in it, or would be.
        is_dry: Whether nothing was written, because it was only asked.
    """

    contents: Contents
    items: tuple[RestoredItem, ...]
    is_dry: bool


class Restoring(Protocol):
    """Writes what was restored."""

    async def write(
        self,
        *,
        flows: Sequence[FlowHistory],
        connections: Sequence[StoredConnection],
        settings: Sequence[ScopeSettings],
        subscriptions: Sequence[Subscription],
        now: Moment,
    ) -> None:
        """Write all of it.

        Raises:
            ConfigurationError: Somebody has changed something meanwhile.
            OutboxUnavailableError: The database does not answer.
        """
        ...


class Kept(Protocol):
    """Where everything lies that goes into a snapshot."""

    @property
    def flows(self) -> FlowStore:
        """Flows."""
        ...

    @property
    def records(self) -> Records:
        """Stored connections, settings and tokens."""
        ...

    @property
    def notifications(self) -> NotificationStore:
        """Subscriptions."""
        ...

    @property
    def restoring(self) -> Restoring | None:
        """What writes to all of them in one transaction; ``None`` when nothing can."""
        ...
