"""What the outbox's commands that only look do once everything is read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eilbote.cli.at_desk import at_desk
from eilbote.cli.outbox_chart import show_figures
from eilbote.cli.outbox_data import entry_data, figures_data, history_data
from eilbote.cli.outbox_view import show_history, show_table
from eilbote.model.ids import read_entry_id
from eilbote.model.moment import moment_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from pathlib import Path

    from eilbote.app import Eilbote
    from eilbote.cli.outbox_options import Chosen
    from eilbote.cli.screen import Screen
    from eilbote.outbox.entry import Entry
    from eilbote.outbox.store import EntryFilter

_PAGE = 500
_TABLE = 50
_MOST_COUNTED = 10_000


def list_entries(
    chosen: Chosen, screen: Screen, *, data_dir: Path | None, limit: int | None, newest_first: bool
) -> None:
    """Write the entries that were chosen, page by page.

    Raises:
        EilboteError: The choice cannot be read, or the outbox not be opened.
    """

    async def work(eilbote: Eilbote) -> None:
        now = eilbote.clock.now()
        which = chosen.filter(now=now)
        if screen.as_json:
            async for page in pages(eilbote, which, newest_first=newest_first, limit=limit):
                for entry in page:
                    screen.line(entry_data(entry))
            return
        most = limit or _TABLE
        found = await eilbote.entries(which, limit=most + 1, newest_first=newest_first)
        if found:
            show_table(found[:most], screen, now=moment_of(now))
        else:
            screen.note("no entry is like this" if chosen.is_anything else "the outbox is empty")
        if len(found) > most and limit is None:
            total = await eilbote.count(which, at_most=_MOST_COUNTED + 1)
            of = f"{total:,}" if total <= _MOST_COUNTED else f"more than {_MOST_COUNTED:,}"
            screen.note(f"these are the first {most} of {of}: --limit NUMBER, or narrow the choice")

    at_desk(work, data_dir=data_dir, screen=screen)


async def pages(
    eilbote: Eilbote, which: EntryFilter, *, newest_first: bool = False, limit: int | None = None
) -> AsyncIterator[list[Entry]]:
    """Give all entries a filter finds, by the hundred; never more are held."""
    left, last = limit, None
    while left is None or left > 0:
        page = await eilbote.entries(
            which, limit=_PAGE if left is None else min(_PAGE, left), after=last, newest_first=newest_first
        )
        if not page:
            return
        yield page
        last = page[-1].id
        left = None if left is None else left - len(page)


def show_entries(ids: Sequence[str], screen: Screen, *, data_dir: Path | None, dialogue: bool) -> None:
    """Write everything about some entries.

    Raises:
        EntryNotFoundError: One of them is not there.
        EilboteError: The outbox cannot be opened.
    """
    wanted = tuple(dict.fromkeys(read_entry_id(text) for text in ids))

    async def work(eilbote: Eilbote) -> None:
        for number, entry in enumerate(wanted):
            history = await eilbote.history(entry)
            if screen.as_json:
                screen.line(history_data(history)) if len(wanted) > 1 else screen.data(history_data(history))
                continue
            if number:
                screen.text()
            show_history(history, screen, now=moment_of(eilbote.clock.now()), dialogue=dialogue)

    at_desk(work, data_dir=data_dir, screen=screen)


def show_stats(screen: Screen, *, data_dir: Path | None, plot: bool) -> None:
    """Write the outbox in numbers.

    Raises:
        EilboteError: The outbox cannot be opened.
    """

    async def work(eilbote: Eilbote) -> None:
        figures, pauses = await eilbote.figures(), await eilbote.pauses()
        couriers = sum(not is_gone for _, _, is_gone in await eilbote.store.couriers())
        if screen.as_json:
            screen.data(figures_data(figures, pauses, couriers=couriers))
        else:
            now = moment_of(eilbote.clock.now())
            show_figures(figures, pauses, screen, couriers=couriers, now=now, plot=plot)

    at_desk(work, data_dir=data_dir, screen=screen)
