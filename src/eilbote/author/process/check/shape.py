"""Whether the drawing holds together: arrows lead somewhere, events hang where they can, and something begins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from eilbote.author.process.check.graph import ACTIVITIES
from eilbote.author.process.check.scene import called, flow_called
from eilbote.author.process.diagram import ElementKind, EventKind

if TYPE_CHECKING:
    from eilbote.author.process.check.scene import Scene
    from eilbote.author.process.diagram import Element, SequenceFlow

_SUPPORTED: Final = {
    ElementKind.START_EVENT: {EventKind.NONE, EventKind.MESSAGE, EventKind.TIMER, EventKind.ERROR},
    ElementKind.END_EVENT: {EventKind.NONE, EventKind.MESSAGE, EventKind.ERROR, EventKind.TERMINATE},
    ElementKind.THROW_EVENT: {EventKind.NONE, EventKind.MESSAGE},
    ElementKind.CATCH_EVENT: {EventKind.MESSAGE, EventKind.TIMER},
    ElementKind.BOUNDARY_EVENT: {EventKind.MESSAGE, EventKind.TIMER, EventKind.ERROR},
}
"""What events may wait for or throw."""
_INSTEAD: Final = {
    "scriptTask": "Let a service task run a flow or ask a web server, or write the script's rule as a condition",
    "businessRuleTask": "Let a service task ask the web server that knows the rules, or write them as conditions",
    "complexGateway": "Use exclusive, inclusive or parallel gateways",
    "transaction": "Use a sub-process with a boundary error event",
    "adHocSubProcess": "Use a sub-process in which arrows say the order, or several instances of one task",
}


def check_shape(scene: Scene) -> None:
    """Find what is wrong with the drawing itself."""
    for flow in scene.definition.diagram.flows.values():
        _flow(scene, flow)
    for element in scene.graph.executed.values():
        _supported(scene, element)
        if element.kind is ElementKind.BOUNDARY_EVENT:
            _boundary(scene, element)
    for process in scene.graph.processes:
        _starts(scene, process)
    for element in scene.graph.executed.values():
        if element.kind is ElementKind.SUB_PROCESS:
            _inner_starts(scene, element)


def _flow(scene: Scene, flow: SequenceFlow) -> None:
    elements = scene.graph.elements
    for end, what in ((flow.source, "begins at"), (flow.target, "leads to")):
        if end in elements:
            continue
        label = next((each for each in scene.definition.diagram.labels if each.id == end), None)
        if not end:
            scene.error(flow, f"{flow_called(flow)} {what} nothing", remedy="Connect it in the modeler")
        elif label is not None:
            scene.error(
                flow,
                f"{flow_called(flow)} {what} {end[:60]!r}, which is a {label.kind}",
                remedy="Draw an association there; sequence flows connect events, activities and gateways",
            )
        else:
            scene.error(
                flow,
                f"{flow_called(flow)} {what} {end[:60]!r}, which is not in the diagram",
                remedy=scene.nearest(end, elements) or "Draw the element, or take the arrow away",
            )
    if flow.source in elements and flow.target in elements:
        _ends(scene, flow, elements[flow.source], elements[flow.target])


def _ends(scene: Scene, flow: SequenceFlow, source: Element, target: Element) -> None:
    if source.id not in scene.graph.executed and target.id not in scene.graph.executed:
        return
    if source.scope != target.scope:
        if scene.graph.process_of(source) != scene.graph.process_of(target):
            remedy = "Draw a message flow between participants, and an event that waits for the message"
        else:
            remedy = "Let it end at the sub-process itself; inside of it a start event begins"
        scene.error(
            flow,
            f"{flow_called(flow)} crosses a border, from {called(source)} to {called(target)}",
            cause="Tokens stay inside of their process or sub-process",
            remedy=remedy,
        )
    if source.kind is ElementKind.END_EVENT:
        scene.error(
            flow,
            f"{flow_called(flow)} begins at {called(source)}, where everything ends",
            remedy="Make it an intermediate event, or take the arrow away",
        )
    if target.kind in {ElementKind.START_EVENT, ElementKind.BOUNDARY_EVENT}:
        scene.error(
            flow,
            f"{flow_called(flow)} leads to {called(target)}, to which no token can come",
            remedy="Let it lead to what comes after that event",
        )


def _supported(scene: Scene, element: Element) -> None:
    known = _SUPPORTED.get(element.kind)
    if element.kind is not ElementKind.UNSUPPORTED and (known is None or element.event in known):
        return
    if element.kind is ElementKind.UNSUPPORTED:
        what = f"{called(element)} is unsupported, and not executed"
        remedy = _INSTEAD.get(element.tag, "Draw it with elements that are executed")
    else:
        what = f"{called(element)} is unsupported, and not executed: {_why(element)}"
        remedy = "Use events of messages, timers or errors"
        if element.kind is ElementKind.CATCH_EVENT and element.event is EventKind.NONE:
            remedy = (
                "Say what it waits for: choose message or timer in the modeler, or write it into the settings"
            )
    is_passive = element.kind is ElementKind.BOUNDARY_EVENT or (
        element.kind is ElementKind.START_EVENT
        and (len(scene.graph.starts(element.scope)) > 1 or not scene.graph.is_process(element.scope))
    )
    if element.id not in scene.graph.reached:
        scene.note(element, what, cause="No token ever comes to it", remedy=remedy)
    elif is_passive:
        scene.warning(element, what, cause="It never begins anything", remedy=remedy)
    else:
        scene.error(element, what, cause="A token would come to it", remedy=remedy)


def _why(element: Element) -> str:
    if element.event is EventKind.NONE:
        return "it does not say what it is for"
    if element.event is EventKind.UNSUPPORTED:
        several = [each for each in element.foreign if each.endswith("EventDefinition")]
        return (
            f"it stands for {' and '.join(several)}"
            if several
            else "signals, links, escalations, conditions and compensation are not known"
        )
    return f"no {element.tag} stands for {element.event.value}"


def _boundary(scene: Scene, element: Element) -> None:
    host = scene.graph.elements.get(element.attached_to)
    if host is None:
        scene.error(
            element,
            f"{called(element)} is attached to {element.attached_to[:60]!r}, which is not in the diagram"
            if element.attached_to
            else f"{called(element)} is attached to nothing",
            remedy=(scene.nearest(element.attached_to, scene.graph.elements) if element.attached_to else "")
            or "Attach it to an activity in the modeler",
        )
    elif host.kind not in ACTIVITIES and host.kind is not ElementKind.UNSUPPORTED:
        scene.error(
            element,
            f"{called(element)} is attached to {called(host)}, which is no activity",
            remedy="Attach it to a task, a sub-process or a call activity",
        )
    elif host.scope != element.scope:
        scene.error(
            element,
            f"{called(element)} and {called(host)}, to which it is attached, are not in the same process",
            remedy="Draw both in the same process or sub-process",
        )
    if element.event is EventKind.ERROR and not element.is_interrupting:
        scene.error(
            element,
            f"{called(element)} does not interrupt, but an error always does",
            remedy="Make it interrupting in the modeler",
        )
    if not scene.graph.outgoing.get(element.id) and element.id in scene.graph.reached:
        scene.warning(
            element,
            f"nothing follows {called(element)}",
            cause="What it waits for happens, and then nothing is done",
            remedy="Draw an arrow to what is to be done then",
        )


def _starts(scene: Scene, process: str) -> None:
    plan = next(each for each in scene.definition.diagram.processes if each.id == process)
    named = repr(plan.name or plan.id)
    starts = scene.graph.starts(process)
    if not starts:
        others = [each.id for each in scene.definition.diagram.processes if scene.graph.starts(each.id)]
        scene.error(
            process,
            f"the process {named} has no start event",
            cause=f"Others in this diagram have one: {', '.join(others[:5])}" if others else None,
            remedy="Choose another one by diagram_process in the settings"
            if others
            else "Draw a start event",
        )
    plain = [each for each in starts if each.event is EventKind.NONE]
    if len(plain) > 1:
        scene.error(
            plain[1],
            f"the process {named} has {len(plain)} start events without a trigger",
            cause=f"Nothing says which of {', '.join(each.id for each in plain)} begins",
            remedy="Keep one, or let the others wait for messages or timers",
        )
    if process != scene.definition.process and not plain and starts:
        scene.error(
            starts[0],
            f"the process {named} is called, but has no start event without a trigger",
            remedy="Draw one; a message or a timer begins nothing that is called",
        )
    seen: dict[str, Element] = {}
    for each in starts:
        if each.event is EventKind.MESSAGE and each.message and each.message in seen:
            scene.error(
                each,
                f"two start events wait for the message {each.message[:60]!r}",
                cause=f"The other one is {seen[each.message].id}",
                remedy="Give them messages of their own, or keep one",
            )
        if each.event is EventKind.MESSAGE:
            seen.setdefault(each.message, each)
        if each.event is EventKind.ERROR:
            scene.error(
                each,
                f"{called(each)} waits for an error, which begins no process",
                remedy="Draw it inside of an event sub-process",
            )
    for each in scene.graph.inside.get(process, ()):
        _unreached(scene, each)


def _unreached(scene: Scene, element: Element) -> None:
    if element.id in scene.graph.reached or element.kind is ElementKind.UNSUPPORTED:
        return
    if element.kind is ElementKind.BOUNDARY_EVENT and element.attached_to not in scene.graph.reached:
        return
    scene.warning(
        element,
        f"no token ever comes to {called(element)}",
        cause="No arrow leads to it from a start event",
        remedy="Draw the arrow, or take the element away",
    )


def _inner_starts(scene: Scene, element: Element) -> None:
    starts = scene.graph.starts(element.id)
    is_begun = scene.graph.is_event_sub_process(element)
    plain = [each for each in starts if each.event is EventKind.NONE]
    if is_begun and len(starts) > 1:
        scene.error(
            element,
            f"{called(element)} begins at {len(starts)} events",
            remedy="Keep one start event in it, and draw another sub-process for the other",
        )
    elif not is_begun and len(plain) > 1:
        scene.error(
            element,
            f"{called(element)} has {len(plain)} start events",
            remedy="Keep one, with a parallel gateway behind it when several things begin at the same time",
        )
    elif not is_begun and starts and not plain:
        scene.error(
            starts[0],
            f"{called(starts[0])} waits for something, but a token begins {called(element)}",
            remedy="Make it a start event without a trigger, or draw an event sub-process without arrows",
        )
    if not scene.graph.inside.get(element.id):
        scene.warning(
            element,
            f"{called(element)} is empty",
            cause="A token passes it at once; some modelers keep what is inside of it in another file",
            remedy="Draw what is inside, or make it a call activity",
        )
    for each in scene.graph.inside.get(element.id, ()):
        if element.id in scene.graph.reached:
            _unreached(scene, each)
