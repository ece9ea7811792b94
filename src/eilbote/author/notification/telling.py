"""That somebody is to be told of an event: one for each event and person, gathered into one message where they can wait."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from eilbote.author.notification.event import SystemEvent
    from eilbote.model.ids import EntryId
    from eilbote.model.moment import Moment
    from eilbote.model.severity import Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """Somebody is to be told of an event.

    Attributes:
        event: Of which event.
        recipient: Who, as an address.
        organization: On whose behalf they are told: whose subscription it is, or whose event.
        subscription: By whose wish; empty when the event concerns that person.
        language: In which language.
        time_zone: In which zone times are told.
        due: When.
        gathered: Whether it waits for others, to be told with them in one message.
        batch: The message that it is part of; empty while that is not decided.
    """

    event: str
    recipient: str
    organization: str
    subscription: str
    language: str
    time_zone: str
    due: Moment
    gathered: bool = False
    batch: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptTelling:
    """A telling, and what became of it.

    Attributes:
        telling: The telling.
        failures: How often it could not be handed in.
        done: When it was handed in or given up; ``None`` while it waits.
        entry: The message in the outbox; ``None`` when it was not handed in.
        reason: Why it waits longer, or was given up; empty as a rule.
    """

    telling: Telling
    failures: int = 0
    done: Moment | None = None
    entry: EntryId | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptEvent:
    """An event, and how often it has happened.

    Attributes:
        event: The event, as it was raised the first time.
        count: How often it was raised about the same thing, while that was only counted.
        last: When it was raised the last time.
        earlier: How often it had been counted silently before this time it is told again.
        told: How many people are told of it.
    """

    event: SystemEvent
    count: int = 1
    last: Moment
    earlier: int = 0
    told: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """A message to one person, about one event or many.

    Attributes:
        id: Its own; what is in it never changes.
        recipient: Who is told.
        organization: On whose behalf it is sent.
        subscription: By whose wish; empty when it concerns that person.
        language: In which language.
        time_zone: In which zone times are told.
        events: The worst and latest of what is told.
        counts: How many there are in all, by their severity.
        failures: How often it could not be handed in.
        since: When the first of the tellings was due.
    """

    id: str
    recipient: str
    organization: str
    subscription: str
    language: str
    time_zone: str
    events: tuple[KeptEvent, ...]
    counts: Mapping[Severity, int]
    failures: int = 0
    since: Moment

    @property
    def total(self) -> int:
        """How many events it tells of."""
        return sum(self.counts.values())
