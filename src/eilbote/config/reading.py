"""Reads the settings: what the caller says goes before the environment, that before ``eilbote.toml``, that before defaults.

What can be set, and what a value may be, is said by the nouns in :mod:`eilbote.config.config`; every refusal names the
variable or the file at fault.
"""

from __future__ import annotations

import os
from dataclasses import fields
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeGuard, get_type_hints
from urllib.parse import quote

from eilbote.config.config import GROUPS, Config, Group, setting_names, variable_of
from eilbote.config.mail_places import HELM_VARIABLE, OWN_PREFIXES, SECRETS_DIR_VARIABLE
from eilbote.config.secret_file import file_variable, named_file, read_secret_file
from eilbote.config.setting_kinds import read_setting
from eilbote.errors import SettingsError
from eilbote.model.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

_PREFIX = "EILBOTE_"
_FILE_NAME = "eilbote.toml"
_FILE_VARIABLE = "EILBOTE_CONFIG"
_NOT_SETTINGS = (
    *(_FILE_VARIABLE, "EILBOTE_CONNECTION", "EILBOTE_PASSWORD", "EILBOTE_FROM"),
    *("EILBOTE_SECRET_KEYS", "EILBOTE_SECRET_KEYS_FILE", SECRETS_DIR_VARIABLE, HELM_VARIABLE),
    "EILBOTE_FLOW_SECRETS_DIR",
)
"""Variables that other places read."""
_NOT_SETTINGS_EITHER = (
    "EILBOTE_CONNECTION_",
    "EILBOTE_FLOW_SECRET_",
    *OWN_PREFIXES.values(),
    "EILBOTE_TEST_",
)
"""How others of them begin; the last is for tests."""
_SECRETS = ("database_url", "mailbox.password", "oidc.client_secret")
"""Settings that ``<NAME>_FILE`` may hold."""
_SECRET_FILES = frozenset(file_variable(variable_of(name)) for name in _SECRETS)
_DEFAULT = "default"


def read_config(*, data_dir: Path | str | None = None, database_url: str | Secret | None = None) -> Config:
    """Read the environment and the file of settings.

    The file is the one that ``EILBOTE_CONFIG`` names, else ``eilbote.toml`` in the data folder, if it is there.

    Args:
        data_dir: Goes before what is written elsewhere.
        database_url: The same.

    Raises:
        SettingsError: A setting is unknown, or has a value that cannot be used; ``field`` names the variable, or the
            place in the file.
    """
    _refuse_unknown_variables(os.environ)
    arguments: dict[str, object] = {}
    if data_dir is not None:
        arguments["data_dir"] = str(data_dir)
    if database_url is not None:
        arguments["database_url"] = Secret(database_url).reveal()
    environment = _merged((_from_variables(os.environ), _from_files(os.environ)))
    folder = arguments.get("data_dir") or environment.get("data_dir")
    file = _file(Path(str(folder)) if folder else None)
    sources = {
        "argument": arguments,
        "environment": environment,
        "file": {} if file is None else _read_file(file),
    }
    origins = _origins(sources, file)
    try:
        return _config(_merged(sources.values()), origins)
    except SettingsError as fault:
        fault.field = _place(fault.field or "", origins)
        raise


def _config(said: Mapping[str, object], origins: Mapping[str, str]) -> Config:
    values = _values(Config, said, "", origins)
    for name, noun in GROUPS.items():
        if name in values:
            values[name] = noun(**_group(name, said[name], origins))
    folder = Path(values.get("data_dir") or _platform_folder()).expanduser().absolute()
    url = said.get("database_url") or f"sqlite:///{quote(str(folder / 'eilbote.db'))}"
    values |= {"data_dir": folder, "database_url": Secret(str(url))}
    return Config(
        **values,
        origins=MappingProxyType({name: origins.get(name, _DEFAULT) for name in setting_names()}),
    )


def _group(name: str, said: object, origins: Mapping[str, str]) -> dict[str, Any]:
    if not _is_table(said):
        inner = fields(GROUPS[name])[0].name
        raise SettingsError(
            "the value cannot be used",
            field=name,
            cause="it is a group of settings, and none of its own",
            remedy=f"Set one of the group, such as {_in_words(f'{name}.{inner}', _place(name, origins))}",
        )
    return _values(GROUPS[name], said, f"{name}.", origins)


def _values(
    noun: type[Config | Group], said: Mapping[str, object], before: str, origins: Mapping[str, str]
) -> dict[str, Any]:
    """Give the values of a table by the names of its fields, each of the kind that the field is."""
    kinds = get_type_hints(noun)
    known = {each.name for each in fields(noun)} - {"origins"}
    found: dict[str, Any] = {}
    for name, value in said.items():
        field = before + name
        if name not in known:
            raise _unknown(field, _place(field, origins))
        try:
            found[name] = value if field in GROUPS else read_setting(value, kinds[name])
        except ValueError as fault:
            raise SettingsError("the value cannot be used", field=field, cause=str(fault)) from None
    return found


def _from_variables(environ: Mapping[str, str]) -> dict[str, object]:
    """Give the settings that variables say; an empty one says nothing."""
    found: dict[str, object] = {
        name: environ[variable_of(name)]
        for name in setting_names()
        if "." not in name and environ.get(variable_of(name))
    }
    for group in GROUPS:
        start = f"{variable_of(group)}__"
        inner = {
            variable.removeprefix(start).lower(): value
            for variable, value in environ.items()
            if value and variable.startswith(start) and variable not in _SECRET_FILES
        }
        if said := environ.get(variable_of(group)) or inner:
            found[group] = said
    return found


def _from_files(environ: Mapping[str, str]) -> dict[str, object]:
    """Give the settings that are read from files, because they are secrets."""
    found: dict[str, object] = {}
    for name in _SECRETS:
        variable = variable_of(name)
        if (file := named_file(environ, variable)) is not None:
            value = read_secret_file(file, field=file_variable(variable)).reveal().strip()
            group, _, inner = name.rpartition(".")
            found = _merged(({group: {inner: value}} if group else {inner: value}, found))
    return found


def _variable_said(setting: str) -> str:
    """Name the variable that says a setting: the one itself, or the one that names its file."""
    variable = variable_of(setting)
    return file_variable(variable) if os.environ.get(file_variable(variable)) else variable


# -- sources ---------------------------------------------------------------------------------------------------


def _file(folder: Path | None) -> Path | None:
    named = os.environ.get(_FILE_VARIABLE)
    if named:
        return Path(named).expanduser()
    file = (folder or _platform_folder()).expanduser() / _FILE_NAME
    return file if file.is_file() else None


def _read_file(file: Path) -> dict[str, object]:
    import tomllib

    try:
        return tomllib.loads(file.read_text("utf-8"))
    except OSError as fault:
        cause = fault.strerror
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        cause = f"It is not TOML: {fault}"
    raise SettingsError(
        f"the settings in {str(file)!r} cannot be read",
        field=_FILE_VARIABLE if os.environ.get(_FILE_VARIABLE) else None,
        cause=cause,
        remedy="Mend the file, or move it away",
    )


def _platform_folder() -> Path:
    from platformdirs import user_data_path

    return user_data_path("eilbote", appauthor=False)


def _merged(sources: Iterable[Mapping[str, object]]) -> dict[str, object]:
    """Join what the sources say; the first that says something about a setting is heard."""
    merged: dict[str, object] = {}
    for source in sources:
        for name, value in source.items():
            merged[name] = _joined(merged[name], value) if name in merged else value
    return merged


def _joined(nearer: object, farther: object) -> object:
    """Join what two sources say about one name; of two tables the nearer one's entries are heard first."""
    return farther | nearer if _is_table(nearer) and _is_table(farther) else nearer


def _is_table(value: object) -> TypeGuard[dict[str, object]]:
    return isinstance(value, dict)


def _origins(sources: Mapping[str, Mapping[str, object]], file: Path | None) -> dict[str, str]:
    """Tell for every setting that somebody mentions where its value comes from."""
    in_words: dict[str, Callable[[str], str]] = {
        "argument": "argument {}".format,
        "environment": _variable_said,
        "file": lambda name: f"{name} in {str(file)!r}",
    }
    origins: dict[str, str] = {}
    for source, values in sources.items():
        for name in _mentioned(values):
            origins.setdefault(name, in_words[source](name))
    return origins


def _mentioned(values: Mapping[str, object]) -> Iterator[str]:
    for name, value in values.items():
        if _is_table(value) and name in GROUPS:
            yield from (f"{name}.{inner}" for inner in value)
        else:
            yield name


# -- refusals --------------------------------------------------------------------------------------------------


def _refuse_unknown_variables(environ: Mapping[str, str]) -> None:
    known = {variable_of(name) for name in setting_names()} | set(_NOT_SETTINGS)
    known |= _SECRET_FILES
    for variable in sorted(environ):
        if (
            variable.startswith(_PREFIX)
            and variable not in known
            and not variable.startswith(_NOT_SETTINGS_EITHER)
            and variable.split("__")[0].removeprefix(_PREFIX).lower() not in GROUPS
        ):
            raise SettingsError(
                "there is no such setting",
                field=variable,
                remedy=_nearest(variable, known) or "Remove it, or see docs/reference/configuration.md",
            )


def _unknown(name: str, place: str) -> SettingsError:
    known = {_in_words(each, place) for each in setting_names()}
    return SettingsError(
        "there is no such setting",
        field=name,
        remedy=_nearest(_in_words(name, place), known) or "Remove it",
    )


def _in_words(name: str, place: str) -> str:
    """Name a setting as it is called where somebody wrote it."""
    return variable_of(name) if place.startswith(_PREFIX) else name


def _place(name: str, origins: Mapping[str, str]) -> str:
    return origins.get(name) or next(
        (origin for known, origin in origins.items() if known.startswith(f"{name}.")), name
    )


def _nearest(name: str, known: Iterable[str]) -> str | None:
    import difflib

    found = difflib.get_close_matches(name, sorted(known), n=1, cutoff=0.6)
    return f"The nearest name is {found[0]}" if found else None
