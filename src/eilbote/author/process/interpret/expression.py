"""Expressions of processes: conditions, collections, numbers and texts, all of them Liquid over the process data.

Nothing else is ever evaluated: what a diagram holds beside Liquid is a text in which no place for a value is found.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Final, cast

from eilbote.author.plain.rendered import Rendered
from eilbote.author.process.interpret.condition import condition_template
from eilbote.errors import ProcessError
from eilbote.template.template import Template

if TYPE_CHECKING:
    from eilbote.model.data import Data

_KEPT: Final = 4096
_DIGITS: Final = 18


def holds(condition: str, values: Mapping[str, object], *, field: str) -> bool:
    """Say whether a condition holds.

    Args:
        condition: As it stands in ``{% if ... %}``, without braces.
        values: What it may name.
        field: Where it stands, for errors.

    Raises:
        TemplateError: It is no condition, or cannot be told.
    """
    return bool(_condition(condition.strip(), field).render(values))


def text_of(template: str, values: Mapping[str, object], *, field: str) -> str:
    """Put values into a text.

    Raises:
        TemplateError: It is no template, or cannot be rendered.
    """
    if "{" not in template:
        return template
    return _template(template, field).render(values)


def data_of(said: Data, values: Mapping[str, object], *, field: str) -> Data:
    """Put values into data whose texts are templates; a text that is one variable alone gives the value itself.

    Raises:
        TemplateError: A text is no template, or cannot be rendered.
    """
    match said:
        case str():
            return _rendered(said, field).data(values) if "{" in said else said
        case dict():
            return {name: data_of(value, values, field=f"{field}.{name}") for name, value in said.items()}
        case list():
            return [data_of(value, values, field=f"{field}[{number}]") for number, value in enumerate(said)]
        case _:
            return said


def table_of(said: Mapping[str, Data], values: Mapping[str, object], *, field: str) -> dict[str, Data]:
    """Put values into a table, as :func:`data_of`."""
    return {name: data_of(value, values, field=f"{field}.{name}") for name, value in said.items()}


def items_of(collection: str, values: Mapping[str, object], *, field: str) -> list[Data]:
    """Give the items of a collection.

    Args:
        collection: A path such as ``order.lines``, with braces or without.
        values: What it may name.
        field: Where it stands, for errors.

    Raises:
        ProcessError: There is no list.
        TemplateError: It cannot be read.
    """
    found = _rendered(_braced(collection), field).data(values)
    if found is None:
        raise ProcessError(
            f"there is no {_bare(collection)[:60]!r} to go through",
            field=field,
            remedy="Put a list into the process data before a token comes here",
        )
    if not isinstance(found, list):
        raise ProcessError(
            f"{_bare(collection)[:60]!r} is no list",
            field=field,
            remedy="Name a value of the process data that is a list",
        )
    return found


def count_of(number: str, values: Mapping[str, object], *, field: str) -> int:
    """Give a whole number.

    Raises:
        ProcessError: It is none.
        TemplateError: It cannot be read.
    """
    text = number.strip()
    if not text.isdecimal():
        text = text_of(_braced(text), values, field=field).strip()
    if not text.isascii() or not text.isdecimal() or len(text) > _DIGITS:
        raise ProcessError(
            f"{_bare(number)[:60]!r} is no whole number",
            field=field,
            cause=f"It gives {text[:40]!r}",
            remedy="Give a number, or a value of the process data that is one",
        )
    return int(text)


def _bare(expression: str) -> str:
    text = expression.strip()
    return text[2:-2].strip() if text.startswith("{{") and text.endswith("}}") else text


def _braced(expression: str) -> str:
    return f"{{{{ {_bare(expression)} }}}}"


@lru_cache(maxsize=_KEPT)
def _template(text: str, field: str) -> Template:
    return Template(text, field=field)


@lru_cache(maxsize=_KEPT)
def _rendered(text: str, field: str) -> Rendered:
    return Rendered(text, field=field)


@lru_cache(maxsize=_KEPT)
def _condition(text: str, field: str) -> Template:
    return condition_template(text, field=field)


def as_table(value: object) -> dict[str, Data]:
    """Give a value that is a table for certain."""
    return cast("dict[str, Data]", value) if isinstance(value, dict) else {}
