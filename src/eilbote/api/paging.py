"""Lists page by page: ``?limit=50&cursor=...`` gives ``{"items": [...], "next_cursor": "..."}``, always in the same order.

A cursor says behind which item to go on, so nothing is shown twice or left out when items come in meanwhile. It is meant to be handed back
as it is; whatever else somebody hands in is refused.
"""

from __future__ import annotations

import base64
import binascii
import json
from typing import TYPE_CHECKING, Annotated, Final, Generic, TypeVar, cast

from fastapi import Query
from pydantic import BaseModel, Field

from eilbote.errors import DraftError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

T = TypeVar("T")
K = TypeVar("K")
_LARGEST: Final = 2**63 - 1  # that databases keep

Limit = Annotated[int, Query(ge=1, le=500, description="How many items at most")]
Cursor = Annotated[
    str | None, Query(max_length=1000, description="`next_cursor` of the page before; the first page without")
]


class Page(BaseModel, Generic[T]):
    """A part of a list."""

    items: list[T]
    next_cursor: str | None = Field(default=None, description="For the next page; null on the last one")


def page_of(
    found: Sequence[K], limit: int, shape: Callable[[K], T], *, place: Callable[[K], str | int]
) -> Page[T]:
    """Give the first page of what was found.

    Args:
        found: More than the limit when there is another page: a store is asked for one more.
        limit: How many make a page.
        shape: Gives what is shown of each.
        place: Gives by what each is found again.
    """
    return Page(
        items=[shape(each) for each in found[:limit]],
        next_cursor=cursor_at(place(found[limit - 1])) if len(found) > limit else None,
    )


def behind(cursor: str | None) -> str | None:
    """Give the id behind which a page begins; ``None`` for the first one.

    Raises:
        DraftError: It is no cursor of a list in the order of ids.
    """
    place = read_cursor(cursor, str)
    return None if place is None else str(place[0])


def cursor_at(*place: str | int) -> str:
    """Give the cursor behind an item."""
    return base64.urlsafe_b64encode(json.dumps(place, separators=(",", ":")).encode()).decode().rstrip("=")


def read_cursor(text: str | None, *kinds: type[str | int]) -> tuple[str | int, ...] | None:
    """Give the place of a cursor; ``None`` without one.

    Args:
        text: What was handed in.
        kinds: What its parts have to be.

    Raises:
        DraftError: It is no cursor of this list.
    """
    if text is None:
        return None
    try:
        said: object = json.loads(
            base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        )
    except (binascii.Error, ValueError, RecursionError):
        said = None
    if isinstance(said, list):
        place = cast("list[object]", said)
        if len(place) == len(kinds) and all(
            type(part) is kind and _can_be(part) for part, kind in zip(place, kinds, strict=True)
        ):
            return cast("tuple[str | int, ...]", tuple(place))
    raise no_cursor()


def _can_be(part: object) -> bool:
    """Tell whether a database can be asked about it at all."""
    if isinstance(part, str):
        return "\0" not in part and not any("\ud800" <= each <= "\udfff" for each in part)
    return isinstance(part, int) and abs(part) <= _LARGEST


def no_cursor() -> DraftError:
    """Give the error for what is no cursor of a list."""
    return DraftError(
        "this is no cursor of this list",
        field="cursor",
        remedy="Hand in next_cursor of the page before as it is, or leave it out for the first page",
    )
