"""Reads what is said about a connection on a command line: a URI, fields, files, and secrets that never stand there."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from eilbote.cli.connection_options import name_fields
from eilbote.cli.faults import CommandLineError, UnreadableFileError
from eilbote.cli.given_fields import check_fields
from eilbote.cli.server import PASSWORD_VARIABLE, STDIN, read_password_file
from eilbote.connections.field_names import SECRET_NAMES, our_name
from eilbote.connections.repository import connection_name
from eilbote.errors import ConfigurationError, SettingsError
from eilbote.model.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eilbote.cli.screen import Screen

_LARGEST = 64 * 1024
_LOGINS = frozenset(
    {"password", "access_token", "refresh_token", "client_secret", "service_account", "private_key"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What stood on a command line.

    Attributes:
        what: A URI, ``-``, and texts such as ``port=587``.
        service: What ``--service`` said.
        user: What ``--user`` said.
        file: What ``--file`` said.
        password_file: What ``--password-file`` said.
        secrets: What ``--secret`` said, each ``FIELD=FILE``.
        ask: What ``--ask`` said.
    """

    what: Sequence[str] = ()
    service: str | None = None
    user: str | None = None
    file: Path | None = None
    password_file: Path | None = None
    secrets: Sequence[str] = ()
    ask: Sequence[str] = ()


@dataclass(slots=True)
class _Said:
    """The fields so far, by the names they were written under."""

    fields: dict[str, object] = field(default_factory=dict[str, object])
    reads_stdin: str = ""

    def say(self, name: str, value: object) -> None:
        ours = our_name(name)
        for known in self.fields:
            if ours is not None and our_name(known) == ours:
                raise CommandLineError(
                    f"{name} is given twice",
                    field=name,
                    remedy="Give it once, on the command line or in the file",
                )
        self.fields[name] = value

    def take_stdin(self, what: str) -> None:
        if self.reads_stdin:
            raise CommandLineError(
                f"stdin cannot be both {self.reads_stdin} and {what}",
                field=what,
                remedy="Read one of the two from a file",
            )
        self.reads_stdin = what


def fields_given(given: Given, screen: Screen, *, name: str, asks: bool) -> Mapping[str, object]:
    """Give the fields that were said, under the names they were written under.

    Args:
        given: What stood on the command line.
        screen: Where notes go, and the names of fields in errors.
        name: The connection; a TOML file may have a table of that name.
        asks: Whether a password that is missing beside a user is asked for on a terminal.

    Raises:
        CommandLineError: A secret stands on the command line, a field is given twice, or stdin is wanted twice.
        UnreadableFileError: A file cannot be read.
        SettingsError: The file holds no fields.
    """
    said = _Said()
    by_uri = False
    for text in given.what:
        if "=" not in text or "://" in text.partition("=")[0]:
            said.say("uri", _uri(text, said, screen))
            by_uri = True
        else:
            _say_field(text, said)
    if given.file is not None:
        for written, value in _file(given.file, said, name).items():
            said.say(written, value)
    for option, value in (("service", given.service), ("user", given.user)):
        if value is not None:
            said.say(option, value)
    if given.password_file is not None:
        if given.password_file == STDIN:
            said.take_stdin("--password-file")
        said.say("password", read_password_file(given.password_file))
    for text in given.secrets:
        _say_secret(text, said)
    for written in given.ask:
        said.say(_secret_name(written), _asked(written, f"{written}: "))
    name_fields(screen, said.fields, by_uri=by_uri)
    check_fields(said.fields)
    if asks:
        _say_missing_password(said)
    return said.fields


def _uri(text: str, said: _Said, screen: Screen) -> Secret:
    if text == "-":
        said.take_stdin("the URI")
        return Secret(sys.stdin.readline().strip())
    from eilbote.connections.uri import parse_uri

    uri = text.strip()
    if parse_uri(uri).stated.password:
        screen.note(
            "note: a password on the command line can be read by others on this machine while the command runs, and stays "
            "in the shell's history; --password-file, or - for the URI, keeps it from there."
        )
    return Secret(uri)


def _say_field(text: str, said: _Said) -> None:
    written, _, value = text.partition("=")
    written = written.strip()
    ours = our_name(written)
    if ours in SECRET_NAMES and value:
        raise CommandLineError(
            f"{written} is a secret, and would be seen on the command line",
            field=written,
            remedy=f"Give --secret {written}=FILE, with - for stdin, or --ask {written}",
        )
    if ours == "uri" and value:
        raise CommandLineError(
            "a URI stands alone, without uri= before it",
            field="uri",
            remedy="Write eilbote connection add NAME URI",
        )
    said.say(written, value)


# -- files ----------------------------------------------------------------------------------------------------


def _file(file: Path, said: _Said, name: str) -> Mapping[str, object]:
    from eilbote.config.values_file import read_values, read_values_file

    try:
        if file == STDIN:
            said.take_stdin("--file")
            tree = read_values(sys.stdin.buffer.read(_LARGEST + 1), name="stdin", kind="")
        else:
            tree = read_values_file(file)
    except CommandLineError:
        raise
    except SettingsError as fault:
        raise UnreadableFileError(fault.what, field="file", cause=fault.cause, remedy=fault.remedy) from None
    return {written: _flat(written, value) for written, value in _table(tree, name).items()}


def _table(tree: Mapping[str, object], name: str) -> Mapping[str, object]:
    """Give the table of a connection, when the file has one for each as ``connections.toml`` has."""
    if not tree or not all(isinstance(value, dict) for value in tree.values()):
        return tree
    named = {_plain(written): value for written, value in tree.items()}
    found = named.get(name.rpartition("/")[2])
    if found is None and len(named) > 1:
        raise SettingsError(
            "the file holds several connections, none of which has this name",
            field="file",
            cause=f"It has {', '.join(sorted(named))}",
            remedy="Keep it under a name that the file has",
        )
    table = found if found is not None else next(iter(named.values()))
    return table if isinstance(table, dict) else {}  # pyright: ignore[reportUnknownVariableType]


def _plain(written: str) -> str:
    try:
        return connection_name(written)
    except ConfigurationError:
        return written


def _flat(written: str, value: object) -> object:
    """Give a field's value; Google's key file may stand inside as a table."""
    return (
        json.dumps(value) if our_name(written) == "service_account" and not isinstance(value, str) else value
    )


def _say_secret(text: str, said: _Said) -> None:
    written, equals, place = text.partition("=")
    if not equals or not place:
        raise CommandLineError(
            "--secret names no file",
            field="--secret",
            remedy="Write --secret client_secret=FILE, with - for stdin",
        )
    said.say(_secret_name(written), _secret_of(written, Path(place), said))


def _secret_name(written: str) -> str:
    if our_name(written) not in SECRET_NAMES:
        raise CommandLineError(
            f"{written!r} is no secret field",
            field="--secret",
            remedy=f"Secrets are {', '.join(sorted(SECRET_NAMES))}; others are given as FIELD=VALUE",
        )
    return written


def _secret_of(written: str, file: Path, said: _Said) -> Secret:
    if file == STDIN:
        said.take_stdin(f"--secret {written}")
        return Secret(sys.stdin.read(_LARGEST).removesuffix("\n").removesuffix("\r"))
    from eilbote.config.secret_file import read_secret_file

    try:
        return read_secret_file(file, field=written)
    except SettingsError as fault:
        raise UnreadableFileError(fault.what, field=written, cause=fault.cause, remedy=fault.remedy) from None


# -- the terminal ---------------------------------------------------------------------------------------------


def _asked(written: str, prompt: str) -> Secret:
    if not sys.stdin.isatty():
        raise CommandLineError(
            "there is nobody to ask: stdin is no terminal",
            field="--ask",
            remedy=f"Give --secret {written}=FILE, with - for stdin",
        )
    from getpass import getpass

    return Secret(getpass(prompt))


def _say_missing_password(said: _Said) -> None:
    """Ask for the password of a user who has no other way to sign in: the environment, then a person."""
    ours = {our_name(written): value for written, value in said.fields.items()}
    user = str(ours.get("user") or "")
    if isinstance(uri := ours.get("uri"), Secret):
        from eilbote.connections.uri import parse_uri

        stated = parse_uri(uri.reveal()).stated
        if stated.password:
            return
        user = user or stated.user
    if not user or _LOGINS & ours.keys() or ours.get("client_id"):
        return
    if PASSWORD_VARIABLE in os.environ:
        said.say("password", Secret(os.environ[PASSWORD_VARIABLE]))
    elif sys.stdin.isatty():
        said.say("password", _asked("password", f"Password of {user}: "))
