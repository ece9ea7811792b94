"""Data whose texts are templates: tables and lists of any depth, as authors write values and bodies."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Final, TypeAlias, cast

from eilbote.template.template import Template
from eilbote.template.values import plain_values

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from eilbote.model.data import Data

_ONE_PATH: Final = re.compile(r"\s*\{\{\s*([A-Za-z_][\w-]*(?:\.[A-Za-z_][\w-]*|\[\d{1,6}\])*)\s*\}\}\s*")
_PART: Final = re.compile(r"[A-Za-z_][\w-]*|\d+")


class Rendered:
    """Data to be made for each visit.

    A text that is nothing but one variable gives the value itself, so that lists and numbers stay what they are.

    Args:
        said: What the author wrote.
        field: Where, for errors.
    """

    __slots__ = ("_made",)

    def __init__(self, said: Data, *, field: str) -> None:
        self._made = _prepared(said, field)

    def templates(self) -> Iterator[Template]:
        """Give every template in it."""
        yield from _templates(self._made)

    def data(self, values: Mapping[str, object], *, locale: str = "en", time_zone: str = "UTC") -> Data:
        """Make the data.

        Args:
            values: What its templates may name.
            locale: The language of texts.
            time_zone: The zone in which times are told.

        Raises:
            TemplateError: A template cannot be rendered.
        """
        return _data(self._made, values, locale, time_zone)


def value_at(values: Mapping[str, object], path: str) -> Data:
    """Give the value that a path such as ``input.order.lines[0]`` leads to; ``None`` when it leads nowhere."""
    found: object = values
    for part in _PART.findall(path):
        if isinstance(found, Mapping):
            table = cast("Mapping[str, object]", found)  # pyright: ignore[reportUnnecessaryCast] - in the first turn
            found = table.get(part)
        elif isinstance(found, (list, tuple)) and part.isdecimal():
            items = cast("Sequence[object]", found)
            found = items[int(part)] if int(part) < len(items) else None
        else:
            return None
    return cast("Data", plain_values({"value": found})["value"])


class _Path(str):
    """A text that is nothing but one variable."""

    __slots__ = ("template",)

    template: Template


_Made: TypeAlias = "Template | _Path | str | int | Decimal | bool | list[_Made] | dict[str, _Made] | None"


def _prepared(said: Data, field: str) -> _Made:
    match said:
        case str():
            template = Template(said, field=field)
            if (alone := _ONE_PATH.fullmatch(said)) is None:
                return template
            path = _Path(alone[1])
            path.template = template
            return path
        case dict():
            return {name: _prepared(value, f"{field}.{name}") for name, value in said.items()}
        case list():
            return [_prepared(value, f"{field}[{number}]") for number, value in enumerate(said)]
        case _:
            return said


def _templates(made: _Made) -> Iterator[Template]:
    match made:
        case Template():
            yield made
        case _Path():
            yield made.template
        case dict():
            for value in made.values():
                yield from _templates(value)
        case list():
            for value in made:
                yield from _templates(value)
        case _:
            return


def _data(made: _Made, values: Mapping[str, object], locale: str, time_zone: str) -> Data:
    match made:
        case Template():
            return made.render(values, locale=locale, time_zone=time_zone)
        case _Path():
            return value_at(values, made)
        case dict():
            return {name: _data(value, values, locale, time_zone) for name, value in made.items()}
        case list():
            return [_data(value, values, locale, time_zone) for value in made]
        case _:
            return made
