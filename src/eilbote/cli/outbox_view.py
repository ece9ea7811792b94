"""Entries of the outbox as people read them: a table of many, a page on one."""

from __future__ import annotations

import shutil
import sys
from typing import TYPE_CHECKING

import typer

from eilbote.cli.outbox_data import PRIORITIES
from eilbote.cli.printable import counted, printable
from eilbote.cli.times import distance_text, local_text
from eilbote.model.ids import entry_id_text
from eilbote.model.status import EntryState, RecipientStatus, reply_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from eilbote.cli.screen import Screen
    from eilbote.model.attempt import Attempt, Event, Outcome
    from eilbote.model.moment import Moment
    from eilbote.outbox.entry import Entry, EntryRecipient, History

STATE_COLOURS = {
    EntryState.QUEUED: typer.colors.CYAN,
    EntryState.ACTIVE: typer.colors.BLUE,
    EntryState.DEFERRED: typer.colors.YELLOW,
    EntryState.HELD: typer.colors.MAGENTA,
    EntryState.DONE: typer.colors.GREEN,
    EntryState.CANCELLED: typer.colors.BRIGHT_BLACK,
}
STATUS_COLOURS = {
    RecipientStatus.ACCEPTED: typer.colors.GREEN,
    RecipientStatus.DEFERRED: typer.colors.YELLOW,
    RecipientStatus.FAILED: typer.colors.RED,
    RecipientStatus.IN_DOUBT: typer.colors.MAGENTA,
}
_LONGEST_RECIPIENT, _LONGEST_SUBJECT, _LEAST_NOTE = 36, 32, 20
_WITHOUT_TERMINAL = 160
_FIXED, _LEAST_SHARE = 30, 12
"""Columns that id, state and blanks take; and what recipient and subject get in the narrowest terminal."""
_HEADER = ("ID", "STATE", "TO", "SUBJECT", "NOTE")


def show_table(entries: Sequence[Entry], screen: Screen, *, now: Moment, header: bool = True) -> None:
    """Write a line for each entry, none longer than the terminal is wide, if there is room for a line at all."""
    columns = shutil.get_terminal_size().columns if sys.stdout.isatty() else _WITHOUT_TERMINAL
    share = max((columns - _FIXED - _LEAST_NOTE) // 2, _LEAST_SHARE)
    rows = [
        (
            entry_id_text(entry.id),
            entry.state.value,
            printable(_to(entry), longest=min(share, _LONGEST_RECIPIENT)),
            printable(entry.subject, longest=min(share, _LONGEST_SUBJECT)),
            printable(note_on(entry, now)),
        )
        for entry in entries
    ]
    widths = [max(map(len, column)) for column in zip(_HEADER, *rows, strict=True)][:-1]
    left = max(columns - sum(widths) - 2 * len(widths), _LEAST_NOTE)
    if header:
        screen.text(typer.style(_line(_HEADER, widths), bold=True))
    for row, entry in zip(rows, entries, strict=True):
        line = _line((*row[:-1], printable(row[-1], longest=left)), widths)
        at = widths[0] + 2
        state = typer.style(line[at : at + widths[1]], fg=STATE_COLOURS[entry.state])
        screen.text(line[:at] + state + line[at + widths[1] :])


def note_on(entry: Entry, now: Moment) -> str:
    """Say what matters most about an entry, in a few words."""
    match entry.state:
        case EntryState.QUEUED | EntryState.DEFERRED:
            why = entry.reason or next((each.text for each in entry.recipients if each.text), "")
            verb = "again" if entry.state is EntryState.DEFERRED else "due"
            when = f"{verb} now" if entry.due <= now else f"{verb} {distance_text(entry.due, now)}"
            return f"{when}: {why}" if why else when
        case EntryState.ACTIVE:
            return "on its way" if entry.transmitting else "taken by a courier"
        case EntryState.HELD:
            return entry.reason or "held"
        case EntryState.DONE:
            return _ending(entry)
        case EntryState.CANCELLED:
            return entry.reason


def _ending(entry: Entry) -> str:
    accepted = sum(each.status is RecipientStatus.ACCEPTED for each in entry.recipients)
    if accepted == len(entry.recipients):
        return "accepted"
    failed = next((each for each in entry.recipients if each.status is RecipientStatus.FAILED), None)
    head = "failed" if not accepted else f"{accepted} of {len(entry.recipients)} accepted"
    return f"{head}: {_said(failed)}" if failed and _said(failed) else head


def _to(entry: Entry) -> str:
    first, *others = (each.address for each in entry.recipients)
    return f"{first} +{len(others)}" if others else first


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = (f"{cell:<{width}}" for cell, width in zip(cells, widths, strict=False))
    return "  ".join((*padded, cells[-1])).rstrip()


# -- one entry ---------------------------------------------------------------------------------------------------


def show_history(history: History, screen: Screen, *, now: Moment, dialogue: bool) -> None:
    """Write everything about an entry."""
    entry = history.entry
    state = typer.style(entry.state.value, fg=STATE_COLOURS[entry.state], bold=True)
    note = printable(note_on(entry, now))
    screen.text(f"{entry_id_text(entry.id)}  {state}" + (f"  {note}" if note else ""))
    screen.text()
    for label, text in _facts(entry, now):
        if text:
            screen.text(f"{label:<12}{printable(text)}")
    _head("RECIPIENTS", screen)
    width = max(len(printable(each.address)) for each in entry.recipients)
    for each in entry.recipients:
        screen.text(_recipient_line(each, width))
    if history.attempts:
        _head("ATTEMPTS", screen)
        for attempt in history.attempts:
            _show_attempt(attempt, entry, screen, dialogue=dialogue)
    if history.events:
        _head("EVENTS", screen)
        for event in history.events:
            screen.text(_event_line(event, entry))


def _head(title: str, screen: Screen) -> None:
    screen.text()
    screen.text(typer.style(title, bold=True))


def _facts(entry: Entry, now: Moment) -> Iterator[tuple[str, str]]:
    yield "subject", entry.subject
    yield "message", entry.message_id
    yield "key", entry.idempotency_key or ""
    others = [name for name in entry.connections if name != entry.connection]
    yield "connection", entry.connection + (f" (also {', '.join(others)})" if others else "")
    yield "organization", entry.organization
    yield "author", entry.author
    yield "priority", PRIORITIES.get(entry.urgency, "normal")
    yield "size", f"{entry.size:,} octets"
    yield "accepted", _when(entry.accepted, now)
    if entry.finished is None:
        yield "due", _when(entry.due, now)
        yield "expires", _when(entry.expires, now)
        yield "in doubt", f"{entry.on_in_doubt.value} (what happens when nobody knows)"
    else:
        yield "finished", _when(entry.finished, now)
    yield "reason", entry.reason


def _when(moment: Moment, now: Moment) -> str:
    return f"{local_text(moment)} ({distance_text(moment, now)})"


def _recipient_line(each: EntryRecipient, width: int) -> str:
    status = _status(each.status)
    tried = counted(each.attempts, "attempt") if each.attempts else ""
    doubts = f"{counted(each.in_doubt, 'time')} in doubt" if each.in_doubt else ""
    told = [text for text in (tried, doubts, printable(_said(each))) if text]
    return f"{status}  {each.kind.value:<8}  {printable(each.address):<{width}}  {', '.join(told)}".rstrip()


def _status(status: RecipientStatus | None) -> str:
    if status is None:
        return f"{'waiting':<9}"
    return typer.style(f"{status.value.replace('_', ' '):<9}", fg=STATUS_COLOURS[status])


def _said(each: EntryRecipient | Outcome) -> str:
    """Give what the server said on a recipient."""
    return reply_words(each.reply_code, each.enhanced_status_code, each.text)


def _show_attempt(attempt: Attempt, entry: Entry, screen: Screen, *, dialogue: bool) -> None:
    told = [
        f"#{attempt.number}",
        local_text(attempt.started),
        attempt.connection,
        attempt.server,
        attempt.tls_version,
        f"{attempt.seconds:.2f} s",
        f"up to {attempt.stage}" if attempt.stage else "",
    ]
    screen.text("  ".join(printable(text) for text in told if text))
    if attempt.reply:
        screen.text(f"    {printable(attempt.reply)}")
    for outcome in attempt.outcomes:
        address = entry.recipients[outcome.number].address if outcome.number < len(entry.recipients) else "?"
        screen.text(
            f"    {_status(outcome.status)}  {printable(address)}  {printable(_said(outcome))}".rstrip()
        )
    if dialogue:
        for line in attempt.transcript.splitlines():
            screen.text(f"      {printable(line)}")


def _event_line(event: Event, entry: Entry) -> str:
    whom = [entry.recipients[number].address for number in event.recipients if number < len(entry.recipients)]
    told = [
        local_text(event.at),
        f"{event.kind.value.replace('_', ' '):<10}",
        ", ".join(whom[:3]) + (f" and {len(whom) - 3} more" if len(whom) > 3 else ""),  # noqa: PLR2004 - what a line holds
        event.text,
    ]
    return "  ".join(printable(text) for text in told if text).rstrip()
