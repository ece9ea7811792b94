"""Turns what a variable or a file says into the kind of value that a setting is.

A variable holds text and nothing else, a TOML file knows numbers and truth values of its own; both are understood. What
cannot be read is told without being shown, for it may be a secret that somebody put in the wrong place.
"""

from __future__ import annotations

import math
import re
from pathlib import Path
from types import NoneType, UnionType
from typing import Final, get_args

from eilbote.model.secret import Secret

_WORDS: Final = {"true": True, "yes": True, "on": True, "1": True} | {
    "false": False,
    "no": False,
    "off": False,
    "0": False,
}
_NUMBER: Final = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
_MOST_DIGITS: Final = 30


def read_setting(value: object, kind: object) -> object:
    """Give a value of the kind that a setting is: text, a number, a truth value, a folder, a secret, or ``None`` beside one.

    Raises:
        ValueError: It is none; the text says why, for people.
    """
    if isinstance(kind, UnionType):
        if value is None:
            return None
        kind = next(each for each in get_args(kind) if each is not NoneType)
    if kind is float:
        return _number(value)
    if kind is int:
        return _whole_number(value)
    if kind is bool:
        return _truth(value)
    if isinstance(value, list):
        raise ValueError("it is not text but a list: write several as one text, with blanks between them")  # noqa: TRY004 - as below
    if not isinstance(value, str):
        raise ValueError("it is not text")  # noqa: TRY004 - one kind of fault, whatever the value
    if kind is str:
        return value
    if kind is Path:
        return Path(value)
    if kind is Secret:
        return Secret(value)
    raise AssertionError(kind)


def _number(value: object) -> float:
    if isinstance(value, str) and _NUMBER.fullmatch(value.strip()):
        value = float(value)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise ValueError("it is not a number such as 30 or 0.5")
    return float(value)


def _whole_number(value: object) -> int:
    if isinstance(value, str):
        digits = value.strip()
        if digits.removeprefix("-").isdecimal() and digits.isascii() and len(digits) <= _MOST_DIGITS:
            return int(digits)
    elif isinstance(value, int) and not isinstance(value, bool):
        return value
    raise ValueError("it is not a whole number such as 1000")


def _truth(value: object) -> bool:
    if isinstance(value, str) and value.strip().lower() in _WORDS:
        return _WORDS[value.strip().lower()]
    if isinstance(value, bool):
        return value
    raise ValueError("it is neither true nor false")
