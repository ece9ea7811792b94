"""Values of the wrong kind are refused where they come in, in one wording.

Not every caller has a type checker, and a ``None`` from an unset variable would otherwise show up as an
``AttributeError`` far from where it was given. The value itself is never shown: it may be a secret.
"""

from __future__ import annotations

from types import NoneType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from eilbote.errors import EilboteError

_LONGEST = 80


def check_kind(
    value: object,
    kinds: tuple[type, ...],
    *,
    field: str,
    fault: type[EilboteError],
    remedy: str | None = None,
) -> None:
    """Refuse a value that is of none of the kinds.

    Args:
        value: What was given.
        kinds: What it may be; ``NoneType`` where it may be left out.
        field: Where it was given.
        fault: The error to raise.
        remedy: What to do instead; the kinds are named when ``None``.

    Raises:
        EilboteError: ``fault``, with the field and the remedy.
    """
    if isinstance(value, kinds):
        return
    given = "None" if value is None else f"a value of type {type(value).__name__}"
    raise fault(
        f"{given} cannot stand here",
        field=field,
        remedy=remedy
        or f"Give {' or '.join('None' if kind is NoneType else kind.__name__ for kind in kinds)}",
    )


def shown(value: object) -> str:
    """Give a value as it is written in code, cut when it is long, or its type; for values that are no secret."""
    of_type = f"a value of type {type(value).__name__}"
    if not isinstance(value, (str, bytes, int, float, NoneType)):
        return of_type
    try:
        text = repr(value)
    except ValueError:  # an int of more digits than Python writes out
        return of_type
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."
