"""The book of who did what, as rows: each behind the latest one, whoever writes; the same for both databases.

What a hash covers stands in one column as JSON, so that nothing anybody says can keep a deed from being written: half a letter, or
octets that a database takes for an end. The columns beside it are for those who search.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Final, cast

from eilbote.accounts.audit import BEGINNING, AuditRecord, Deed, chained, deed_data
from eilbote.accounts.principal import PrincipalKind
from eilbote.model.moment import Moment
from eilbote.store.values import storable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eilbote.accounts.audit import AuditFilter
    from eilbote.store.record_database import Statements

_HOLD_HEAD: Final = "INSERT INTO meta (key, value) VALUES ('audit', '') ON CONFLICT (key) DO UPDATE SET value = meta.value RETURNING value"
"""Whoever writes holds this line for the length of the transaction, so that every record follows the one before it."""
_HEAD: Final = "SELECT value FROM meta WHERE key = 'audit'"
_SET_HEAD: Final = "UPDATE meta SET value = $1 WHERE key = 'audit'"
_LATEST: Final = "SELECT sequence, hash FROM audit ORDER BY sequence DESC LIMIT 1"
_INSERT: Final = "INSERT INTO audit (sequence, at, organization, who, action, thing, deed, hash) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
_FROM: Final = "SELECT sequence, deed, hash FROM audit WHERE sequence >= $1 ORDER BY sequence LIMIT $2"
_SEARCHED_BY: Final = "SELECT sequence, at, organization, who, action, thing FROM audit WHERE sequence >= $1 ORDER BY sequence LIMIT $2"

_BEYOND: Final = 2**62

DAMAGED: Final = "(damaged)"
"""The action of a record that cannot be read."""
_DAMAGED: Final = Deed(
    at=Moment(0), organization="", kind=PrincipalKind.SYSTEM, who="", name="", action=DAMAGED
)


async def write(db: Statements, deeds: Sequence[Deed]) -> list[AuditRecord]:
    """Write deeds, each behind the latest record, in the transaction that is open."""
    if not deeds:
        return []
    held = await db.fetch(_HOLD_HEAD)
    sequence, last = await _head(db, cast("str", held[0][0]))
    written: list[AuditRecord] = []
    for said in deeds:
        text = _text(said)
        deed = _deed(text)  # as everybody will read it
        sequence += 1
        last = chained(last, sequence, deed)
        await db.execute(_INSERT, sequence, *_searched_by(deed), text, last)
        written.append(AuditRecord(sequence=sequence, deed=deed, hash=last))
    await db.execute(_SET_HEAD, f"{sequence} {last}")
    return written


async def head(db: Statements) -> tuple[int, str] | None:
    """Give sequence and hash of the record that was written last, as noted apart from the records; ``None`` when nothing is noted."""
    return _read_head(cast("str | None", await db.fetchval(_HEAD)))


async def search(db: Statements, which: AuditFilter, *, limit: int, after: int | None) -> list[AuditRecord]:
    """Give records, the latest first, behind one of them."""
    conditions = ["sequence < $1"]
    values: list[object] = [_BEYOND if after is None else after, limit]

    def holds(condition: str, value: object) -> None:
        values.append(value)
        conditions.append(condition.format(f"${len(values)}"))

    if which.organization is not None:
        holds("organization = {}", storable(which.organization))
    if which.action.startswith("."):
        holds(
            "substr(action, length(action) - length(CAST({0} AS TEXT)) + 1) = CAST({0} AS TEXT)",
            storable(which.action),
        )
    elif which.action:
        holds("substr(action, 1, length(CAST({0} AS TEXT))) = CAST({0} AS TEXT)", storable(which.action))
    if which.thing.endswith(":"):
        holds("substr(thing, 1, length(CAST({0} AS TEXT))) = CAST({0} AS TEXT)", storable(which.thing))
    elif which.thing:
        holds("thing = {}", storable(which.thing))
    if which.who:
        holds("who = {}", storable(which.who))
    if which.since is not None:
        holds("at >= {}", which.since)
    if which.before is not None:
        holds("at < {}", which.before)
    rows = await db.fetch(
        f"SELECT sequence, deed, hash FROM audit WHERE {' AND '.join(conditions)} ORDER BY sequence DESC LIMIT $2",  # noqa: S608 - written here
        *values,
    )
    return [_read(row) for row in rows]


async def from_sequence(db: Statements, sequence: int, *, limit: int) -> list[AuditRecord]:
    """Give records in order from a sequence on."""
    return [_read(row) for row in await db.fetch(_FROM, sequence, limit)]


async def to_be_verified(db: Statements, sequence: int, *, limit: int) -> list[AuditRecord]:
    """Give records in order from a sequence on; one that is found by what it does not say stands there as damaged.

    Or a record could be hidden from those whom it concerns without breaking the chain.
    """
    records = await from_sequence(db, sequence, limit=limit)
    wrong = set(await found_elsewhere(db, records))
    return [replace(each, deed=_DAMAGED) if each.sequence in wrong else each for each in records]


async def found_elsewhere(db: Statements, records: Sequence[AuditRecord]) -> list[int]:
    """Give the sequences of those whose columns for searching do not say what the record says."""
    if not records:
        return []
    rows = await db.fetch(_SEARCHED_BY, records[0].sequence, len(records))
    return [
        record.sequence
        for record, row in zip(records, rows, strict=False)
        if tuple(row) != (record.sequence, *_searched_by(record.deed))
    ]


async def _head(db: Statements, held: str) -> tuple[int, str]:
    if (noted := _read_head(held)) is not None:
        return noted
    latest = await db.fetch(_LATEST)
    return cast("tuple[int, str]", tuple(latest[0])) if latest else (0, BEGINNING)


def _read_head(text: str | None) -> tuple[int, str] | None:
    sequence, _, last = (text or "").partition(" ")
    return (int(sequence), last) if sequence.isascii() and sequence.isdecimal() and last else None


def _searched_by(deed: Deed) -> tuple[int, str, str, str, str]:
    words = (storable(each) for each in (deed.organization, deed.who, deed.action, deed.thing))
    organization, who, action, thing = words
    return deed.at, organization, who, action, thing


def _text(deed: Deed) -> str:
    return json.dumps(deed_data(deed), ensure_ascii=True, separators=(",", ":"))


def _read(row: Sequence[object]) -> AuditRecord:
    sequence, text, hash_ = cast("tuple[int, str, str]", tuple(row))
    return AuditRecord(sequence=sequence, deed=_deed(text), hash=hash_)


def _deed(text: str) -> Deed:
    """Read a deed; one that is damaged says so, and breaks the chain."""
    try:
        said = json.loads(text)
        return Deed(
            at=Moment(int(said["at"])),
            kind=PrincipalKind(said["kind"]),
            before=dict(said["before"]),
            after=dict(said["after"]),
            **{
                name: str(said[name])
                for name in ("organization", "who", "name", "action", "thing", "door", "address", "request")
            },
        )
    except (ValueError, TypeError, KeyError, RecursionError):
        return _DAMAGED
