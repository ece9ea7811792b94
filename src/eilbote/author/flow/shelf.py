"""Where values are kept in a run, and the names under which they are."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from eilbote.author.flow.step import Shelf
from eilbote.errors import FlowError

if TYPE_CHECKING:
    from eilbote.author.flow.source import Data
    from eilbote.author.flow.step import Put

_KEY: Final = re.compile(r"[A-Za-z_][\w-]{0,99}(?:\.[A-Za-z_][\w-]{0,99}){0,9}")


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
