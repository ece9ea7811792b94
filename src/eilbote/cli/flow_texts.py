"""Flows and inputs as they stand on a command line: a file, stdin, a name, JSON, or ``--set key=value``."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

import typer

from eilbote.cli.faults import CommandLineError, UnreadableFileError
from eilbote.errors import DraftError

if TYPE_CHECKING:
    from typing import NoReturn

    from eilbote.model.data import Data

SUFFIXES: Final = (".yaml", ".yml", ".json")
STDIN: Final = "-"
_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}")
_KEY: Final = re.compile(r"[A-Za-z_][\w-]*(?:\.[A-Za-z_][\w-]*)*")


class InputError(DraftError):
    """What is given as an input is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A text that was given.

    Attributes:
        name: What it is called when something is said about it.
        text: What it says.
    """

    name: str
    text: str


def is_file(said: str) -> bool:
    """Tell whether a word means a file rather than the name of a kept flow."""
    return (
        said == STDIN
        or "/" in said
        or said.lower().endswith(SUFFIXES)
        or not _NAME.fullmatch(said)
        or Path(said).is_file()
    )


def read_file(said: str, *, field: str, what: str = "flow") -> Written:
    """Read a file, or stdin.

    Raises:
        UnreadableFileError: It cannot be read, or is not UTF-8.
    """
    if said == STDIN:
        if sys.stdin.isatty():
            typer.echo(f"Write the {what}; Ctrl-D on an empty line ends it.", err=True)
        return Written(name="stdin", text=_decoded(sys.stdin.buffer.read(), "stdin", field))
    path = Path(said).expanduser()
    try:
        return Written(name=said, text=_decoded(path.read_bytes(), repr(said), field))
    except (OSError, ValueError) as fault:
        raise UnreadableFileError(
            f"the file {said!r} cannot be read",
            field=field,
            cause=fault.strerror if isinstance(fault, OSError) else str(fault),
            remedy=_file_remedy(path, what),
        ) from fault


def _file_remedy(path: Path, what: str) -> str:
    try:
        beside = sorted(each.name for each in path.parent.iterdir() if each.suffix in SUFFIXES)
    except OSError:
        beside = []
    import difflib

    if alike := difflib.get_close_matches(path.name, beside, n=1):
        return f"Did you mean {str(path.with_name(alike[0]))!r}?"
    return (
        "Check the path; 'eilbote flow new NAME' writes a first one" if what == "flow" else "Check the path"
    )


def _decoded(octets: bytes, name: str, field: str) -> str:
    try:
        return octets.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        raise UnreadableFileError(
            f"{name} is not UTF-8",
            field=field,
            cause=f"Octet {fault.start + 1} is 0x{octets[fault.start]:02x}, which cannot stand there",
            remedy="Convert it: iconv -f latin1 -t utf-8",
        ) from fault


# -- inputs ---------------------------------------------------------------------------------------------------


def read_input(said: str | None, changes: Sequence[str], *, field: str = "input") -> dict[str, Data] | None:
    """Give the input that ``--input`` and ``--set`` make together; ``None`` when neither is given.

    Args:
        said: JSON that begins with a brace, ``-`` for stdin, or a file with JSON or YAML.
        changes: Each ``key=value``; dots in the key lead into tables.
        field: What it is called, and the option with it.

    Raises:
        InputError: It is not JSON, or no table.
        FlowError: A YAML file is none.
        CommandLineError: ``--set`` has no key.
        UnreadableFileError: The file cannot be read.
    """
    if said is None and not changes:
        return None
    values = {} if said is None else _input(said, field)
    for change in changes:
        _put(values, change)
    return values


def _input(said: str, field: str) -> dict[str, Data]:
    if said.lstrip().startswith(("{", "[")):
        return _table(_json(said, f"--{field}", field), field)
    written = read_file(said, field=field, what=field)
    if written.name.lower().endswith((".yaml", ".yml")):
        from eilbote.author.flow.source import read_source

        return _table(read_source(written.text).data, field)
    return _table(_json(written.text, written.name, field), field)


def _json(text: str, name: str, field: str) -> Data:
    try:
        return cast("Data", json.loads(text, parse_float=Decimal, parse_constant=_refuse))
    except json.JSONDecodeError as fault:
        raise InputError(
            f"{name} is no JSON: {fault.msg[:1].lower()}{fault.msg[1:]}",
            field=field,
            position=fault.pos,
            cause=f"It stands in line {fault.lineno}, column {fault.colno}",
            remedy='Write names and texts in double quotes: {"email": "anna@example.org"}',
        ) from None
    except RecursionError:
        raise InputError(f"{name} is nested too deeply", field=field, remedy="Make it flatter") from None


def _refuse(word: str) -> NoReturn:
    raise InputError(f"{word} is no number that JSON knows", field="input", remedy="Leave the value out")


def _table(value: Data, field: str) -> dict[str, Data]:
    if not isinstance(value, dict):
        raise InputError(
            f"the {field} is no table",
            field=field,
            remedy='Give names and values: {"email": "anna@example.org"}',
        )
    return value


def _put(values: dict[str, Data], change: str) -> None:
    key, sign, said = change.partition("=")
    key = key.strip().removeprefix("input.")
    if not sign or not _KEY.fullmatch(key):
        raise CommandLineError(
            f"{change[:60]!r} sets nothing",
            field="set",
            remedy="Write key=value, such as --set email=anna@example.org; dots lead into tables",
        )
    *way, last = key.split(".")
    table = values
    for name in way:
        inner = table.get(name)
        copied: dict[str, Data] = dict(inner) if isinstance(inner, dict) else {}
        table[name] = copied
        table = copied
    table[last] = value_of(said)


def value_of(said: str) -> Data:
    """Read a value: JSON where it is some, and otherwise the text as it stands."""
    try:
        return cast("Data", json.loads(said, parse_float=Decimal, parse_constant=str))
    except (ValueError, RecursionError):
        return said
