"""Messages that were caught while a flow was tried: shown, told as data, and written to files."""

from __future__ import annotations

import shutil
import textwrap
from typing import TYPE_CHECKING, Final

import typer

from eilbote.cli.printable import counted, printable
from eilbote.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from eilbote.cli.screen import Screen
    from eilbote.testing.caught_message import CaughtMessage

_HEADERS: Final = ("From", "To", "Cc", "Reply-To", "Subject")
_MOST_LINES: Final = 24
_LONGEST_LINE: Final = 2000
_MARGIN: Final = len("  │ ")
_WIDEST: Final = 100


def show_captured(caught: Sequence[CaughtMessage], files: Sequence[Path], screen: Screen) -> None:
    """Write messages as those who get them read them."""
    for number, message in enumerate(caught, start=1):
        screen.text()
        screen.text(typer.style(f"MESSAGE {number} OF {len(caught)}", bold=True))
        for name in _HEADERS:
            if value := message.header(name):
                screen.text(f"  {f'{name}:':<10}{printable(value)}")
        hidden = [path for path in message.forward_paths if path not in _seen(message)]
        if hidden:
            screen.text(f"  {'Bcc:':<10}{printable(', '.join(hidden))}")
        screen.text()
        lines = message.text.rstrip().splitlines()
        for line in lines[:_MOST_LINES]:
            for piece in _wrapped(printable(line, longest=_LONGEST_LINE)):
                screen.text(f"  │ {piece}".rstrip())
        if len(lines) > _MOST_LINES:
            screen.text(f"  │ and {counted(len(lines) - _MOST_LINES, 'more line', 'more lines')}")
        for part in message.attachments:
            kind = "inline" if part.inline else "attached"
            screen.text(
                f"  {kind}: {printable(part.filename) or '(no name)'}, {part.media_type}, {len(part.octets):,} octets"
            )
        if message.html and not files:
            screen.text("  There is HTML as well; --into DIR writes it to a file.")
        for remark in message.remarks:
            screen.text(f"  remark: {printable(remark)}")
    for file in files:
        screen.note(f"{file} is written")


def captured_data(caught: Sequence[CaughtMessage], files: Sequence[Path]) -> list[Mapping[str, object]]:
    """Give messages for programs."""
    return [
        {
            "reverse_path": message.reverse_path,
            "forward_paths": list(message.forward_paths),
            "from": message.header("From"),
            "to": message.header("To"),
            "cc": message.header("Cc") or None,
            "subject": message.subject,
            "text": message.text,
            "html": message.html,
            "attachments": [
                {"filename": part.filename, "type": part.media_type, "size": len(part.octets)}
                for part in message.attachments
            ],
            "files": [str(file) for file in files if file.stem == f"{number}"],
        }
        for number, message in enumerate(caught, start=1)
    ]


def write_captured(caught: Sequence[CaughtMessage], folder: Path) -> list[Path]:
    """Write each message to ``N.eml``, and its HTML to ``N.html``.

    Raises:
        SettingsError: The folder cannot be written to.
    """
    written: list[Path] = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for number, message in enumerate(caught, start=1):
            eml = folder / f"{number}.eml"
            eml.write_bytes(message.octets)
            written.append(eml)
            if message.html:
                html = folder / f"{number}.html"
                html.write_text(message.html, encoding="utf-8")
                written.append(html)
    except OSError as fault:
        raise SettingsError(
            f"messages cannot be written into {str(folder)!r}",
            field="into",
            cause="A file of that name is there" if isinstance(fault, FileExistsError) else fault.strerror,
            remedy="Choose a folder that this user may write to",
        ) from fault
    return written


def _wrapped(line: str) -> list[str]:
    """Take a line apart for the terminal, a link never, so that it can be opened from there."""
    width = max(min(shutil.get_terminal_size().columns, _WIDEST) - _MARGIN, 20)
    if len(line) <= width:
        return [line]  # as it is: tables are set with blanks
    return textwrap.wrap(line, width, break_long_words=False, break_on_hyphens=False)


def _seen(message: CaughtMessage) -> str:
    return " ".join(message.header(name) for name in ("To", "Cc"))
