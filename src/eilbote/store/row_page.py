"""Lists of what belongs to organizations, page by page in the order of ids; the same for both databases."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from eilbote.store.values import storable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eilbote.store.record_database import Statements


class Pages(NamedTuple):
    """The statements of a list."""

    everywhere: str
    """Of all organizations: behind ``$1``, ``$2`` of them at most."""
    of_one: str
    """Of the organization ``$3`` alone."""


def pages_of(read: str) -> Pages:
    """Give the statements of a list.

    Args:
        read: What is selected from where; a table with ``id`` and ``organization``.
    """
    return Pages(
        everywhere=f"{read} WHERE id > $1 ORDER BY id LIMIT $2",
        of_one=f"{read} WHERE organization = $3 AND id > $1 ORDER BY id LIMIT $2",
    )


async def fetch_page(
    db: Statements, pages: Pages, organization: str | None, *, limit: int, after: str
) -> Sequence[Sequence[object]]:
    """Give the rows of a page; of all organizations when ``None``."""
    if organization is None:
        return await db.fetch(pages.everywhere, storable(after), limit)
    return await db.fetch(pages.of_one, storable(after), limit, storable(organization))
