"""The filters of templates: those of Liquid, and of these only what mail needs, each with its size watched.

The filters as they come count what a template writes, but not what a filter makes on the way: one expression could join a
hundred million numbers. Here every filter is handed values of bounded size and gives such a value, so the work of a template
is bounded by its own length.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final, cast

from eilbote.template.limits import OUTPUT_CHARACTERS, check_size, too_much
from eilbote.template.localized import LOCALIZED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from liquid import Environment

Filter = Callable[..., object]

_MARKS: Final = ("with_context", "with_environment")
"""By which the engine knows what else to hand to a filter."""

PLAIN: Final = (
    *(
        "abs",
        "append",
        "at_least",
        "at_most",
        "base64_decode",
        "base64_encode",
        "capitalize",
        "ceil",
        "compact",
    ),
    *(
        "concat",
        "date",
        "default",
        "divided_by",
        "downcase",
        "escape",
        "escape_once",
        "find",
        "first",
        "floor",
        "has",
    ),
    *(
        "index",
        "join",
        "json",
        "last",
        "lstrip",
        "map",
        "minus",
        "modulo",
        "newline_to_br",
        "plus",
        "prepend",
        "reject",
    ),
    *(
        "remove",
        "remove_first",
        "remove_last",
        "replace",
        "replace_first",
        "replace_last",
        "reverse",
        "round",
        "rstrip",
    ),
    *("size", "slice", "sort", "sort_natural", "sort_numeric", "split", "squish", "strip", "strip_html"),
    *(
        "strip_newlines",
        "sum",
        "times",
        "truncate",
        "truncatewords",
        "uniq",
        "upcase",
        "url_decode",
        "url_encode",
        "where",
    ),
)
"""Those of the engine that are let through; others write by the reader's language (:data:`LOCALIZED`)."""


def install_filters(environment: Environment) -> None:
    """Leave an environment the filters of this module, watched, and no others."""
    allowed = {name: environment.filters[name] for name in PLAIN} | LOCALIZED
    environment.filters = {name: _watched(name, function) for name, function in allowed.items()}


def _watched(name: str, function: Filter) -> Filter:
    forecast = _FORECASTS.get(name)

    def watched(left: object, *arguments: object, **options: object) -> object:
        check_size(left)
        for argument in arguments:
            check_size(argument)
        if forecast is not None and forecast(left, *arguments) > OUTPUT_CHARACTERS:
            raise too_much(f"a text of more than {OUTPUT_CHARACTERS:,} characters")
        made = function(left, *arguments, **options)
        check_size(made)
        return made

    for mark in _MARKS:
        setattr(watched, mark, getattr(function, mark, False))
    return watched


def _length(value: object) -> int:
    return len(value) if isinstance(value, str) else 40


def _replaced(left: object, old: object = "", new: object = "") -> int:
    times = (len(left) // max(1, _length(old)) + 1) if isinstance(left, str) else 1
    return _length(left) + times * _length(new)


def _joined(left: object, between: object = " ") -> int:
    if not isinstance(left, (list, tuple, range)):
        return _length(left)
    items = cast("Sequence[object]", left)
    return len(items) * _length(between) + sum(map(_length, items))


_FORECASTS: Final[Mapping[str, Callable[..., int]]] = {"replace": _replaced, "join": _joined}
"""How long a text may become, for filters that make more than a few times what they are given."""
