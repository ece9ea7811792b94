"""What ``eilbote send`` does once everything is read: deliver, let the person watch, tell the result."""

from __future__ import annotations

import asyncio
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

from eilbote.cli.exit_codes import ExitCode, exit_code_of_receipt
from eilbote.cli.lost_output import outliving_lost_output
from eilbote.cli.receipt_view import show_receipt
from eilbote.cli.screen import console
from eilbote.cli.watched_transport import WatchedTransport
from eilbote.engine.mailer import Mailer
from eilbote.engine.system_clock import SystemClock
from eilbote.errors import DeliveryError, EilboteError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from eilbote.cli.screen import Screen
    from eilbote.connections.connection import Connection
    from eilbote.model.draft import Draft
    from eilbote.model.receipt import Receipt

_LONG_WORK = 1024 * 1024  # octets of attachments from which a bar is worth while


def deliver(draft: Draft, connection: Connection, screen: Screen, *, dialogue: bool) -> None:
    """Send the draft and show what became of it.

    Raises:
        EilboteError: It could not be sent.
        typer.Exit: Some recipients did not get it; the exit code says whether trying again can help.
    """
    size = sum(attachment.size for attachment in draft.attachments)
    try:
        with _progress(connection.host, size) as on_octets:
            receipt = asyncio.run(_send(draft, connection, screen, on_octets=on_octets, dialogue=dialogue))
    except KeyboardInterrupt:
        screen.note("eilbote: interrupted; a message that the server had whole by then may be delivered")
        raise
    with outliving_lost_output():
        show_receipt(receipt, screen)
    code = exit_code_of_receipt(receipt)
    if code is not ExitCode.DONE:
        left = len(receipt.results) - len(receipt.accepted)
        screen.note(f"eilbote: {left} of {len(receipt.results)} recipients did not get the message")
        raise typer.Exit(code)


async def _send(
    draft: Draft,
    connection: Connection,
    screen: Screen,
    *,
    on_octets: Callable[[int], None] | None,
    dialogue: bool,
) -> Receipt:
    clock = SystemClock()
    transport = WatchedTransport(connection, clock=clock, on_octets=on_octets)
    said: tuple[str, ...] = ()
    try:
        async with Mailer(connection, clock=clock, transport=transport) as mailer:
            return await mailer.send(draft)
    except EilboteError as error:
        said = error.transcript if isinstance(error, DeliveryError) else ()
        raise
    finally:
        if dialogue:
            for line in transport.dialogue or said:
                screen.note(line)


@contextmanager
def _progress(host: str, size: int) -> Generator[Callable[[int], None] | None]:
    """Draw a bar on stderr while something large is sent, if somebody is looking."""
    if size < _LONG_WORK or not sys.stderr.isatty():
        yield None
        return
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console(stderr=True), transient=True) as progress:
        # What is read for sending is base64: four octets for three, and a line end after every 76.
        task = progress.add_task(f"Sending to {host}", total=size * 4 / 3 * 78 / 76)
        yield lambda octets: progress.advance(task, octets)
