"""Conditions of sequence flows: the expression that stands in ``{% if ... %}`` of Liquid, and nothing else.

Whatever an author writes there, it is never executed as code of another language.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from eilbote.errors import TemplateError
from eilbote.template.template import Template

if TYPE_CHECKING:
    from eilbote.author.process.definition import Definition

_BEGIN: Final = "{% if "
_END: Final = " %}1{% endif %}"
_TEXT: Final = re.compile(r"""("[^"]*"|'[^']*')""")

_LONGEST: Final = 500
_OTHERS: Final = tuple(
    (re.compile(pattern), instead)
    for pattern, instead in (
        (r"\s*(?:&&|\bAND\b)\s*", " and "),
        (r"\s*(?:\|\||\bOR\b)\s*", " or "),
        (r"\bnot\s*\(\s*([\w.\[\]-]+)\s*\)", r"\1 == false"),
        (r"\bnot empty\s+([\w.\[\]-]+)", r"\1 != blank"),
        (r"\bempty\s+([\w.\[\]-]+)", r"\1 == blank"),
        (r"(?:(?<![\w.])not\s+|!(?!=)\s*)([A-Za-z_][\w.]*)", r"\1 == false"),
        (r"===", "=="),
        (r"!==", "!="),
        (r"(?<![=!<>])=(?!=)", "=="),
        (r"\beq\b", "=="),
        (r"\bne\b", "!="),
        (r"\bgt\b", ">"),
        (r"\bge\b", ">="),
        (r"\blt\b", "<"),
        (r"\ble\b", "<="),
        (r"\bTrue\b", "true"),
        (r"\bFalse\b", "false"),
        (r"\bNone\b", "nil"),
        (r"\.(?:length|count)\b(?:\(\))?|\.size\(\)", ".size"),
    )
)
"""Words of the Unified Expression Language, FEEL, JavaScript, Groovy and Python, and those of Liquid for the same."""


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


def in_liquid(text: str) -> str | None:
    """Give how a condition of another language is written in Liquid; ``None`` when that cannot be said for certain.

    Only shown to authors: what a diagram says is never changed behind their back.
    """
    if len(text) > _LONGEST:
        return None
    made = "".join(
        part if number % 2 else _translated(part) for number, part in enumerate(_TEXT.split(text.strip()))
    )
    if made == text.strip():
        return None
    try:
        condition_template(made, field="condition")
    except TemplateError:
        return None
    return made


def _translated(part: str) -> str:
    for pattern, instead in _OTHERS:
        part = pattern.sub(instead, part)
    return part
