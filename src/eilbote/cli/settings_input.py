"""What ``eilbote settings set`` was given, read into one change; secrets come from files and stdin, never from arguments."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from eilbote.cli.faults import CommandLineError, UnreadableFileError
from eilbote.cli.given_fields import given_here
from eilbote.cli.server import PASSWORD_VARIABLE, STDIN, read_password_file
from eilbote.errors import SettingsError
from eilbote.model.secret import Secret
from eilbote.settings.change import Change
from eilbote.settings.fields import field_named
from eilbote.settings.values import read_values

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eilbote.cli.screen import Screen

_SELECTOR = "authType"


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """The arguments, as they were written."""

    values: tuple[str, ...] = ()
    file: Path | None = None
    password_file: Path | None = None
    secrets: tuple[str, ...] = ()
    unset: tuple[str, ...] = ()
    lock: tuple[str, ...] = ()
    unlock: tuple[str, ...] = ()
    custom: bool | None = None

    @property
    def is_nothing(self) -> bool:
        """Whether nothing is asked for."""
        return self == Given()


def read_change(given: Given, screen: Screen) -> Change:
    """Read everything that was given.

    Raises:
        CommandLineError: Nothing was given, a secret stands among the arguments, or stdin is to be two things.
        UnreadableFileError: A file cannot be read.
        FieldNotValidError: A field is unknown or given twice, or has a value it cannot have.
        ConfigurationError: A URI or the name of a service cannot be used.
    """
    with given_here():
        return _change(given, screen)


def _change(given: Given, screen: Screen) -> Change:
    if given.is_nothing:
        raise CommandLineError(
            "nothing is to be changed",
            field="values",
            remedy="Give FIELD=VALUE, --file, --unset, --lock, --default or --custom; see `eilbote settings set --help`",
        )
    _check_stdin(given)
    wanted: dict[str, object] = {} if given.file is None else _from_file(given.file, screen)
    wanted |= _from_arguments(given.values, screen)
    wanted |= _from_secrets(given)
    if (password := _missing_password(wanted)) is not None:
        wanted["password"] = password
    for name in (*given.unset, *given.lock, *given.unlock):
        field_named(name)
    return Change(
        set=wanted,
        unset=frozenset(given.unset),
        lock=frozenset(given.lock),
        unlock=frozenset(given.unlock),
        custom=given.custom,
    )


def _check_stdin(given: Given) -> None:
    readers = [given.file, given.password_file, *(Path(each.partition("=")[2]) for each in given.secrets)]
    if readers.count(STDIN) > 1:
        raise CommandLineError(
            "stdin cannot be two things at once",
            field="secret",
            remedy="Read one of them from it, and the others from files",
        )


def _from_arguments(values: tuple[str, ...], screen: Screen) -> dict[str, object]:
    found: dict[str, object] = {}
    for each in values:
        written, equals, value = each.partition("=")
        known = field_named(written)
        if not equals:
            raise CommandLineError(
                f"{written!r} has no value",
                field="values",
                remedy=f"Write {known.name}=VALUE; --unset {known.name} takes it back",
            )
        if known.name in found:
            raise SettingsError("this field is given twice", field=known.name, remedy="Give it once")
        if known.is_secret and known.name != "uri" and value:
            raise CommandLineError(
                "a secret stands among the arguments, where everybody on this machine can see it",
                field=known.name,
                cause="Nothing was changed; the shell's history may hold it now",
                remedy=f"Write it into a file and give --secret {known.name}=FILE, or --secret {known.name}=- for stdin",
            )
        if known.name == "uri" and "password" in read_values({"uri": value}).secrets:
            screen.note(
                "note: the password in the URI can be seen by everybody on this machine while this runs; "
                "leave it out and use --password-file"
            )
        found[known.name] = value
    return found


def _from_secrets(given: Given) -> dict[str, object]:
    found: dict[str, object] = {}
    if given.password_file is not None:
        found["password"] = read_password_file(given.password_file)
    for each in given.secrets:
        written, equals, file = each.partition("=")
        known = field_named(written)
        if not equals or not file:
            raise CommandLineError(
                f"{written!r} names no file", field="secret", remedy=f"Write --secret {known.name}=FILE"
            )
        if not known.is_secret:
            raise CommandLineError(
                f"{known.label} is no secret", field="secret", remedy=f"Write {known.name}=VALUE"
            )
        if known.name in found:
            raise CommandLineError(f"{known.label} is given twice", field="secret", remedy="Give it once")
        found[known.name] = _secret(Path(file).expanduser())
    return found


def _secret(file: Path) -> Secret:
    from eilbote.config.secret_file import read_secret_file

    if file == STDIN:
        return Secret(sys.stdin.read().removesuffix("\n").removesuffix("\r"))
    try:
        secret = read_secret_file(file, field="secret")
    except SettingsError as fault:
        raise UnreadableFileError(
            fault.what, field=fault.field, cause=fault.cause, remedy=fault.remedy
        ) from None
    if not secret:
        raise UnreadableFileError(
            f"the file {str(file)!r} is empty", field="secret", remedy="Write the secret into it"
        )
    return secret


def _from_file(file: Path, screen: Screen) -> dict[str, object]:
    """Read fields under any of their names, or what a Helm values file says in its own way."""
    from eilbote.config.helm_values import find_in_values
    from eilbote.config.logins import of_one_login
    from eilbote.config.values_file import read_values, read_values_file
    from eilbote.settings.endpoints import Endpoint

    name = "stdin" if file == STDIN else str(file)
    try:
        tree: Mapping[str, object] = (
            read_values(sys.stdin.buffer.read(), name=name, kind=".yaml")
            if file == STDIN
            else read_values_file(file.expanduser())
        )
    except SettingsError as fault:
        raise UnreadableFileError(
            fault.what, field=fault.field, cause=fault.cause, remedy=fault.remedy
        ) from None
    found = find_in_values(tree, file=name)  # type: ignore[arg-type]  # what the reader gave
    if not found:
        return {field_named(written).name: value for written, value in tree.items()}
    notes = list(found.notes)
    heard: dict[str, object] = {}
    for each in of_one_login(
        found.findings[Endpoint.NOTIFICATION], selector_name=f"{_SELECTOR} in {name}", notes=notes
    ):
        heard.setdefault(each.field, each.value)
    for note in notes:
        screen.note(f"note: {note}")
    if not heard:
        raise UnreadableFileError(
            f"{name} holds no settings for notifications",
            field="file",
            cause="What it says about mails about accounts is heard from the environment only",
            remedy="Name the file in EILBOTE_HELM_VALUES, or give one with smtpEmailNotificationCredentials",
        )
    return heard


def _missing_password(wanted: Mapping[str, object]) -> Secret | None:
    """Ask for the password of a user who is set without one: in the environment, then the person at the terminal."""
    said = read_values(wanted)
    if "user" not in said.plain or said.secrets or said.plain.get("auth_type", "basic") != "basic":
        return None
    if PASSWORD_VARIABLE in os.environ:
        return Secret(os.environ[PASSWORD_VARIABLE])
    if sys.stdin.isatty():
        from getpass import getpass

        return Secret(getpass(f"Password of {said.plain['user']}: ")) or None
    return None
