"""Which way tokens go: gateways, default flows and conditions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from eilbote.author.process.check.scene import called, flow_called
from eilbote.author.process.diagram import ElementKind, EventKind
from eilbote.author.process.interpret.condition import condition_of, condition_template
from eilbote.errors import TemplateError

if TYPE_CHECKING:
    from eilbote.author.process.check.scene import Scene
    from eilbote.author.process.diagram import Element, SequenceFlow

_CHOOSES: Final = frozenset({ElementKind.EXCLUSIVE_GATEWAY, ElementKind.INCLUSIVE_GATEWAY})
_IGNORES: Final = frozenset({ElementKind.PARALLEL_GATEWAY, ElementKind.EVENT_BASED_GATEWAY})
_EXAMPLE: Final = "order.total > 1000"
_FEW: Final = 2


def check_ways(scene: Scene) -> None:
    """Find gateways that do not know which way to go, and conditions that cannot be told."""
    for element in scene.graph.executed.values():
        flows = scene.graph.outgoing.get(element.id, ())
        _default(scene, element, flows)
        if element.kind in _CHOOSES:
            _choice(scene, element, flows)
        elif element.kind is ElementKind.EVENT_BASED_GATEWAY:
            _events(scene, element, flows)
        for flow in flows:
            if (text := condition_of(scene.definition, flow.id)) is not None:
                _condition(scene, element, flow, text)


def _default(scene: Scene, element: Element, flows: tuple[SequenceFlow, ...]) -> None:
    if not element.default:
        return
    ids = [flow.id for flow in flows]
    if element.default not in ids:
        scene.error(
            element,
            f"the default flow {element.default[:60]!r} does not leave {called(element)}",
            remedy=scene.nearest(element.default, ids, none="Draw an arrow, and mark it as default"),
        )
    elif condition_of(scene.definition, element.default) is not None:
        scene.warning(
            element.default,
            "a default flow has a condition, which nobody asks",
            field="condition",
            cause=f"It is taken when no other way out of {called(element)} is",
            remedy="Take the condition away, or choose another default",
        )


def _choice(scene: Scene, element: Element, flows: tuple[SequenceFlow, ...]) -> None:
    if not flows:
        if element.id in scene.graph.reached:
            scene.warning(
                element, f"nothing follows {called(element)}", remedy="Draw its ways out, or an end event"
            )
        return
    if len(flows) < _FEW:
        return
    unsaid = [
        flow
        for flow in flows
        if flow.id != element.default and condition_of(scene.definition, flow.id) is None
    ]
    if element.kind is ElementKind.EXCLUSIVE_GATEWAY and unsaid:
        if len(unsaid) == 1 and not element.default:
            scene.note(
                unsaid[0],
                f"{flow_called(unsaid[0])} has no condition, so it is taken when no other way out of {called(element)} is",
                remedy="Mark it as default in the modeler, so that people see it as well",
            )
        else:
            for flow in unsaid:
                scene.error(
                    flow,
                    f"{flow_called(flow)} out of {called(element)} has no condition",
                    field="condition",
                    cause="Only the default flow needs none"
                    if element.default
                    else f"{len(unsaid)} of its {len(flows)} ways out have none",
                    remedy=f'Write it in the modeler, or into the settings: conditions: {{{flow.id}: "{_EXAMPLE}"}}',
                )
    elif not element.default and not unsaid:
        scene.warning(
            element,
            f"{called(element)} has no default flow",
            cause="When none of its conditions holds, the token stops there and people must decide",
            remedy="Mark one of its ways out as default",
        )


def _events(scene: Scene, element: Element, flows: tuple[SequenceFlow, ...]) -> None:
    for flow in flows:
        target = scene.graph.elements.get(flow.target)
        if target is None or target.kind is ElementKind.RECEIVE_TASK:
            continue
        if target.kind is not ElementKind.CATCH_EVENT or target.event not in {
            EventKind.MESSAGE,
            EventKind.TIMER,
        }:
            scene.error(
                flow,
                f"{called(element)} leads to {called(target)}, which waits for nothing",
                cause="What happens first decides which way is taken",
                remedy="Let it lead to intermediate events that wait for messages or timers, or to receive tasks",
            )
    if len(flows) < _FEW:
        scene.warning(
            element,
            f"{called(element)} has {'one way' if flows else 'no way'} out",
            remedy="Draw another event that may happen instead, or leave the gateway out",
        )


def _condition(scene: Scene, element: Element, flow: SequenceFlow, text: str) -> None:
    if flow.id == element.default:
        return
    if element.kind in _IGNORES:
        scene.warning(
            flow,
            f"{flow_called(flow)} out of {called(element)} has a condition, which nobody asks",
            field="condition",
            remedy="Use an exclusive or inclusive gateway when there is something to choose",
        )
    try:
        condition_template(text, field="condition")
    except TemplateError as fault:
        known = scene.in_liquid(text)
        shown = (known or _EXAMPLE).replace('"', "'")
        scene.error(
            flow,
            f"the condition {text[:100]!r} of {flow_called(flow)} is not Liquid",
            field="condition",
            cause=f"{fault.what[:1].upper()}{fault.what[1:]}",
            remedy=f'Write it under conditions in the settings{"" if known else ", such as"}: {flow.id}: "{shown}"',
        )
