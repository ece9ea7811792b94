"""A definition as the interpreter asks it: what leads where, what hangs at what, and who is inside of whom.

Nothing here changes while instances run. A plan is made once for a definition's text and shared by all instances of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Final, TypeVar

from eilbote.author.process.diagram import Element, ElementKind, EventKind, SequenceFlow
from eilbote.author.process.interpret.condition import condition_of
from eilbote.errors import ProcessError

if TYPE_CHECKING:
    from eilbote.author.process.definition import Definition

T = TypeVar("T")

_PLANS: Final = 64
_PASSES: Final = frozenset({ElementKind.START_EVENT, ElementKind.BOUNDARY_EVENT})


class Plan:
    """What the interpreter asks of a definition.

    Args:
        definition: The process.

    Attributes:
        definition: The process.
        elements: By their ids.
        outgoing: The sequence flows that leave an element, in the file's order.
        incoming: The sequence flows that come to an element.
        boundaries: The boundary events of an activity.
        inside: The elements of a process or sub-process.
    """

    __slots__ = ("_reaching", "boundaries", "definition", "elements", "incoming", "inside", "outgoing")

    def __init__(self, definition: Definition) -> None:
        diagram = definition.diagram
        self.definition = definition
        self.elements: Mapping[str, Element] = diagram.elements
        flows = [
            flow
            for flow in diagram.flows.values()
            if flow.source in diagram.elements and flow.target in diagram.elements
        ]
        self.outgoing: Mapping[str, tuple[SequenceFlow, ...]] = _grouped(
            (flow.source, flow) for flow in flows
        )
        self.incoming: Mapping[str, tuple[SequenceFlow, ...]] = _grouped(
            (flow.target, flow) for flow in flows
        )
        self.boundaries: Mapping[str, tuple[Element, ...]] = _grouped(
            (each.attached_to, each) for each in diagram.elements.values() if each.attached_to
        )
        self.inside: Mapping[str, tuple[Element, ...]] = _grouped(
            (each.scope, each) for each in diagram.elements.values()
        )
        self._reaching: dict[str, Mapping[str, frozenset[str]]] = {}

    def flows_from(self, element: str) -> Sequence[SequenceFlow]:
        """Give the sequence flows that leave an element."""
        return self.outgoing.get(element, ())

    def flows_to(self, element: str) -> Sequence[SequenceFlow]:
        """Give the sequence flows that come to an element."""
        return self.incoming.get(element, ())

    def condition(self, flow: SequenceFlow) -> str | None:
        """Give the condition of a sequence flow: the settings' before the diagram's."""
        return condition_of(self.definition, flow.id)

    def joins(self, element: str) -> bool:
        """Say whether tokens wait for one another at an element."""
        return self.elements[element].kind in {
            ElementKind.PARALLEL_GATEWAY,
            ElementKind.INCLUSIVE_GATEWAY,
        } and (len(self.flows_to(element)) > 1)

    def starts(self, process: str) -> Sequence[Element]:
        """Give the start events of a process or sub-process."""
        return [each for each in self.inside.get(process, ()) if each.kind is ElementKind.START_EVENT]

    def begin_at(self, process: str) -> Sequence[str]:
        """Give where tokens appear when a process or sub-process begins by itself.

        Raises:
            ProcessError: It has no beginning, or several.
        """
        starts = [each for each in self.starts(process) if each.event is EventKind.NONE]
        if len(starts) > 1:
            raise ProcessError(
                f"{process[:60]!r} has {len(starts)} start events without a trigger",
                field=process,
                remedy="Name the one to begin at, or leave one of them",
            )
        if starts:
            return [starts[0].id]
        found = [
            each.id
            for each in self.inside.get(process, ())
            if not self.flows_to(each.id) and each.kind not in _PASSES
        ]
        if not found:
            raise ProcessError(
                f"{process[:60]!r} has no start event without a trigger",
                field=process,
                remedy="Name the start event to begin at, or draw a start event without a trigger",
            )
        return found

    def start(self, *, element: str, message: str) -> Element:
        """Give the start event that is named, or the one that a message begins.

        Raises:
            ProcessError: There is none.
        """
        starts = self.starts(self.definition.process)
        for each in starts:
            if element and each.id == element:
                return each
            if not element and each.event is EventKind.MESSAGE and each.message == message:
                return each
        known = ", ".join(each.message or each.id for each in starts) or "none"
        raise ProcessError(
            f"the process {self.definition.name!r} does not begin at {(element or message)[:60]!r}",
            field="element" if element else "message",
            cause=f"Its start events: {known}",
            remedy="Name one of them",
        )

    def reaching(self, gateway: str) -> Mapping[str, frozenset[str]]:
        """Give, for each sequence flow that comes to a gateway, the elements from which a token can still get onto it."""
        if gateway not in self._reaching:
            self._reaching[gateway] = {
                flow.id: self._sources(flow.source, gateway) for flow in self.flows_to(gateway)
            }
        return self._reaching[gateway]

    def _sources(self, element: str, gateway: str) -> frozenset[str]:
        found: set[str] = set()
        ahead = [element]
        while ahead:
            at = ahead.pop()
            if at in found or at == gateway:
                continue
            found.add(at)
            ahead.extend(flow.source for flow in self.flows_to(at))
            if attached := self.elements[at].attached_to:
                ahead.append(attached)
        return frozenset(found)


def plan_of(definition: Definition) -> Plan:
    """Give the plan of a definition: the same for the same text."""
    return _plan(_Key(definition))


class _Key:
    """A definition by its text; one that was not read from a text by itself."""

    __slots__ = ("definition",)

    def __init__(self, definition: Definition) -> None:
        self.definition = definition

    def __hash__(self) -> int:
        return hash(self.definition.text) if self.definition.text else id(self.definition)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, _Key):
            return False
        if self.definition is other.definition:
            return True
        return bool(self.definition.text) and self.definition.text == other.definition.text


@lru_cache(maxsize=_PLANS)
def _plan(key: _Key) -> Plan:
    return Plan(key.definition)


def _grouped(pairs: Iterable[tuple[str, T]]) -> dict[str, tuple[T, ...]]:
    found: dict[str, list[T]] = {}
    for name, each in pairs:
        found.setdefault(name, []).append(each)
    return {name: tuple(each) for name, each in found.items()}
