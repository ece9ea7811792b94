"""Giving up on SQLite what waits beyond its time."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, cast

from eilbote.model.ids import EntryId
from eilbote.model.moment import Moment
from eilbote.outbox.untried import Expired, give_up
from eilbote.store.sqlite_settle import pending_of, settle_unclaimed
from eilbote.store.statements import RowStatement, named_sql

if TYPE_CHECKING:
    import sqlite3

    from eilbote.model.attempt import Event
    from eilbote.store.sqlite_session import SqliteSession

_EXPIRED: Final = named_sql("sqlite", "expired")
_ENTRY: Final = RowStatement("expired_entry")


@dataclass(frozen=True, slots=True, kw_only=True)
class Expiry:
    """Entries whose time was over when a reader looked."""

    entries: list[int]
    now: Moment


def expired(db: sqlite3.Connection, *, limit: int, now: Moment) -> list[int]:
    """Ask which entries wait beyond their time."""
    (found,) = db.execute(_EXPIRED, (now, limit)).fetchone()
    return cast("list[int]", json.loads(found))


def give_up_expired(session: SqliteSession, calls: list[Expiry]) -> list[list[Event]]:
    """Give up what waits beyond its time, call by call."""
    return [_give_up(session, call) for call in calls]


def _give_up(session: SqliteSession, call: Expiry) -> list[Event]:
    rows = cast(
        "list[tuple[int, int, int, int]]",
        _ENTRY.read(session.db, [(entry, call.now) for entry in call.entries]),
    )
    pending = pending_of(session, [entry for entry, *_ in rows])
    given_up = [
        give_up(
            Expired(
                id=EntryId(entry),
                epoch=epoch,
                lane=session.lane(lane),
                expires=Moment(expires),
                pending=tuple(pending[entry]),
            ),
            now=call.now,
        )
        for entry, epoch, lane, expires in rows
    ]
    settle_unclaimed(session, given_up)
    return [event for settlement in given_up for event in settlement.events]
