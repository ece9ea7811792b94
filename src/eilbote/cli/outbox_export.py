"""``eilbote outbox export``: the message of an entry as a file."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from eilbote.cli.at_desk import at_desk
from eilbote.cli.faults import CommandLineError, UnreadableFileError
from eilbote.cli.lost_output import outliving_lost_output
from eilbote.model.ids import entry_id_text, read_entry_id

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from eilbote.app import Eilbote
    from eilbote.cli.screen import Screen
    from eilbote.model.message import Message


def export_entries(
    ids: Sequence[str], screen: Screen, *, data_dir: Path | None, output: Path | None, into: Path | None
) -> None:
    """Write messages to stdout, to a file, or into a directory; nothing that exists is touched.

    Raises:
        CommandLineError: It is not clear where to.
        EntryNotFoundError: One of the entries is not there.
        SettingsError: A file cannot be written.
    """
    wanted = tuple(dict.fromkeys(read_entry_id(text) for text in ids))
    if output is not None and into is not None:
        raise CommandLineError(
            "a file and a directory are both named", field="file", remedy="Give --output or --into, not both"
        )
    if len(wanted) > 1 and into is None:
        raise CommandLineError(
            f"{len(wanted)} messages cannot be one file",
            field="directory",
            remedy="Name a directory with --into",
        )

    if into is not None:
        _make(into)

    async def work(eilbote: Eilbote) -> None:
        for entry in wanted:
            message = await eilbote.message(entry)
            if into is not None:
                screen.note(str(_write(message, into / f"{entry_id_text(entry)}.eml")))
            elif output is not None:
                screen.note(str(_write(message, output)))
            else:
                with outliving_lost_output():
                    for chunk in message.chunks():
                        sys.stdout.buffer.write(chunk)

    at_desk(work, data_dir=data_dir, screen=screen)


def _make(directory: Path) -> None:
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        raise _unwritable(directory, fault, field="directory") from fault


def _unwritable(path: Path, fault: OSError, *, field: str) -> UnreadableFileError:
    is_there = isinstance(fault, FileExistsError)
    return UnreadableFileError(
        f"{path} is there already" if is_there else f"{path} cannot be written",
        field=field,
        cause=None if is_there else fault.strerror,
        remedy="Name another one" if is_there else "Name a place where this user may write",
    )


def _write(message: Message, file: Path) -> Path:
    try:
        stream = file.open("xb")
    except OSError as fault:
        raise _unwritable(file, fault, field="file") from fault
    try:
        with stream:
            for chunk in message.chunks():
                stream.write(chunk)
    except OSError as fault:
        file.unlink(missing_ok=True)  # half a message is none
        raise _unwritable(file, fault, field="file") from fault
    return file
