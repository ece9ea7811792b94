"""By which sequence flows a token leaves an element (BPMN 2.0, 13.3 and 13.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eilbote.author.process.diagram import ElementKind
from eilbote.author.process.interpret.expression import holds
from eilbote.errors import EilboteError, ProcessError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from eilbote.author.process.diagram import Element, SequenceFlow
    from eilbote.author.process.interpret.plan import Plan
    from eilbote.author.process.interpret.stay import Stay


def ways(plan: Plan, stay: Stay, values: Callable[[Stay], Mapping[str, object]]) -> Sequence[SequenceFlow]:
    """Give the sequence flows that a token leaves by.

    Raises:
        ProcessError: No condition holds, and there is no default.
        TemplateError: A condition cannot be told.
    """
    element, flows = plan.elements[stay.element], plan.flows_from(stay.element)
    conditions = {flow.id: plan.condition(flow) for flow in flows}
    if element.kind is ElementKind.PARALLEL_GATEWAY or not any(
        text is not None for text in conditions.values()
    ):
        return flows[:1] if _is_exclusive(element) else flows
    try:
        return _by_conditions(plan, element, flows, values(stay))
    except EilboteError:
        if stay.is_skipped:  # somebody has decided that it goes on
            return _otherwise(plan, element, flows) or flows[:1]
        raise


def _by_conditions(
    plan: Plan, element: Element, flows: Sequence[SequenceFlow], values: Mapping[str, object]
) -> Sequence[SequenceFlow]:
    found: list[SequenceFlow] = []
    for flow in flows:
        condition = plan.condition(flow)
        if flow.id == element.default or (condition is None and _is_exclusive(element)):
            continue
        if condition is None or holds(condition, values, field=flow.id):
            found.append(flow)
            if _is_exclusive(element):
                break
    if found or (found := list(_otherwise(plan, element, flows))):
        return found
    raise ProcessError(
        f"no condition holds behind {element.name or element.id!r}",
        field=element.id,
        cause="None of its sequence flows can be taken, and none is the default",
        remedy="Mend the data and retry, skip to take the first flow, or draw a default flow",
    )


def _otherwise(plan: Plan, element: Element, flows: Sequence[SequenceFlow]) -> Sequence[SequenceFlow]:
    """Give the default flow; of an exclusive gateway without one the first that has no condition."""
    for flow in flows:
        if flow.id == element.default:
            return [flow]
    return [flow for flow in flows if plan.condition(flow) is None][:1] if _is_exclusive(element) else []


def _is_exclusive(element: Element) -> bool:
    return element.kind is ElementKind.EXCLUSIVE_GATEWAY
