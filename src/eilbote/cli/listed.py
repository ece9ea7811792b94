"""Runs and instances that were chosen, asked for page by page, and written as lines of JSON or as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence

    from eilbote.cli.screen import Screen

PAGE: Final = 200
TABLE: Final = 50
"""Lines that are shown when nobody says how many."""


class Listed(Protocol):
    """Something behind which a page goes on."""

    @property
    def id(self) -> str:
        """Its own."""
        ...


T = TypeVar("T", bound=Listed)


async def write_listed(
    fetch: Callable[[int, str | None], Awaitable[Sequence[T]]],
    screen: Screen,
    *,
    limit: int | None,
    line: Callable[[T], Mapping[str, object]],
    show: Callable[[Sequence[T]], None],
    nothing: str,
    fits: Callable[[T], bool] = lambda _: True,
) -> None:
    """Write what was chosen, the latest first.

    Args:
        fetch: Gives so many behind the one of that id.
        screen: Where to.
        limit: At most so many; as JSON all when ``None``, as a table :data:`TABLE`.
        line: Gives one as a line of JSON.
        show: Writes the table.
        nothing: What is said when there is none.
        fits: Whether one is meant, for what cannot be asked for.
    """
    if screen.as_json:
        async for each in _chosen(fetch, fits, limit):
            screen.line(line(each))
        return
    found = [each async for each in _chosen(fetch, fits, TABLE + 1 if limit is None else limit)]
    if not found:
        screen.note(nothing)
        return
    shown = found if limit is not None else found[:TABLE]
    show(shown)
    if len(found) > len(shown):
        screen.note(f"these are the latest {TABLE}; there are more: --limit NUMBER, or narrow the choice")


async def _chosen(
    fetch: Callable[[int, str | None], Awaitable[Sequence[T]]], fits: Callable[[T], bool], most: int | None
) -> AsyncIterator[T]:
    count, last = 0, None
    while True:
        page = await fetch(PAGE, last)
        for each in page:
            if most is not None and count >= most:
                return
            if fits(each):
                count += 1
                yield each
        if len(page) < PAGE:
            return
        last = page[-1].id
