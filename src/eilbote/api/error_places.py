"""Where an error lies in the body of a request, as a JSON pointer (RFC 6901 section 6: as a fragment, ``#/to/0``).

Those who raise errors name fields as their own callers do, ``to[0]`` or ``attachments[0].content_id``, and know nothing of bodies. A place is told only
where the body has it, or has what holds it: a pointer that leads nowhere would be worse than none.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final, cast
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from starlette.requests import Request
    from starlette.types import Scope

_PARTS: Final = re.compile(
    r"\[(?P<number>\d+)\]|\[(?P<quote>['\"])(?P<named>.*?)(?P=quote)\]|(?P<name>[^.\[\]]+)"
)
_PLAIN: Final = "/~!$&'()*+,;=:@?"
"""What a fragment may hold as it is (RFC 3986 section 3.5), beside letters, digits, hyphens, dots and underscores."""
LARGEST: Final = 1_048_576
"""Octets; of a larger body, which carries files, places are told by ``field`` alone."""
_DEEPEST: Final = 2
"""How many objects deep a field is looked for that its error names without them: ``host`` in ``{"settings": {"host": ...}}``."""


def pointer_of(parts: Iterable[str | int]) -> str:
    """Write a pointer to a place of a body; ``#`` is the whole."""
    tokens = [
        quote(str(part).replace("~", "~0").replace("/", "~1"), safe=_PLAIN, errors="replace")
        for part in parts
    ]
    return "".join(["#", *(f"/{token.replace('/', '~1')}" for token in tokens)])


def parts_of(field: str) -> tuple[str | int, ...]:
    """Give the names and numbers of which a field's name is made."""
    found: list[str | int] = []
    for each in _PARTS.finditer(field):
        if each["number"] is not None:
            found.append(int(each["number"]))
        else:
            found.append(each["named"] if each["named"] is not None else each["name"])
    return tuple(found)


def place_in(body: object, field: str) -> tuple[str | int, ...] | None:
    """Give where in a body a field is, or would be if it had been said; ``None`` where the body knows no such place."""
    if not (parts := parts_of(field)):
        return None
    return _within(body, parts, _DEEPEST)


def keep_for_errors(scope: Scope, body: bytes) -> None:
    """Keep a body at hand until its request is answered, unless it is so large that its room is needed."""
    if len(body) <= LARGEST:
        scope["state"]["octets"] = body


def body_place(request: Request, *fields: str) -> str:
    """Give the pointer to the first field that a request's body has; empty where it has none: it may stand in the query."""
    octets: bytes = getattr(request.state, "octets", b"")
    if not octets:
        return ""
    try:
        said: object = json.loads(octets)
    except (ValueError, RecursionError):  # no JSON, or none that was read
        return ""
    places = (place_in(said, each) for each in fields)
    return next((pointer_of(place) for place in places if place is not None), "")


# -- within ----------------------------------------------------------------------------------------------------


def _within(body: object, parts: Sequence[str | int], depth: int) -> tuple[str | int, ...] | None:
    if (found := _followed(body, parts)) is not None:
        return found
    if depth and isinstance(body, dict):
        below = [
            (name, place)
            for name, inner in cast("dict[str, object]", body).items()
            if isinstance(inner, dict)
            and (place := _within(cast("object", inner), parts, depth - 1)) is not None
        ]
        if len(below) == 1:
            [(name, place)] = below
            return (name, *place)
    return None


def _followed(body: object, parts: Sequence[str | int]) -> tuple[str | int, ...] | None:
    """Follow a place as far as the body has it; the first part has to be there."""
    followed: list[str | int] = []
    here = body
    for each in parts:
        part = str(each) if isinstance(here, dict) else _number(each) if isinstance(here, list) else each
        if isinstance(here, dict) and part in here:
            here = cast("dict[object, object]", here)[part]
        elif isinstance(here, list) and isinstance(part, int) and part < len(cast("list[object]", here)):
            here = cast("list[object]", here)[part]
        else:
            break
        followed.append(part)
    return tuple(followed) or None


def _number(part: str | int) -> str | int:
    return int(part) if isinstance(part, str) and part.isascii() and part.isdigit() else part
