"""Values of the wrong kind are refused where they come in, in one wording.

Not every caller has a type checker, and a ``None`` from an unset variable would otherwise show up as an
``AttributeError`` far from where it was given. The value itself is never shown: it may be a secret.
"""

from __future__ import annotations

import re
from types import NoneType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from eilbote.errors import EilboteError

_LONGEST = 80
_SHORTEST_SECRET = 8
_LONG = 12
_KINDS_OF_CHARACTERS = tuple(re.compile(kind) for kind in ("[a-z]", "[A-Z]", "[0-9]"))
_PUNCTUATION = re.compile(r"[^A-Za-z0-9\s.@:/<>\[\],_-]")
_BY_THEIR_FORM = re.compile(
    r"(?:[a-z]{4} ){3}[a-z]{4}|-----BEGIN .*|(?:eyJ|ya29\.|1//|GOCSPX-|sk[-_]|xox|AKIA|gh[opsu]_|SG\.|key-).{12,}",
    re.DOTALL,
)
"""An app password as Google shows it, a private key, and how tokens and keys of known services begin."""


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
    """Give a value as it is written in code, cut when it is long, or its type; for values that are no secret.

    A text that looks like a password or a token is not shown either: people paste them into the wrong field.
    """
    of_type = f"a value of type {type(value).__name__}"
    if isinstance(value, str) and looks_secret(value):
        return f"a text of {len(value)} characters"
    if not isinstance(value, (str, bytes, int, float, NoneType)):
        return of_type
    try:
        text = repr(value)
    except ValueError:  # an int of more digits than Python writes out
        return of_type
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."


def looks_secret(text: str) -> bool:
    """Tell whether a text may be a password or a token: by its form, or because it mixes kinds of characters as they do.

    Names of hosts, addresses, numbers and words are none of that.
    """
    if _BY_THEIR_FORM.fullmatch(text.strip()):
        return True
    if len(text) < _SHORTEST_SECRET or "://" in text:
        return "://" in text and "@" in text
    kinds = sum(kind.search(text) is not None for kind in _KINDS_OF_CHARACTERS)
    if _PUNCTUATION.search(text):
        return kinds > 1
    return kinds == len(_KINDS_OF_CHARACTERS) and len(text) >= _LONG and not re.search(r"[\s.:@]", text)
