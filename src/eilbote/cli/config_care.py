"""What ``eilbote config show`` does once everything is read."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

from eilbote.cli.at_desk import read_settings
from eilbote.cli.printable import printable
from eilbote.config.config import setting_names
from eilbote.model.secret import Secret

if TYPE_CHECKING:
    from eilbote.cli.screen import Screen
    from eilbote.config.config import Config

_STARS = "********"
_URL = "database_url"


def show_config(screen: Screen, *, origin: bool, data_dir: Path | None) -> None:
    """Write every setting.

    Raises:
        SettingsError: One cannot be used.
    """
    config = read_settings(data_dir, screen)
    values = {name: value_of(config, name) for name in setting_names()}
    if screen.as_json:
        screen.data(
            {name: {"value": value, "origin": config.origins[name]} for name, value in values.items()}
        )
        return
    widest_name = max(map(len, values))
    widest_value = max(len(_text(value)) for value in values.values())
    for name, value in values.items():
        line = f"{name:<{widest_name}}  {_text(value)}"
        screen.text(
            f"{line:<{widest_name + widest_value + 4}}{printable(config.origins[name])}"
            if origin
            else line.rstrip()
        )


def value_of(config: Config, name: str) -> str | float | bool:
    """Give the value of a setting by its dotted name, passwords as stars."""
    value: object = config
    for part in name.split("."):
        value = getattr(value, part)
    match value:
        case None:
            return ""
        case Secret():
            return _without_password(value.reveal()) if name == _URL else _STARS
        case bool() | int() | float() | str():
            return value
        case _:
            return str(value)


def _without_password(url: str) -> str:
    """Give a database's URL without what is secret in it; a text that is no such URL is nothing but stars."""
    try:
        parts = urlsplit(url)
        if parts.scheme.startswith("sqlite") and not parts.netloc:
            return url
        host = parts.netloc.rpartition("@")[2]
        user = parts.username
    except ValueError:
        return _STARS
    if not parts.scheme or not parts.path.startswith("/"):
        return _STARS
    login = f"{user}:{_STARS}@" if parts.password else f"{user}@" if user else ""
    # The options of a URL may hold a password as well.
    return urlunsplit((parts.scheme, login + host, parts.path, _STARS if parts.query else "", ""))


def _text(value: str | float) -> str:
    return f"{value:g}" if isinstance(value, float) else printable(str(value))
