"""What ``eilbote catch`` does: wait for messages, show and store each, end cleanly."""

from __future__ import annotations

import asyncio
import errno
import os
import shlex
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from eilbote.cli.signals import hear_signals
from eilbote.connections.host import is_loopback, read_host
from eilbote.engine.system_clock import SystemClock
from eilbote.errors import SettingsError
from eilbote.testing.catcher import Catcher

if TYPE_CHECKING:
    from eilbote.cli.screen import Screen
    from eilbote.testing.caught_message import CaughtMessage

_LONGEST_SUBJECT = 60


def run(
    screen: Screen,
    *,
    host: str,
    port: int,
    security: str,
    directory: Path | None,
    count: int | None,
    dialogue: bool,
) -> None:
    """Catch mail until Ctrl-C, or until ``count`` messages have come.

    Raises:
        SettingsError: The port cannot be had, or the directory cannot be written to.
    """
    host = read_host(host)
    if directory is not None:
        _prepare(directory)
    with suppress(KeyboardInterrupt):
        catcher = Catcher(host=host, port=port, tls=security, any_user=True, keep=1)
        asyncio.run(_catch(screen, catcher, directory=directory, count=count, dialogue=dialogue))


async def _catch(
    screen: Screen, catcher: Catcher, *, directory: Path | None, count: int | None, dialogue: bool
) -> None:
    clock = SystemClock()
    caught = 0
    told: dict[str, int] = {}  # how much of the dialogue with this client has been shown already
    ending = _ending()
    try:
        async with catcher:
            screen.note(f"Catching mail on {catcher.host}:{catcher.port}, Ctrl-C ends. Send some with:")
            screen.note(f"  {_example(catcher)}")
            if catcher.ca_file:
                screen.note(
                    f"Its certificate is good for this run; other programs trust it by {catcher.ca_file}"
                )
            if not is_loopback(catcher.host):
                screen.note("It listens beyond this machine: everybody who can reach it can send to it.")
            while not ending.is_set() and (count is None or caught < count):
                message = await _next(catcher, ending)
                if message is None:
                    break
                caught += 1
                await asyncio.to_thread(message.parse)  # the server goes on listening meanwhile
                now = clock.now().astimezone()
                file = None if directory is None else _store(message, directory, now)
                _show(screen, message, number=caught, now=now, file=file)
                if dialogue:
                    for line in message.dialogue[told.get(message.peer, 0) :]:
                        screen.note(f"    {line}")
                    told = {message.peer: len(message.dialogue)}
    except OSError as fault:
        raise _cannot_listen(catcher, fault) from fault
    screen.note(f"Caught {caught} message{'' if caught == 1 else 's'}.")


def _cannot_listen(catcher: Catcher, fault: OSError) -> SettingsError:
    # The number says more shortly what the loop's text says at length; that of a name not found is negative.
    number = fault.errno or 0
    elsewhere = number < 0 or number == errno.EADDRNOTAVAIL
    return SettingsError(
        f"cannot listen on {catcher.host}:{catcher.port}",
        field="host" if elsewhere else "port",
        cause=os.strerror(number) if number > 0 else fault.strerror,
        remedy=(
            "Give an address of this machine, such as 127.0.0.1"
            if elsewhere
            else "Choose another with --port, or --port 0 for a free one"
        ),
    )


def _ending() -> asyncio.Event:
    """Give an event that is set when somebody wants the command to end."""
    ending = asyncio.Event()
    hear_signals(ending.set)
    return ending


async def _next(catcher: Catcher, ending: asyncio.Event) -> CaughtMessage | None:
    """Wait for a message, or for the end."""
    message = asyncio.ensure_future(catcher.next(within=None))
    end = asyncio.ensure_future(ending.wait())
    await asyncio.wait({message, end}, return_when=asyncio.FIRST_COMPLETED)
    for waiting in (message, end):
        waiting.cancel()
    await asyncio.gather(message, end, return_exceptions=True)
    return None if message.cancelled() else message.result()


def _example(catcher: Catcher) -> str:
    via = shlex.quote(catcher.uri)
    return f"echo Hello | eilbote send --via {via} --from a@example.org --to b@example.org --subject Hi"


def _prepare(directory: Path) -> None:
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        raise _no_directory(directory, fault) from fault


def _no_directory(directory: Path, fault: OSError) -> SettingsError:
    return SettingsError(
        f"cannot store messages in {str(directory)!r}",
        field="dir",
        cause="A file of that name is there" if isinstance(fault, FileExistsError) else fault.strerror,
        remedy="Choose a directory that this user may write to",
    )


def _store(message: CaughtMessage, directory: Path, now: datetime) -> Path:
    """Write a message to a file of its own; none that exists is touched."""
    stem = f"{now:%Y%m%d-%H%M%S}"
    number = 1
    while True:
        file = directory / f"{stem}-{number}.eml"
        try:
            with file.open("xb") as stream:
                stream.write(message.octets)
        except FileExistsError:
            number += 1
        except OSError as fault:
            raise _no_directory(directory, fault) from fault
        else:
            return file


def _show(screen: Screen, message: CaughtMessage, *, number: int, now: datetime, file: Path | None) -> None:
    if screen.as_json:
        screen.data(_message_data(message, number=number, now=now, file=file))
        return
    first, *others = message.forward_paths
    to = f"{first} and {len(others)} more" if others else first
    subject = _shorten(message.subject) or "(no subject)"
    screen.text(f"#{number}  {now:%H:%M:%S}  {message.reverse_path or '<>'} -> {to}")
    screen.text(f"    {subject}")
    details = [f"{len(message.octets):,} octets", *_contents(message)]
    details += [f"signed in as {message.user}"] if message.user else []
    details += [f"over {message.tls_version}"] if message.tls_version else []
    details += [str(file)] if file is not None else []
    screen.text(f"    {', '.join(details)}")
    for remark in message.remarks:
        screen.text(f"    remark: {remark}")


def _contents(message: CaughtMessage) -> tuple[str, ...]:
    attachments = len(message.attachments)
    told = (
        (bool(message.text), "text"),
        (bool(message.html), "HTML"),
        (attachments > 0, f"{attachments} attachment{'' if attachments == 1 else 's'}"),
    )
    return tuple(text for holds, text in told if holds)


def _message_data(
    message: CaughtMessage, *, number: int, now: datetime, file: Path | None
) -> Mapping[str, object]:
    return {
        "number": number,
        "time": now.isoformat(timespec="seconds"),
        "reverse_path": message.reverse_path,
        "forward_paths": list(message.forward_paths),
        "from": message.header("From"),
        "to": message.header("To"),
        "subject": message.subject,
        "message_id": message.header("Message-ID"),
        "size": len(message.octets),
        "text": message.text,
        "html": message.html,
        "attachments": [
            {"filename": part.filename, "type": part.media_type, "size": len(part.octets)}
            for part in message.attachments
        ],
        "user": message.user or None,
        "tls_version": message.tls_version or None,
        "peer": message.peer,
        "remarks": list(message.remarks),
        "file": None if file is None else str(file),
    }


def _shorten(text: str) -> str:
    shown = "".join(char for char in text if char.isprintable())
    return shown if len(shown) <= _LONGEST_SUBJECT else f"{shown[: _LONGEST_SUBJECT - 3]}..."
