"""System events as rows, and how one is found, counted and forgotten."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final, cast

from eilbote.author.flow.data_text import written
from eilbote.author.notification.event import SystemEvent
from eilbote.author.notification.telling import KeptEvent
from eilbote.author.plain.data_text import read
from eilbote.model.moment import Moment
from eilbote.model.severity import Severity
from eilbote.store import escalation_rows

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eilbote.author.notification.event import EventData
    from eilbote.author.notification.store import RaisedFilter
    from eilbote.store.record_database import Statements

COLUMNS: Final = (
    "e.id, e.organization, e.kind, e.severity, e.key, e.at, e.last, e.count, e.earlier, e.told, e.summary, e.detail, e.data, "
    "e.people, e.language, e.source"
)
"""What :func:`event_of` reads."""
_INSERT: Final = (
    "INSERT INTO notification_event (id, organization, kind, severity, rank, key, at, last, count, earlier, told, summary, "
    "detail, data, people, language, source) VALUES ($1, $2, $3, $4, $5, $6, $7, $7, 1, $8, $9, $10, $11, $12, $13, $14, $15)"
)
_COUNT: Final = "UPDATE notification_event SET count = count + 1, last = CASE WHEN last < $2 THEN $2 ELSE last END WHERE id = $1"
_FIGURES: Final = "SELECT count, told FROM notification_event WHERE id = $1"
_REPEATED: Final = "SELECT event FROM notification_repeat WHERE id = $1"
_REPEAT: Final = "INSERT INTO notification_repeat (id, event) VALUES ($1, $2)"
_FORGET_REPEATS: Final = "DELETE FROM notification_repeat WHERE event = $1"
_EARLIER: Final = (
    "SELECT id, at, count FROM notification_event WHERE organization = $1 AND kind = $2 AND key = $3 "
    "ORDER BY at DESC, id DESC LIMIT 1"
)
_ALIKE: Final = (
    "SELECT count(*) FROM notification_event WHERE organization = $1 AND kind = $2 AND key = $3 AND at > $4"
)
_PLACE: Final = "SELECT at FROM notification_event WHERE id = $1"
_OLD: Final = (
    "SELECT id FROM notification_event e WHERE last < $1 AND NOT EXISTS "
    "(SELECT 1 FROM notification_telling t WHERE t.event = e.id AND t.done IS NULL) AND NOT EXISTS "
    "(SELECT 1 FROM notification_escalation s WHERE s.event = e.id AND s.done IS NULL) ORDER BY last LIMIT $2"
)
_FORGET: Final = "DELETE FROM notification_event WHERE id = $1"
_FORGET_TELLINGS: Final = "DELETE FROM notification_telling WHERE event = $1"
_ACKNOWLEDGED: Final = (
    "EXISTS (SELECT 1 FROM notification_acknowledgement a WHERE a.event = "
    "COALESCE((SELECT s.event FROM notification_escalation s WHERE s.raised = e.id), e.id))"
)
_LIKE: Final = str.maketrans({"!": "!!", "_": "!_", "%": "!%", "*": "%"})
UNREADABLE: Final = "(the data of this event are damaged)"


async def insert(db: Statements, event: SystemEvent, *, earlier: int, told: int) -> None:
    """Keep an event."""
    await db.execute(
        _INSERT,
        event.id,
        event.organization,
        event.kind,
        event.severity.value,
        event.severity.rank,
        event.key,
        event.at,
        earlier,
        told,
        event.summary,
        event.detail,
        written(event.data, field="data"),
        json.dumps(event.to),
        event.language,
        event.source,
    )


async def count_again(db: Statements, id_: str, repeat: SystemEvent) -> int:
    """Count an event once more, because another one repeats it; gives how often it has happened."""
    await db.execute(_COUNT, id_, repeat.at)
    await db.execute(_REPEAT, repeat.id, id_)
    figures = await figures_of(db, id_)
    return 0 if figures is None else figures[0]


async def figures_of(db: Statements, id_: str) -> tuple[int, int] | None:
    """Give how often an event has happened, and how many are told; ``None`` when it is not known."""
    rows = await db.fetch(_FIGURES, id_)
    return cast("tuple[int, int]", tuple(rows[0])) if rows else None


async def counted_by(db: Statements, id_: str) -> str | None:
    """Give the event that has counted what was raised under an id; ``None`` when it was not only counted."""
    return cast("str | None", await db.fetchval(_REPEATED, id_))


async def earlier_of(db: Statements, event: SystemEvent) -> tuple[str, Moment, int] | None:
    """Give id, time and count of the last event of the same kind about the same thing."""
    if not event.key:
        return None
    rows = await db.fetch(_EARLIER, event.organization, event.kind, event.key)
    return cast("tuple[str, Moment, int]", tuple(rows[0])) if rows else None


async def alike(db: Statements, event: SystemEvent, *, since: Moment) -> int:
    """Count the events of the same kind about the same thing behind a moment."""
    return cast("int", await db.fetchval(_ALIKE, event.organization, event.kind, event.key, since))


async def events(db: Statements, which: RaisedFilter, *, limit: int, after: str) -> list[KeptEvent]:
    """Give events, the latest first."""
    conditions: list[str] = []
    values: list[object] = []

    def where(condition: str, *given: object) -> None:
        numbers = range(len(values) + 1, len(values) + len(given) + 1)
        conditions.append(condition.format(*(f"${number}" for number in numbers)))
        values.extend(given)

    if after:
        place = await db.fetchval(_PLACE, after)
        if place is None:
            return []
        where("(e.at < {0} OR e.at = {1} AND e.id < {2})", place, place, after)
    if which.id is not None:
        where("e.id = {0}", which.id)
    if which.organization is not None:
        where("e.organization = {0}", which.organization)
    if which.pattern != "*":
        where("e.kind LIKE {0} ESCAPE '!'", which.pattern.translate(_LIKE))
    if which.least is not None:
        where("e.rank >= {0}", which.least.rank)
    if which.since is not None:
        where("e.last >= {0}", which.since)
    if which.acknowledged is not None:
        where(_ACKNOWLEDGED if which.acknowledged else f"NOT {_ACKNOWLEDGED}")
    sql = f"SELECT {COLUMNS} FROM notification_event e"  # noqa: S608 - every part is written here
    if conditions:
        sql = f"{sql} WHERE {' AND '.join(conditions)}"
    sql = f"{sql} ORDER BY e.at DESC, e.id DESC LIMIT ${len(values) + 1}"
    return [event_of(row) for row in await db.fetch(sql, *values, limit)]


async def prune(db: Statements, *, before: Moment, limit: int) -> int:
    """Forget events that are over, with everybody who was told."""
    old = [row[0] for row in await db.fetch(_OLD, before, limit)]
    for id_ in old:
        await db.execute(_FORGET_TELLINGS, id_)
        await db.execute(_FORGET_REPEATS, id_)
        await escalation_rows.forget(db, cast("str", id_))
        await db.execute(_FORGET, id_)
    return len(old)


def event_of(row: Sequence[object]) -> KeptEvent:
    """Read :data:`COLUMNS`."""
    (id_, organization, kind, severity, key, at, last, count, earlier, told, *texts) = row
    summary, detail, data, people, language, source = cast("list[str]", texts)
    event = SystemEvent(
        id=cast("str", id_),
        kind=cast("str", kind),
        at=Moment(cast("int", at)),
        severity=_severity(cast("str", severity)),
        organization=cast("str", organization),
        summary=summary,
        detail=detail,
        data=_data(data),
        key=cast("str", key),
        to=_people(people),
        language=language,
        source=source,
    )
    return KeptEvent(
        event=event,
        count=cast("int", count),
        last=Moment(cast("int", last)),
        earlier=cast("int", earlier),
        told=cast("int", told),
    )


def _severity(word: str) -> Severity:
    try:
        return Severity(word)
    except ValueError:
        return Severity.ERROR  # rather too loud than not heard


def _data(text: str) -> Mapping[str, EventData]:
    try:
        found = read(text)
    except ValueError:
        return {UNREADABLE: True}
    return found if isinstance(found, dict) else {UNREADABLE: True}


def _people(text: str) -> tuple[str, ...]:
    try:
        found: object = json.loads(text)
    except (ValueError, RecursionError):
        return ()
    return tuple(str(one) for one in cast("list[object]", found)) if isinstance(found, list) else ()
