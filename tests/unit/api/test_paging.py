"""A page ends where the next one begins: nothing is shown twice, nothing is left out, and the last one says that it is the last."""

from __future__ import annotations

import pytest

from eilbote.api.paging import behind, cursor_at, page_of
from eilbote.api.v1.automation_lists import former_version
from eilbote.errors import DraftError

NAMES = ["anna", "berta", "cora", "dora", "emma"]


def walked(limit: int) -> list[list[str]]:
    pages: list[list[str]] = []
    cursor: str | None = None
    while not pages or cursor is not None:
        after = behind(cursor) or ""
        found = [name for name in NAMES if name > after][: limit + 1]
        page = page_of(found, limit, str.upper, place=str)
        pages.append(page.items)
        cursor = page.next_cursor
    return pages


@pytest.mark.parametrize(
    "limit, sizes", [(1, [1, 1, 1, 1, 1]), (2, [2, 2, 1]), (4, [4, 1]), (5, [5]), (6, [5])]
)
def test_pages_give_everything_once(limit: int, sizes: list[int]) -> None:
    pages = walked(limit)
    assert [len(page) for page in pages] == sizes
    assert [name for page in pages for name in page] == [name.upper() for name in NAMES]


def test_an_empty_list_is_one_page() -> None:
    assert page_of([], 5, str, place=str).next_cursor is None


@pytest.mark.parametrize("cursor", ["", "anna", cursor_at(7), cursor_at("anna", "berta")])
def test_a_cursor_of_another_list_is_refused(cursor: str) -> None:
    with pytest.raises(DraftError, match="no cursor of this list"):
        behind(cursor)


@pytest.mark.parametrize(
    "before, version, published, former",
    [
        (None, 3, 5, 2),
        (None, 1, 5, 1),  # nothing came before the first
        (None, 0, 5, 5),  # a draft, with what it would replace
        (None, 0, 0, 0),  # a draft of what was never published
        (0, 3, 5, 0),
        (5, 3, 5, 5),
    ],
)
def test_a_version_is_compared_with_the_one_before(
    before: int | None, version: int, published: int, former: int
) -> None:
    assert former_version(before, version, published=published) == former
