"""Lists of automations: what narrows and orders them, where a page of them ends, and which of their versions are compared."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Annotated, TypeVar

from fastapi import Query
from pydantic import AwareDatetime

from eilbote.api.paging import cursor_at, read_cursor
from eilbote.api.v1.automation import LONGEST_NAME, NAME_PATTERN

if TYPE_CHECKING:
    from eilbote.author.plain.drafted import Published

T = TypeVar("T")
V = TypeVar("V", bound="Published")

Since = Annotated[
    AwareDatetime | None,
    Query(description="Begun then or later, RFC 3339", examples=["2026-11-01T00:00:00Z"]),
]
Before = Annotated[
    AwareDatetime | None,
    Query(description="Begun before it, RFC 3339", examples=["2026-12-01T00:00:00Z"]),
]
Search = Annotated[
    str,
    Query(
        max_length=LONGEST_NAME,
        pattern=NAME_PATTERN,
        description="Only those with this in their id, name, conversation or key, stage or author, in any letter case",
    ),
]
Former = Annotated[
    int | None,
    Query(
        ge=0, le=2**31 - 1, description="The former version, 0 for the draft; the one before when left out"
    ),
]


def former_version(before: int | None, version: int, *, published: int) -> int:
    """Give the version with which one is compared: the one before, of the draft what was published last; the same when there is none.

    Args:
        before: The one that was asked for; 0 for the draft.
        version: The latter one; 0 for the draft.
        published: The latest published one.
    """
    if before is not None:
        return before
    return (version - 1 if version else published) or version


def page_of_names(
    found: Iterable[T],
    name: Callable[[T], tuple[str, str]],
    *,
    contains: str,
    limit: int,
    cursor: str | None,
) -> tuple[Sequence[T], str | None]:
    """Give a page of what has names, and the cursor of the next one.

    Args:
        found: All there are.
        name: Gives the organization and the name of one; by both they are ordered.
        contains: What a name has to hold, in any letter case.
        limit: How many make a page.
        cursor: Behind which one it begins.

    Raises:
        DraftError: It is no cursor of this list.
    """
    place = read_cursor(cursor, str, str)
    left = sorted((each for each in found if contains.casefold() in name(each)[1].casefold()), key=name)
    if place is not None:
        left = [each for each in left if name(each) > place]
    shown = left[:limit]
    return shown, cursor_at(*name(shown[-1])) if len(left) > limit else None


def page_of_versions(found: Sequence[V], *, limit: int, cursor: str | None) -> tuple[Sequence[V], str | None]:
    """Give a page of published versions, which come the latest first, and the cursor of the next one.

    Raises:
        DraftError: It is no cursor of this list.
    """
    place = read_cursor(cursor, int)
    left = [each for each in found if place is None or (each.version,) < place]
    return left[:limit], cursor_at(left[limit - 1].version) if len(left) > limit else None
