"""What ``eilbote connection test`` does: show each step as it ends, and explain the one that failed."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import typer

from eilbote.cli.complaint import complain, error_object
from eilbote.cli.exit_codes import exit_code_of, exit_code_of_receipt
from eilbote.cli.lost_output import outliving_lost_output
from eilbote.cli.receipt_view import show_receipt
from eilbote.connections.integrator_errors import missing_from
from eilbote.engine.mailer import Mailer
from eilbote.engine.probe import probe
from eilbote.engine.system_clock import SystemClock
from eilbote.errors import EilboteError
from eilbote.model.draft import Draft

if TYPE_CHECKING:
    from eilbote.cli.screen import Screen
    from eilbote.connections.connection import Connection
    from eilbote.engine.probe import Probe, Step
    from eilbote.model.address import Mailbox
    from eilbote.model.receipt import Receipt

_TEXT = """\
This is a test message. It was sent by "eilbote connection test" and shows that the server
{server} takes mail from this machine and hands it on.
"""


def run(
    connection: Connection,
    screen: Screen,
    *,
    sender: Mailbox | None,
    recipient: Mailbox | None,
    dialogue: bool,
) -> None:
    """Test the connection, send the test message if there is a recipient, and end with the exit code.

    Raises:
        SettingsError: A message is to be sent, and nobody is named as its author.
        typer.Exit: A step failed, or the test message was not accepted.
    """
    if recipient is not None and sender is None and connection.default_from is None:
        raise missing_from()
    asyncio.run(_Test(connection, screen, dialogue=dialogue).run(sender, recipient))


class _Test:
    def __init__(self, connection: Connection, screen: Screen, *, dialogue: bool) -> None:
        self._connection = connection
        self._screen = screen
        self._dialogue = dialogue
        self._clock = SystemClock()

    async def run(self, sender: Mailbox | None, recipient: Mailbox | None) -> None:
        for warning in self._connection.warnings:
            self._screen.note(f"note: {warning}")
        found = await probe(
            self._connection,
            clock=self._clock,
            mail_from=sender.addr_spec if sender else None,
            on_step=None if self._screen.as_json else self._show,
        )
        if self._dialogue:
            for line in found.transcript:
                self._screen.note(line)
        error, receipt = found.error, None
        if error is None and recipient is not None:
            try:
                receipt = await self._send(found, sender, recipient)
            except EilboteError as fault:
                error = fault
        self._tell(found, receipt, error)

    async def _send(self, found: Probe, sender: Mailbox | None, recipient: Mailbox) -> Receipt:
        draft = Draft(
            from_=sender,
            to=recipient,
            subject="Test message",
            text=_TEXT.format(server=found.server),
            auto_submitted="auto-generated",
        )
        async with Mailer(self._connection, clock=self._clock) as mailer:
            return await mailer.send(draft)

    def _show(self, step: Step) -> None:
        took = f"{step.seconds * 1000:,.0f} ms"
        colour = typer.colors.RED if step.error else typer.colors.GREEN
        verdict = typer.style("failed" if step.error else "ok    ", fg=colour)
        self._screen.text(f"{verdict}  {step.name:<8}  {took:>9}   {step.seen}".rstrip())

    def _tell(self, found: Probe, receipt: Receipt | None, error: EilboteError | None) -> None:
        screen = self._screen
        with outliving_lost_output():
            if screen.as_json:
                screen.data(_data(found, self._connection.warnings, receipt, error))
            elif receipt is not None:
                show_receipt(receipt, screen)
        if error is not None:
            screen.as_json = False  # stdout has its one document
            complain(error, screen)
            raise typer.Exit(exit_code_of(error))
        if receipt is not None and not receipt.ok:
            raise typer.Exit(exit_code_of_receipt(receipt))
        if not screen.as_json and receipt is None:
            screen.text("The connection works.")


def _data(
    found: Probe, warnings: tuple[str, ...], receipt: Receipt | None, error: EilboteError | None
) -> dict[str, object]:
    from eilbote.model.receipt_dict import receipt_dict

    return {
        "server": found.server,
        "ok": error is None and (receipt is None or receipt.ok),
        "steps": [
            {
                "name": step.name,
                "seconds": round(step.seconds, 6),
                "seen": step.seen,
                "ok": step.error is None,
            }
            for step in found.steps
        ],
        "tls_version": found.tls_version,
        "extensions": list(found.extensions),
        "warnings": list(warnings),
        "sent": None if receipt is None else receipt_dict(receipt, reveal_bcc=True),
        "error": None if error is None else error_object(error),
    }
