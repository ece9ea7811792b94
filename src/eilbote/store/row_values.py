"""Reads values from rows that somebody may have damaged: what cannot be read is told, and something harmless stands in for it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeVar, cast

if TYPE_CHECKING:
    from enum import StrEnum

    from eilbote.model.data import Data

T = TypeVar("T")
E = TypeVar("E", bound="StrEnum")


def value_of(kind: type[T], value: object, what: str, faults: list[str], otherwise: T) -> T:
    """Read a value of a kind.

    Args:
        kind: Which kind.
        value: What is in the row.
        what: What it is, for the fault.
        faults: Where a fault is added.
        otherwise: What stands in.
    """
    if isinstance(value, kind):
        return value
    faults.append(f"its {what} cannot be read")
    return otherwise


def number_of(value: object, what: str, faults: list[str]) -> int | None:
    """Read a number that may be missing."""
    return None if value is None else value_of(int, value, what, faults, 0)


def word_of(words: type[E], value: object, what: str, faults: list[str], otherwise: E) -> E:
    """Read a word of an enumeration, as :func:`value_of` does."""
    try:
        return words(cast("str", value))
    except ValueError:
        faults.append(f"its {what} cannot be read")
        return otherwise


def state_of(text: str | Mapping[str, Data] | None, faults: list[str]) -> Mapping[str, Data]:
    """Read a state as it is written, or take it as it was read already; ``None`` is one that is missing."""
    if isinstance(text, Mapping):
        return text
    if text is None:
        faults.append("its state is missing")
        return {}
    try:
        found: object = json.loads(text)
    except (TypeError, ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        faults.append("its state cannot be read")
        return {}
    return cast("dict[str, Data]", found)
