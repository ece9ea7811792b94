"""Conditions of sequence flows: the expression that stands in ``{% if ... %}`` of Liquid, and nothing else.

Whatever an author writes there, it is never executed as code of another language.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from eilbote.errors import TemplateError
from eilbote.template.template import Template

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eilbote.author.process.definition import Definition

_BEGIN: Final = "{% if "
_END: Final = " %}1{% endif %}"
_TEXT: Final = re.compile(r"""("[^"]*"|'[^']*')""")


def condition_of(definition: Definition, flow: str) -> str | None:
    """Give the condition of a sequence flow: that of the settings before the diagram's."""
    if (said := definition.conditions.get(flow)) is not None:
        return said
    found = definition.diagram.flows.get(flow)
    return None if found is None else found.condition


def condition_template(text: str, *, field: str) -> Template:
    """Give a template that is ``1`` when a condition holds, and empty otherwise.

    Raises:
        TemplateError: It is no condition of Liquid.
    """
    if any(mark in _TEXT.sub("", text) for mark in "{}%"):
        raise TemplateError(
            "a condition has no braces",
            field=field,
            remedy='Write it as it stands in an if: order.total > 100 and order.country == "DE"',
        )
    try:
        return Template(f"{_BEGIN}{text}{_END}", field=field)
    except TemplateError as fault:
        if fault.position is not None:
            fault.position = min(max(fault.position - len(_BEGIN), 0), len(text))
        raise


def holds(template: Template, values: Mapping[str, object]) -> bool:
    """Say whether a condition holds.

    Raises:
        TemplateError: Its values cannot be compared, or the work is too much.
    """
    return bool(template.render(values))
