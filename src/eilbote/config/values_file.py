"""Reads a YAML, JSON or TOML file in which people keep settings; values come as they were written.

``password: 0123`` in YAML would otherwise be a number, ``on`` a truth, and neither the password. No error text holds a part
of the file.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

from eilbote.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eilbote.config.helm_values import Tree

_LARGEST: Final = 1024 * 1024


def read_values_file(file: Path, *, field: str = "file") -> Mapping[str, Tree]:
    """Give what a file holds; ``.json`` and ``.toml`` are read as such, everything else as YAML.

    Raises:
        SettingsError: It cannot be read, or holds no table; ``field`` is in it.
    """
    try:
        with file.open("rb") as opened:
            octets = opened.read(_LARGEST + 1)
    except OSError as fault:
        raise _refusal(file, field, fault.strerror or "It cannot be opened") from None
    return read_values(octets, name=str(file), kind=file.suffix, field=field)


def read_values(octets: bytes, *, name: str, kind: str, field: str = "file") -> Mapping[str, Tree]:
    """Give what octets from elsewhere hold.

    Args:
        octets: The octets.
        name: What they are called, for errors.
        kind: ``.json``, ``.toml``, or something else for YAML.
        field: What names them, for errors.

    Raises:
        SettingsError: They cannot be read, or hold no table.
    """
    if len(octets) > _LARGEST:
        raise _refusal(Path(name), field, f"It is larger than {_LARGEST:,} octets")
    try:
        text = octets.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _refusal(Path(name), field, "It is not UTF-8") from None
    match kind.lower():
        case ".json":
            tree, cause = _json(text)
        case ".toml":
            tree, cause = _toml(text)
        case _:
            tree, cause = _yaml(text)
    if cause:
        raise _refusal(Path(name), field, cause)
    if tree is None:
        return {}
    if not isinstance(tree, dict):
        raise _refusal(Path(name), field, "It holds no table of names and values")
    return cast("Mapping[str, Tree]", tree)


def _json(text: str) -> tuple[object, str]:
    try:
        return json.loads(text, parse_int=str, parse_float=str), ""
    except json.JSONDecodeError as fault:
        return None, f"It is not JSON, in line {fault.lineno}"
    except RecursionError:
        return None, "It is nested too deeply"


def _toml(text: str) -> tuple[object, str]:
    import tomllib

    try:
        return tomllib.loads(text), ""
    except tomllib.TOMLDecodeError as fault:
        # The parser's words may hold a part of a line, but its place may be told.
        place = str(fault).rpartition("(")[2].rstrip(")") if "(at " in str(fault) else ""
        return None, f"It is not TOML {place}".rstrip()


def _yaml(text: str) -> tuple[object, str]:
    import yaml

    try:
        # The loader that leaves every value the text it was written as, and knows no tags that make objects.
        return yaml.load(text, Loader=yaml.BaseLoader), ""  # noqa: S506 - it makes nothing but texts, lists and tables
    except yaml.MarkedYAMLError as fault:
        line = "" if fault.problem_mark is None else f", in line {fault.problem_mark.line + 1}"
        return None, f"It is not YAML{line}"
    except (yaml.YAMLError, RecursionError, ValueError):
        return None, "It is not YAML"


def _refusal(file: Path, field: str, cause: str) -> SettingsError:
    return SettingsError(
        f"the values in {str(file)!r} cannot be read",
        field=field,
        cause=cause,
        remedy="Give a YAML, JSON or TOML file of names and values",
    )
