"""Whether what leads outside leads somewhere: called processes, message flows, and errors that are thrown and caught."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from eilbote.author.process.check.scene import called
from eilbote.author.process.details import MessageDetails, OnFailure
from eilbote.author.process.diagram import Element, ElementKind, EventKind, MessageFlow
from eilbote.author.process.instance import MAIL_FAILED

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eilbote.author.process.check.scene import Scene
    from eilbote.author.process.diagram import Label

_SENDERS: Final = frozenset(
    {
        ElementKind.SEND_TASK,
        ElementKind.SERVICE_TASK,
        ElementKind.USER_TASK,
        ElementKind.TASK,
        ElementKind.SUB_PROCESS,
        ElementKind.CALL_ACTIVITY,
        ElementKind.UNSUPPORTED,
    }
)
_RECEIVERS: Final = (_SENDERS - {ElementKind.SEND_TASK}) | {ElementKind.RECEIVE_TASK}
_THROWS: Final = frozenset({ElementKind.THROW_EVENT, ElementKind.END_EVENT})
_CATCHES: Final = frozenset({ElementKind.START_EVENT, ElementKind.CATCH_EVENT, ElementKind.BOUNDARY_EVENT})


def check_partners(scene: Scene) -> None:
    """Find calls, message flows and errors that lead nowhere."""
    for element in scene.graph.executed.values():
        if element.kind is ElementKind.CALL_ACTIVITY:
            _call(scene, element)
        if element.event is EventKind.ERROR and element.kind is ElementKind.END_EVENT:
            _thrown(scene, element)
        if element.error == MAIL_FAILED and element.kind in _CATCHES:
            _caught(scene, element)
    _cycles(scene)
    participants = {each.id: each for each in scene.definition.diagram.labels if each.kind == "participant"}
    for flow in scene.definition.diagram.message_flows:
        _message_flow(scene, flow, participants)


def _call(scene: Scene, element: Element) -> None:
    plans = [plan.id for plan in scene.definition.diagram.processes]
    if not element.called:
        scene.error(
            element,
            f"{called(element)} does not say which process it calls",
            field="called",
            remedy=f"Write elements: {{{element.id}: {{called: …}}}} with the id of a process of this diagram",
        )
    elif element.called not in plans:
        is_published = element.called in (scene.known.processes or ())
        scene.error(
            element,
            f"{called(element)} calls {element.called[:60]!r}, which is not in this diagram",
            field="called",
            cause="A published version never changes, so everything that it calls is in it"
            if not is_published
            else "It is published on its own; a called process must be part of the same version",
            remedy="Put that process into the same file, or send a message to its start event"
            if is_published
            else scene.nearest(
                element.called,
                [each for each in plans if each != scene.definition.process],
                none="Put that process into the same file, or send a message to its start event",
            ),
        )


def _cycles(scene: Scene) -> None:
    calls: dict[str, list[Element]] = {
        process: [
            each
            for each in scene.graph.executed.values()
            if each.kind is ElementKind.CALL_ACTIVITY and scene.graph.process_of(each) == process
        ]
        for process in scene.graph.processes
    }
    done: set[str] = set()

    def visit(process: str, path: tuple[str, ...]) -> None:
        for each in calls.get(process, ()):
            if each.called in (*path, process):
                scene.error(
                    each,
                    f"{called(each)} calls {each.called[:60]!r}, which leads to this call again",
                    field="called",
                    cause=f"The way is {' → '.join((*path, process, each.called))}",
                    remedy="Draw an arrow back in place of the call, or send a message to its start event",
                )
            elif each.called not in done:
                visit(each.called, (*path, process))
        done.add(process)

    visit(scene.definition.process, ())


def _thrown(scene: Scene, element: Element) -> None:
    scope = element.scope
    while True:
        handlers = [*scene.graph.boundaries.get(scope, ())]
        for each in scene.graph.inside.get(scope, ()):
            if scene.graph.is_event_sub_process(each):
                handlers += scene.graph.starts(each.id)
        if any(each.event is EventKind.ERROR and each.error in {"", element.error} for each in handlers):
            return
        if scope not in scene.graph.elements:
            break
        scope = scene.graph.elements[scope].scope
    is_called = scope != scene.definition.process
    if not is_called:
        scene.note(
            element,
            f"nothing catches the error {element.error[:60]!r} of {called(element)}",
            cause="The instance ends as failed, and is listed so",
            remedy="Catch it by a boundary event when something is to be done about it",
        )


def _caught(scene: Scene, element: Element) -> None:
    """A failure is an error only where a send-message event says so."""
    host = element.attached_to if element.kind is ElementKind.BOUNDARY_EVENT else ""
    if not host:
        host = scene.graph.elements[element.scope].scope if element.scope in scene.graph.elements else ""
    inside = [
        each for each in scene.graph.executed.values() if each.id == host or _is_below(scene, each, host)
    ]
    senders = [
        details
        for each in inside
        if isinstance(details := scene.definition.details.get(each.id), MessageDetails)
    ]
    if not any(each.on_failure is OnFailure.ERROR for each in senders):
        scene.warning(
            element,
            f"{called(element)} waits for {MAIL_FAILED!r}, which nothing in there throws",
            cause="A message that is not delivered is only recorded"
            if senders
            else "No message is sent in there",
            remedy="Write on_failure: error at the send-message event",
        )


def _is_below(scene: Scene, element: Element, scope: str) -> bool:
    at = element.scope
    while at in scene.graph.elements and at != scope:
        at = scene.graph.elements[at].scope
    return at == scope


def _message_flow(scene: Scene, flow: MessageFlow, participants: Mapping[str, Label]) -> None:
    ends: list[str] = []
    for end, what in ((flow.source, "begins at"), (flow.target, "leads to")):
        if end in scene.graph.elements:
            ends.append(scene.graph.process_of(scene.graph.elements[end]))
        elif end in participants:
            ends.append(participants[end].process or end)
        elif scene.graph.is_process(end):
            ends.append(end)
        else:
            scene.error(
                flow.id,
                f"the message flow {flow.name[:60]!r} {what} {end[:60]!r}, which is not in the diagram"
                if flow.name
                else f"a message flow {what} {end[:60]!r}, which is not in the diagram",
                remedy=scene.nearest(end, {**scene.graph.elements, **participants})
                or "Draw it to an element or a participant",
            )
    if len(ends) > 1 and ends[0] == ends[1]:
        scene.warning(
            flow.id,
            "a message flow stays inside of one participant",
            cause=f"Both ends are in {ends[0][:60]!r}",
            remedy="Draw a sequence flow, or let it lead to another participant",
        )
    source, target = scene.graph.elements.get(flow.source), scene.graph.elements.get(flow.target)
    if source is not None and not _sends(source):
        scene.warning(
            flow.id,
            f"a message flow begins at {called(source)}, which sends nothing",
            remedy="Let it begin at a send-message event, a task or a participant",
        )
    if target is not None and not _receives(target):
        scene.warning(
            flow.id,
            f"a message flow leads to {called(target)}, which waits for no message",
            remedy="Let it lead to an event that waits for a message, a task or a participant",
        )


def _sends(element: Element) -> bool:
    return element.kind in _SENDERS or (
        element.kind in _THROWS and element.event in {EventKind.MESSAGE, EventKind.UNSUPPORTED}
    )


def _receives(element: Element) -> bool:
    return element.kind in _RECEIVERS or (
        element.kind in _CATCHES and element.event in {EventKind.MESSAGE, EventKind.UNSUPPORTED}
    )
