"""How the demonstration looks: titles, texts, requests, messages, dialogues, never wider than a terminal."""

from __future__ import annotations

import re
import textwrap
from typing import TYPE_CHECKING, Final

from starlette.status import HTTP_400_BAD_REQUEST

if TYPE_CHECKING:
    from rich.console import Console

    from eilbote.cli.demo_server import Asked
    from eilbote.testing.caught_message import CaughtMessage

_COLUMNS: Final = 80
_WIDEST: Final = _COLUMNS - len("  │ ")
_HEADERS: Final = ("From", "To", "Subject", "Date", "Message-ID")
_FIELD: Final = re.compile(r"(\s*(?:- )?)([\w]+:)(.*)")
_NEXT: Final = (
    ("write a flow of your own", "eilbote flow new greeting"),
    ("try it, without sending anything", "eilbote flow run greeting.yaml --capture"),
    ("start a server of your own", "eilbote serve"),
    ("send a single message", "eilbote send --help"),
    ("catch what your programs send", "eilbote catch"),
    ("test a server, step by step", "eilbote connection test smtps://USER@HOST"),
    ("read on", "docs/quickstart.md"),
)


def show_title(out: Console, title: str, what: str) -> None:
    """Begin a part."""
    out.print()
    out.print(title, style="bold magenta", end="")
    out.print(f"   {what}" if what else "", style="dim", soft_wrap=True)
    out.print()


def show_text(out: Console, text: str) -> None:
    """Show YAML, names of fields in colour."""
    for line in text.rstrip().splitlines():
        found = _FIELD.fullmatch(line)
        out.print("  │ ", style="dim", end="")
        if found is None:
            out.print(line, soft_wrap=True)
        else:
            out.print(found[1], end="")
            out.print(found[2], style="cyan", end="")
            out.print(found[3], soft_wrap=True)


def show_asked(out: Console, asked: Asked) -> None:
    """Show a request and what became of it."""
    style = "green" if asked.status < HTTP_400_BAD_REQUEST else "red"
    out.print(f"  {asked.method:<5} /api/v1{asked.path}", end="  ", soft_wrap=True)
    out.print(str(asked.status), style=style, soft_wrap=True)


def show_message(out: Console, message: CaughtMessage) -> None:
    """Show a message as another program reads it."""
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


def show_dialogue(out: Console, message: CaughtMessage) -> None:
    """Show what client and server said."""
    for line in message.dialogue:
        shown = line if len(line) <= _COLUMNS - 2 else f"{line[: _COLUMNS - 5]}..."
        out.print(f"  {shown}", style="cyan" if line.startswith("C:") else "", soft_wrap=True)


def show_next(out: Console) -> None:
    """Tell what to do next."""
    width = max(len(what) for what, _ in _NEXT)
    for what, how in _NEXT:
        out.print(f"  {what:<{width}}  ", end="")
        out.print(how, style="bold cyan", soft_wrap=True)
