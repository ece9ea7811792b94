"""One wish for many entries: chosen, counted, confirmed, done by the hundred, and safe to be done again.

It can be broken off at any moment: what was done is done, and the same command goes on with the rest, because what
is done is no longer among what the wish is possible for.
"""

from __future__ import annotations

import sys
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

import typer

from eilbote.cli.at_desk import at_desk
from eilbote.cli.exit_codes import ExitCode
from eilbote.cli.faults import CommandLineError
from eilbote.cli.lost_output import outliving_lost_output
from eilbote.cli.outbox_data import entry_data
from eilbote.cli.outbox_looking import pages
from eilbote.cli.outbox_view import show_table
from eilbote.cli.printable import counted
from eilbote.cli.screen import console
from eilbote.errors import EntryNotFoundError, IllegalTransitionError
from eilbote.model.ids import EntryId, entry_id_text
from eilbote.model.moment import moment_of
from eilbote.model.status import EntryState
from eilbote.outbox.store import Wish
from eilbote.outbox.wishes import NO_SUCH_ENTRY

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Generator
    from pathlib import Path

    from eilbote.app import Eilbote
    from eilbote.cli.outbox_options import Chosen
    from eilbote.cli.screen import Screen
    from eilbote.outbox.entry import Entry
    from eilbote.outbox.store import EntryFilter

_WORTH_A_BAR: Final = 1000
_PAST: Final = {
    Wish.RETRY: "due now",
    Wish.CANCEL: "cancelled",
    Wish.HOLD: "held",
    Wish.RELEASE: "released",
}
_CONCERNED: Final = {
    Wish.RETRY: (EntryState.DEFERRED,),
    Wish.CANCEL: (EntryState.QUEUED, EntryState.DEFERRED, EntryState.HELD, EntryState.ACTIVE),
    Wish.HOLD: (EntryState.QUEUED, EntryState.DEFERRED, EntryState.ACTIVE),
    Wish.RELEASE: (EntryState.HELD,),
}
"""Which entries a choice means that names no states."""
_CONCERNED_FAILED: Final = (EntryState.DEFERRED, EntryState.DONE)


@dataclass(slots=True)
class Tally:
    """What was done so far.

    Attributes:
        done: Entries for which the wish was granted.
        refused: How many were not, by reason.
    """

    done: int = 0
    refused: Counter[str] = field(default_factory=Counter[str])


def act(
    word: str,
    chosen: Chosen,
    screen: Screen,
    *,
    data_dir: Path | None,
    everything: bool,
    asks: bool,
    dry_run: bool,
) -> None:
    """Do what is wanted with the entries that were chosen, and say what became of it.

    Raises:
        CommandLineError: It is not said which entries, or ids and other conditions are mixed.
        EntryNotFoundError: The only entry that is named is not there.
        IllegalTransitionError: Its state does not allow it.
        typer.Exit: Some of several were refused (1), or the person said no (1).
    """
    wish = Wish(word)
    _check(chosen, everything=everything, wish=wish)
    if dry_run:
        at_desk(
            lambda eilbote: _show_concerned(eilbote, wish, chosen, screen), data_dir=data_dir, screen=screen
        )
        return
    if chosen.ids:
        tally = at_desk(
            lambda eilbote: _act_on_named(eilbote, wish, chosen, screen), data_dir=data_dir, screen=screen
        )
    else:
        tally = _act_on_found(wish, chosen, screen, data_dir=data_dir, asks=asks)
    with outliving_lost_output():
        _tell(wish, tally, screen)
    if tally.refused:
        raise typer.Exit(ExitCode.FAILED)


def _check(chosen: Chosen, *, everything: bool, wish: Wish) -> None:
    if not chosen.is_anything and not everything:
        raise CommandLineError(
            "it is not said which entries",
            field="ids",
            remedy=f"Name ids, give conditions such as --connection office, or --all; `eilbote outbox {wish} --help`",
        )
    if chosen.ids and (everything or replace(chosen, ids=()).is_anything):
        raise CommandLineError(
            "ids are named, and other conditions beside them",
            field="all" if everything else "ids",
            remedy="Name ids, or give conditions, not both",
        )


def narrowed(which: EntryFilter, wish: Wish) -> EntryFilter:
    """Leave only what the wish is meant for, unless states were named."""
    if which.states or which.ids:
        return which
    return replace(
        which, states=_CONCERNED_FAILED if wish is Wish.RETRY and which.failed else _CONCERNED[wish]
    )


def is_meant(entry: Entry, wish: Wish, now: int) -> bool:
    """Tell whether the wish would change anything: what is due already need not be made due."""
    waits = entry.state in {EntryState.QUEUED, EntryState.DEFERRED}
    return not (wish is Wish.RETRY and waits and entry.due <= now < entry.expires)


async def _act_on_named(eilbote: Eilbote, wish: Wish, chosen: Chosen, screen: Screen) -> Tally:
    tally = Tally()
    ids = chosen.filter(now=eilbote.clock.now()).ids
    refusals = await eilbote.apply(wish, ids)
    for entry, refusal in zip(ids, refusals, strict=True):
        if refusal is None:
            tally.done += 1
        elif len(ids) == 1:
            name = entry_id_text(entry)
            if refusal == NO_SUCH_ENTRY:
                raise EntryNotFoundError(
                    f"there is no entry {name}",
                    field="id",
                    remedy="`eilbote outbox list` shows what there is",
                )
            why, _, remedy = refusal.partition(". ")
            raise IllegalTransitionError(f"{name}: {why}", field="id", remedy=remedy or None)
        else:
            tally.refused[refusal] += 1
            screen.note(f"{entry_id_text(entry)}: {refusal}")
    return tally


def _act_on_found(wish: Wish, chosen: Chosen, screen: Screen, *, data_dir: Path | None, asks: bool) -> Tally:
    asks = asks and sys.stdin.isatty()
    count = None
    if asks or sys.stderr.isatty():
        count = at_desk(lambda eilbote: _count(eilbote, wish, chosen), data_dir=data_dir, screen=screen)
    # Asked outside the event loop, which would swallow a Ctrl-C.
    if count and asks:
        _confirm(wish, count, screen)
    tally = Tally()
    try:
        with _progress(wish, count) as advance:
            at_desk(
                lambda eilbote: _act_on_each(eilbote, wish, chosen, tally, advance),
                data_dir=data_dir,
                screen=screen,
                quietly=count is not None,
            )
    except KeyboardInterrupt:
        done = counted(tally.done, "entry", "entries")
        screen.note(f"eilbote: interrupted; {done} {_PAST[wish]}. The same command goes on with the rest")
        raise
    return tally


def _confirm(wish: Wish, count: int, screen: Screen) -> None:
    typer.echo(f"{wish.value.capitalize()} {counted(count, 'entry', 'entries')}? [y/N] ", nl=False, err=True)
    if sys.stdin.readline().strip().lower() not in {"y", "yes"}:
        screen.note("nothing was changed")
        raise typer.Exit(ExitCode.FAILED)


async def _act_on_each(
    eilbote: Eilbote, wish: Wish, chosen: Chosen, tally: Tally, advance: Callable[[int], object]
) -> None:
    async for page in _concerned(eilbote, wish, chosen):
        ids: list[EntryId] = [entry.id for entry in page]
        for refusal in await eilbote.apply(wish, ids):
            if refusal is None:
                tally.done += 1
            else:
                tally.refused[refusal] += 1
        advance(len(ids))


async def _count(eilbote: Eilbote, wish: Wish, chosen: Chosen) -> int:
    return sum([len(page) async for page in _concerned(eilbote, wish, chosen)])


async def _concerned(eilbote: Eilbote, wish: Wish, chosen: Chosen) -> AsyncIterator[list[Entry]]:
    time = eilbote.clock.now()
    now = moment_of(time)
    async for page in pages(eilbote, narrowed(chosen.filter(now=time), wish)):
        if meant := [entry for entry in page if is_meant(entry, wish, now)]:
            yield meant


async def _show_concerned(eilbote: Eilbote, wish: Wish, chosen: Chosen, screen: Screen) -> None:
    now = moment_of(eilbote.clock.now())
    count = 0
    async for page in _concerned(eilbote, wish, chosen):
        if screen.as_json:
            for entry in page:
                screen.line(entry_data(entry))
        else:
            show_table(page, screen, now=now, header=not count)
        count += len(page)
    screen.note(f"nothing was changed; {wish.value} would concern {counted(count, 'entry', 'entries')}")


def _tell(wish: Wish, tally: Tally, screen: Screen) -> None:
    if screen.as_json:
        screen.data({"wish": wish.value, "done": tally.done, "refused": dict(tally.refused)})
        return
    screen.text(f"{counted(tally.done, 'entry', 'entries')} {_PAST[wish]}")
    for reason, count in tally.refused.most_common():
        screen.text(f"{counted(count, 'entry', 'entries')} left: {reason}")


@contextmanager
def _progress(wish: Wish, total: int | None) -> Generator[Callable[[int], object]]:
    """Draw a bar on stderr while many entries are changed, if somebody is looking."""
    if total is None or total < _WORTH_A_BAR or not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console(stderr=True), transient=True) as progress:
        task = progress.add_task(wish.value.capitalize(), total=total)
        yield lambda entries: progress.advance(task, entries)
