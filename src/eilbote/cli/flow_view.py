"""A run as people see it: one line for each node, with how long it took and what came of it; and its messages.

::

    order-ready  r-1kd8p3v4a0003  done  3 steps, 1 message, 0.31 s

      ✓  Tell the customer   email_notification   0.28 s
           accepted  anna@example.org  Order 4711 is ready
           eilbote outbox show 1kd8p3v4a0003
      ✓  Did it arrive?      branch: then         0.00 s
"""

from __future__ import annotations

import shutil
import sys
import textwrap
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

import typer

from eilbote.author.flow.store import Awaits
from eilbote.cli.flow_data import value_text
from eilbote.cli.printable import counted, printable
from eilbote.cli.table import show_table
from eilbote.cli.times import distance_text, local_text
from eilbote.engine.shown_data import without_secrets
from eilbote.model.ids import entry_id_text
from eilbote.model.status import EntryState, RecipientStatus, reply_words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from eilbote.cli.screen import Screen
    from eilbote.engine.flow_view import FlowRun, FlowStep
    from eilbote.engine.run_mails import StepMail
    from eilbote.model.data import Data
    from eilbote.model.moment import Moment
    from eilbote.outbox.entry import Entry

COLOURS: Final = {
    "running": typer.colors.BLUE,
    "waiting": typer.colors.YELLOW,
    "done": typer.colors.GREEN,
    "failed": typer.colors.RED,
    "cancelled": typer.colors.BRIGHT_BLACK,
}
_SETTLED: Final = frozenset({EntryState.DONE, EntryState.CANCELLED})
_WIDEST: Final = 100
_BELOW: Final = 7
"""Columns before what stands below a step."""
_LONGEST_VALUE: Final = 60
_LONGEST_LABEL: Final = 28
_MOST_VALUES: Final = 12
_TICK, _CROSS, _BANG, _DOTS = "✓", "✗", "!", "…"
_MINUTE: Final = 60


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
        show_step(step, [mail for mail in mails if mail.step == number], screen, links=links)
    if not run.has_ended:
        for line in where_it_is(run, now):
            screen.text(line)
        for mail in mails:
            if mail.step == len(run.steps):
                show_mail(mail.entry, mail.waits_for, screen, links=links)
    if run.error:
        for line in _error_lines(run.error):
            screen.text(line)
    if values:
        for title, kept in (("INPUT", run.input), ("CONTEXT", run.context)):
            show_values(title, kept, screen)


def headline(run: FlowRun) -> str:
    """Say which run it is, how it stands, and how much it took."""
    status = typer.style(run.status, fg=COLOURS.get(run.status), bold=True)
    version = f" version {run.version}" if run.version else ""
    whose = f" of {printable(run.organization)}" if run.organization else ""
    taken = [counted(len(run.steps), "step"), counted(run.mails, "message")]
    taken.append(seconds_text((run.changed - run.began) / 1000))
    name = typer.style(printable(run.flow), bold=True)
    return f"{name}{version}{whose}  {printable(run.id)}  {status}  {', '.join(taken)}"


def show_step(step: FlowStep, mails: Sequence[StepMail], screen: Screen, *, links: bool = True) -> None:
    """Write what happened at a node."""
    if not step.error and any(mail.entry.state not in _SETTLED for mail in mails):
        mark = typer.style(_DOTS, fg=typer.colors.YELLOW, bold=True)
    elif not step.error:
        mark = typer.style(_TICK, fg=typer.colors.GREEN)
    elif step.by:
        mark = typer.style(_BANG, fg=typer.colors.YELLOW, bold=True)
    else:
        mark = typer.style(_CROSS, fg=typer.colors.RED, bold=True)
    label = f"{printable(step.label, longest=_LONGEST_LABEL):<{_LONGEST_LABEL}}"
    way = f" {_ARROW} {step.by}" if step.by and step.by != "next" else ""
    screen.text(f"  {mark}  {label}  {f'{step.kind}{way}':<28}  {seconds_text(step.seconds):>8}".rstrip())
    for mail in mails:
        show_mail(mail.entry, mail.waits_for, screen, links=links)
    if step.error and step.by:
        said = step.error.get("message") or step.error.get("code") or "it failed"
        screen.text(wrapped(f"{said}; the run went on"))
        for label, part in (("why", "cause"), ("do", "remedy")):
            if step.error.get(part):
                screen.text(wrapped(str(step.error[part]), label=label))


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


def show_mail(entry: Entry, waits_for: str, screen: Screen, *, links: bool = True) -> None:
    """Write what became of a message, recipient by recipient."""
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
    if waits_for:
        screen.text(wrapped(waits_for))
        screen.text(wrapped("It stays in the outbox; 'eilbote courier' goes on trying."))
    elif entry.reason:
        screen.text(wrapped(entry.reason))


def wrapped(text: str, *, label: str = "") -> str:
    """Write a sentence below a step, in as many lines as it takes."""
    columns = shutil.get_terminal_size().columns if sys.stdout.isatty() else _WIDEST
    head = f"{' ' * _BELOW}{label:<6}" if label else " " * _BELOW
    return textwrap.fill(
        printable(text),
        max(min(columns, _WIDEST), 40),
        initial_indent=head,
        subsequent_indent=" " * len(head),
        break_long_words=False,
        break_on_hyphens=False,
    )


def _error_lines(error: Mapping[str, Data]) -> Iterator[str]:
    yield ""
    node, field = error.get("node"), error.get("field")
    where = ".".join(str(each) for each in (node, field) if each)
    said = printable(str(error.get("message") or error.get("code") or "it failed"))
    yield typer.style(f"  {said}", fg=typer.colors.RED, bold=True)
    for label, text in (("where", where), ("why", error.get("cause")), ("do", error.get("remedy"))):
        if text:
            yield wrapped(str(text), label=label)


# -- values ---------------------------------------------------------------------------------------------------


def show_values(title: str, kept: Mapping[str, Data], screen: Screen) -> None:
    """Write the first values of what is known, secrets struck out."""
    if not kept:
        return
    screen.text()
    screen.text(typer.style(title, bold=True))
    for name, value in list(kept.items())[:_MOST_VALUES]:
        text = value_text(without_secrets(value, name))
        screen.text(f"  {printable(name, longest=30)} = {printable(text, longest=_LONGEST_VALUE)}")
    if len(kept) > _MOST_VALUES:
        screen.text(f"  and {len(kept) - _MOST_VALUES} more; --json shows all")


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
    show_table(header, rows, screen, coloured=1, colours=COLOURS)


def _note(run: FlowRun, now: Moment) -> str:
    if run.has_ended:
        return (
            f"went on after {counted(run.failed_nodes, 'failure')}"
            if run.status == "done" and run.failed_nodes
            else ""
        )
    match run.awaits:
        case Awaits.TIME:
            return f"goes on {distance_text(run.due, now)}" if run.due is not None else ""
        case Awaits.MAIL:
            return "waits for a message"
        case Awaits.ANSWER:
            return "waits for an answer"
        case _:
            return ""
