"""Looks notifications over: whether everything that is written can be read, and nobody is to be told of what is not there.

The same for both databases, in the one view of it that the caller has opened. What is found is said as sentences.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from eilbote.author.plain.data_text import read
from eilbote.store import escalation_rows, subscription_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eilbote.store.record_database import Statements

_SHOWN: Final = 5
_PAGE: Final = 200
_LOST: Final = (
    "SELECT DISTINCT event FROM notification_telling t WHERE NOT EXISTS "
    "(SELECT 1 FROM notification_event e WHERE e.id = t.event) ORDER BY event"
)
_DATA: Final = "SELECT id, data FROM notification_event WHERE id > $1 ORDER BY id LIMIT $2"


async def notification_faults(db: Statements) -> list[str]:
    """Say everything that is wrong with events, subscriptions and tellings."""
    lost = [str(row[0]) for row in await db.fetch(_LOST)]
    return [
        *_told("people to be told of an event that is not there", lost),
        *_told("steps that wait for an event that is not there", await escalation_rows.lost(db)),
        *_told("subscription that cannot be read", await subscription_rows.damaged(db)),
        *_told("event whose data cannot be read", await _unreadable(db)),
    ]


async def _unreadable(db: Statements) -> list[str]:
    found: list[str] = []
    after = ""
    while page := cast("Sequence[tuple[str, str]]", await db.fetch(_DATA, after, _PAGE)):
        for id_, text in page:
            try:
                is_table = isinstance(read(text), dict)
            except ValueError:
                is_table = False
            if not is_table:
                found.append(id_)
        after = page[-1][0]
    return found


def _told(what: str, names: Sequence[str]) -> list[str]:
    if not names:
        return []
    more = f" and {len(names) - _SHOWN:,} more" if len(names) > _SHOWN else ""
    return [f"{what}: {', '.join(names[:_SHOWN])}{more}"]
