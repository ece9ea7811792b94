"""What ``eilbote send`` does once everything is read: deliver, let the person watch, tell the result."""

from __future__ import annotations

import asyncio
import sys
from contextlib import contextmanager
from dataclasses import KW_ONLY, dataclass
from typing import TYPE_CHECKING

import typer

from eilbote.cli.exit_codes import ExitCode, exit_code_of_receipt
from eilbote.cli.lost_output import outliving_lost_output
from eilbote.cli.receipt_view import show_receipt
from eilbote.cli.screen import console
from eilbote.cli.watched_transport import WatchedTransport
from eilbote.engine.mailer import Mailer
from eilbote.engine.system_clock import SystemClock
from eilbote.engine.way_out import way_out
from eilbote.errors import DeliveryError, EilboteError
from eilbote.model.mail_protocol import MailProtocol
from eilbote.model.oauth2 import OAuth2

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from pathlib import Path

    from eilbote.app import Eilbote
    from eilbote.cli.screen import Screen
    from eilbote.connections.connection import Connection
    from eilbote.deliver.transport import Transport
    from eilbote.model.clock import Clock
    from eilbote.model.draft import Draft
    from eilbote.model.receipt import Receipt
    from eilbote.net.egress import EgressPolicy
    from eilbote.oauth2.source import TokenSource

_LONG_WORK = 1024 * 1024  # octets of attachments from which a bar is worth while


def deliver(
    draft: Draft,
    connection: Connection,
    screen: Screen,
    *,
    dialogue: bool,
    is_known: bool = False,
    data_dir: Path | None = None,
) -> None:
    """Send the draft and show what became of it.

    Args:
        draft: What to send.
        connection: Which server.
        screen: Where it is shown.
        dialogue: Show the SMTP dialogue as well.
        is_known: The connection is one of the outbox, whose couriers use the tokens that are kept there.
        data_dir: What ``--data-dir`` said.

    Raises:
        EilboteError: It could not be sent.
        typer.Exit: Some recipients did not get it; the exit code says whether trying again can help.
    """
    size = sum(attachment.size for attachment in draft.attachments)
    try:
        with _progress(connection.host, size) as on_octets:
            sending = _Sending(draft, connection, screen, on_octets, dialogue=dialogue)
            if is_known and (connection.public_only or isinstance(connection.credentials, OAuth2)):
                receipt = _with_kept_tokens(sending, screen, data_dir=data_dir)
            else:
                receipt = asyncio.run(sending.run())
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


def _with_kept_tokens(sending: _Sending, screen: Screen, *, data_dir: Path | None) -> Receipt:
    """Send with the tokens of the couriers: one that is fetched beside them would spend their refresh token."""
    from eilbote.cli.at_desk import at_connections, read_settings
    from eilbote.engine.token_sources import TokenSources

    policy = read_settings(data_dir, screen).egress.policy

    async def work(eilbote: Eilbote) -> Receipt:
        egress = policy if sending.connection.public_only else None
        sources = TokenSources(clock=eilbote.clock, store=eilbote.records.tokens)
        try:
            return await sending.run(tokens=sources.of(sending.connection, egress=egress), egress=egress)
        finally:
            await sources.close()

    return at_connections(work, data_dir=data_dir, screen=screen)


@dataclass(frozen=True, slots=True)
class _Sending:
    """One message on its way."""

    draft: Draft
    connection: Connection
    screen: Screen
    on_octets: Callable[[int], None] | None
    _: KW_ONLY
    dialogue: bool

    async def run(self, *, tokens: TokenSource | None = None, egress: EgressPolicy | None = None) -> Receipt:
        clock = SystemClock()
        transport = self._way_out(clock, tokens, egress)
        said: tuple[str, ...] = ()
        try:
            async with Mailer(self.connection, clock=clock, transport=transport) as mailer:
                return await mailer.send(self.draft)
        except EilboteError as error:
            said = error.transcript if isinstance(error, DeliveryError) else ()
            raise
        finally:
            if self.dialogue:
                watched = transport.dialogue if isinstance(transport, WatchedTransport) else ()
                for line in watched or said:
                    self.screen.note(line)

    def _way_out(self, clock: Clock, tokens: TokenSource | None, egress: EgressPolicy | None) -> Transport:
        if self.connection.protocol is not MailProtocol.SMTP:  # there is no dialogue to watch
            return way_out(self.connection, clock=clock, egress=egress, tokens=tokens)
        return WatchedTransport(
            self.connection, clock=clock, egress=egress, tokens=tokens, on_octets=self.on_octets
        )


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
