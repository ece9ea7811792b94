"""Reads a process whole: its diagram, our extension elements in it, and the settings beside it."""

from __future__ import annotations

import difflib
from dataclasses import replace
from typing import TYPE_CHECKING

from eilbote.author.plain.keepable import LONGEST_NAME
from eilbote.author.process.bpmn.expressions import bare_expression
from eilbote.author.process.bpmn.extension import read_extensions
from eilbote.author.process.bpmn.extension_details import read_element
from eilbote.author.process.bpmn.extension_fields import ElementFields
from eilbote.author.process.bpmn.reading import diagram_of
from eilbote.author.process.bpmn.xml_document import read_document
from eilbote.author.process.bundle import read_bundle
from eilbote.author.process.definition import Definition
from eilbote.author.process.finding import FoundIn, ProcessFinding, Severity
from eilbote.author.process.given_settings import GivenFields, ProcessSettings, merged
from eilbote.author.process.written.sidecar import read_settings
from eilbote.errors import ProcessError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from eilbote.author.process.details import Details
    from eilbote.author.process.diagram import Diagram, Element, ProcessPlan

_MOST_NEAREST = 50
"""Names that are compared with all that there are; comparing takes its time."""


def read_definition(text: str) -> Definition:
    """Read a process from its text (:mod:`eilbote.author.process.bundle`).

    What is wrong inside diagram or settings does not keep it from being read; it is in ``faults`` of both.

    Raises:
        ProcessError: It cannot be read at all, or nobody can tell which process of the diagram is meant.
    """
    bundle = read_bundle(text)
    root = read_document(bundle.bpmn)
    diagram = diagram_of(root)
    beside, inside = read_settings(bundle.settings), read_extensions(root)
    plan = _process(diagram, beside.process)
    farther = replace(inside, process=inside.elements.pop(plan.id, {}))
    said = merged(beside, farther)
    faults = [*said.faults, *_strangers(diagram, said)]
    elements: dict[str, Element] = {}
    details: dict[str, Details] = {}
    for each in diagram.elements.values():
        read = read_element(each, said.elements.get(each.id, {}))
        elements[each.id] = read.element
        if read.details is not None:
            details[each.id] = read.details
        faults.extend(read.faults)
    head = ElementFields("", said.process, faults)
    name = head.text("process", plan.id)
    title = head.text("title", plan.name or name)
    correlation = head.text("correlation")
    head.text("diagram_process")
    head.finish("a process")
    if not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
        head.fault(
            "process",
            f"{name[:60]!r} is no name for a process",
            f"Give at most {LONGEST_NAME} printable characters",
        )
    return Definition(
        name=name,
        title=title,
        process=plan.id,
        diagram=replace(diagram, elements=elements),
        details=details,
        conditions={
            flow: condition
            for flow, given in said.conditions.items()
            if (
                condition := bare_expression(
                    ElementFields(flow, {"condition": given}, faults).text("condition")
                )
            )
        },
        correlation=correlation,
        text=text,
        faults=tuple(faults),
    )


def _process(diagram: Diagram, head: GivenFields) -> ProcessPlan:
    plans = {plan.id: plan for plan in diagram.processes}
    if (said := head.get("diagram_process")) is not None:
        name = str(said.value)
        if name not in plans:
            raise ProcessError(
                f"the diagram has no process {name[:60]!r}",
                field="diagram_process",
                cause=f"It stands in line {said.line} of the settings",
                remedy=_nearest(name, plans),
            )
        return plans[name]
    if len(plans) == 1:
        return diagram.processes[0]
    begun = {each.scope for each in diagram.elements.values()}
    for meant in (
        [plan for plan in diagram.processes if plan.is_executable],
        [plan for plan in diagram.processes if plan.id in begun],
    ):
        if len(meant) == 1:
            return meant[0]
    raise ProcessError(
        f"the diagram has {len(plans)} processes, and nothing says which of them is to run",
        field="diagram_process",
        cause=f"They are {', '.join(_shown(plan) for plan in diagram.processes[:8])}",
        remedy="Mark one as executable in the modeler, or write diagram_process: and its id into the settings",
    )


def _strangers(diagram: Diagram, said: ProcessSettings) -> Iterable[ProcessFinding]:
    """Find settings for elements and arrows that are not in the diagram."""
    for names, known, what in (
        (said.elements, diagram.elements, "element"),
        (said.conditions, diagram.flows, "sequence flow"),
    ):
        told = 0
        for name in names:
            if name in known or (what == "element" and any(name == plan.id for plan in diagram.processes)):
                continue
            told += 1
            given = said.conditions.get(name)
            yield ProcessFinding(
                severity=Severity.ERROR,
                element=name,
                what=f"the diagram has no {what} with the id {name[:60]!r}",
                cause=_meant_by_name(name, diagram) if what == "element" else None,
                remedy=_nearest(name, known) if told <= _MOST_NEAREST else "Correct the id, or take it away",
                line=said.lines.get(name, 0) if given is None else given.line,
                found_in=FoundIn.SETTINGS,
            )


def _meant_by_name(name: str, diagram: Diagram) -> str | None:
    for each in diagram.elements.values():
        if each.name and each.name.casefold() == name.casefold():
            return f"{name[:60]!r} is what stands beside it; its id is {each.id!r}"
    return None


def _shown(plan: ProcessPlan) -> str:
    return f"{plan.id} ({plan.name})" if plan.name else plan.id


def _nearest(name: str, known: Iterable[str]) -> str:
    names = list(known)
    alike = difflib.get_close_matches(name[:60], names, n=1, cutoff=0.5)
    if alike:
        return f"Did you mean {alike[0]!r}?"
    return f"There are {', '.join(names[:12])}{' and others' if len(names) > 12 else ''}"  # noqa: PLR2004 - as many as a line holds
