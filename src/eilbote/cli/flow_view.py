"""A run as people see it: one line for each node, with how long it took and what came of it; and its messages.

::

    order-ready  r-1kd8p3v4a0003  done  3 steps, 1 message, 0.31 s

      ✓  Tell the customer   email_notification   0.28 s
           accepted  anna@example.org  Order 4711 is ready
           eilbote outbox show 1kd8p3v4a0003
      ✓  Did it arrive?      branch: then         0.00 s
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, cast

import typer

from eilbote.author.flow.store import Awaits
from eilbote.cli.printable import counted, printable
from eilbote.cli.times import distance_text, local_text, moment_text
from eilbote.model.ids import entry_id_text
from eilbote.model.status import RecipientStatus, reply_words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from eilbote.author.flow.source import Data
    from eilbote.cli.screen import Screen
    from eilbote.engine.flow_view import FlowRun, FlowStep
    from eilbote.model.moment import Moment
    from eilbote.outbox.entry import Entry

COLOURS: Final = {
    "running": typer.colors.BLUE,
    "waiting": typer.colors.YELLOW,
    "done": typer.colors.GREEN,
    "failed": typer.colors.RED,
    "cancelled": typer.colors.BRIGHT_BLACK,
}
_LONGEST_VALUE: Final = 60
_LONGEST_LABEL: Final = 28
_MOST_VALUES: Final = 12
_SECRET_WORDS: Final = (
    "password",
    "passwort",
    "secret",
    "token",
    "api_key",
    "apikey",
    "authorization",
    "credential",
)
_STARS: Final = "***"
_TICK, _CROSS, _BANG, _DOTS = "✓", "✗", "!", "…"
_MINUTE: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class StepMail:
    """A message that a node has asked for.

    Attributes:
        step: The number of the step, from 0; that of the node that the run is at when it is one more than there are.
        entry: The entry in the outbox.
    """

    step: int
    entry: Entry


# -- a run ----------------------------------------------------------------------------------------------------


def show_run(
    run: FlowRun,
    mails: Sequence[StepMail],
    screen: Screen,
    *,
    now: Moment,
    head: bool = True,
    values: bool = True,
    links: bool = True,
) -> None:
    """Write everything about a run.

    Args:
        run: Which.
        mails: Its messages.
        screen: Where.
        now: The time.
        head: Whether its first line is written.
        values: Whether what it knows is written.
        links: Whether its messages can be looked at in the outbox.
    """
    if head:
        screen.text(headline(run))
        screen.text()
    for number, step in enumerate(run.steps):
        show_step(step, [mail.entry for mail in mails if mail.step == number], screen, links=links)
    if not run.has_ended:
        for line in where_it_is(run, now):
            screen.text(line)
        for mail in mails:
            if mail.step == len(run.steps):
                _show_mail(mail.entry, screen, links=links)
    if run.error:
        for line in _error_lines(run.error):
            screen.text(line)
    if values:
        for title, kept in (("INPUT", run.input), ("CONTEXT", run.context)):
            _show_values(title, kept, screen)


def headline(run: FlowRun) -> str:
    """Say which run it is, how it stands, and how much it took."""
    status = typer.style(run.status, fg=COLOURS.get(run.status), bold=True)
    version = f" version {run.version}" if run.version else ""
    whose = f" of {printable(run.organization)}" if run.organization else ""
    taken = [counted(len(run.steps), "step"), counted(run.mails, "message")]
    taken.append(seconds_text((run.changed - run.began) / 1000))
    name = typer.style(printable(run.flow), bold=True)
    return f"{name}{version}{whose}  {printable(run.id)}  {status}  {', '.join(taken)}"


def show_step(step: FlowStep, mails: Sequence[Entry], screen: Screen, *, links: bool = True) -> None:
    """Write what happened at a node."""
    if not step.error:
        mark = typer.style(_TICK, fg=typer.colors.GREEN)
    elif step.by:
        mark = typer.style(_BANG, fg=typer.colors.YELLOW, bold=True)
    else:
        mark = typer.style(_CROSS, fg=typer.colors.RED, bold=True)
    label = f"{printable(step.label, longest=_LONGEST_LABEL):<{_LONGEST_LABEL}}"
    way = f" {_ARROW} {step.by}" if step.by and step.by != "next" else ""
    screen.text(f"  {mark}  {label}  {f'{step.kind}{way}':<28}  {seconds_text(step.seconds):>8}".rstrip())
    for entry in mails:
        _show_mail(entry, screen, links=links)
    if step.error and step.by:
        said = " ".join(str(step.error[part]) for part in ("message",) if step.error.get(part))
        screen.text(f"       {printable(said)}; the run went on")
        for label, part in (("why", "cause"), ("do", "remedy")):
            if step.error.get(part):
                screen.text(f"       {label:<4} {printable(str(step.error[part]))}")


_ARROW: Final = "→"


def where_it_is(run: FlowRun, now: Moment) -> Iterator[str]:
    """Say what a run that has not ended waits for, and until when."""
    mark = typer.style(_DOTS, fg=typer.colors.YELLOW, bold=True)
    match run.awaits:
        case Awaits.TIME:
            when = (
                f"{local_text(run.due)} ({distance_text(run.due, now)})"
                if run.due is not None
                else "its time"
            )
            text = f"waits until {when}"
        case Awaits.MAIL:
            text = "waits for its message to be settled"
        case Awaits.ANSWER:
            until = f", until {local_text(run.due)}" if run.due is not None else ""
            text = f"waits for an answer{until}"
        case _:
            text = "is being worked on" if run.node else "is about to begin"
    yield f"  {mark}  {printable(run.node) or run.flow}  {text}"


def seconds_text(seconds: float) -> str:
    """Write how long something took."""
    if seconds < _MINUTE:
        return f"{max(seconds, 0):.2f} s"
    from eilbote.cli.times import span_text

    return span_text(seconds)


def _show_mail(entry: Entry, screen: Screen, *, links: bool) -> None:
    subject = printable(entry.subject, longest=40)
    link = typer.style(f"eilbote outbox show {entry_id_text(entry.id)}", dim=True) if links else ""
    screen.text(f"       {subject}  {link}".rstrip())
    width = max((len(each.address) for each in entry.recipients), default=0)
    for each in entry.recipients[:10]:
        status = each.status.value if each.status else entry.state.value
        fg = typer.colors.GREEN if each.status is RecipientStatus.ACCEPTED else typer.colors.YELLOW
        fg = typer.colors.RED if each.status is RecipientStatus.FAILED else fg
        said = (
            ""
            if each.status is RecipientStatus.ACCEPTED
            else reply_words(each.reply_code, each.enhanced_status_code, each.text)
        )
        line = f"       {typer.style(f'{status:<9}', fg=fg)} {printable(each.address):<{width}}  {printable(said)}"
        screen.text(line.rstrip())
    if len(entry.recipients) > 10:  # noqa: PLR2004 - as many as above
        screen.text(f"       and {len(entry.recipients) - 10} more")
    if entry.reason:
        screen.text(f"       {printable(entry.reason)}")


def _error_lines(error: Mapping[str, Data]) -> Iterator[str]:
    yield ""
    node, field = error.get("node"), error.get("field")
    where = ".".join(str(each) for each in (node, field) if each)
    said = printable(str(error.get("message") or error.get("code") or "it failed"))
    yield typer.style(f"  {said}", fg=typer.colors.RED, bold=True)
    for label, text in (("where", where), ("why", error.get("cause")), ("do", error.get("remedy"))):
        if text:
            yield f"    {label:<6} {printable(str(text))}"


# -- values ---------------------------------------------------------------------------------------------------


def _show_values(title: str, kept: Mapping[str, Data], screen: Screen) -> None:
    if not kept:
        return
    screen.text()
    screen.text(typer.style(title, bold=True))
    for name, value in list(kept.items())[:_MOST_VALUES]:
        text = value_text(without_secrets(value, name))
        screen.text(f"  {printable(name, longest=30)} = {printable(text, longest=_LONGEST_VALUE)}")
    if len(kept) > _MOST_VALUES:
        screen.text(f"  and {len(kept) - _MOST_VALUES} more; --json shows all")


def value_text(value: Data) -> str:
    """Write a value in one line."""
    return value if isinstance(value, str) else json.dumps(plain(value), ensure_ascii=False)


def without_secrets(value: Data, name: str = "") -> Data:
    """Give data in which whatever is called a password, a token or the like is struck out."""
    if name and any(word in name.lower() for word in _SECRET_WORDS) and value not in (None, "", True, False):
        return _STARS
    match value:
        case dict():
            return {key: without_secrets(inner, key) for key, inner in value.items()}
        case list():
            return [without_secrets(inner, name) for inner in value]
        case _:
            return value


# -- as data --------------------------------------------------------------------------------------------------


def run_data(run: FlowRun, mails: Sequence[StepMail] = (), *, in_full: bool = True) -> Mapping[str, object]:
    """Give a run for programs; times are UTC, secrets are struck out."""
    short: dict[str, object] = {
        "id": run.id,
        "flow": run.flow,
        "version": run.version or None,
        "organization": run.organization or None,
        "session": run.session,
        "author": run.author or None,
        "status": run.status,
        "awaits": run.awaits.value or None,
        "due_at": moment_text(run.due),
        "entry": None if run.entry is None else entry_id_text(run.entry),
        "began_at": moment_text(run.began),
        "changed_at": moment_text(run.changed),
    }
    if not in_full:
        return short
    return short | {
        "node": run.node or None,
        "error": plain(dict(run.error)) if run.error else None,
        "input": plain(without_secrets(dict(run.input))),
        "context": plain(without_secrets(dict(run.context))),
        "messages": run.mails,
        "steps": [
            {
                "node": step.node,
                "label": step.label,
                "kind": step.kind,
                "at": moment_text(step.at),
                "seconds": step.seconds,
                "by": step.by or None,
                "error": plain(dict(step.error)) if step.error else None,
                "entries": [entry_id_text(mail.entry.id) for mail in mails if mail.step == number],
            }
            for number, step in enumerate(run.steps)
        ],
    }


def plain(value: Data) -> object:
    """Give data as JSON knows it: a decimal number is written as the number it is."""
    from decimal import Decimal

    match value:
        case Decimal():
            return (
                int(value) if value == value.to_integral_value() and "." not in str(value) else float(value)
            )
        case dict():
            return {key: plain(inner) for key, inner in value.items()}
        case list():
            return [plain(inner) for inner in value]
        case _:
            return cast("object", value)


def show_runs(runs: Sequence[FlowRun], screen: Screen, *, now: Moment) -> None:
    """Write a line for each run."""
    rows = [
        (
            printable(run.id, longest=40),
            run.status,
            printable(f"{run.organization}/{run.flow}" if run.organization else run.flow, longest=30),
            distance_text(run.began, now),
            _note(run, now),
        )
        for run in runs
    ]
    header = ("RUN", "STATUS", "FLOW", "BEGAN", "NOTE")
    widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]
    for row in (header, *rows):
        cells = [f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)]
        if row is not header:
            cells[1] = typer.style(cells[1], fg=COLOURS.get(row[1]))
        line = "  ".join(cells).rstrip()
        screen.text(typer.style(line, bold=True) if row is header else line)


def _note(run: FlowRun, now: Moment) -> str:
    if run.has_ended:
        return ""
    match run.awaits:
        case Awaits.TIME:
            return f"goes on {distance_text(run.due, now)}" if run.due is not None else ""
        case Awaits.MAIL:
            return "waits for a message"
        case Awaits.ANSWER:
            return "waits for an answer"
        case _:
            return ""
