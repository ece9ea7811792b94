"""What became of a message, for the person who sent it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from eilbote.model.status import RecipientStatus, reply_words

if TYPE_CHECKING:
    from eilbote.cli.screen import Screen
    from eilbote.model.receipt import Receipt, RecipientResult

_COLOURS = {
    RecipientStatus.ACCEPTED: typer.colors.GREEN,
    RecipientStatus.DEFERRED: typer.colors.YELLOW,
    RecipientStatus.FAILED: typer.colors.RED,
    RecipientStatus.IN_DOUBT: typer.colors.MAGENTA,
}


def show_receipt(receipt: Receipt, screen: Screen) -> None:
    """Write a receipt to stdout: a line for each recipient, and what the server said at the end."""
    if screen.as_json:
        from eilbote.model.receipt_dict import receipt_dict

        screen.data(receipt_dict(receipt, reveal_bcc=True))
        return
    width = max(len(result.address) for result in receipt.results)
    for result in receipt.results:
        word = result.status.value.replace("_", " ")
        typer.secho(f"{word:<9}", nl=False, fg=_COLOURS[result.status])
        said = "" if result.status is RecipientStatus.ACCEPTED else f"  {reply_of(result)}"
        typer.echo(f"  {result.address:<{width}}{said}".rstrip())
    took = round((receipt.envelope_seconds + receipt.content_seconds) * 1000)
    protection = f" over {receipt.tls_version}" if receipt.tls_version else ""
    typer.echo(f"server     {receipt.server}{protection}, {receipt.size:,} octets in {took:,} ms")
    if receipt.reply:
        typer.echo(f"reply      {receipt.reply}")
    typer.echo(f"message    {receipt.message_id}")


def reply_of(result: RecipientResult) -> str:
    """Give the server's words on one recipient."""
    return reply_words(result.reply_code, result.enhanced_status_code, result.text)
