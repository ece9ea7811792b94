"""Data as JSON, so that what is read is what was written: decimal numbers to the last digit, any text.

JSON has one kind of number, and readers make binary fractions of it. So a decimal is written as ``{"$decimal": "1.50"}``, and a
name of an author's own that begins with ``$`` gets another one in front.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Final, TypeAlias, cast

from eilbote.errors import ConfigurationError
from eilbote.model.kinds import shown

if TYPE_CHECKING:
    from eilbote.model.data import Data

MOST_LEVELS: Final = 100
"""How deep tables and lists may lie in one another."""
_MARK: Final = "$"
_DECIMAL: Final = "$decimal"
_LARGEST: Final = 10**1000  # Python reads no number of more than 4300 digits, and nobody counts so far

Json: TypeAlias = "str | int | bool | list[Json] | dict[str, Json] | None"


class UnkeepableError(ConfigurationError):
    """Data cannot be kept; ``field`` leads to the part at fault."""


def as_json(data: object, *, field: str) -> Json:
    """Give data as :func:`json.dumps` takes it.

    Args:
        data: The data; binary fractions become decimals as they are shown, tuples lists.
        field: What it is, for errors.

    Raises:
        UnkeepableError: Something in it cannot be kept; ``field`` leads to it.
    """
    return _as_json(data, field, MOST_LEVELS)


def of_json(found: object) -> Data:
    """Give the data that :func:`as_json` wrote.

    Raises:
        ValueError: It was not written by that.
    """
    match found:
        case None | bool() | str() | int():
            return found
        case list():
            return [of_json(each) for each in cast("list[object]", found)]
        case dict():
            table = cast("dict[str, object]", found)
            if _DECIMAL in table:
                return _decimal(table)
            return {_name(name): of_json(value) for name, value in table.items()}
        case _:
            raise ValueError(f"a value of type {type(found).__name__}")


def written(data: object, *, field: str) -> str:
    """Write data as one line of ASCII.

    Raises:
        UnkeepableError: As :func:`as_json`.
    """
    return dumped(as_json(data, field=field))


def dumped(ready: object) -> str:
    """Write what is JSON already."""
    return json.dumps(ready, separators=(",", ":"), allow_nan=False)


def read(text: str) -> Data:
    """Read what :func:`written` wrote.

    Raises:
        ValueError: It was not written by that, or is damaged.
    """
    try:
        return of_json(json.loads(text))
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def _as_json(data: object, field: str, levels: int) -> Json:
    match data:
        case None | bool() | str():
            return data
        case int() if -_LARGEST < data < _LARGEST:
            return int(data)
        case Decimal() if data.is_finite():
            return {_DECIMAL: str(data)}
        case float() if math.isfinite(data):
            return {_DECIMAL: repr(data)}
        case Mapping() | list() | tuple() if not levels:
            raise UnkeepableError(
                "the value is nested too deeply to be kept",
                field=field,
                remedy=f"Nest tables and lists at most {MOST_LEVELS} deep",
            )
        case Mapping():
            table = cast("Mapping[object, object]", data)
            return {
                _kept_name(name, field): _as_json(value, f"{field}.{name}", levels - 1)
                for name, value in table.items()
            }
        case list() | tuple():
            items = cast("list[object]", data)
            return [_as_json(item, f"{field}[{number}]", levels - 1) for number, item in enumerate(items)]
        case int() | float() | Decimal():
            raise UnkeepableError(
                "this number cannot be kept",
                field=field,
                cause=f"It is {shown(data)}" if isinstance(data, float) else None,
                remedy="Give a finite number of at most 1,000 digits, or a text",
            )
        case _:
            raise UnkeepableError(
                f"{shown(data)} cannot be kept",
                field=field,
                remedy="Give texts, numbers, true, false, nothing, lists and tables",
            )


def _kept_name(name: object, field: str) -> str:
    if not isinstance(name, str):
        raise UnkeepableError(
            f"{shown(name)} cannot be the name of a value", field=field, remedy="Names are texts"
        )
    return _MARK + name if name.startswith(_MARK) else name


def _name(name: str) -> str:
    if not name.startswith(_MARK):
        return name
    if not name.startswith(_MARK * 2):
        raise ValueError(f"the name {name[:40]!r} means nothing")
    return name[1:]


def _decimal(table: dict[str, object]) -> Decimal:
    text = table[_DECIMAL]
    try:
        number = Decimal(text) if isinstance(text, str) and len(table) == 1 else None
    except InvalidOperation:
        number = None
    if number is None or not number.is_finite():
        raise ValueError("a decimal number that is none")
    return number
