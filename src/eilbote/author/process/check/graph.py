"""Where tokens can go: which elements belong to what is executed, and which of them are ever reached."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

from eilbote.author.process.diagram import Element, ElementKind, EventKind, SequenceFlow

if TYPE_CHECKING:
    from eilbote.author.process.definition import Definition

ACTIVITIES: Final = frozenset(
    {
        ElementKind.TASK,
        ElementKind.SEND_TASK,
        ElementKind.RECEIVE_TASK,
        ElementKind.USER_TASK,
        ElementKind.SERVICE_TASK,
        ElementKind.SUB_PROCESS,
        ElementKind.CALL_ACTIVITY,
    }
)
GATEWAYS: Final = frozenset(
    {
        ElementKind.EXCLUSIVE_GATEWAY,
        ElementKind.PARALLEL_GATEWAY,
        ElementKind.INCLUSIVE_GATEWAY,
        ElementKind.EVENT_BASED_GATEWAY,
    }
)


@dataclass(frozen=True)
class Graph:
    """A definition as checks ask it.

    Attributes:
        definition: The process.
    """

    definition: Definition

    @property
    def elements(self) -> Mapping[str, Element]:
        """All elements of the diagram by their ids."""
        return self.definition.diagram.elements

    @cached_property
    def processes(self) -> Mapping[str, None]:
        """The processes that are executed: the one that begins, and those it calls."""
        known = {plan.id for plan in self.definition.diagram.processes}
        found: dict[str, None] = {}
        waiting = [self.definition.process]
        while waiting:
            name = waiting.pop()
            if name in known and name not in found:
                found[name] = None
                waiting += [each.called for each in self._below(name) if each.called]
        return found

    @cached_property
    def executed(self) -> Mapping[str, Element]:
        """The elements of those processes, in the diagram's order."""
        ids = {each.id for process in self.processes for each in self._below(process)}
        return {name: each for name, each in self.elements.items() if name in ids}

    @cached_property
    def inside(self) -> Mapping[str, tuple[Element, ...]]:
        """What a process or sub-process holds directly."""
        found: dict[str, list[Element]] = {}
        for each in self.elements.values():
            found.setdefault(each.scope, []).append(each)
        return {scope: tuple(held) for scope, held in found.items()}

    @cached_property
    def outgoing(self) -> Mapping[str, tuple[SequenceFlow, ...]]:
        """Sequence flows by where they come from."""
        return _grouped((flow.source, flow) for flow in self.definition.diagram.flows.values())

    @cached_property
    def incoming(self) -> Mapping[str, tuple[SequenceFlow, ...]]:
        """Sequence flows by where they lead."""
        return _grouped((flow.target, flow) for flow in self.definition.diagram.flows.values())

    @cached_property
    def boundaries(self) -> Mapping[str, tuple[Element, ...]]:
        """Boundary events by the activity that they are attached to."""
        found: dict[str, list[Element]] = {}
        for each in self.elements.values():
            if each.kind is ElementKind.BOUNDARY_EVENT:
                found.setdefault(each.attached_to, []).append(each)
        return {name: tuple(held) for name, held in found.items()}

    @cached_property
    def reached(self) -> frozenset[str]:
        """Ids of elements that a token can come to."""
        found: set[str] = set()
        waiting = list(self.begins(self.definition.process))
        while waiting:
            name = waiting.pop()
            if name not in found and name in self.elements:
                found.add(name)
                waiting += self.after(name)
        return frozenset(found)

    def after(self, name: str) -> Iterator[str]:
        """Give where tokens can be next, into sub-processes and called processes as well."""
        element = self.elements[name]
        yield from (flow.target for flow in self.outgoing.get(name, ()))
        yield from (each.id for each in self.boundaries.get(name, ()))
        if element.kind is ElementKind.SUB_PROCESS:
            yield from self.begins(name)
        elif element.kind is ElementKind.CALL_ACTIVITY:
            yield from self.begins(element.called)

    def begins(self, scope: str) -> Iterator[str]:
        """Give where tokens appear in a process or sub-process, event sub-processes included."""
        starts = self.starts(scope)
        yield from (each.id for each in starts)
        for each in self.inside.get(scope, ()):
            if self.is_event_sub_process(each) or (
                not starts and not self.incoming.get(each.id) and each.kind is not ElementKind.BOUNDARY_EVENT
            ):
                yield each.id

    def starts(self, scope: str) -> list[Element]:
        """Give the start events of a process or sub-process."""
        return [each for each in self.inside.get(scope, ()) if each.kind is ElementKind.START_EVENT]

    def is_event_sub_process(self, element: Element) -> bool:
        """Say whether something that happens begins it, and not a token."""
        return (
            element.kind is ElementKind.SUB_PROCESS
            and not self.incoming.get(element.id)
            and any(each.event is not EventKind.NONE for each in self.starts(element.id))
        )

    def is_process(self, scope: str) -> bool:
        """Say whether a scope is a process of its own."""
        return any(scope == plan.id for plan in self.definition.diagram.processes)

    def process_of(self, element: Element) -> str:
        """Give the process that an element is in, however deep."""
        scope = element.scope
        while scope in self.elements:
            scope = self.elements[scope].scope
        return scope

    def _below(self, scope: str) -> Iterator[Element]:
        for each in self.inside.get(scope, ()):
            yield each
            yield from self._below(each.id)


def _grouped(pairs: Iterable[tuple[str, SequenceFlow]]) -> dict[str, tuple[SequenceFlow, ...]]:
    found: dict[str, list[SequenceFlow]] = {}
    for name, flow in pairs:
        found.setdefault(name, []).append(flow)
    return {name: tuple(flows) for name, flows in found.items()}
