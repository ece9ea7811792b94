"""Reads the values of form fields and URI options: texts, switches, numbers, secrets."""

from __future__ import annotations

import math

from eilbote.errors import SettingsError
from eilbote.model.secret import Secret

_ON = frozenset({"true", "yes", "on", "1"})
_OFF = frozenset({"false", "no", "off", "0"})


def is_blank(value: object) -> bool:
    """Tell whether a value says nothing: ``None``, a text without characters, or an empty secret."""
    return (
        value is None
        or (isinstance(value, str) and not value.strip())
        or (isinstance(value, Secret) and not value)
    )


def read_text(value: object, field: str) -> str:
    """Give a text, or a number as text, without surrounding blanks.

    Raises:
        SettingsError: It is something else.
    """
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise SettingsError(f"a text is wanted, not {_kind(value)}", field=field, remedy="Give it as text")
    return str(value).strip()


def read_secret(value: object, field: str) -> Secret:
    """Give a secret text, exactly as it was written.

    Raises:
        SettingsError: It is no text; the value is not shown.
    """
    if isinstance(value, (str, Secret)):
        return Secret(value)
    raise SettingsError(f"a text is wanted, not {_kind(value)}", field=field, remedy="Give it as text")


def read_switch(value: object, field: str) -> bool:
    """Give yes or no.

    Raises:
        SettingsError: It is neither.
    """
    if isinstance(value, bool):
        return value
    word = str(value).strip().lower() if isinstance(value, (str, int)) else ""
    if word in _ON:
        return True
    if word in _OFF:
        return False
    raise SettingsError(f"{value!r} is neither yes nor no", field=field, remedy="Give yes or no")


def read_count(value: object, field: str) -> int:
    """Give a whole number that is not negative.

    Raises:
        SettingsError: It is not one.
    """
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    if isinstance(value, str) and value.strip().isascii() and value.strip().isdecimal():
        return int(value)
    raise SettingsError(f"{value!r} is not a whole number", field=field, remedy="Give a number such as 4")


def read_number(value: object, field: str) -> float:
    """Give a number above 0.

    Raises:
        SettingsError: It is not one.
    """
    number = math.nan
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        number = float(value)
    elif isinstance(value, str) and value.isascii() and "_" not in value:
        try:
            number = float(value)
        except ValueError:
            number = math.nan
    if math.isfinite(number) and number > 0:
        return number
    raise SettingsError(
        f"{value!r} is not a number above 0", field=field, remedy="Give a number such as 30 or 0.5"
    )


def _kind(value: object) -> str:
    match value:
        case bool():
            return "yes or no"
        case list() | tuple():
            return "a list"
        case dict():
            return "a table"
        case bytes():
            return "octets"
        case _:
            return f"a {type(value).__name__}"
