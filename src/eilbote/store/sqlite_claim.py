"""Claiming on SQLite, and noting that contents may go out."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, cast

from eilbote.errors import OutboxError
from eilbote.model.ids import EntryId
from eilbote.outbox.entry import URGENCY_HIGH, URGENCY_LOW
from eilbote.store.claims import read_claim, read_pending
from eilbote.store.sqlite_faults import fault_of
from eilbote.store.sqlite_settle import Poison, set_apart
from eilbote.store.statements import RowStatement, named_sql
from eilbote.store.writer import Fault

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eilbote.model.ids import CourierId
    from eilbote.model.moment import Moment
    from eilbote.outbox.entry import Claim, Lane, Pending
    from eilbote.store.sqlite_session import SqliteSession

_COURIER: Final = named_sql("sqlite", "claim_courier")
_DUE: Final = named_sql("sqlite", "claim_due")
_TAKE: Final = RowStatement("claim_take")
_ENTRY: Final = RowStatement("claim_entry")
_PENDING: Final = RowStatement("claim_pending")
_OCTETS: Final = 9
"""Where in an answer about an entry stands how many octets are to be sent."""
_TRANSMIT: Final = RowStatement("transmit")
_HELD: Final = RowStatement("claims_held")


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """What one courier wants of one lane."""

    courier: CourierId
    lane: Lane
    limit: int
    now: Moment


def claim(session: SqliteSession, demands: list[Demand]) -> list[list[Claim]]:
    """Meet one demand after the other."""
    return [_claim(session, demand) for demand in demands]


def _claim(session: SqliteSession, demand: Demand) -> list[Claim]:
    db = session.db
    lane = session.known_lane(demand.lane)
    if lane is None or db.execute(_COURIER, (demand.courier,)).fetchone() is None:
        return []
    ids: list[int] = []
    for urgency in range(URGENCY_HIGH, URGENCY_LOW + 1):
        wanted = demand.limit - len(ids)
        if wanted > 0:
            ids += json.loads(db.execute(_DUE, (lane, urgency, demand.now, wanted)).fetchone()[0])
    if not ids:
        return []
    _TAKE.run(db, [(entry, demand.courier) for entry in ids])
    try:
        found = _read(db, ids, demand.lane)
    except (sqlite3.Error, OutboxError) as error:
        if fault_of(error) is not Fault.OWN:
            raise
        found = _read_each(session, ids, demand)
    return [found[entry] for entry in ids if entry in found]


def _read_each(session: SqliteSession, ids: list[int], demand: Demand) -> dict[int, Claim]:
    """Read entries one by one, because one of them cannot be read; that one is held, and the others flow."""
    found: dict[int, Claim] = {}
    bad: list[Poison] = []
    for entry in ids:
        try:
            found |= _read(session.db, [entry], demand.lane)
        except (sqlite3.Error, OutboxError) as error:
            if fault_of(error) is not Fault.OWN:
                raise
            bad.append(Poison(entry=EntryId(entry), epoch=0, reason=str(error), now=demand.now))
    set_apart(session, bad, demand.lane)
    return found


def _read(db: sqlite3.Connection, ids: list[int], lane: Lane) -> dict[int, Claim]:
    """Read what a courier needs of entries.

    Raises:
        UnreadableEntryError: One of them is damaged.
        sqlite3.Error: One of them holds octets where a text should be.
    """
    each = [(entry,) for entry in ids]
    pending: dict[int, list[Pending]] = {entry: [] for entry in ids}
    for row in _PENDING.read(db, each):
        pending[cast("int", row[0])].append(read_pending(row[1:]))
    found: dict[int, Claim] = {}
    for rows, octets in _ENTRY.read_octets(db, each):
        begin = 0
        for row in rows:
            entry, size = cast("int", row[0]), cast("int | None", row[_OCTETS])
            end = begin + (size or 0)
            row[_OCTETS] = None if size is None else octets[begin:end]
            begin = end
            found[entry] = read_claim(row, lane, tuple(pending[entry]))
    return found


def transmit(session: SqliteSession, calls: list[Sequence[tuple[EntryId, int]]]) -> list[list[bool]]:
    """Note for many calls that contents may go out."""
    wanted = list({one: None for claims in calls for one in claims})
    if _TRANSMIT.run(session.db, wanted) == len(wanted):
        return [[True] * len(claims) for claims in calls]
    held = {(entry, epoch) for entry, epoch, _ in _HELD.read(session.db, wanted)}
    return [[one in held for one in claims] for claims in calls]
