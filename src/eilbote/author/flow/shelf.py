"""Where values are kept in a run, and the names under which they are."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from eilbote.errors import FlowError

if TYPE_CHECKING:
    from eilbote.model.data import Data

_KEY: Final = re.compile(r"[A-Za-z_][\w-]{0,99}(?:\.[A-Za-z_][\w-]{0,99}){0,9}")


class Shelf(StrEnum):
    """Where a value is kept."""

    INPUT = "input"
    """For the rest of this run."""
    CONTEXT = "context"
    """For all runs of the same conversation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A place for a value.

    Attributes:
        shelf: On which shelf.
        key: Under which name; dots lead into tables: ``order.mail``.
    """

    shelf: Shelf
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Put:
    """A value that a node leaves behind.

    Attributes:
        shelf: Where.
        key: Under which name; dots lead into tables: ``order.mail``.
        value: What.
    """

    shelf: Shelf
    key: str
    value: Data


def read_key(text: str, *, field: str) -> str:
    """Give a key: a name, or names with dots between them.

    Raises:
        FlowError: It cannot be one.
    """
    key = text.strip()
    if not _KEY.fullmatch(key):
        raise FlowError(
            f"{key[:60]!r} cannot be a key",
            field=field,
            remedy="Give letters, digits, _ and -, beginning with a letter; dots lead into tables",
        )
    return key


def read_target(text: str, *, field: str) -> tuple[Shelf, str]:
    """Give shelf and key of ``context.order.mail``.

    Raises:
        FlowError: It names no shelf, or no key.
    """
    shelf, _, key = text.strip().partition(".")
    if shelf not in set(Shelf):
        raise FlowError(
            f"{shelf[:60]!r} is no place for a value", field=field, remedy="Begin with input. or context."
        )
    return Shelf(shelf), read_key(key, field=field)


def with_puts(
    shelves: Mapping[Shelf, Mapping[str, Data]], puts: tuple[Put, ...]
) -> dict[Shelf, dict[str, Data]]:
    """Give the shelves with values put on them; what was given stays as it is."""
    changed = {shelf: dict(values) for shelf, values in shelves.items()}
    for put in puts:
        *way, last = put.key.split(".")
        table = changed[put.shelf]
        for name in way:
            inner = table.get(name)
            copied = dict(inner) if isinstance(inner, dict) else {}
            table[name] = copied
            table = copied
        table[last] = put.value
    return changed
