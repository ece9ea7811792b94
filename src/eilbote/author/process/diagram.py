"""A BPMN 2.0 diagram as it was read (OMG formal/2013-12-09): nouns; who reads it is :mod:`eilbote.author.process.bpmn.reading`.

What a modeler of some vendor's wrote beside the standard is not here. What eilbote cannot do is here as ``UNSUPPORTED``, so that it
can be told by its id, and drawn.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from eilbote.author.process.finding import ProcessFinding


class ElementKind(StrEnum):
    """What a flow node is; the values are BPMN's own names."""

    START_EVENT = "startEvent"
    END_EVENT = "endEvent"
    THROW_EVENT = "intermediateThrowEvent"
    CATCH_EVENT = "intermediateCatchEvent"
    BOUNDARY_EVENT = "boundaryEvent"
    TASK = "task"
    """A task without a type: nothing happens, the token passes."""
    SEND_TASK = "sendTask"
    RECEIVE_TASK = "receiveTask"
    USER_TASK = "userTask"
    """Waits for a person; ``manualTask`` is read as one."""
    SERVICE_TASK = "serviceTask"
    SUB_PROCESS = "subProcess"
    """One that no flow leads to, and whose start event waits for something, is an event sub-process."""
    CALL_ACTIVITY = "callActivity"
    EXCLUSIVE_GATEWAY = "exclusiveGateway"
    PARALLEL_GATEWAY = "parallelGateway"
    INCLUSIVE_GATEWAY = "inclusiveGateway"
    EVENT_BASED_GATEWAY = "eventBasedGateway"
    UNSUPPORTED = "unsupported"
    """Anything else, such as a script task: told, drawn, never executed."""


class EventKind(StrEnum):
    """What an event waits for, or throws."""

    NONE = "none"
    MESSAGE = "message"
    TIMER = "timer"
    ERROR = "error"
    TERMINATE = "terminate"
    UNSUPPORTED = "unsupported"
    """Signals, escalations, compensation, links and conditions."""


class TimerKind(StrEnum):
    """How a timer says when."""

    DATE = "timeDate"
    DURATION = "timeDuration"
    CYCLE = "timeCycle"


@dataclass(frozen=True, slots=True, kw_only=True)
class Timer:
    """When a timer event fires.

    Attributes:
        kind: How it is said.
        text: ISO 8601 such as ``PT15M``, ``2026-12-24T18:00:00Z`` or ``R3/PT1H``, or a template that gives one.
    """

    kind: TimerKind
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Loop:
    """How often an activity is done (multi-instance characteristics).

    Attributes:
        is_sequential: One after the other, or all at the same time.
        cardinality: How many: a number or an expression; ``None`` when a collection says it.
        collection: The expression that gives the items; ``None`` when there is a number.
        item: What the item of a turn is called; empty when nothing names it.
        until: The expression that, being true after a turn, ends it early; ``None`` when there is none.
    """

    is_sequential: bool
    cardinality: str | None = None
    collection: str | None = None
    item: str = ""
    until: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Element:
    """A flow node.

    Attributes:
        id: Its id, unique in the diagram.
        name: What stands beside it; may be empty.
        kind: What it is.
        tag: What the diagram calls it, without its namespace: ``scriptTask``.
        line: Where it stands in the text, counted from 1.
        scope: The id of the process or sub-process that holds it.
        event: For events: what they wait for or throw.
        message: The name of the message that it catches or throws; empty when there is none.
        error: The code of the error that it catches or throws; empty for any, or none.
        timer: When it fires.
        attached_to: For boundary events: the activity's id.
        is_interrupting: For boundary events: whether the activity ends with it; for start events of event sub-processes: whether what
            is around it does.
        default: For gateways and activities: the id of the sequence flow that is taken when no condition holds.
        called: For call activities: the process that is called.
        loop: How often it is done; ``None`` for once.
        documentation: What its author said about it.
        foreign: What stands in it that eilbote never executes, each in words: ``camunda:executionListener``.
    """

    id: str
    name: str
    kind: ElementKind
    tag: str
    line: int
    scope: str
    event: EventKind = EventKind.NONE
    message: str = ""
    error: str = ""
    timer: Timer | None = None
    attached_to: str = ""
    is_interrupting: bool = True
    default: str = ""
    called: str = ""
    loop: Loop | None = None
    documentation: str = ""
    foreign: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SequenceFlow:
    """An arrow that a token follows.

    Attributes:
        id: Its id.
        name: What stands beside it.
        source: From which element.
        target: To which.
        condition: The expression that must hold, as it was written but for the wrapping of its engine, ``${...}``; ``None`` when
            there is none.
        line: Where it stands in the text.
    """

    id: str
    name: str
    source: str
    target: str
    condition: str | None = None
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageFlow:
    """An arrow between participants; tokens do not follow it.

    Attributes:
        id: Its id.
        name: What stands beside it.
        source: An element or participant.
        target: An element or participant.
    """

    id: str
    name: str
    source: str
    target: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessPlan:
    """One process of a diagram.

    Attributes:
        id: Its id.
        name: Its name, or its participant's; may be empty.
        is_executable: Whether its author meant it to run.
        line: Where it stands in the text.
        documentation: What its author said about it.
    """

    id: str
    name: str
    is_executable: bool
    line: int = 0
    documentation: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """Where an element, participant, lane or note is drawn, in the diagram's units.

    Attributes:
        element: Whose shape it is.
        x: Of the left edge.
        y: Of the upper edge.
        width: How wide.
        height: How high.
        is_expanded: For sub-processes: whether its inside is drawn.
        is_horizontal: For participants and lanes.
    """

    element: str
    x: float
    y: float
    width: float
    height: float
    is_expanded: bool = True
    is_horizontal: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """Where an arrow is drawn.

    Attributes:
        element: Whose edge it is.
        points: Its corners.
    """

    element: str
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """Something that is drawn and means nothing to the engine: a participant, a lane, a note, a group.

    Attributes:
        id: Its id.
        kind: ``participant``, ``lane``, ``textAnnotation``, ``dataObjectReference``, ...
        text: What it says.
        process: For participants: the process it stands for; empty for a black box.
    """

    id: str
    kind: str
    text: str
    process: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagram:
    """A whole file.

    Attributes:
        processes: Its processes, in the file's order.
        elements: All flow nodes by their ids, in the file's order.
        flows: All sequence flows by their ids.
        message_flows: All message flows.
        labels: What is drawn beside them.
        shapes: Where elements and labels are drawn, by the element's id; may be empty.
        edges: Where arrows are drawn, by the arrow's id.
        errors: Error names by their codes.
        exporter: Which modeler wrote it, as it says.
        faults: What could not be read: ids that stand twice, references that lead nowhere; :mod:`eilbote.author.process.check.check` tells them.
    """

    processes: tuple[ProcessPlan, ...]
    elements: dict[str, Element]
    flows: dict[str, SequenceFlow]
    message_flows: tuple[MessageFlow, ...] = ()
    labels: tuple[Label, ...] = ()
    shapes: dict[str, Shape]
    edges: dict[str, Edge]
    errors: dict[str, str]
    exporter: str = ""
    faults: tuple[ProcessFinding, ...] = ()
