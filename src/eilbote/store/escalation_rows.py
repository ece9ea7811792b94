"""What is done unless somebody acknowledges an event, as rows, and who has acknowledged what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from eilbote.author.notification.escalation import Acknowledgement, Escalation, KeptEscalation
from eilbote.model.moment import Moment
from eilbote.store.record_database import count
from eilbote.store.row_groups import places

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from eilbote.store.record_database import Statements

_INSERT: Final = (
    "INSERT INTO notification_escalation (event, subscription, step, due) VALUES ($1, $2, $3, $4) "
    "ON CONFLICT (event, subscription, step) DO NOTHING"
)
_DUE: Final = (
    "SELECT event, subscription, step, due FROM notification_escalation WHERE done IS NULL AND due <= $1 "
    "ORDER BY due, event, subscription LIMIT $2"
)
_TAKEN: Final = (
    "UPDATE notification_escalation SET done = $4, raised = $5, reason = $6 "
    "WHERE event = $1 AND subscription = $2 AND step = $3 AND done IS NULL"
)
_TOLD_AFTER_ALL: Final = "UPDATE notification_escalation SET raised = $4 WHERE event = $1 AND subscription = $2 AND step = $3 AND raised = ''"
_OF: Final = (
    "SELECT event, subscription, step, due, done, raised, reason FROM notification_escalation WHERE event = $1 "
    "ORDER BY due, subscription, step"
)
_ORIGINALS: Final = "SELECT raised, event FROM notification_escalation WHERE raised IN "
_NAMES: Final = "SELECT organization, kind, key, at FROM notification_event WHERE id = $1"
_SAME: Final = (
    "SELECT DISTINCT e.id FROM notification_event e JOIN notification_escalation s ON s.event = e.id AND s.done IS NULL "
    "WHERE e.organization = $1 AND e.kind = $2 AND e.key = $3 AND e.key <> '' AND e.at <= $4"
)
_ACKNOWLEDGE: Final = (
    "INSERT INTO notification_acknowledgement (event, at, who, note) VALUES ($1, $2, $3, $4) "
    "ON CONFLICT (event) DO NOTHING"
)
_ACKNOWLEDGED: Final = "SELECT event, at, who, note FROM notification_acknowledgement WHERE event IN "
_END: Final = "UPDATE notification_escalation SET done = $2, reason = $3 WHERE event = $1 AND done IS NULL"
_END_TELLINGS: Final = (
    "UPDATE notification_telling SET done = $2, reason = $3 WHERE done IS NULL AND batch = '' AND event IN "
    "(SELECT raised FROM notification_escalation WHERE event = $1 AND raised <> '')"
)
_ESCALATES: Final = "SELECT DISTINCT event FROM notification_escalation WHERE event IN "
_NEXT: Final = "SELECT min(due) FROM notification_escalation WHERE done IS NULL"
_DROP: Final = "DELETE FROM notification_escalation WHERE subscription = $1 AND done IS NULL"
_FORGET: Final = "DELETE FROM notification_escalation WHERE event = $1"
_FORGET_ACKNOWLEDGED: Final = "DELETE FROM notification_acknowledgement WHERE event = $1"
_LOST: Final = (
    "SELECT DISTINCT event FROM notification_escalation s WHERE NOT EXISTS "
    "(SELECT 1 FROM notification_event e WHERE e.id = s.event) ORDER BY event"
)
_LONGEST_REASON: Final = 500
_AT_ONCE: Final = 500
"""How many events are asked about in one statement."""


async def insert(db: Statements, escalations: Iterable[Escalation]) -> None:
    """Keep what is to be done; what is there stays."""
    for one in escalations:
        await db.execute(_INSERT, one.event, one.subscription, one.step, one.due)


async def due(db: Statements, now: Moment, limit: int) -> list[Escalation]:
    """Give steps that are due."""
    return [_escalation(row) for row in await db.fetch(_DUE, now, limit)]


async def taken(
    db: Statements,
    one: Escalation,
    *,
    raised: str,
    reason: str,
    following: Escalation | None,
    now: Moment,
) -> None:
    """Note that a step was taken, and the next one; of one that has ended meanwhile only what it has told."""
    key = one.event, one.subscription, one.step
    if count(await db.execute(_TAKEN, *key, now, raised, reason[:_LONGEST_REASON])):
        if following is not None:
            await insert(db, [following])
    elif raised:
        await db.execute(_TOLD_AFTER_ALL, *key, raised)


async def of_event(db: Statements, event: str) -> list[KeptEscalation]:
    """Tell what was done, or is to be, about an event."""
    found: list[KeptEscalation] = []
    for row in await db.fetch(_OF, event):
        *key, done, raised, reason = row
        found.append(
            KeptEscalation(
                escalation=_escalation(key),
                done=None if done is None else Moment(cast("int", done)),
                raised=cast("str", raised),
                reason=cast("str", reason),
            )
        )
    return found


async def acknowledge(db: Statements, said: Acknowledgement) -> Acknowledgement | None:
    """Keep that somebody looks after an event, and end its steps; ``None`` when there is no such event."""
    event = (await _originals(db, [said.event]))[said.event]
    rows = await db.fetch(_NAMES, event)
    if not rows:
        return None
    same = [cast("str", row[0]) for row in await db.fetch(_SAME, *rows[0])]
    reason = f"{said.by} has acknowledged it"[:_LONGEST_REASON]
    for each in dict.fromkeys([event, *same]):
        await db.execute(_ACKNOWLEDGE, each, said.at, said.by, said.note)
        await db.execute(_END, each, said.at, reason)
        await db.execute(_END_TELLINGS, each, said.at, reason)
    return (await _acknowledged(db, [event])).get(event)


async def acknowledgements(db: Statements, events: Sequence[str]) -> dict[str, Acknowledgement]:
    """Give who has acknowledged events; one that says that nobody has is acknowledged with what it is about."""
    originals = await _originals(db, events)
    known = await _acknowledged(db, originals.values())
    return {event: known[original] for event, original in originals.items() if original in known}


async def awaiting(db: Statements, events: Sequence[str]) -> dict[str, str]:
    """Give which event is to be acknowledged, where one is."""
    originals = await _originals(db, events)
    escalating = {str(row[0]) for row in await _about(db, _ESCALATES, originals.values())}
    known = await _acknowledged(db, escalating)
    return {
        event: original
        for event, original in originals.items()
        if original in escalating and original not in known
    }


async def next_due(db: Statements) -> Moment | None:
    """Give the moment at which a step is to be taken."""
    found = await db.fetchval(_NEXT)
    return None if found is None else Moment(cast("int", found))


async def drop(db: Statements, subscription: str) -> None:
    """Forget the steps of a subscription that wait."""
    await db.execute(_DROP, subscription)


async def forget(db: Statements, event: str) -> None:
    """Forget everything about an event."""
    await db.execute(_FORGET, event)
    await db.execute(_FORGET_ACKNOWLEDGED, event)


async def lost(db: Statements) -> list[str]:
    """Give the events that are to escalate and are not there."""
    return [str(row[0]) for row in await db.fetch(_LOST)]


async def _originals(db: Statements, events: Iterable[str]) -> dict[str, str]:
    """Give for each event what it is about: of one that says that nobody has acknowledged another that one, else itself."""
    itself = {event: event for event in events}
    about = cast("list[tuple[str, str]]", await _about(db, _ORIGINALS, itself))
    return itself | dict(about)


async def _acknowledged(db: Statements, events: Iterable[str]) -> dict[str, Acknowledgement]:
    """Give by event who has acknowledged it."""
    rows = cast("list[tuple[str, int, str, str]]", await _about(db, _ACKNOWLEDGED, events))
    return {
        event: Acknowledgement(event=event, at=Moment(at), by=by, note=note) for event, at, by, note in rows
    }


async def _about(db: Statements, sql: str, events: Iterable[str]) -> list[Sequence[object]]:
    """Ask something about many events: a statement that ends with ``IN``."""
    asked = list(dict.fromkeys(events))
    rows: list[Sequence[object]] = []
    for start in range(0, len(asked), _AT_ONCE):
        some = asked[start : start + _AT_ONCE]
        rows += await db.fetch(f"{sql}{places(len(some))}", *some)
    return rows


def _escalation(row: Sequence[object]) -> Escalation:
    event, subscription, step, moment = row
    return Escalation(
        event=cast("str", event),
        subscription=cast("str", subscription),
        step=cast("int", step),
        due=Moment(cast("int", moment)),
    )
