"""A process instance, and what passes between it and the world: nouns that know nothing of who interprets the diagram.

An instance is worked in steps that do no I/O: what it wants done is in ``wanted``, what it waits for in ``waits``; what happens is
given to it (:mod:`eilbote.author.process.interpret.interpret`), and it is kept between the two.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from eilbote.author.process.details import (
        FlowDetails,
        HttpDetails,
        Importance,
        OnFailure,
        TaskDetails,
    )
    from eilbote.model.data import Data
    from eilbote.model.moment import Moment

_NOTHING: Mapping[str, Data] = MappingProxyType({})

MOST_STEPS = 10_000
"""Elements that one instance may come to; then it stops with an incident."""
MOST_MAILS = 1_000
"""Messages that one instance may send; then it stops with an incident."""
MOST_TURNS = 1_000
"""Of one multi-instance activity."""
MAIL_FAILED = "eilbote.mail_failed"
"""The BPMN error of a message that was not delivered."""
SERVICE_FAILED = "eilbote.service_failed"
"""The BPMN error of a service task that failed."""


class InstanceStatus(StrEnum):
    """How an instance stands."""

    RUNNING = "running"
    COMPLETED = "completed"
    """Every token has come to an end, or a terminate event was reached."""
    FAILED = "failed"
    """A BPMN error was thrown and nothing caught it."""
    CANCELLED = "cancelled"
    """Somebody called it back."""


# -- what it wants done -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class SendOverRoute:
    """Send a message over a communication route.

    Attributes:
        route: Its message name.
        values: Message attributes by system name, as the mapping gave them; types are not checked yet.
        on_failure: What happens when it is not delivered.
    """

    route: str
    values: Mapping[str, Data]
    on_failure: OnFailure


@dataclass(frozen=True, slots=True, kw_only=True)
class SendMessage:
    """Give a message to another process instance, or begin one with it.

    Attributes:
        name: Of the message.
        begins: Whether it begins an instance.
        instance: To which instance; empty when the correlation key says it.
        correlation: The correlation key.
        data: What it carries.
    """

    name: str
    begins: bool
    instance: str = ""
    correlation: str = ""
    data: Mapping[str, Data]


@dataclass(frozen=True, slots=True, kw_only=True)
class Announce:
    """Tell all who have subscribed to it.

    Attributes:
        title: One line.
        text: More about it.
        duration_seconds: How long it is worth reading; ``None`` for always.
        importance: How important it is.
        data: What the mapping gave, for the text that subscribers get.
    """

    title: str
    text: str
    duration_seconds: float | None
    importance: Importance
    data: Mapping[str, Data]


@dataclass(frozen=True, slots=True, kw_only=True)
class CallHttp:
    """Ask a web server.

    Attributes:
        details: How, with every template rendered.
    """

    details: HttpDetails


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFlow:
    """Run a flow and wait for its end.

    Attributes:
        details: Which and with what, every template rendered.
    """

    details: FlowDetails


Deed: TypeAlias = SendOverRoute | SendMessage | Announce | CallHttp | RunFlow
"""What an element wants done in the world; done once under its key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A deed that is not settled yet.

    Attributes:
        key: ``<instance>/<element>/<iteration>``: what is done under it is done once, however often it is taken up.
        element: The element's id.
        deed: What is to be done.
        since: When it was first wanted.
    """

    key: str
    element: str
    deed: Deed
    since: Moment


# -- what it waits for -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenTask:
    """A user task that waits for a person.

    Attributes:
        key: ``<instance>/<element>/<iteration>``.
        element: The element's id.
        title: What is to be done; templates rendered.
        record: What it is about.
        details: How people are told; ``recipients`` are rendered.
        since: When it was opened.
        due: When it is overdue; ``None`` for never.
    """

    key: str
    element: str
    title: str
    record: str
    details: TaskDetails
    since: Moment
    due: Moment | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AwaitedMessage:
    """A message that an instance waits for.

    Attributes:
        key: ``<instance>/<element>/<iteration>``.
        element: The element's id.
        name: Of the message.
        correlation: The key that it must carry.
    """

    key: str
    element: str
    name: str
    correlation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """Something that only a person can decide; the token stays where it is until somebody says retry or skip.

    Attributes:
        key: ``<instance>/<element>/<iteration>``.
        element: The element's id.
        error: What went wrong: ``code``, ``message``, ``cause``, ``remedy``, ``field``.
        at: When.
        in_doubt: Whether a message may have been delivered all the same; trying again may then send it twice.
    """

    key: str
    element: str
    error: Mapping[str, Data]
    at: Moment
    in_doubt: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Waits:
    """Everything that an instance waits for.

    Attributes:
        tasks: For people.
        messages: For messages.
        due: When its next timer fires; ``None`` when there is none.
    """

    tasks: tuple[OpenTask, ...] = ()
    messages: tuple[AwaitedMessage, ...] = ()
    due: Moment | None = None


# -- what happens to it ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageArrived:
    """A message for an instance.

    Attributes:
        name: Of the message.
        correlation: The key that it carries; ignored when ``key`` says what waits.
        data: What it carries.
        key: Of the :class:`AwaitedMessage` it was given to; empty: the first that waits for it.
    """

    name: str
    correlation: str = ""
    data: Mapping[str, Data] = field(default_factory=lambda: _NOTHING)
    key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskCompleted:
    """Somebody has done a task.

    Attributes:
        key: Of the :class:`OpenTask`.
        by: Who.
        answer: The value of the choice; empty when there was nothing to choose.
        text: Words of their own.
        data: What they gave beside it.
    """

    key: str
    by: str
    answer: str = ""
    text: str = ""
    data: Mapping[str, Data] = field(default_factory=lambda: _NOTHING)


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentDecided:
    """Somebody has decided an incident.

    Attributes:
        key: Of the :class:`Incident`.
        retries: Try it again, or go on as if it had been done.
        by: Who.
    """

    key: str
    retries: bool
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DataChanged:
    """Somebody has changed the process data.

    Attributes:
        changes: Merged into the data (RFC 7396): tables are gone into, ``None`` takes a value away, anything else replaces.
        by: Who.
    """

    changes: Mapping[str, Data]
    by: str


Trigger: TypeAlias = MessageArrived | TaskCompleted | IncidentDecided | DataChanged
"""What happens to an instance; kept with it until the instance has taken it in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeedDone:
    """A deed was done, or cannot be.

    Attributes:
        result: What came of it, for the process data.
        error: What went wrong: ``code`` (:data:`MAIL_FAILED`, ...), ``message``, ``cause``, ``remedy``, ``field``; ``None`` when nothing did.
        catchable: Whether a boundary or event sub-process may catch it by its code; otherwise it is an incident.
        in_doubt: Whether nobody knows if it was done.
        entry: The outbox entry, for messages: 13 letters and digits.
    """

    result: Mapping[str, Data] = field(default_factory=lambda: _NOTHING)
    error: Mapping[str, Data] | None = None
    catchable: bool = False
    in_doubt: bool = False
    entry: str = ""


# -- the instance ------------------------------------------------------------------------------------------------


class PassageKind(StrEnum):
    """What happened at an element."""

    ENTERED = "entered"
    LEFT = "left"
    CANCELLED = "cancelled"
    """An interrupting event ended it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A token at an element: for pictures and histories.

    Attributes:
        element: The element's id.
        iteration: How many times a token was there before.
        kind: How it stands.
        at: Since when.
        entry: The outbox entry of the message that was sent there.
    """

    element: str
    iteration: int
    kind: PassageKind
    at: Moment
    entry: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Instance:
    """A process instance.

    Attributes:
        id: Its own.
        status: How it stands.
        correlation: Its correlation key; its id when nothing else was said.
        data: The process data.
        state: What the last send-message event called its state.
        wanted: Deeds that are not settled.
        waits: What it waits for.
        incidents: What people must decide.
        error: With which BPMN error it failed.
        steps: How many elements tokens have come to.
        mails: How many messages were wanted.
        taken: Sequence flows that were followed, by their ids, with how often.
        passages: Where tokens were and are, in order; the last some thousands.
        tokens: The interpreter's own, plain JSON.
    """

    id: str
    status: InstanceStatus = InstanceStatus.RUNNING
    correlation: str
    data: Mapping[str, Data]
    state: str = ""
    wanted: tuple[Wanted, ...] = ()
    waits: Waits = field(default_factory=Waits)
    incidents: tuple[Incident, ...] = ()
    error: Mapping[str, Data] | None = None
    steps: int = 0
    mails: int = 0
    taken: Mapping[str, int] = field(default_factory=dict[str, int])
    passages: tuple[Passage, ...] = ()
    tokens: Mapping[str, object] = field(default_factory=dict[str, object])
