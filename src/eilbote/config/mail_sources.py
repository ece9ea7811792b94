"""Looks through the places of the environment in which mail settings stand, and notes which files it has read."""

from __future__ import annotations

import difflib
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from eilbote.config.findings import Finding
from eilbote.config.helm_values import find_in_values
from eilbote.config.mail_places import HELM_VARIABLE, OWN_PREFIXES, SECRETS_DIR_VARIABLE
from eilbote.config.secret_file import (
    Signature,
    file_variable,
    named_file,
    read_secret_file,
    signature_of,
)
from eilbote.config.values_file import read_values_file
from eilbote.config.vendor_names import (
    KEY_PREFIX,
    NOTIFICATION_PREFIX,
    PLACEHOLDERS,
    SECRET_KEYS,
    SYSTEM_PREFIX,
    VARIABLES,
    Login,
)
from eilbote.connections.field_names import our_name
from eilbote.errors import SettingsError
from eilbote.settings.endpoints import Endpoint
from eilbote.settings.fields import field_named
from eilbote.settings.precedence import OF_TOKENS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from eilbote.model.secret import Secret

_VENDOR_PREFIXES: Final[Mapping[Endpoint, str]] = MappingProxyType(
    {Endpoint.NOTIFICATION: NOTIFICATION_PREFIX, Endpoint.SYSTEM: SYSTEM_PREFIX}
)


class MailSources:
    """All places, for one look.

    Args:
        environ: The variables; blank ones left out.
    """

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self.files: dict[Path, Signature] = {}
        self.notes: list[str] = []

    def find(self, endpoint: Endpoint) -> Iterator[Finding]:
        """Yield what is said about an endpoint, the nearest place first.

        Raises:
            SettingsError: A file cannot be read, or a variable of ours has no such name; ``field`` names the variable.
        """
        yield from self._own(endpoint)
        yield from self._vendor(endpoint)
        yield from self._mounted(endpoint)
        yield from self._helm(endpoint)

    def _own(self, endpoint: Endpoint) -> Iterator[Finding]:
        prefix = OWN_PREFIXES[endpoint]
        for variable in sorted(each for each in self._environ if each.startswith(prefix)):
            written = variable.removeprefix(prefix)
            is_file = our_name(written) is None and written.endswith("_FILE")
            try:
                known = field_named(written.removesuffix("_FILE") if is_file else written)
            except SettingsError as fault:
                fault.field = variable
                raise
            if is_file and not known.is_secret:
                raise SettingsError(
                    f"{known.label} is no secret, and is not read from a file",
                    field=variable,
                    remedy=f"Set {variable.removesuffix('_FILE')} to the value itself",
                )
            login = Login.BASIC if known.name == "password" else Login.NONE
            login = Login.OAUTH2 if known.name in OF_TOKENS else login
            value: str | Secret = self._environ[variable]
            if is_file and named_file(self._environ, variable.removesuffix("_FILE")) is not None:
                value = self._read(Path(self._environ[variable]).expanduser(), variable)
            yield Finding(field=known.name, value=value, place=variable, login=login)

    def _vendor(self, endpoint: Endpoint) -> Iterator[Finding]:
        names = VARIABLES[endpoint]
        for each in names:
            file = named_file(self._environ, each.name) if each.may_be_a_file else None
            value: str | Secret | None = self._environ.get(each.name)
            place = each.name
            if file is not None:
                place = file_variable(each.name)
                value = self._read(file, place)
            if value is None or (isinstance(value, str) and value.strip() in PLACEHOLDERS[endpoint]):
                continue
            yield Finding(field=each.field, value=value, place=place, login=each.login)
        self._note_unknown(endpoint, {each.name for each in names})

    def _note_unknown(self, endpoint: Endpoint, names: set[str]) -> None:
        prefix = _VENDOR_PREFIXES[endpoint]
        known = names | {file_variable(each.name) for each in VARIABLES[endpoint] if each.may_be_a_file}
        for variable in sorted(self._environ):
            if variable.startswith(prefix) and variable not in known:
                nearest = difflib.get_close_matches(variable, sorted(known), n=1, cutoff=0.7)
                hint = f"; the nearest name is {nearest[0]}" if nearest else ""
                self.notes.append(f"{variable} is not used: there is no such setting{hint}.")

    def _mounted(self, endpoint: Endpoint) -> Iterator[Finding]:
        named = self._environ.get(SECRETS_DIR_VARIABLE)
        if not named:
            return
        folder = Path(named).expanduser()
        if not folder.is_dir():
            raise SettingsError(
                f"there is no folder {str(folder)!r}",
                field=SECRETS_DIR_VARIABLE,
                remedy="Name the folder into which the secret is mounted, or remove the variable",
            )
        if SECRET_KEYS[endpoint]:
            self._note_unknown_keys(folder, {each.name for each in SECRET_KEYS[endpoint]})
        for each in SECRET_KEYS[endpoint]:
            file = folder / each.name
            if signature_of(file) is None:
                self.files[file] = None
                continue
            secret = self._read(file, f"{SECRETS_DIR_VARIABLE}, {each.name}", may_be_empty=True)
            if secret.reveal().strip():
                yield Finding(
                    field=each.field, value=secret, place=f"{each.name} in {folder}", login=each.login
                )

    def _note_unknown_keys(self, folder: Path, known: set[str]) -> None:
        try:
            names = sorted(file.name for file in folder.iterdir())
        except OSError as fault:
            raise SettingsError(
                f"the folder {str(folder)!r} cannot be read",
                field=SECRETS_DIR_VARIABLE,
                cause=fault.strerror,
                remedy="Let this user read it",
            ) from fault
        for name in names:
            if name.startswith(KEY_PREFIX) and name not in known:
                nearest = difflib.get_close_matches(name, sorted(known), n=1, cutoff=0.6)
                hint = f"; the nearest is {nearest[0]}" if nearest else ""
                self.notes.append(f"{name} in {folder} is not used: there is no such key{hint}.")

    def _helm(self, endpoint: Endpoint) -> Iterator[Finding]:
        named = self._environ.get(HELM_VARIABLE)
        if not named:
            return
        file = Path(named).expanduser()
        self.files[file] = signature_of(file)
        found = find_in_values(read_values_file(file, field=HELM_VARIABLE), file=str(file))
        self.notes += found.notes
        for each in found.findings[endpoint]:
            if str(each.value).strip() not in PLACEHOLDERS[endpoint]:
                yield each

    def _read(self, file: Path, field: str, *, may_be_empty: bool = False) -> Secret:
        self.files[file] = signature_of(
            file
        )  # before it is read: what changes meanwhile is seen the next time
        secret = read_secret_file(file, field=field)
        if not secret and not may_be_empty:
            raise SettingsError(
                f"the file {str(file)!r} is empty",
                field=field,
                remedy="Write the value into it, or remove the variable",
            )
        return secret
