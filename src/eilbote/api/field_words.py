"""Says what is wrong with a field, and what to give: in our words, whatever the check of the form calls it.

Nothing of what was in the field is repeated, for it may be a secret.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Final, NamedTuple, TypeAlias, cast

_Said: TypeAlias = Mapping[str, object]
_REFERENCE: Final = "The reference of the API shows its form"


class Told(NamedTuple):
    """A fault in words.

    Attributes:
        what: What is wrong.
        remedy: What to do.
    """

    what: str
    remedy: str


class _Kind(NamedTuple):
    named: str
    denied: str
    remedy: str


_TEXT: Final = _Kind("a text", "it is no text", "Give one, in quotes")
_OBJECT: Final = _Kind("an object", "it is no object", "Give its fields in braces: {...}")
_LIST: Final = _Kind("a list", "it is no list", "Give a list in square brackets, also of one alone: [...]")
_TIME: Final = _Kind("a time", "it is no time", "Write it as 2030-01-31T08:00:00Z")
_KINDS: Final[Mapping[str, _Kind]] = MappingProxyType(
    {
        "string": _TEXT,
        "list": _LIST,
        "tuple": _LIST,
        "set": _LIST,
        "frozen_set": _LIST,
        "dict": _OBJECT,
        "mapping": _OBJECT,
        "model": _OBJECT,
        "model_attributes": _OBJECT,
        "dataclass": _OBJECT,
        "int": _Kind(
            "a whole number", "it is no whole number", "Give a number without a fraction, such as 10"
        ),
        "float": _Kind("a number", "it is no number", "Give a number, such as 2.5"),
        "bool": _Kind("true or false", "it is neither true nor false", "Give true or false"),
        "none": _Kind("null", "it is not null", "Give null, or leave it out"),
        "datetime": _TIME,
        "timezone": _TIME,
        "date": _Kind("a day", "it is no day", "Write it as 2030-01-31"),
        "time": _Kind("a time of day", "it is no time of day", "Write it as 08:00"),
    }
)
_ENDINGS: Final = (
    *("_type", "_parsing", "_from_float", "_parsing_size", "_required", "_naive", "_aware", "_offset"),
    *("_from_datetime_parsing", "_from_date_parsing", "_from_datetime_inexact", "_object_invalid"),
)


def is_of_kind(said: _Said) -> bool:
    """Tell whether a fault says no more than that what was given is of another kind."""
    return _kind(said) is not None


def told_plainly(said: Sequence[_Said], *, is_whole: bool) -> Told:
    """Say what is wrong.

    Args:
        said: What the check says of each kind of value that may stand there.
        is_whole: Whether it is the body as a whole.
    """
    kinds = list(dict.fromkeys(kind for kind in map(_kind, said) if kind is not None))
    first = said[0]
    if len(kinds) > 1:
        return Told(f"it is neither {' nor '.join(each.named for each in kinds)}", kinds[0].remedy)
    if kinds:
        return Told(kinds[0].denied, kinds[0].remedy)
    type_ = str(first.get("type", ""))
    if type_ == "missing" and is_whole:
        return Told("it has no body", "Send one as JSON; the reference of the API shows its form")
    say = _OTHERS.get(type_)
    if say is not None:
        context = first.get("ctx")
        return say(cast("Mapping[str, object]", context) if isinstance(context, Mapping) else {})
    if type_ == "value_error":  # words of ours
        return Told(
            str(first.get("msg", "")).removeprefix("Value error, ") or "it cannot be used", _REFERENCE
        )
    return Told("it cannot be used as it is", _REFERENCE)


def _kind(said: _Said) -> _Kind | None:
    type_ = str(said.get("type", ""))
    for ending in _ENDINGS:
        if type_.endswith(ending) and (found := _KINDS.get(type_.removesuffix(ending))) is not None:
            return found
    return None


def _at_least(context: Mapping[str, object]) -> Told:
    least = context.get("min_length", 1)
    if least == 1:
        return Told("it is empty", "Give something, or leave it out")
    return Told(f"it has fewer than {least} characters", "Make it longer")


def _one_of(name: str) -> Callable[[Mapping[str, object]], Told]:
    def say(context: Mapping[str, object]) -> Told:
        words = str(context.get(name, "")).replace("'", "")
        return Told(
            "it is none of the words that are known here", f"Give one of {words}" if words else _REFERENCE
        )

    return say


_OTHERS: Final[Mapping[str, Callable[[Mapping[str, object]], Told]]] = MappingProxyType(
    {
        "missing": lambda _: Told("it is missing", f"Give it. {_REFERENCE}"),
        "string_too_short": _at_least,
        "string_too_long": lambda ctx: Told(
            f"it has more than {ctx.get('max_length')} characters", "Shorten it"
        ),
        "too_short": lambda ctx: Told(
            "it is empty"
            if ctx.get("min_length") == 1
            else f"it has fewer than {ctx.get('min_length')} items",
            f"Give {ctx.get('min_length')} at least",
        ),
        "too_long": lambda ctx: Told(
            f"it has more than {ctx.get('max_length')} items", f"Give {ctx.get('max_length')} at most"
        ),
        "greater_than_equal": lambda ctx: Told(
            f"it is less than {ctx.get('ge')}", f"Give {ctx.get('ge')} or more"
        ),
        "greater_than": lambda ctx: Told(
            f"it is not more than {ctx.get('gt')}", f"Give more than {ctx.get('gt')}"
        ),
        "less_than_equal": lambda ctx: Told(
            f"it is more than {ctx.get('le')}", f"Give {ctx.get('le')} or less"
        ),
        "less_than": lambda ctx: Told(
            f"it is not less than {ctx.get('lt')}", f"Give less than {ctx.get('lt')}"
        ),
        "finite_number": lambda _: Told("it has to be a finite number", "Give a number, such as 2.5"),
        "enum": _one_of("expected"),
        "literal_error": _one_of("expected"),
        "union_tag_invalid": _one_of("expected_tags"),
        "union_tag_not_found": lambda ctx: Told(
            "it does not say of which kind it is",
            f"Give {str(ctx.get('discriminator', '')).replace(chr(39), '')}",
        ),
        "string_pattern_mismatch": lambda _: Told("it holds what cannot stand there", _REFERENCE),
        "string_unicode": lambda _: Told("it holds characters that are none", "Send it as UTF-8"),
    }
)
