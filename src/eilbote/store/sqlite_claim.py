"""Claiming on SQLite, and noting that contents may go out."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, cast

from eilbote.outbox.entry import URGENCY_HIGH, URGENCY_LOW
from eilbote.store.rows import read_claim, read_pending
from eilbote.store.statements import RowStatement, named_sql

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eilbote.model.ids import CourierId, EntryId
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
    each = [(entry,) for entry in ids]
    pending: dict[object, list[Pending]] = {entry: [] for entry in ids}
    for row in _PENDING.read(db, each):
        pending[row[0]].append(read_pending(row[1:]))
    found: dict[object, Claim] = {}
    for rows, octets in _ENTRY.read_octets(db, each):
        begin = 0
        for row in rows:
            end = begin + cast("int", row[_OCTETS] or 0)
            row[_OCTETS] = octets[begin:end]
            begin = end
            found[row[0]] = read_claim(row, demand.lane, tuple(pending[row[0]]))
    return [found[entry] for entry in ids]


def transmit(session: SqliteSession, calls: list[Sequence[tuple[EntryId, int]]]) -> list[list[bool]]:
    """Note for many calls that contents may go out."""
    wanted = list({one: None for claims in calls for one in claims})
    if _TRANSMIT.run(session.db, wanted) == len(wanted):
        return [[True] * len(claims) for claims in calls]
    held = {(entry, epoch) for entry, epoch, _ in _HELD.read(session.db, wanted)}
    return [[one in held for one in claims] for claims in calls]
