"""What ``eilbote connection test`` does: show each step as it ends, and explain the one that failed."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import typer

from eilbote.cli.complaint import complain
from eilbote.cli.exit_codes import exit_code_of, exit_code_of_receipt
from eilbote.cli.lost_output import outliving_lost_output
from eilbote.cli.probe_view import notes_of, probe_data, reachable_lines, step_lines
from eilbote.cli.receipt_view import show_receipt
from eilbote.connections.host import is_loopback
from eilbote.connections.integrator_errors import missing_from
from eilbote.engine.mailer import Mailer
from eilbote.engine.probe import probe
from eilbote.engine.probe_findings import Step
from eilbote.engine.system_clock import SystemClock
from eilbote.engine.way_out import way_out
from eilbote.errors import EilboteError
from eilbote.model.address import mailboxes
from eilbote.model.draft import Draft
from eilbote.net.dns import NameServers

if TYPE_CHECKING:
    from pathlib import Path

    from eilbote.app import Eilbote
    from eilbote.cli.screen import Screen
    from eilbote.connections.connection import Connection
    from eilbote.engine.probe import Probe
    from eilbote.model.address import Group, Mailbox
    from eilbote.model.receipt import Receipt
    from eilbote.net.egress import EgressPolicy
    from eilbote.oauth2.source import TokenSource

_TEXT = """\
This is a test message. It was sent by "eilbote connection test" and shows that the server
{server} takes mail from this machine and hands it on.
"""
_ANOTHER_PORT_MAY_DO = frozenset({"connect", "tls", "greeting", "ehlo", "starttls"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is to be tested beside the connection itself.

    Attributes:
        sender: Who is to be asked about as sender, and is the author of the test message.
        recipients: Who gets a test message; empty for nobody.
        dialogue: Whether what was said is shown.
        verify: Whom the server is asked about (VRFY); empty for nobody.
        suggest: Whether other ports of the host are tried when this one does not answer.
        check_sender: Whether the name servers are asked about the sender; ``None`` for servers beyond this machine.
    """

    sender: Mailbox | None = None
    recipients: tuple[Mailbox | Group, ...] = ()
    dialogue: bool = False
    verify: tuple[Mailbox | Group, ...] = ()
    suggest: bool = False
    check_sender: bool | None = None


def run_named(name: str, screen: Screen, wanted: Wanted, *, data_dir: Path | None) -> None:
    """Test a connection that is known by name, with the tokens that are kept for it.

    Raises:
        ConnectionNotFoundError: There is none.
        ConfigurationError: It cannot be used.
        OutboxError: The database that it is stored in cannot be read.
        SettingsError: As :func:`run_wanted`.
        typer.Exit: As :func:`run_wanted`.
    """
    from eilbote.cli.at_desk import at_connections, read_settings
    from eilbote.cli.named_connection import read_qualified

    known = read_qualified(name, None)
    policy = read_settings(data_dir, screen).egress.policy

    async def work(eilbote: Eilbote) -> None:
        connection = _with_author(await eilbote.connections.find(known))
        await run_of(eilbote, connection, screen, wanted, policy=policy)

    at_connections(work, data_dir=data_dir, screen=screen)


async def run_of(
    eilbote: Eilbote, connection: Connection, screen: Screen, wanted: Wanted, *, policy: EgressPolicy
) -> None:
    """Test a connection of an outbox, with the tokens that are kept there.

    A test that fetched tokens of its own would spend the refresh token that the couriers go on to use.

    Args:
        eilbote: Whose connection.
        connection: Which one.
        screen: Where it is shown.
        wanted: What is to be tested.
        policy: What may be connected to on behalf of an organization.

    Raises:
        SettingsError: As :func:`run_wanted`.
        typer.Exit: As :func:`run_wanted`.
    """
    from eilbote.engine.token_sources import TokenSources

    egress = policy if connection.public_only else None
    sources = TokenSources(clock=eilbote.clock, store=eilbote.records.tokens)
    try:
        tokens = sources.of(connection, egress=egress)
        await sources.ask_again(connection)  # whoever tests wants to know what is so now
        await run_wanted(connection, screen, wanted, tokens=tokens, egress=egress)
    finally:
        await sources.close()


async def run_wanted(
    connection: Connection,
    screen: Screen,
    wanted: Wanted,
    *,
    tokens: TokenSource | None = None,
    egress: EgressPolicy | None = None,
) -> None:
    """Test a connection, send the test message if there is a recipient, and end with the exit code.

    Raises:
        SettingsError: A message is to be sent, and nobody is named as its author.
        typer.Exit: A step failed, or the test message was not accepted.
    """
    if wanted.recipients and wanted.sender is None and connection.default_from is None:
        raise missing_from()
    await _Test(connection, screen, wanted, tokens, egress).run()


def _with_author(connection: Connection) -> Connection:
    """Let a user name that is an address be the author of last resort."""
    from eilbote.cli.server import address_of
    from eilbote.model.credentials import Anonymous

    credentials = connection.credentials
    if connection.default_from is not None or isinstance(credentials, Anonymous):
        return connection
    return replace(connection, default_from=address_of(credentials.user))


class _Test:
    def __init__(
        self,
        connection: Connection,
        screen: Screen,
        wanted: Wanted,
        tokens: TokenSource | None,
        egress: EgressPolicy | None,
    ) -> None:
        self._connection = connection
        self._screen = screen
        self._wanted = wanted
        self._tokens = tokens
        self._egress = egress
        self._clock = SystemClock()

    async def run(self) -> None:
        wanted = self._wanted
        for warning in self._connection.warnings:
            self._screen.note(f"note: {warning}")
        found = await probe(
            self._connection,
            clock=self._clock,
            mail_from=wanted.sender.addr_spec if wanted.sender else None,
            verify=self._verify(),
            suggest=wanted.suggest,
            names=NameServers() if self._checks_sender() else None,
            tokens=self._tokens,
            egress=self._egress,
            on_step=None if self._screen.as_json else self._show,
        )
        if wanted.dialogue:
            for line in found.transcript:
                self._screen.note(line)
        error, receipt = found.error, None
        if error is None and wanted.recipients:
            found, receipt, error = await self._try_to_send(found)
        self._tell(found, receipt, error)

    def _verify(self) -> tuple[str, ...]:
        asked = self._wanted.verify
        if not asked and self._connection.verify_recipients:
            asked = self._wanted.recipients
        return tuple(mailbox.addr_spec for mailbox in mailboxes(asked))

    def _checks_sender(self) -> bool:
        """Ask about senders where mail goes out into the world, and not for a server that keeps it on this machine."""
        asked = self._wanted.check_sender
        return not is_loopback(self._connection.host) if asked is None else asked

    async def _try_to_send(self, found: Probe) -> tuple[Probe, Receipt | None, EilboteError | None]:
        since = self._clock.monotonic()
        try:
            receipt = await self._send(found)
        except EilboteError as error:
            step = Step(name="message", seconds=self._clock.monotonic() - since, error=error)
            return self._with(found, step), None, error
        step = Step(name="message", seconds=self._clock.monotonic() - since, seen=receipt.reply)
        return self._with(found, step), receipt, None

    def _with(self, found: Probe, step: Step) -> Probe:
        if not self._screen.as_json:
            self._show(step)
        return replace(found, steps=(*found.steps, step))

    async def _send(self, found: Probe) -> Receipt:
        draft = Draft(
            from_=self._wanted.sender,
            to=self._wanted.recipients,
            subject="Test message",
            text=_TEXT.format(server=found.server),
            auto_submitted="auto-generated",
        )
        transport = way_out(self._connection, clock=self._clock, tokens=self._tokens, egress=self._egress)
        async with Mailer(self._connection, clock=self._clock, transport=transport) as mailer:
            return await mailer.send(draft)

    def _show(self, step: Step) -> None:
        with suppress(BrokenPipeError):  # told at the end, with everything else
            for line in step_lines(step):
                self._screen.text(line)

    def _tell(self, found: Probe, receipt: Receipt | None, error: EilboteError | None) -> None:
        screen = self._screen
        with outliving_lost_output():
            if screen.as_json:
                screen.data(probe_data(found, self._connection, receipt, error))
            else:
                for line in reachable_lines(found):
                    screen.text(line)
                if receipt is not None:
                    show_receipt(receipt, screen)
        if screen.as_json:
            for warning in notes_of(found):
                screen.note(f"note: {warning}")
        if error is not None:
            screen.as_json = False  # stdout has its one document
            complain(error, screen)
            self._hint(found)
            raise typer.Exit(exit_code_of(error))
        if receipt is not None and not receipt.ok:
            raise typer.Exit(exit_code_of_receipt(receipt))
        if not screen.as_json and receipt is None:
            screen.text("The connection works.")

    def _hint(self, found: Probe) -> None:
        failed = found.steps[-1].name
        if not self._wanted.suggest and failed in _ANOTHER_PORT_MAY_DO and self._egress is None:
            self._screen.note("note: with --suggest it is also tried where else this host would answer")
