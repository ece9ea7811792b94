"""What eilbote wants to know of an element beside what BPMN says: from its extension elements, or from the settings beside the diagram.

Names are those of the settings; an extension element says the same in camel case (``docs/reference/process-settings.md``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from eilbote.model.data import Data

_NOTHING: Mapping[str, Data] = MappingProxyType({})


class Destination(StrEnum):
    """Where a send-message event sends."""

    EXTERNAL = "external"
    """To people by e-mail, over an outgoing communication route: the external socket."""
    START = "start"
    """To a start event of another published process, which begins an instance."""
    INTERMEDIATE = "intermediate"
    """To a running instance that waits for it."""
    NOTIFICATION = "notification"
    """To all who have subscribed to it: a common notification."""


class Importance(StrEnum):
    """How important a common notification is."""

    CRITICAL = "critical"
    HIGH = "high"
    NORMAL = "normal"
    LOW = "low"


class OnFailure(StrEnum):
    """What happens when a message is not delivered."""

    RECORD = "record"
    """The token has passed already; it can be seen in the instance."""
    ERROR = "error"
    """The token waits until the message is settled; a failure is a BPMN error with the code ``eilbote.mail_failed``."""
    INCIDENT = "incident"
    """The token waits until the message is settled; a failure is an incident."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageDetails:
    """Of a send-message event (intermediate or end) or a send task.

    Attributes:
        system_name: What programs call it; required, unique in the process.
        state: What the instance's state is called once a token was here; required.
        description: What it is for.
        destination: Where it sends.
        route: For the external socket: the message name of the route.
        mapping: Message attributes by system name, each plain data whose texts are templates over the process data.
        on_failure: For the external socket: what happens when the message is not delivered.
        message: For start and intermediate events: the name of the message.
        instance: For intermediate events: a template for the id of the process instance, or empty.
        correlation: For intermediate events: a template for the correlation key, when no instance is named.
        title: For common notifications: a template.
        text: For common notifications: a template.
        duration: For common notifications: how long it is worth reading, ISO 8601 such as ``P3D``; empty for always.
        importance: For common notifications.
        result: Under which name what became of the message is put into the process data; nowhere when empty. With ``RECORD`` that
            it was accepted, otherwise what became of each recipient; for other processes the id of the instance.
    """

    system_name: str
    state: str
    description: str = ""
    destination: Destination = Destination.EXTERNAL
    route: str = ""
    mapping: Mapping[str, Data] = field(default_factory=lambda: _NOTHING)
    on_failure: OnFailure = OnFailure.RECORD
    message: str = ""
    instance: str = ""
    correlation: str = ""
    title: str = ""
    text: str = ""
    duration: str = ""
    importance: Importance = Importance.NORMAL
    result: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskDetails:
    """Of a user task.

    Attributes:
        title: A template; the task's name when empty.
        record: A template for what the task is about, such as an order's number.
        recipients: Templates for addresses or address lists of those who are told; nobody when empty.
        due: ISO 8601 duration after which it is overdue; empty for never.
        reminds: Whether those who were told are reminded every day, at 07:00, until it is done.
        language: In which language they are told.
        time_zone: In which zone times are told.
        choices: What can be chosen by link, value and label; with ``approve`` and ``decline`` people answer by a signed link.
            Empty: the task is completed by API or CLI only.
        wants_text: Whether words of their own are asked for.
        result: Under which name the outcome is put into the process data: ``answer``, ``text``, ``by``, and what is given.
    """

    title: str = ""
    record: str = ""
    recipients: tuple[str, ...] = ()
    due: str = ""
    reminds: bool = False
    language: str = "en"
    time_zone: str = "UTC"
    choices: tuple[tuple[str, str], ...] = ()
    wants_text: bool = False
    result: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpDetails:
    """Of a service task that asks a web server.

    Attributes:
        method: Such as ``GET``.
        url: A template.
        headers: Header fields: templates; or a table that names a secret, as in flows.
        body: Plain data whose texts are templates, sent as JSON; ``None`` for no body.
        result: Under which name the answer is put into the process data: ``status``, ``headers``, ``body``.
        seconds: For everything.
    """

    method: str = "GET"
    url: str
    headers: Mapping[str, Data] = field(default_factory=lambda: _NOTHING)
    body: Data = None
    result: str = ""
    seconds: float = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowDetails:
    """Of a service task that runs a published flow, and waits for its end.

    Attributes:
        flow: Its name.
        input: Plain data whose texts are templates.
        result: Under which name the flow's context is put into the process data.
    """

    flow: str
    input: Mapping[str, Data] = field(default_factory=lambda: _NOTHING)
    result: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CatchDetails:
    """Of an element that waits for a message: receive task, message catch, boundary or start event.

    Attributes:
        correlation: A template for the key that a message must carry; the instance's own correlation key when empty.
        result: Under which name the message's data is put into the process data; empty: each value under its own name.
    """

    correlation: str = ""
    result: str = ""


Details: TypeAlias = MessageDetails | TaskDetails | HttpDetails | FlowDetails | CatchDetails
"""What is known of one element."""
