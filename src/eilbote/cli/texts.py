"""Texts of a message as they stand on the command line: themselves, a file, or stdin."""

from __future__ import annotations

import sys
from pathlib import Path

import typer

from eilbote.errors import DraftError


def read_text(value: str, *, field: str) -> str:
    """Give the text that an option means: ``@FILE`` is a file, ``-`` is stdin, ``@@...`` begins with an ``@``.

    Raises:
        DraftError: The file cannot be read, or is not UTF-8.
    """
    if value == "-":
        return read_stdin(field=field)
    if value.startswith("@@"):
        return value[1:]
    if not value.startswith("@"):
        return value
    path = Path(value[1:]).expanduser()
    try:
        octets = path.read_bytes()
    except (OSError, ValueError) as fault:
        raise DraftError(
            f"the file {str(path)!r} cannot be read",
            field=field,
            cause=fault.strerror if isinstance(fault, OSError) else str(fault),
            remedy="Check the path; a text that begins with an @ itself is written with two",
        ) from fault
    return _decode(octets, field=field, source=repr(str(path)))


def read_stdin(*, field: str) -> str:
    """Give what comes through stdin until its end.

    Raises:
        DraftError: It is not UTF-8.
    """
    if sys.stdin.isatty():
        typer.echo("Write the message; Ctrl-D on an empty line ends it.", err=True)
    return _decode(sys.stdin.buffer.read(), field=field, source="stdin")


def _decode(octets: bytes, *, field: str, source: str) -> str:
    try:
        return octets.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        raise DraftError(
            f"{source} is not UTF-8",
            field=field,
            cause=f"Octet {fault.start + 1} is 0x{octets[fault.start]:02x}, which cannot stand there",
            remedy="Convert it: iconv -f latin1 -t utf-8",
        ) from fault
