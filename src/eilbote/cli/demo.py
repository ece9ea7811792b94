"""``eilbote demo``: a flow, its run, and what arrived, on this machine, to look at."""

from __future__ import annotations

import re
import textwrap
from typing import TYPE_CHECKING, Final

import typer

from eilbote.cli.screen import Screen, console

if TYPE_CHECKING:
    from rich.console import Console

    from eilbote.testing.caught_message import CaughtMessage

_COLUMNS: Final = 80
_WIDEST: Final = _COLUMNS - len("  │ ")
_HEADERS: Final = ("From", "To", "Subject", "Date", "Message-ID")
_FIELD: Final = re.compile(r"(\s*(?:- )?)([\w]+:)(.*)")
_NEXT: Final = (
    ("write a flow of your own", "eilbote flow new greeting"),
    ("try it, as here", "eilbote flow run greeting.yaml --capture"),
    ("send a single message", "eilbote send --help"),
    ("catch what your programs send", "eilbote catch"),
    ("test a server, step by step", "eilbote connection test smtps://USER@HOST"),
    ("read on", "docs/quickstart.md"),
)


def demo(context: typer.Context) -> None:
    """Run a flow with two messages over real SMTP on this machine, and show what arrived.

    Nothing leaves the machine.
    """
    from base64 import b64encode

    from eilbote.author.flow.definition import read_flow
    from eilbote.cli.flow_capture import try_flow
    from eilbote.cli.flow_starting import starter
    from eilbote.cli.flow_view import show_run
    from eilbote.cli.flow_wish import Wish
    from eilbote.cli.picture import envelope_png

    screen = Screen.of(context, False)
    out = console()
    text = starter("demo", name="order-shipped", file="demo.yaml")
    picture = b64encode(envelope_png()).decode("ascii")
    given = {**read_flow(text).sample, "picture": picture}
    tried = try_flow(text, Wish(flow="demo.yaml"), given, screen)
    _title(out, "A flow", "what its author writes")
    _show_flow(out, text)
    _title(out, "Its run", "each step survives a crash, and each message goes out once")
    show_run(tried.run, tried.mails, screen, now=tried.at, values=False, links=False)
    for message, what in zip(
        tried.caught, ("with an attachment", "in the frame of notifications"), strict=True
    ):
        _title(out, "What arrived", f"{what}, as another program reads it")
        _show_message(out, message)
    _title(out, "The dialogue", "what client and server said about the first one")
    _show_dialogue(out, tried.caught[0])
    _title(out, "Next", "")
    width = max(len(what) for what, _ in _NEXT)
    for what, how in _NEXT:
        out.print(f"  {what:<{width}}  ", end="")
        out.print(how, style="bold cyan", soft_wrap=True)
    screen.text()


def _title(out: Console, title: str, what: str) -> None:
    out.print()
    out.print(title, style="bold magenta", end="")
    out.print(f"   {what}" if what else "", style="dim", soft_wrap=True)
    out.print()


def _show_flow(out: Console, text: str) -> None:
    for line in text.rstrip().splitlines():
        field = _FIELD.fullmatch(line)
        out.print("  │ ", style="dim", end="")
        if field is None:
            out.print(line, soft_wrap=True)
        else:
            out.print(field[1], end="")
            out.print(field[2], style="cyan", end="")
            out.print(field[3], soft_wrap=True)


def _show_message(out: Console, message: CaughtMessage) -> None:
    from eilbote.cli.mime_tree import lines_of, structure_of

    for name in _HEADERS:
        out.print(f"  {name + ':':<11} ", style="bold", end="")
        out.print(message.header(name), soft_wrap=True)
    out.print()
    for line in message.text.rstrip().splitlines():
        for piece in textwrap.wrap(line, _WIDEST) or [""]:
            out.print("  │ ", style="dim", end="")
            out.print(piece, soft_wrap=True)
    out.print()
    for line in lines_of(structure_of(message.parse())):
        out.print(f"  {line}", soft_wrap=True)


def _show_dialogue(out: Console, message: CaughtMessage) -> None:
    for line in message.dialogue:
        shown = line if len(line) <= _COLUMNS - 2 else f"{line[: _COLUMNS - 5]}..."
        out.print(f"  {shown}", style="cyan" if line.startswith("C:") else "", soft_wrap=True)
