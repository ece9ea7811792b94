"""Looks rows over: what must hold for none of them, and whether what is written in them can be read. Faults are said as sentences."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from enum import StrEnum

    from eilbote.store.record_database import Statements

_SHOWN: Final = 5
"""How many examples of one kind of fault are named."""
PAGE: Final = 50
"""Rows that are held at a time; each may have megabytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RowOddity:
    """Something that must hold for no row.

    Attributes:
        what: What is wrong with it.
        name: The column by which it is called.
        rows: Where it is looked for, in SQL.
    """

    what: str
    name: str
    rows: str


def one_of(words: type[StrEnum]) -> str:
    """Write the words of an enumeration in SQL."""
    return ", ".join(f"'{word.value}'" for word in words)


def draft_oddities(noun: str) -> tuple[RowOddity, ...]:
    """Say what must not be with the versions of flows or processes."""
    return (
        RowOddity(
            what=f"version without its {noun}",
            name="name",
            rows=f"{noun}_version AS v WHERE NOT EXISTS "  # noqa: S608 - names of our own
            f"(SELECT 1 FROM {noun} AS its WHERE its.organization = v.organization AND its.name = v.name)",
        ),
        RowOddity(
            what=f"version of a {noun} without its text",
            name="name",
            rows=f"{noun}_version AS v WHERE NOT EXISTS (SELECT 1 FROM {noun}_text AS its WHERE its.digest = v.digest)",  # noqa: S608 - as above
        ),
    )


async def oddity_faults(db: Statements, oddities: Iterable[RowOddity]) -> list[str]:
    """Look for oddities."""
    faults: list[str] = []
    for oddity in oddities:
        count = cast("int", await db.fetchval(f"SELECT count(*) FROM {oddity.rows}"))  # noqa: S608 - written in our sources
        if count:
            rows = await db.fetch(
                f"SELECT {oddity.name} FROM {oddity.rows} ORDER BY {oddity.name} LIMIT {_SHOWN}"  # noqa: S608 - as above
            )
            faults.append(f"{oddity.what}: {_named([str(row[0]) for row in rows], count)}")
    return faults


async def unreadable_states(
    db: Statements, states: str, complaint: Callable[[object], str | None]
) -> list[str]:
    """Name the states that cannot be read, with the reason.

    Args:
        db: The connection.
        states: Gives a page of numbers, names and states, in SQL: behind the number ``$1``, ``$2`` of them.
        complaint: Tells why a state that is JSON cannot be read.
    """
    found: list[str] = []
    after = -1
    while page := await db.fetch(states, after, PAGE):
        for number, name, text in page:
            why = _complaint(text, complaint)
            if why is not None:
                found.append(f"{name} ({why})")
            after = cast("int", number)
    return found


def _complaint(text: object, complaint: Callable[[object], str | None]) -> str | None:
    try:
        found: object = json.loads(cast("str", text))
    except (TypeError, ValueError, RecursionError):
        return "it is no JSON"
    return complaint(found)


async def changed_texts(db: Statements, table: str) -> list[str]:
    """Name texts that are no longer those that were kept."""
    page_of = f"SELECT digest, text FROM {table} WHERE digest > $1 ORDER BY digest LIMIT $2"  # noqa: S608 - as above
    found: list[str] = []
    after = ""
    while page := cast("Sequence[tuple[str, object]]", await db.fetch(page_of, after, PAGE)):
        for digest, text in page:
            if not isinstance(text, str) or hashlib.sha256(text.encode()).hexdigest() != digest:
                found.append(digest)
            after = digest
    return found


def told(what: str, names: Sequence[str]) -> list[str]:
    """Say of which rows something is true; nothing when there are none."""
    return [f"{what}: {_named(names[:_SHOWN], len(names))}"] if names else []


def _named(names: Sequence[str], count: int) -> str:
    shown = ", ".join(names)
    return shown if count <= len(names) else f"{shown} and {count - len(names):,} more"
