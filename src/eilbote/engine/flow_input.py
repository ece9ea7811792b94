"""What a program hands to a flow becomes plain data, or is refused with the place of what cannot be kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Final, cast

from eilbote.errors import FlowError

if TYPE_CHECKING:
    from eilbote.model.data import Data

_DEEPEST: Final = 40
_MOST_VALUES: Final = 100_000
_LARGEST_BITS: Final = 4096
_SCALARS: Final = "texts, numbers, true, false, None, lists and tables"


def plain_input(given: object, *, field: str = "input") -> dict[str, Data]:
    """Give a table as plain data: numbers with a fraction become decimal, nothing is shared with what was given.

    Raises:
        FlowError: A part of it is no plain data; ``field`` is the path to it, such as ``input.lines[2].price``.
    """
    if not isinstance(given, Mapping):
        raise FlowError(
            f"an input is a table, and this is a {type(given).__name__}",
            field=field,
            remedy='Give a mapping such as {"email": "anna@example.org"}',
        )
    count = [0]
    return _table(cast("Mapping[object, object]", given), field, 1, count)


def _table(given: Mapping[object, object], path: str, depth: int, count: list[int]) -> dict[str, Data]:
    table: dict[str, Data] = {}
    for name, value in given.items():
        if not isinstance(name, str):
            raise FlowError(
                f"a name is a text, and this is a {type(name).__name__}",
                field=path,
                remedy="Write it in quotes",
            )
        table[_text(name, path)] = _value(value, f"{path}.{name[:60]}", depth, count)
    return table


def _value(value: object, path: str, depth: int, count: list[int]) -> Data:
    count[0] += 1
    if depth > _DEEPEST or count[0] > _MOST_VALUES:
        what = "it is nested too deeply" if depth > _DEEPEST else f"it has more than {_MOST_VALUES:,} values"
        raise FlowError(what, field=path, remedy="Hand in less: a flow needs what it writes and branches on")
    match value:
        case None | bool():
            return value
        case str():
            return _text(value, path)
        case int():
            if value.bit_length() > _LARGEST_BITS:
                raise FlowError("this number is too large", field=path, remedy="Give it as a text")
            return int(value)
        case float() | Decimal():
            number = Decimal(repr(value)) if isinstance(value, float) else value
            if not number.is_finite():
                raise FlowError("this is no number", field=path, remedy="Give a finite number, or None")
            return number
        case Mapping():
            return _table(cast("Mapping[object, object]", value), path, depth + 1, count)
        case list() | tuple():
            items = cast("Sequence[object]", value)
            return [_value(item, f"{path}[{number}]", depth + 1, count) for number, item in enumerate(items)]
        case _:
            raise FlowError(
                f"a value of the type {type(value).__name__} cannot be kept",
                field=path,
                cause=f"A run is kept in the database, and there are only {_SCALARS}",
                remedy="Give it as a text; a time as isoformat()",
            )


def _text(text: str, path: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise FlowError(
            "this text has half a character in it",
            field=path,
            cause="It holds a lone surrogate, as decoding by the wrong rules leaves it",
            remedy="Decode it as UTF-8",
        ) from None
    if "\0" in text:
        raise FlowError("this text has a null character in it", field=path, remedy="Take it out")
    return str(text)
