"""Reads the values of form fields and URI options: texts, switches, numbers, secrets."""

from __future__ import annotations

import re
from contextlib import suppress

from eilbote.errors import SettingsError
from eilbote.model.kinds import shown
from eilbote.model.secret import Secret

_ON = frozenset({"true", "yes", "on", "1"})
_OFF = frozenset({"false", "no", "off", "0"})
_COUNT = re.compile(r"[0-9]{1,18}")
_NUMBER = re.compile(r"[0-9.eE+-]{1,40}")


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
    try:
        return str(value).strip()
    except ValueError:  # an int of more digits than Python writes out
        raise SettingsError(
            "a text is wanted, not a number as long as this", field=field, remedy="Give it as text"
        ) from None


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
    if isinstance(value, int) and value in (0, 1):
        return value == 1
    word = value.strip().lower() if isinstance(value, str) else ""
    if word in _ON:
        return True
    if word in _OFF:
        return False
    raise SettingsError(f"{shown(value)} is neither yes nor no", field=field, remedy="Give yes or no")


def read_count(value: object, field: str) -> int:
    """Give a whole number that is not negative.

    Raises:
        SettingsError: It is not one.
    """
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    if isinstance(value, str) and _COUNT.fullmatch(value.strip()):
        return int(value)
    raise SettingsError(
        f"{shown(value)} is not a whole number", field=field, remedy="Give a number such as 4"
    )


def read_number(value: object, field: str) -> float:
    """Give a number above 0.

    Raises:
        SettingsError: It is not one.
    """
    number = 0.0
    if isinstance(value, (str, int, float)) and not isinstance(value, bool):
        with suppress(ValueError, OverflowError):
            number = float("" if isinstance(value, str) and not _NUMBER.fullmatch(value.strip()) else value)
    if 0 < number < float("inf"):
        return number
    raise SettingsError(
        f"{shown(value)} is not a number above 0", field=field, remedy="Give a number such as 30 or 0.5"
    )


def read_share(value: object, field: str) -> float:
    """Give a number from 0 to 1.

    Raises:
        SettingsError: It is not one.
    """
    if isinstance(value, (str, int, float)) and not isinstance(value, bool):
        with suppress(ValueError, OverflowError):
            number = float(value if not isinstance(value, str) or _NUMBER.fullmatch(value.strip()) else "")
            if 0 <= number <= 1:
                return number
    raise SettingsError(
        f"{shown(value)} is not a number from 0 to 1", field=field, remedy="Give a number such as 0.2"
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
