"""What the events of a diagram wait for or throw (BPMN 2.0.2 section 10.5), and how often its activities are done (10.3.8)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from eilbote.author.process.bpmn.expressions import bare_expression, bare_template
from eilbote.author.process.bpmn.names import (
    ENGINES,
    SPIFF,
    ZEEBE,
    extensions,
    of_engines,
    part,
    parts,
    referred,
)
from eilbote.author.process.diagram import EventKind, Loop, Timer, TimerKind

if TYPE_CHECKING:
    from eilbote.author.process.bpmn.xml_document import XmlElement

_KINDS: Final = {
    "messageEventDefinition": EventKind.MESSAGE,
    "timerEventDefinition": EventKind.TIMER,
    "errorEventDefinition": EventKind.ERROR,
    "terminateEventDefinition": EventKind.TERMINATE,
}
_EVENTS: Final = frozenset(
    {"startEvent", "endEvent", "intermediateThrowEvent", "intermediateCatchEvent", "boundaryEvent"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class EventParts:
    """What an event waits for or throws.

    Attributes:
        kind: What.
        message: The name of the message.
        error: The code of the error.
        timer: When it fires.
        unknown: The reference that leads nowhere; empty when there is none.
        definitions: What the diagram calls it.
    """

    kind: EventKind = EventKind.NONE
    message: str = ""
    error: str = ""
    timer: Timer | None = None
    unknown: str = ""
    definitions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class References:
    """What stands at the uppermost level of a file and events refer to.

    Attributes:
        messages: By their ids.
        errors: By their ids.
        definitions: Event definitions that several events share, by their ids.
    """

    messages: dict[str, XmlElement]
    errors: dict[str, XmlElement]
    definitions: dict[str, XmlElement]

    @classmethod
    def of(cls, root: XmlElement) -> References:
        """Take them from a file's root."""
        return cls(
            {found.get("id"): found for found in parts(root, "message")},
            {found.get("id"): found for found in parts(root, "error")},
            {
                found.get("id"): found
                for found in root.children
                if found.name.endswith("EventDefinition") and found.get("id")
            },
        )


def read_event(node: XmlElement, references: References) -> EventParts:
    """Read what an event, or a send or receive task, waits for or throws."""
    if node.name in {"sendTask", "receiveTask"}:
        return _message(node, references, ())
    if node.name not in _EVENTS:
        return EventParts()
    found = [each for each in node.children if each.name.endswith("EventDefinition")]
    for reference in parts(node, "eventDefinitionRef"):
        name = referred(reference.text, references.definitions)
        if name not in references.definitions:
            return EventParts(kind=EventKind.UNSUPPORTED, unknown=name, definitions=("eventDefinitionRef",))
        found.append(references.definitions[name])
    names = tuple(each.name for each in found)
    if not found:
        return EventParts()
    if len(found) > 1:
        return EventParts(kind=EventKind.UNSUPPORTED, definitions=names)
    match _KINDS.get(found[0].name, EventKind.UNSUPPORTED):
        case EventKind.MESSAGE:
            return _message(found[0], references, names)
        case EventKind.ERROR:
            return _error(found[0], references, names)
        case EventKind.TIMER:
            return EventParts(kind=EventKind.TIMER, timer=_timer(found[0]), definitions=names)
        case kind:
            return EventParts(kind=kind, definitions=names)


def correlation_of(node: XmlElement, references: References) -> str:
    """Give by which key Camunda 8 tells messages for an event or receive task apart, as a template; empty when nothing is said."""
    for said in (node, *node.children):
        message = references.messages.get(referred(said.get("messageRef"), references.messages))
        for each in () if message is None else extensions(message):
            if each.namespace == ZEEBE and each.name == "subscription":
                return bare_template(each.get("correlationKey"))
    return ""


def _message(node: XmlElement, references: References, names: tuple[str, ...]) -> EventParts:
    name = referred(node.get("messageRef"), references.messages)
    message = references.messages.get(name)
    if message is None:
        said = next(
            (each.text for each in extensions(node) if each.namespace == SPIFF and each.name == "messageRef"),
            "",
        )
        return EventParts(kind=EventKind.MESSAGE, message=said, unknown=name, definitions=names)
    said = bare_template(message.get("name")) or name
    return EventParts(kind=EventKind.MESSAGE, message=said, definitions=names)


def _error(node: XmlElement, references: References, names: tuple[str, ...]) -> EventParts:
    name = referred(node.get("errorRef"), references.errors)
    error = references.errors.get(name)
    if error is None:
        return EventParts(kind=EventKind.ERROR, unknown=name, definitions=names)
    return EventParts(kind=EventKind.ERROR, error=error_code(error), definitions=names)


def error_code(error: XmlElement) -> str:
    """Give by which code an error is thrown and caught."""
    return error.get("errorCode") or error.get("name") or error.get("id")


def _timer(node: XmlElement) -> Timer | None:
    for kind in TimerKind:
        said = part(node, kind.value)
        if said is not None and said.text:
            return Timer(kind=kind, text=bare_template(said.text))
    return None


def read_loop(node: XmlElement) -> Loop | None:
    """Read multi-instance characteristics, in BPMN's words or those of an engine."""
    found = part(node, "multiInstanceLoopCharacteristics")
    if found is None:
        return None
    collection = _text_of(found, "loopDataInputRef") or of_engines(found, "collection")
    item = part(found, "inputDataItem")
    name = of_engines(found, "elementVariable")
    if item is not None:
        name = item.get("name") or item.get("id") or name
    for said in extensions(found):
        if said.namespace == ZEEBE and said.name == "loopCharacteristics":
            collection = said.get("inputCollection") or collection
            name = said.get("inputElement") or name
        elif said.namespace in ENGINES and said.name == "collection":
            collection = said.text or (said.children[0].text if said.children else "") or collection
    cardinality, until = _text_of(found, "loopCardinality"), _text_of(found, "completionCondition")
    return Loop(
        is_sequential=found.get("isSequential") == "true",
        cardinality=bare_expression(cardinality) or None,
        collection=bare_expression(collection) or None,
        item=bare_expression(name),
        until=bare_expression(until) or None,
    )


def _text_of(node: XmlElement, name: str) -> str:
    found = part(node, name)
    return "" if found is None else found.text
