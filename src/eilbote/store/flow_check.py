"""Looks flows and their runs over: what refers to what, and whether everything that is written can be read.

The same for both databases, in the one view of it that the caller has opened. What is found is said as sentences.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, cast

from eilbote.author.flow.run import RunStatus
from eilbote.author.flow.run_state import complaint
from eilbote.author.flow.store import Awaits
from eilbote.author.plain.data_text import read

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Sequence
    from enum import StrEnum

    from eilbote.store.record_database import Statements

_SHOWN: Final = 5
"""How many examples of one kind of fault are named."""
_PAGE: Final = 50
"""Rows that are held at a time; each may have megabytes."""


def _one_of(words: type[StrEnum]) -> str:
    return ", ".join(f"'{word.value}'" for word in words)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Oddity:
    """Something that must hold for no row: what is wrong with it, how it is called, and where it is looked for."""

    what: str
    name: str
    rows: str


_ODDITIES: Final = (
    _Oddity(
        what="run without its state",
        name="id",
        rows="flow_run WHERE NOT EXISTS (SELECT 1 FROM flow_state WHERE flow_state.run = flow_run.number)",
    ),
    _Oddity(
        what="run without the text of its flow",
        name="id",
        rows="flow_run WHERE NOT EXISTS (SELECT 1 FROM flow_text WHERE flow_text.digest = flow_run.digest)",
    ),
    _Oddity(
        what="run in a state nobody knows",
        name="id",
        rows=f"flow_run WHERE status NOT IN ({_one_of(RunStatus)}) OR awaits NOT IN ({_one_of(Awaits)})",
    ),
    _Oddity(
        what="run that is never taken up",
        name="id",
        rows="flow_run WHERE status = 'running' AND due IS NULL AND (awaits IN ('', 'time') "
        "OR awaits = 'mail' AND entry IS NULL)",
    ),
    _Oddity(
        what="state without its run",
        name="run",
        rows="flow_state WHERE NOT EXISTS (SELECT 1 FROM flow_run WHERE flow_run.number = flow_state.run)",
    ),
    _Oddity(
        what="late result without its run",
        name="run",
        rows="flow_late_result WHERE NOT EXISTS (SELECT 1 FROM flow_run WHERE flow_run.number = flow_late_result.run)",
    ),
    _Oddity(
        what="link without its question",
        name="question",
        rows="answer_link WHERE NOT EXISTS (SELECT 1 FROM question WHERE question.id = answer_link.question)",
    ),
    _Oddity(
        what="version without its flow",
        name="name",
        rows="flow_version WHERE NOT EXISTS (SELECT 1 FROM flow WHERE flow.organization = flow_version.organization "
        "AND flow.name = flow_version.name)",
    ),
    _Oddity(
        what="version without its text",
        name="name",
        rows="flow_version WHERE NOT EXISTS (SELECT 1 FROM flow_text WHERE flow_text.digest = flow_version.digest)",
    ),
)

_STATES: Final = (
    "SELECT s.run, r.id, s.state FROM flow_state s JOIN flow_run r ON r.number = s.run WHERE s.run > $1 "
    "ORDER BY s.run LIMIT $2"
)
_TEXTS: Final = "SELECT digest, text FROM flow_text WHERE digest > $1 ORDER BY digest LIMIT $2"
_VALUES: Final = (
    "SELECT organization, session, key, value FROM flow_context WHERE (organization, session, key) > ($1, $2, $3) "
    "ORDER BY organization, session, key LIMIT $4"
)


async def flow_faults(db: Statements) -> list[str]:
    """Say everything that is wrong with flows and runs."""
    faults = [fault async for fault in _reference_faults(db)]
    faults += _told("state of a run that cannot be read", await _unreadable_states(db))
    faults += _told("text of a flow that has changed since it was kept", await _changed_texts(db))
    faults += _told("value of a conversation that cannot be read", await _unreadable_values(db))
    return faults


async def _reference_faults(db: Statements) -> AsyncGenerator[str, None]:
    for oddity in _ODDITIES:
        count = cast("int", await db.fetchval(f"SELECT count(*) FROM {oddity.rows}"))  # noqa: S608 - written here
        if count:
            rows = await db.fetch(
                f"SELECT {oddity.name} FROM {oddity.rows} ORDER BY {oddity.name} LIMIT {_SHOWN}"  # noqa: S608 - as above
            )
            yield f"{oddity.what}: {_named([str(row[0]) for row in rows], count)}"


async def _unreadable_states(db: Statements) -> list[str]:
    found: list[str] = []
    after = -1
    while page := await db.fetch(_STATES, after, _PAGE):
        for number, name, text in page:
            why = _complaint(text)
            if why is not None:
                found.append(f"{name} ({why})")
            after = cast("int", number)
    return found


def _complaint(text: object) -> str | None:
    try:
        return complaint(json.loads(cast("str", text)))
    except (TypeError, ValueError, RecursionError):
        return "it is no JSON"


async def _changed_texts(db: Statements) -> list[str]:
    found: list[str] = []
    after = ""
    while page := cast("Sequence[tuple[str, object]]", await db.fetch(_TEXTS, after, _PAGE)):
        for digest, text in page:
            if not isinstance(text, str) or hashlib.sha256(text.encode()).hexdigest() != digest:
                found.append(digest)
            after = digest
    return found


async def _unreadable_values(db: Statements) -> list[str]:
    found: list[str] = []
    after = ("", "", "")
    while page := cast("Sequence[tuple[str, str, str, str]]", await db.fetch(_VALUES, *after, _PAGE)):
        for organization, session, key, value in page:
            try:
                read(value)
            except (TypeError, ValueError):
                found.append(f"{key} of {session}")
            after = organization, session, key
    return found


def _told(what: str, names: Sequence[str]) -> list[str]:
    return [f"{what}: {_named(names[:_SHOWN], len(names))}"] if names else []


def _named(names: Sequence[str], count: int) -> str:
    shown = ", ".join(names)
    return shown if count <= len(names) else f"{shown} and {count - len(names):,} more"
