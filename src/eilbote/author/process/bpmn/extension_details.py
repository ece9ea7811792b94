"""From what is said of an element to what it is: typed details, and the parts of BPMN that settings may put in place of the diagram's."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from eilbote.author.process.bpmn.expressions import bare_expression, bare_template
from eilbote.author.process.bpmn.extension_fields import ElementFields
from eilbote.author.process.details import (
    CatchDetails,
    Destination,
    Details,
    FlowDetails,
    HttpDetails,
    Importance,
    MessageDetails,
    OnFailure,
    TaskDetails,
)
from eilbote.author.process.diagram import Element, ElementKind, EventKind, Loop, Timer, TimerKind

if TYPE_CHECKING:
    from eilbote.author.process.finding import ProcessFinding
    from eilbote.author.process.given_settings import GivenFields
    from eilbote.model.data import Data

_SENDS: Final = frozenset(
    {"system_name", "state", "destination", "route", "mapping", "on_failure", "importance"}
)
_ASKS: Final = frozenset({"record", "recipients", "due", "reminds", "choices", "wants_text"})
_OPEN: Final = frozenset({ElementKind.TASK, ElementKind.SERVICE_TASK})
"""Kinds of tasks that become what is said of them: drawings often leave open what a task is."""
_THROWS: Final = frozenset({ElementKind.THROW_EVENT, ElementKind.END_EVENT})
_CATCHES: Final = frozenset({ElementKind.START_EVENT, ElementKind.CATCH_EVENT, ElementKind.BOUNDARY_EVENT})
_LONGEST_REQUEST: Final = 300.0
_CHOICE: Final = re.compile(r"[A-Za-z0-9][\w.-]{0,39}", re.ASCII)
_MOST_CHOICES: Final = 10
_NAMES: Final = {
    ElementKind.SEND_TASK: "a send task",
    ElementKind.RECEIVE_TASK: "a receive task",
    ElementKind.USER_TASK: "a user task",
    ElementKind.SERVICE_TASK: "a service task",
    ElementKind.CALL_ACTIVITY: "a call activity",
    ElementKind.SUB_PROCESS: "a sub-process",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadElement:
    """An element with everything that is known of it.

    Attributes:
        element: As it is executed.
        details: What eilbote wants to know; ``None`` when there is nothing to know.
        faults: What cannot be read.
    """

    element: Element
    details: Details | None = None
    faults: tuple[ProcessFinding, ...] = field(default=())


def read_element(element: Element, given: GivenFields) -> ReadElement:
    """Put together what the diagram and others say of an element."""
    faults: list[ProcessFinding] = []
    fields = ElementFields(element.id, given, faults)
    made = _with_kind(element, given)
    if made.kind in _CATCHES or made.kind in {ElementKind.RECEIVE_TASK, ElementKind.CALL_ACTIVITY}:
        made = _with_event(made, fields)
    if "loop" in fields:
        made = replace(made, loop=_loop(fields.below("loop"), made.loop))
    details = _details(made, fields)
    if isinstance(details, MessageDetails) and made.kind in _THROWS and made.event is EventKind.NONE:
        made = replace(made, event=EventKind.MESSAGE)
    fields.finish(_NAMES.get(made.kind, f"a {made.tag}"))
    return ReadElement(element=made, details=details, faults=tuple(faults))


def _with_kind(element: Element, given: GivenFields) -> Element:
    if element.kind not in _OPEN:
        return element
    if given.keys() & {"http", "flow"}:
        return replace(element, kind=ElementKind.SERVICE_TASK)
    if given.keys() & _SENDS:
        return replace(element, kind=ElementKind.SEND_TASK)
    if given.keys() & _ASKS:
        return replace(element, kind=ElementKind.USER_TASK)
    return element


def _with_event(element: Element, fields: ElementFields) -> Element:
    if element.kind is ElementKind.CALL_ACTIVITY:
        return replace(element, called=fields.text("called", element.called))
    if "message" in fields and element.event in {EventKind.NONE, EventKind.MESSAGE, EventKind.UNSUPPORTED}:
        element = replace(element, event=EventKind.MESSAGE, message=fields.text("message"))
    if "timer" in fields:
        element = replace(element, event=EventKind.TIMER, timer=_timer(fields.below("timer")))
    if element.event is EventKind.ERROR:
        element = replace(element, error=fields.text("error", element.error))
    return element


def _timer(fields: ElementFields) -> Timer | None:
    found: Timer | None = None
    for kind, name in (
        (TimerKind.DATE, "date"),
        (TimerKind.DURATION, "duration"),
        (TimerKind.CYCLE, "cycle"),
    ):
        if said := fields.text(name):
            if found is not None:
                fields.fault(name, "a timer is said twice", "Keep one of date, duration and cycle")
            found = Timer(kind=kind, text=bare_template(said))
    fields.finish("a timer")
    return found


def _loop(fields: ElementFields, drawn: Loop | None) -> Loop:
    cardinality, collection = fields.text("cardinality"), fields.text("collection")
    otherwise = (
        drawn if drawn is not None and not cardinality and not collection else Loop(is_sequential=False)
    )
    made = Loop(
        is_sequential=fields.switch("sequential")
        if "sequential" in fields
        else drawn is not None and drawn.is_sequential,
        cardinality=bare_expression(cardinality) or otherwise.cardinality,
        collection=bare_expression(collection) or otherwise.collection,
        item=fields.text("item", drawn.item if drawn is not None else ""),
        until=bare_expression(fields.text("until")) or (drawn.until if drawn is not None else None),
    )
    fields.finish("a loop")
    return made


def _details(element: Element, fields: ElementFields) -> Details | None:
    match element.kind:
        case ElementKind.SEND_TASK:
            return _message(element, fields)
        case ElementKind.THROW_EVENT | ElementKind.END_EVENT:
            if element.event is EventKind.MESSAGE or any(name in fields for name in _SENDS):
                return _message(element, fields)
            return None
        case ElementKind.USER_TASK:
            return _task(fields)
        case ElementKind.SERVICE_TASK:
            return _service(fields)
        case ElementKind.RECEIVE_TASK:
            return CatchDetails(correlation=fields.text("correlation"), result=fields.text("result"))
        case kind if kind in _CATCHES and element.event is EventKind.MESSAGE:
            return CatchDetails(correlation=fields.text("correlation"), result=fields.text("result"))
        case _:
            return None


def _message(element: Element, fields: ElementFields) -> MessageDetails:
    return MessageDetails(
        system_name=fields.text("system_name"),
        state=fields.text("state"),
        description=fields.text("description", element.documentation),
        destination=fields.word("destination", Destination, Destination.EXTERNAL),
        route=fields.text("route"),
        mapping=fields.table("mapping"),
        on_failure=fields.word("on_failure", OnFailure, OnFailure.RECORD),
        message=fields.text("message", element.message),
        instance=fields.text("instance"),
        correlation=fields.text("correlation"),
        title=fields.text("title"),
        text=fields.text("text"),
        duration=fields.text("duration"),
        importance=fields.word("importance", Importance, Importance.NORMAL),
        result=fields.text("result"),
    )


def _task(fields: ElementFields) -> TaskDetails:
    return TaskDetails(
        title=fields.text("title"),
        record=fields.text("record"),
        recipients=fields.texts("recipients"),
        due=fields.text("due"),
        reminds=fields.switch("reminds"),
        language=fields.text("language", "en"),
        time_zone=fields.text("time_zone", "UTC"),
        choices=_choices(fields),
        wants_text=fields.switch("wants_text"),
        result=fields.text("result"),
    )


def _choices(fields: ElementFields) -> tuple[tuple[str, str], ...]:
    said = fields.data("choices")
    if said is None:
        return ()
    if not isinstance(said, list) or not 1 <= len(said) <= _MOST_CHOICES:
        fields.fault(
            "choices",
            "these are no choices",
            f"Give a list of 1 to {_MOST_CHOICES}, such as [approve, decline]",
        )
        return ()
    found: dict[str, str] = {}
    for each in said:
        choice = _choice(each)
        if choice is None or not _CHOICE.fullmatch(choice[0]):
            fields.fault(
                "choices",
                f"{each if choice is None else choice[0]!r} is no choice"[:100],
                "Give at most 40 letters, digits, _, - and dots, in quotes; or {value: approve, label: Approve}",
                cause="Without quotes, yes and no are read as truth values" if _has_truth(each) else None,
            )
        elif choice[0] in found:
            fields.fault(
                "choices", f"two choices have the value {choice[0]!r}", "Give each a value of its own"
            )
        else:
            found[choice[0]] = choice[1]
    return tuple(found.items())


def _choice(said: Data) -> tuple[str, str] | None:
    match said:
        case str():
            return said.strip(), said.strip()
        case {"value": str() as value, "label": str() as label, **others} if not others:
            return value.strip(), label.strip() or value.strip()
        case {"value": str() as value, **others} if not others:
            return value.strip(), value.strip()
        case _:
            return None


def _has_truth(said: Data) -> bool:
    return isinstance(said, bool) or (
        isinstance(said, dict) and any(isinstance(each, bool) for each in said.values())
    )


def _service(fields: ElementFields) -> HttpDetails | FlowDetails | None:
    if "http" in fields and "flow" in fields:
        fields.fault("flow", "a service task says both http and flow", "Keep one of them")
    http, flow = fields.below("http"), fields.below("flow")
    if "http" in fields:
        made = HttpDetails(
            method=http.text("method", "GET").upper(),
            url=http.text("url"),
            headers=http.table("headers"),
            body=http.data("body"),
            result=http.text("result"),
            seconds=http.number("seconds", otherwise=30.0, most=_LONGEST_REQUEST),
        )
        http.finish("an HTTP request")
        return made
    if "flow" in fields:
        run = FlowDetails(flow=flow.text("name"), input=flow.table("input"), result=flow.text("result"))
        flow.finish("a flow")
        return run
    return None
