"""What ``eilbote route test`` does: send a message over a route, and stay with it for a while."""

from __future__ import annotations

import asyncio
import base64
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import typer

from eilbote.cli.at_desk import at_desk
from eilbote.cli.exit_codes import ExitCode
from eilbote.cli.faults import CommandLineError, UnreadableFileError
from eilbote.cli.flow_texts import is_file, read_input
from eilbote.cli.flow_wish import quiet_log
from eilbote.cli.lost_output import outliving_lost_output
from eilbote.cli.outbox_data import history_data
from eilbote.cli.outbox_view import STATE_COLOURS, STATUS_COLOURS, note_on
from eilbote.cli.printable import printable
from eilbote.cli.route_checking import sound_routes
from eilbote.engine.run_mails import why_it_waits
from eilbote.model.ids import entry_id_text
from eilbote.model.moment import moment_of
from eilbote.model.status import EntryState, RecipientStatus, reply_words

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from eilbote.app import Eilbote
    from eilbote.author.process.route.route import Route
    from eilbote.cli.screen import Screen
    from eilbote.model.data import Data
    from eilbote.model.ids import EntryId
    from eilbote.model.moment import Moment
    from eilbote.outbox.entry import Entry, History

_SECONDS: Final = 10.0
"""How long somebody who tries a route stays with its message."""
_FIRST_PAUSE, _LONGEST_PAUSE = 0.02, 0.5
_ON_ITS_WAY: Final = frozenset({EntryState.QUEUED, EntryState.ACTIVE})
_SETTLED: Final = frozenset({EntryState.DONE, EntryState.CANCELLED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What was asked for.

    Attributes:
        route: The name of a kept route, or a file.
        recipients: Who gets it, in place of those whom the route names.
        sets: What each ``--set`` said.
        values: What ``--values`` said.
        documents: What each ``--document`` said.
        organization: On whose behalf.
    """

    route: str
    recipients: tuple[str, ...] = ()
    sets: tuple[str, ...] = ()
    values: str | None = None
    documents: tuple[str, ...] = ()
    organization: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What became of the message.

    Attributes:
        history: Everything that happened to it.
        waits_for: Why it is not settled yet, as far as that is known.
        at: When this was so.
    """

    history: History
    waits_for: str
    at: Moment


def try_route(trial: Trial, screen: Screen, *, data_dir: Path | None) -> None:
    """Send the message, deliver it, and tell what became of it.

    Raises:
        EilboteError: It cannot be sent; nothing was.
        typer.Exit: A server refused it (1), or it still waits (4).
    """
    values = dict(read_input(trial.values, trial.sets) or {})
    values |= dict(map(_document, trial.documents))
    route = _route_of(trial.route, screen) if is_file(trial.route) else trial.route

    async def work(eilbote: Eilbote) -> Sent:
        submission = await eilbote.routes.test(
            route, values, recipients=trial.recipients, organization=trial.organization
        )
        async with _deliveries(eilbote):
            return await _settled(eilbote, submission.id)

    with quiet_log(screen):
        sent = at_desk(work, data_dir=data_dir, screen=screen, makes=True)
    with outliving_lost_output():
        _show(sent, screen)
    _conclude(sent.history.entry)


def _route_of(file: str, screen: Screen) -> Route:
    found = sound_routes([file], screen)
    if len(found) != 1:
        raise CommandLineError(
            f"{file!r} holds {len(found)} routes",
            field="route",
            remedy="Keep them with 'eilbote route save', and name one",
        )
    return found[0][1]


def _document(said: str) -> tuple[str, Data]:
    name, sign, file = said.partition("=")
    if not sign or not name.strip() or not file:
        raise CommandLineError(
            f"{said[:60]!r} names no document",
            field="document",
            remedy="Write NAME=FILE, such as --document Invoice=invoice.pdf",
        )
    path = Path(file).expanduser()
    try:
        octets = path.read_bytes()
    except (OSError, ValueError) as fault:
        raise UnreadableFileError(
            f"the file {file!r} cannot be read",
            field="document",
            cause=fault.strerror if isinstance(fault, OSError) else str(fault),
            remedy="Check the path",
        ) from fault
    return name.strip(), {"name": path.name, "content": base64.b64encode(octets).decode("ascii")}


# -- at work --------------------------------------------------------------------------------------------------


@asynccontextmanager
async def _deliveries(eilbote: Eilbote) -> AsyncGenerator[None]:
    """Deliver in this process, where no courier does so already."""
    if any(not is_gone for _, _, is_gone in await eilbote.store.couriers()):
        yield
        return
    async with eilbote.courier():
        yield


async def _settled(eilbote: Eilbote, entry: EntryId) -> Sent:
    """Give what became of a message as soon as it is not on its way any more."""
    end, pause = eilbote.clock.monotonic() + _SECONDS, _FIRST_PAUSE
    while True:
        history = await eilbote.history(entry)
        state = history.entry.state
        why = "" if state in _SETTLED else await why_it_waits(eilbote, history.entry)
        if why or state not in _ON_ITS_WAY or eilbote.clock.monotonic() >= end:
            return Sent(history=history, waits_for=why, at=moment_of(eilbote.clock.now()))
        await asyncio.sleep(pause)
        pause = min(pause * 2, _LONGEST_PAUSE)


def _show(sent: Sent, screen: Screen) -> None:
    entry = sent.history.entry
    if screen.as_json:
        screen.data({**history_data(sent.history), "waits_for": sent.waits_for or None})
        return
    state = typer.style(entry.state.value, fg=STATE_COLOURS[entry.state], bold=True)
    note = printable(sent.waits_for or note_on(entry, sent.at))
    screen.text(f"{state}  {printable(entry.subject)}" + (f"  ({note})" if note else ""))
    width = max(len(printable(each.address)) for each in entry.recipients)
    for each in entry.recipients:
        word = "waiting" if each.status is None else each.status.value.replace("_", " ")
        status = typer.style(f"{word:<9}", fg=None if each.status is None else STATUS_COLOURS[each.status])
        said = printable(reply_words(each.reply_code, each.enhanced_status_code, each.text))
        screen.text(f"  {status}  {printable(each.address):<{width}}  {said}".rstrip())
    screen.note(f"eilbote outbox show {entry_id_text(entry.id)} tells everything about it")


def _conclude(entry: Entry) -> None:
    statuses = [each.status for each in entry.recipients]
    if entry.state is EntryState.DONE and all(each is RecipientStatus.ACCEPTED for each in statuses):
        return
    raise typer.Exit(ExitCode.FAILED if entry.state in _SETTLED else ExitCode.TEMPORARY)
