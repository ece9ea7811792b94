"""``eilbote outbox stats``: the outbox in numbers, and drawn as bars."""

from __future__ import annotations

import shutil
import sys
from typing import TYPE_CHECKING

import typer

from eilbote.cli.outbox_view import STATE_COLOURS, STATUS_COLOURS
from eilbote.cli.printable import counted, printable
from eilbote.cli.times import distance_text, span_text
from eilbote.model.status import EntryState, RecipientStatus

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from eilbote.cli.screen import Screen
    from eilbote.model.moment import Moment
    from eilbote.outbox.store import OutboxFigures, Pause

_EIGHTHS = " ▏▎▍▌▋▊▉"
_FULL = "█"
_WIDEST_BAR, _NARROWEST_BAR, _WITHOUT_TERMINAL = 60, 10, 80
_LONGEST_LABEL = 30
_UNITS = ("octets", "KiB", "MiB", "GiB", "TiB")
_KIBI = 1024


def show_figures(
    figures: OutboxFigures, pauses: Sequence[Pause], screen: Screen, *, couriers: int, now: Moment, plot: bool
) -> None:
    """Write the figures; with ``plot`` each number has a bar beside it."""
    states = [(state.value, figures.entries.get(state, 0), STATE_COLOURS[state]) for state in EntryState]
    statuses = [
        ("never tried", figures.recipients.get("", 0), typer.colors.CYAN),
        *(
            (status.value.replace("_", " "), figures.recipients.get(status.value, 0), STATUS_COLOURS[status])
            for status in RecipientStatus
        ),
    ]
    waiting = [
        (printable(name, longest=_LONGEST_LABEL), count, typer.colors.YELLOW)
        for name, count in sorted(figures.by_connection.items(), key=lambda pair: (-pair[1], pair[0]))
    ]
    for title, rows in (
        ("ENTRIES", states),
        ("RECIPIENTS", statuses),
        ("NOT FINISHED, BY CONNECTION", waiting),
    ):
        if rows:
            screen.text(typer.style(title, bold=True))
            for line in rows_of(rows, plot=plot, width=_width()):
                screen.text(line)
            screen.text()
    for label, text in _facts(figures, couriers=couriers, now=now):
        screen.text(f"{label:<16}{text}")
    for pause in pauses:
        since = span_text((now - pause.since) / 1000)
        screen.text(
            f"{'resting':<16}{printable(pause.connection)}, for {since}, next try {distance_text(pause.until, now)}: "
            f"{printable(pause.reason)}"
        )


def rows_of(rows: Sequence[tuple[str, int, str]], *, plot: bool, width: int) -> Iterator[str]:
    """Give a line for each label, number and colour; the longest bar belongs to the largest number."""
    label = max(len(name) for name, _, _ in rows)
    digits = max(len(f"{count:,}") for _, count, _ in rows)
    most = max(count for _, count, _ in rows)
    room = min(max(width - label - digits - 4, _NARROWEST_BAR), _WIDEST_BAR)
    for name, count, colour in rows:
        drawn = typer.style(bar(count, most, room), fg=colour) if plot and count else ""
        yield f"{name:<{label}}  {count:>{digits},}  {drawn}".rstrip()


def bar(number: int, most: int, width: int) -> str:
    """Draw a bar, to an eighth of a character; what is not nothing is seen."""
    eighths = max(round(number * width * 8 / most), 1) if number else 0
    return (_FULL * (eighths // 8) + _EIGHTHS[eighths % 8]).rstrip()


def octets_text(octets: int) -> str:
    """Write a size in its largest unit."""
    size = float(octets)
    for unit in _UNITS[:-1]:
        if size < _KIBI:
            return f"{size:.0f} {unit}" if unit == "octets" else f"{size:.1f} {unit}"
        size /= _KIBI
    return f"{size:.1f} {_UNITS[-1]}"


def _facts(figures: OutboxFigures, *, couriers: int, now: Moment) -> Iterator[tuple[str, str]]:
    if figures.oldest_due is not None:
        yield "oldest due", f"waits for {span_text((now - figures.oldest_due) / 1000)}"
    if figures.in_doubt:
        yield "ever in doubt", counted(figures.in_doubt, "recipient")
    yield "stored", octets_text(figures.octets)
    if couriers:
        yield "couriers", f"{couriers:,}"
    elif sum(figures.by_connection.values()):
        yield "couriers", "none is running; start one with `eilbote courier`"
    else:
        yield "couriers", "none is running"


def _width() -> int:
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else _WITHOUT_TERMINAL
