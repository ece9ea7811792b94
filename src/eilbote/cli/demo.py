"""``eilbote demo``: a whole delivery on this machine, to look at."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from eilbote.cli.screen import Screen, console

if TYPE_CHECKING:
    from rich.console import Console

    from eilbote.model.draft import Draft
    from eilbote.model.receipt import Receipt
    from eilbote.testing.caught_message import CaughtMessage

_TEXT = """\
Hello Ümit,

order 17 has left our house this morning. The courier rings twice.

  3 x  blotting paper, cream
  1 x  sealing wax, red

Follow it at https://shop.example/orders/17

Lotte Eilers
"""
_HTML = """\
<!doctype html>
<html lang="en">
  <body style="font: 15px/1.5 Georgia, serif; color: #3a3a3a">
    <p><img src="cid:envelope" width="96" height="64" alt="A sealed envelope"></p>
    <p>Hello Ümit,</p>
    <p>order <strong>17</strong> has left our house this morning. The courier rings twice.</p>
    <ul><li>3 x blotting paper, cream</li><li>1 x sealing wax, red</li></ul>
    <p><a href="https://shop.example/orders/17">Follow it</a></p>
    <p>Lotte Eilers</p>
  </body>
</html>
"""
_CSV = "article;pieces;price\nblotting paper, cream;3;4.20\nsealing wax, red;1;7.90\n"
_NEXT = (
    ("send one of your own", "eilbote send --help"),
    ("catch what your programs send", "eilbote catch"),
    ("test a server, step by step", "eilbote connection test smtps://USER:PASSWORD@mail.example.com"),
    ("five lines of Python", "docs/quickstart.md"),
)


def demo(context: typer.Context) -> None:
    """Compose a message, send it over real SMTP on this machine, and show what arrived.

    Nothing leaves the machine.
    """
    import asyncio

    screen = Screen.of(context, False)
    out = console()
    draft = _draft()
    receipt, message = asyncio.run(_deliver(draft))
    _title(
        out, "Sent", "a message with text, HTML, an inline picture and an attachment, over SMTP on 127.0.0.1"
    )
    _show_receipt(out, receipt)
    _title(out, "Received", "header and plain text, as another program reads them")
    _show_message(out, message)
    _title(out, "Structure", "which part holds which")
    _show_structure(out, message)
    _title(out, "Dialogue", "what client and server said; commands below each other travelled together")
    _show_dialogue(out, message)
    _title(out, "Next", "")
    width = max(len(what) for what, _ in _NEXT)
    for what, how in _NEXT:
        out.print(f"  {what:<{width}}  ", end="")
        out.print(how, style="bold cyan", soft_wrap=True)
    screen.text()


def _draft() -> Draft:
    from eilbote import Attachment, Draft
    from eilbote.cli.picture import envelope_png

    return Draft(
        from_="Lotte Eilers <lotte@shop.example>",
        to="Ümit Şahin <umit@example.org>",
        cc="orders@shop.example",
        bcc="archive@shop.example",
        reply_to="orders@shop.example",
        subject="Your order 17 is on its way: the courier rings twice ✉",
        text=_TEXT,
        html=_HTML,
        attachments=[
            Attachment.from_bytes(envelope_png(), filename="envelope.png").as_inline("envelope"),
            Attachment.from_text(_CSV, filename="order-17.csv", media_type="text/csv"),
        ],
    )


async def _deliver(draft: Draft) -> tuple[Receipt, CaughtMessage]:
    from eilbote import Mailer
    from eilbote.testing import Catcher

    async with Catcher() as catcher, Mailer(catcher.uri) as mailer:
        receipt = await mailer.send(draft)
        return receipt, await catcher.next()


def _title(out: Console, title: str, what: str) -> None:
    out.print()
    out.print(title, style="bold magenta", end="")
    out.print(f"   {what}" if what else "", style="dim", soft_wrap=True)
    out.print()


def _show_receipt(out: Console, receipt: Receipt) -> None:
    width = max(len(result.address) for result in receipt.results)
    for result in receipt.results:
        out.print(f"  {result.status.value:<9} ", style="green", end="")
        out.print(f"{result.address:<{width}}  ", end="")
        out.print(f"({result.kind.value})", style="dim")
    took = (receipt.envelope_seconds + receipt.content_seconds) * 1000
    out.print(
        f"  {receipt.size:,} octets in {took:.1f} ms, and the server said: {receipt.reply}", soft_wrap=True
    )


def _show_message(out: Console, message: CaughtMessage) -> None:
    for name in ("From", "To", "Cc", "Reply-To", "Subject", "Date", "Message-ID"):
        out.print(f"  {name + ':':<11} ", style="bold", end="")
        out.print(message.header(name), soft_wrap=True)
    out.print()
    for line in message.text.rstrip().splitlines():
        out.print("  │ ", style="dim", end="")
        out.print(line, soft_wrap=True)


def _show_structure(out: Console, message: CaughtMessage) -> None:
    from eilbote.cli.mime_tree import lines_of, structure_of

    for line in lines_of(structure_of(message.parse())):
        out.print(f"  {line}", soft_wrap=True)


def _show_dialogue(out: Console, message: CaughtMessage) -> None:
    for line in message.dialogue:
        out.print(f"  {line}", style="cyan" if line.startswith("C:") else "", soft_wrap=True)
