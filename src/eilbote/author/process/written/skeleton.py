"""Settings to begin with, for a diagram that was drawn for nobody in particular: each element that has something to be told, and what.

What the diagram says already is left out. What only its author knows stands there as the likely answer, or is left empty with a comment.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final

from eilbote.author.process.bpmn.reading import diagram_of
from eilbote.author.process.bpmn.xml_document import read_document
from eilbote.author.process.diagram import ElementKind, EventKind
from eilbote.errors import TemplateError
from eilbote.template.template import Template

if TYPE_CHECKING:
    from collections.abc import Iterator

    from eilbote.author.process.diagram import Diagram, Element, ProcessPlan

_PLAIN: Final = re.compile(r"[A-Za-z_][\w.-]*", re.ASCII)
_WORDS: Final = frozenset({"yes", "no", "on", "off", "true", "false", "null", "y", "n"})
_SENDING: Final = frozenset({ElementKind.THROW_EVENT, ElementKind.END_EVENT})
_DECIDING: Final = frozenset({ElementKind.EXCLUSIVE_GATEWAY, ElementKind.INCLUSIVE_GATEWAY})


def settings_skeleton(bpmn: str) -> str:
    """Give settings that a diagram lacks, as YAML with comments.

    Raises:
        ProcessError: It is no diagram.
    """
    diagram = diagram_of(read_document(bpmn))
    return "\n".join(_lines(diagram)) + "\n"


def _lines(diagram: Diagram) -> Iterator[str]:
    plan = _meant(diagram)
    yield "# What eilbote has to know of the diagram beside this file. Elements and arrows are named by their ids."
    if plan is not None:
        yield f"process: {_text(plan.id)}"
        if len(diagram.processes) > 1:
            yield f"diagram_process: {_text(plan.id)}"
        if plan.name:
            yield f"title: {_text(plan.name)}"
    yield '# By what messages find an instance, a template over its data: correlation: "{{ order.number }}"'
    told = [block for each in diagram.elements.values() if (block := list(_of_element(each)))]
    if told:
        is_bare = all(line.lstrip().startswith("#") for block in told for line in block)
        yield "# elements:" if is_bare else "elements:"
        for block in told:
            yield from block
    conditions = list(_conditions(diagram))
    if conditions:
        yield "# When an arrow is followed, as in {% if %} of a template."
        is_bare = all(line.lstrip().startswith("#") for line in conditions)
        yield "# conditions:" if is_bare else "conditions:"
        yield from conditions


def _of_element(element: Element) -> Iterator[str]:
    match element.kind:
        case ElementKind.SEND_TASK:
            yield from _sending(element)
        case kind if kind in _SENDING and element.event is EventKind.MESSAGE:
            yield from _sending(element)
        case ElementKind.USER_TASK:
            yield from _head(element)
            yield f"    title: {_text(element.name or element.id)}"
            yield '    # recipients: ["{{ email }}"]   # who is told by e-mail'
            yield "    # choices: [approve, decline]    # with these they decide by a link"
            yield f"    result: {_word(element)}"
        case ElementKind.SERVICE_TASK:
            yield from (f"  # {line.strip(' #')}" for line in _head(element))
            yield '  #   http: {method: GET, url: "https://example.org/{{ id }}", result: answer}   # or flow: {name: ...}'
        case ElementKind.RECEIVE_TASK:
            yield from _catching(element)
        case ElementKind.START_EVENT | ElementKind.CATCH_EVENT | ElementKind.BOUNDARY_EVENT if (
            element.event is EventKind.MESSAGE
        ):
            yield from _catching(element)
        case _:
            return


def _sending(element: Element) -> Iterator[str]:
    yield from _head(element)
    yield f"    system_name: {_word(element)}"
    yield f"    state: {_text(element.name or element.id)}"
    yield "    # The message name of the communication route that it sends over."
    yield f"    route: {_word(element).replace('_', '-')}"
    yield "    # Its attributes, from the process data:"
    yield '    mapping: {}   # {Customer: "{{ customer.email }}"}'


def _catching(element: Element) -> Iterator[str]:
    yield from _head(element)
    yield "    # Under this name what the message carries is put into the process data."
    yield f"    result: {_word(element)}"


def _conditions(diagram: Diagram) -> Iterator[str]:
    for flow in diagram.flows.values():
        source = diagram.elements.get(flow.source)
        if source is None or source.kind not in _DECIDING or source.default == flow.id:
            continue
        ways = [each for each in diagram.flows.values() if each.source == flow.source]
        if len(ways) < 2:  # noqa: PLR2004 - where there is one way there is nothing to decide
            continue
        target = diagram.elements.get(flow.target)
        leads = f"{source.name or source.id} → {flow.name or (target.name if target else '') or flow.target}"
        yield f"  # {_comment(leads)}"
        if flow.condition is None:
            yield f'  # {_text(flow.id)}: "..."'
        elif not _is_liquid(flow.condition):
            yield f"  # It says {_comment(flow.condition)}; in Liquid:"
            yield f'  # {_text(flow.id)}: "..."'
        else:
            yield f"  {_text(flow.id)}: {_text(flow.condition)}"


def _is_liquid(condition: str) -> bool:
    try:
        Template(f"{{% if {condition} %}}{{% endif %}}", field="condition")
    except TemplateError:
        return False
    return True


def _head(element: Element) -> Iterator[str]:
    yield (
        f"  # {_comment(element.name)} ({element.kind.value})"
        if element.name
        else f"  # {element.kind.value}"
    )
    yield f"  {_text(element.id)}:"


def _meant(diagram: Diagram) -> ProcessPlan | None:
    """Give the process that is to run: the one that is marked, or else the first one that has elements."""
    scopes = {each.scope for each in diagram.elements.values()}
    plans = sorted(diagram.processes, key=lambda plan: (not plan.is_executable, plan.id not in scopes))
    return plans[0] if plans else None


def _word(element: Element) -> str:
    """Give a name for programs: small letters and ``_``."""
    made = re.sub(r"[^a-z0-9]+", "_", (element.name or element.id).lower()).strip("_")
    return made if made and made[0].isalpha() else f"e_{made}".rstrip("_")


def _text(text: str) -> str:
    """Write a text as YAML, in quotes where it could be taken for something else."""
    is_plain = _PLAIN.fullmatch(text) is not None and text.lower() not in _WORDS
    return text if is_plain else json.dumps(text, ensure_ascii=False)


def _comment(text: str) -> str:
    return " ".join(text.split())
