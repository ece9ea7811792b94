"""What a template may see of the values it is given: plain data, and nothing of the objects that carried it.

Templates get copies made of texts, numbers, truth values, dates, lists and tables with names. So nothing in a template can
reach an attribute or a method, and what a template does to its values stays there. A floating-point number becomes the
decimal number that people read in it: 0.1, not 0.1000000000000000055.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import TypeAlias, cast

from eilbote.errors import TemplateError

Plain: TypeAlias = (
    "str | int | Decimal | bool | date | datetime | time | list[Plain] | dict[str, Plain] | None"
)


class PlainTable(dict[str, object]):
    """Values that are plain data already, and that nobody else changes: whoever makes one vouches for it, and templates use it as it is.

    A flow that goes through a thousand items would otherwise copy all of them for each.
    """


_DEEPEST = 50
_MOST_VALUES = 200_000


def plain_values(values: Mapping[str, object], *, field: str = "values") -> dict[str, Plain]:
    """Copy values for a template; those that are known to be plain are given as they are.

    Args:
        values: By name.
        field: Where they were given, for errors.

    Raises:
        TemplateError: A value is of a kind that no template can show, too deep, or there are too many.
    """
    if isinstance(values, PlainTable):
        return cast("dict[str, Plain]", values)
    copied = _Copy(field).copied(values, field, 0)
    if not isinstance(copied, dict):
        raise TemplateError("values have no names", field=field, remedy="Give a table of names and values")
    return copied


class _Copy:
    __slots__ = ("_count", "_field")

    def __init__(self, field: str) -> None:
        self._field = field
        self._count = 0

    def copied(self, value: object, place: str, depth: int) -> Plain:
        self._count += 1
        if depth > _DEEPEST or self._count > _MOST_VALUES:
            raise TemplateError(
                "the values are nested too deeply" if depth > _DEEPEST else "there are too many values",
                field=place[:200],
                remedy=f"Give at most {_MOST_VALUES:,} values, nested at most {_DEEPEST} deep",
            )
        match value:
            case None | bool() | str() | int() | date() | time():
                return value
            case float() | Decimal():
                return self._number(value, place)
            case Mapping():
                return self._table(cast("Mapping[object, object]", value), place, depth)
            case list() | tuple():
                items = cast("Sequence[object]", value)
                return [
                    self.copied(item, f"{place}[{number}]", depth + 1) for number, item in enumerate(items)
                ]
            case _:
                raise TemplateError(
                    f"a value of type {type(value).__name__} cannot stand in a template",
                    field=place[:200],
                    remedy="Give texts, numbers, truth values, dates, lists and tables of them",
                )

    @staticmethod
    def _number(value: float | Decimal, place: str) -> Decimal:
        if not math.isfinite(value):
            raise TemplateError(
                f"{value} is not a number that can be shown",
                field=place[:200],
                remedy="Leave the value out instead",
            )
        return value if isinstance(value, Decimal) else Decimal(repr(value))

    def _table(self, value: Mapping[object, object], place: str, depth: int) -> dict[str, Plain]:
        table: dict[str, Plain] = {}
        for name, item in value.items():
            if not isinstance(name, str):
                raise TemplateError(
                    "a name is no text",
                    field=place[:200],
                    remedy=f"Give names as texts; this one is of type {type(name).__name__}",
                )
            table[name] = self.copied(item, f"{place}.{name}", depth + 1)
        return table
