"""Reads BPMN 2.0 XML (OMG formal/2013-12-09) as the modelers of several vendors write it.

What cannot be a diagram at all is refused. What is wrong inside one, an arrow to nowhere or an id that stands twice, is noted with its
line, so that all of it can be told at once and the rest can be drawn.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from eilbote.author.plain.place import Place
from eilbote.author.process.bpmn.drawing import read_drawing, read_labels
from eilbote.author.process.bpmn.events import References, error_code, read_event, read_loop
from eilbote.author.process.bpmn.expressions import bare_expression
from eilbote.author.process.bpmn.foreign import foreign_parts
from eilbote.author.process.bpmn.names import KINDS, SCOPES, ZEEBE, extensions, is_bpmn, part, parts, words_of
from eilbote.author.process.bpmn.xml_document import XmlElement, read_document
from eilbote.author.process.bundle import ProcessTextError
from eilbote.author.process.diagram import (
    Diagram,
    Element,
    ElementKind,
    MessageFlow,
    ProcessPlan,
    SequenceFlow,
)
from eilbote.author.process.finding import ProcessFinding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

_EXPORT: Final = "Export the diagram from the modeler as BPMN 2.0 XML"
MOST_PROCESSES: Final = 100
MOST_NODES: Final = 2_000
MOST_FLOWS: Final = 5_000
"""Of sequence flows, and of message flows as well."""
LONGEST_ID: Final = 200
_OTHER_ROOTS: Final = {
    "html": "a web page",
    "mxfile": "a drawing of draw.io",
    "mxgraphmodel": "a drawing of draw.io",
    "svg": "a picture (SVG)",
    "package": "a process in XPDL",
    "xmi": "a model in XMI",
    "dmn": "decision tables (DMN)",
    "cmmn": "a case (CMMN)",
    "wsdl": "a web service (WSDL)",
}


def read_bpmn(xml: str | bytes) -> Diagram:
    """Read a diagram.

    Args:
        xml: As its modeler wrote it.

    Raises:
        ProcessError: It cannot be read at all; line and column are told.
    """
    return diagram_of(read_document(xml))


def diagram_of(root: XmlElement) -> Diagram:
    """Read a diagram whose XML is read already.

    Raises:
        ProcessError: It is no BPMN, or holds no process.
    """
    if root.name != "definitions" or not is_bpmn(root):
        raise _other(root)
    reading = _Reading(root, References.of(root))
    reading.processes()
    if not reading.plans:
        raise ProcessTextError(
            "the diagram holds no process",
            place=Place(root.line, 1),
            cause="Conversations and choreographies cannot be run",
            remedy="Draw a process with a start event, and export it as BPMN 2.0 XML",
        )
    message_flows = tuple(reading.message_flows())
    _check_size(reading, message_flows)
    known = frozenset(each.get("id") for each in root.walk() if each.get("id"))
    inner = frozenset(each.id for each in reading.elements.values() if each.tag in SCOPES)
    shapes, edges = read_drawing(root, known, inner)
    return Diagram(
        processes=tuple(reading.plans.values()),
        elements=reading.elements,
        flows=reading.flows,
        message_flows=message_flows,
        labels=tuple(read_labels(root)),
        shapes=shapes,
        edges=edges,
        errors={error_code(found): found.get("name") for found in parts(root, "error")},
        exporter=" ".join(filter(None, (root.get("exporter"), root.get("exporterVersion")))),
        faults=tuple(sorted(reading.faults, key=lambda each: each.line)),
    )


def called_by(node: XmlElement) -> str:
    """Give which process a call activity calls."""
    for said in extensions(node):
        if said.namespace == ZEEBE and said.name == "calledElement":
            return said.get("processId").removeprefix("=").strip('"')
    return node.get("calledElement")


@dataclass(slots=True)
class _Reading:
    root: XmlElement
    references: References
    plans: dict[str, ProcessPlan] = field(default_factory=dict[str, ProcessPlan])
    elements: dict[str, Element] = field(default_factory=dict[str, Element])
    flows: dict[str, SequenceFlow] = field(default_factory=dict[str, SequenceFlow])
    faults: list[ProcessFinding] = field(default_factory=list[ProcessFinding])
    lines: dict[str, int] = field(default_factory=dict[str, int])

    def processes(self) -> None:
        names = {
            participant.get("processRef").rpartition(":")[2]: participant.get("name")
            for found in parts(self.root, "collaboration")
            for participant in parts(found, "participant")
        }
        for found in parts(self.root, "process"):
            name = self._id(found)
            if not name:
                continue
            self.plans[name] = ProcessPlan(
                id=name,
                name=found.get("name") or names.get(name, ""),
                is_executable=found.get("isExecutable") == "true",
                line=found.line,
                documentation=_documentation(found),
            )
            self._scope(found, name)
        self._inclusions()

    def message_flows(self) -> Iterator[MessageFlow]:
        for collaboration in parts(self.root, "collaboration"):
            for found in parts(collaboration, "messageFlow"):
                if name := self._id(found):
                    yield MessageFlow(
                        id=name,
                        name=found.get("name"),
                        source=found.get("sourceRef").rpartition(":")[2],
                        target=found.get("targetRef").rpartition(":")[2],
                    )

    def _scope(self, holder: XmlElement, scope: str) -> None:
        for node in holder.children:
            if not is_bpmn(node):
                continue
            if node.name == "sequenceFlow":
                self._flow(node)
            elif (kind := KINDS.get(node.name)) is not None and (name := self._id(node)):
                self.elements[name] = self._element(node, name, kind, scope)
                if node.name in SCOPES:
                    self._scope(node, name)

    def _element(self, node: XmlElement, name: str, kind: ElementKind, scope: str) -> Element:
        event = read_event(node, self.references)
        if event.unknown:
            self._fault(
                node,
                f"{_called(node)} refers to {event.unknown[:60]!r}, which is not in the diagram",
                "Choose the message or error once more in the modeler, so that it is written into the file",
            )
        if part(node, "standardLoopCharacteristics") is not None:
            self._fault(
                node,
                f"{_called(node)} has a loop marker, which is not executed",
                "Draw an arrow back behind a gateway, or use the marker for several instances",
            )
        return Element(
            id=name,
            name=node.get("name"),
            kind=kind,
            tag=node.name,
            line=node.line,
            scope=scope,
            event=event.kind,
            message=event.message,
            error=event.error,
            timer=event.timer,
            attached_to=node.get("attachedToRef"),
            is_interrupting="false" not in {node.get("cancelActivity"), node.get("isInterrupting")},
            default=node.get("default"),
            called=called_by(node) if kind is ElementKind.CALL_ACTIVITY else "",
            loop=read_loop(node),
            documentation=_documentation(node),
            foreign=(
                *(each for each in event.definitions if len(event.definitions) > 1),
                *foreign_parts(node),
            ),
        )

    def _flow(self, node: XmlElement) -> None:
        if not (name := self._id(node)):
            return
        condition = part(node, "conditionExpression")
        self.flows[name] = SequenceFlow(
            id=name,
            name=node.get("name"),
            source=node.get("sourceRef"),
            target=node.get("targetRef"),
            condition=None if condition is None else bare_expression(condition.text) or None,
            line=node.line,
        )

    def _id(self, node: XmlElement) -> str:
        """Give the id of an element; empty, and noted, when it has none of its own."""
        name = node.get("id")
        if not name:
            self._fault(node, f"{_called(node)} has no id", "Give it one in the modeler")
        elif len(name) > LONGEST_ID or not name.isprintable():
            self._fault(
                node,
                f"the id {name[:60]!r} cannot be kept",
                f"Give it one of at most {LONGEST_ID} printable characters",
            )
            return ""
        elif name in self.lines:
            self._fault(
                node,
                f"the id {name[:60]!r} stands twice",
                "Give one of them another id in the modeler; a copied element keeps the old one now and then",
                cause=f"It stands in line {self.lines[name]} as well, and only that one is read",
            )
            return ""
        else:
            self.lines[name] = node.line
        return name

    def _inclusions(self) -> None:
        for found in self.root.walk():
            if found.name == "import" and is_bpmn(found):
                self._note(found, f"the file {found.get('location')[:100]!r} is imported")
            elif found.namespace == "http://www.w3.org/2001/XInclude":
                self._note(found, f"the file {found.get('href')[:100]!r} is included")

    def _note(self, node: XmlElement, what: str) -> None:
        self.faults.append(
            ProcessFinding(
                severity=Severity.NOTE,
                element=node.get("id")[:LONGEST_ID],
                what=what,
                cause="Nothing outside of the diagram is opened",
                remedy="Put what is needed into the diagram itself",
                line=node.line,
            )
        )

    def _fault(self, node: XmlElement, what: str, remedy: str, *, cause: str | None = None) -> None:
        self.faults.append(
            ProcessFinding(
                severity=Severity.ERROR,
                element=node.get("id")[:LONGEST_ID],
                what=what,
                cause=cause,
                remedy=remedy,
                line=node.line,
            )
        )


def _called(node: XmlElement) -> str:
    return f"the {words_of(node.name, node.get('name'))}"


def _documentation(node: XmlElement) -> str:
    found = part(node, "documentation")
    return "" if found is None else found.text


def _check_size(reading: _Reading, message_flows: tuple[MessageFlow, ...]) -> None:
    for found, most, what in (
        (reading.plans, MOST_PROCESSES, "processes"),
        (reading.elements, MOST_NODES, "events, activities and gateways"),
        (reading.flows, MOST_FLOWS, "sequence flows"),
        (message_flows, MOST_FLOWS, "message flows"),
        (reading.faults, MOST_NODES, "faults"),
    ):
        if len(found) > most:
            raise ProcessTextError(
                f"the diagram has {len(found):,} {what}",
                cause=f"At most {most:,} are read",
                remedy="Take it apart into several diagrams",
            )


def _other(root: XmlElement) -> ProcessTextError:
    said = f"{root.namespace} {root.name}".lower()
    what = next((what for mark, what in _OTHER_ROOTS.items() if mark in said), "")
    if root.name == "definitions" and not what:
        cause = f"Its namespace is {root.namespace[:100]!r}" if root.namespace else "It names no namespace"
        what = "definitions of another kind"
    else:
        cause = f"Its outermost element is {root.name[:60]!r}"
    return ProcessTextError(
        f"this is {what}, not a BPMN diagram" if what else "this is no BPMN diagram",
        place=Place(root.line, 1),
        cause=cause,
        remedy=_EXPORT,
    )
