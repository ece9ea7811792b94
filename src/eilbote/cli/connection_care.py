"""What ``eilbote connection add|list|remove|resume`` do once everything is read."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import typer

from eilbote.cli.at_desk import at_desk
from eilbote.cli.faults import CommandLineError
from eilbote.cli.outbox_data import pause_data
from eilbote.cli.outbox_options import read_name
from eilbote.cli.printable import counted, printable
from eilbote.cli.server import CONNECTION_VARIABLE, STDIN, uri_with_password
from eilbote.cli.times import distance_text
from eilbote.connections.known import DEFAULT
from eilbote.connections.repository import connection_name
from eilbote.errors import ConfigurationError, OutboxError
from eilbote.model.credentials import Anonymous
from eilbote.model.moment import moment_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from eilbote.app import Eilbote
    from eilbote.cli.screen import Screen
    from eilbote.model.secret import Secret
    from eilbote.outbox.store import Pause


def add(name: str, uri: str, password_file: Path | None, screen: Screen, *, data_dir: Path | None) -> None:
    """Keep a connection.

    Raises:
        UriError: The URI cannot be used.
        SettingsError: The name cannot be used, or the file not be written.
    """
    known = read_name(name)
    whole = _uri(uri, password_file)

    async def work(eilbote: Eilbote) -> tuple[bool, tuple[str, ...]]:
        book = eilbote.connections
        return await book.put(known, whole), (await book.find(known)).warnings

    changed, warnings = at_desk(work, data_dir=data_dir, screen=screen, makes=True)
    if changed:
        _end_its_rest(known, screen, data_dir=data_dir)
    if screen.as_json:
        screen.data({"name": known, "changed": changed, "warnings": list(warnings)})
    else:
        screen.text(f"{known}: {'kept' if changed else 'kept already, nothing has changed'}")
    for warning in warnings:
        screen.note(f"note: {warning}")


def list_connections(screen: Screen, *, data_dir: Path | None) -> None:
    """Write every connection by name.

    Raises:
        EilboteError: The file of connections, or the outbox, cannot be read.
    """

    async def work(eilbote: Eilbote) -> list[Mapping[str, object]]:
        now = moment_of(eilbote.clock.now())
        pauses = {pause.connection: pause for pause in await eilbote.pauses()}
        waiting = (await eilbote.figures()).by_connection
        names = sorted({*await eilbote.connections.names(), *pauses, *waiting})
        rows: list[tuple[str, ...]] = []
        found: list[Mapping[str, object]] = []
        for name in names:
            data: Mapping[str, object] = await _described(
                eilbote, name, pauses.get(name), waiting.get(name, 0)
            )
            found.append(data)
            rows.append(_row(data, pauses.get(name), now))
        if screen.as_json:
            for data in found:
                screen.line(data)
        elif rows:
            _show_table(rows, screen)
        else:
            screen.note("no connection is known; `eilbote connection add NAME URI` keeps one")
        return found

    at_desk(work, data_dir=data_dir, screen=screen, quietly=True)


def remove(name: str, screen: Screen, *, data_dir: Path | None, force: bool) -> None:
    """Forget a connection.

    Raises:
        ConnectionNotFoundError: There is none.
        SettingsError: It is given by the environment, or the file cannot be written.
        ConfigurationError: Mail waits for it.
    """
    known = read_name(name)

    async def work(eilbote: Eilbote) -> int:
        waiting = (await eilbote.figures()).by_connection.get(known, 0)
        if waiting and not force and known in await eilbote.connections.names():
            raise ConfigurationError(
                f"{counted(waiting, 'message')} still to be delivered {'waits' if waiting == 1 else 'wait'} for {known}",
                field="connection",
                remedy=f"Wait, `eilbote outbox cancel --connection {known}`, or --force: then it rests until {known} is back",
            )
        await eilbote.connections.remove(known)
        return waiting

    waiting = at_desk(work, data_dir=data_dir, screen=screen, quietly=True)
    if screen.as_json:
        screen.data({"name": known, "removed": True, "waiting": waiting})
    else:
        screen.text(f"{known}: forgotten")


def resume(name: str, screen: Screen, *, data_dir: Path | None) -> None:
    """End the rest of a connection.

    Raises:
        ConnectionNotFoundError: It is not known, and does not rest.
    """
    known = read_name(name)

    async def work(eilbote: Eilbote) -> bool:
        resumed = await eilbote.resume(known)
        if not resumed:
            await eilbote.connections.get(known)  # tells when there is none
        return resumed

    resumed = at_desk(work, data_dir=data_dir, screen=screen, quietly=True)
    if screen.as_json:
        screen.data({"name": known, "resumed": resumed})
    else:
        screen.text(f"{known}: {'is used again' if resumed else 'did not rest'}")


def _end_its_rest(name: str, screen: Screen, *, data_dir: Path | None) -> None:
    """Let other settings be tried at once, also by a courier that is only started later and saw no change.

    They are kept whatever becomes of this: an outbox that cannot be opened is worth a note.
    """
    try:
        at_desk(lambda eilbote: eilbote.resume(name), data_dir=data_dir, screen=screen, quietly=True)
    except OutboxError as error:
        screen.note(f"note: {name} is kept, but if it rests it goes on resting: {error}")


# -- reading -----------------------------------------------------------------------------------------------------


def _uri(text: str, password_file: Path | None) -> Secret:
    """Give the URI with its password, wherever the two were read from."""
    if text == "-":
        if password_file == STDIN:
            raise CommandLineError(
                "stdin cannot be both", field="uri", remedy="Read the URI or the password from it, not both"
            )
        text = sys.stdin.readline()
    return uri_with_password(text, password_file)


# -- showing -----------------------------------------------------------------------------------------------------


async def _described(eilbote: Eilbote, name: str, pause: Pause | None, waiting: int) -> dict[str, object]:
    data: dict[str, object] = {
        "name": name,
        "host": None,
        "port": None,
        "security": None,
        "user": None,
        "from": None,
        "origin": _origin(name),
        "waiting": waiting,
        "paused": None if pause is None else pause_data(pause),
        "error": None,
    }
    try:
        connection = await eilbote.connections.get(name)
    except ConfigurationError as fault:
        return data | {"error": fault.what}
    credentials = connection.credentials
    return data | {
        "host": connection.host,
        "port": connection.port,
        "security": connection.security.value,
        "user": None if isinstance(credentials, Anonymous) else credentials.user,
        "from": None if connection.default_from is None else str(connection.default_from),
    }


def _origin(name: str) -> str:
    """Tell where a connection comes from: a variable of the environment, or the file."""
    for variable in os.environ:
        suffix = variable.removeprefix(f"{CONNECTION_VARIABLE}_")
        if suffix != variable and suffix and os.environ[variable] and connection_name(suffix) == name:
            return variable
    return (
        CONNECTION_VARIABLE if name == DEFAULT and os.environ.get(CONNECTION_VARIABLE) else "connections.toml"
    )


def _row(data: Mapping[str, object], pause: Pause | None, now: int) -> tuple[str, ...]:
    from eilbote.model.moment import Moment

    server = f"{data['host']}:{data['port']}" if data["host"] else "-"
    notes = [str(data["error"])] if data["error"] else []
    if pause is not None:
        notes.append(f"rests, next try {distance_text(pause.until, Moment(now))}: {pause.reason}")
    if data["waiting"]:
        notes.append(f"{data['waiting']:,} waiting")
    cells = (data["name"], server, data["security"] or "-", data["user"] or "-", data["origin"])
    return (*(printable(str(cell)) for cell in cells), printable("; ".join(notes)))


def _show_table(rows: list[tuple[str, ...]], screen: Screen) -> None:
    header = ("NAME", "SERVER", "SECURITY", "USER", "FROM WHERE", "NOTE")
    widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]
    for row in (header, *rows):
        line = "  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip()
        screen.text(typer.style(line, bold=True) if row is header else line)
