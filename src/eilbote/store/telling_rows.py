"""Who is told of which event, as rows: one for each event and person, and the messages that are made of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from eilbote.author.notification.store import MOST_SHOWN
from eilbote.author.notification.telling import Batch, KeptTelling, Telling
from eilbote.model.ids import EntryId
from eilbote.model.moment import Moment
from eilbote.model.severity import Severity
from eilbote.store.event_rows import COLUMNS, event_of
from eilbote.store.record_database import count

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from eilbote.store.record_database import Statements

_INSERT: Final = (
    "INSERT INTO notification_telling (event, recipient, organization, subscription, language, time_zone, raised, due, gathered, "
    "batch) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
)
_LATELY: Final = "SELECT recipient, count(*) FROM notification_telling WHERE NOT gathered AND raised > $1 GROUP BY recipient"
_OF_EVENT: Final = (
    "SELECT event, recipient, organization, subscription, language, time_zone, due, gathered, batch, failures, done, entry, "
    "reason FROM notification_telling WHERE event = $1 ORDER BY recipient"
)
_GROUPS: Final = (
    "SELECT organization, subscription, recipient FROM notification_telling WHERE done IS NULL AND batch = '' AND due <= $1 "
    "GROUP BY organization, subscription, recipient ORDER BY min(due), recipient LIMIT 200"
)
_FIX: Final = (
    "UPDATE notification_telling SET batch = $5 WHERE done IS NULL AND batch = '' AND due <= $1 AND organization = $2 "
    "AND subscription = $3 AND recipient = $4"
)
_DUE: Final = (
    "SELECT batch FROM notification_telling WHERE done IS NULL AND batch <> '' AND due <= $1 GROUP BY batch "
    "ORDER BY min(due), batch LIMIT $2"
)
_FIRST: Final = (
    "SELECT recipient, organization, subscription, language, time_zone FROM notification_telling "
    "WHERE batch = $1 AND done IS NULL ORDER BY event LIMIT 1"
)
_FIGURES: Final = (
    "SELECT max(failures), min(raised) FROM notification_telling WHERE batch = $1 AND done IS NULL"
)
_COUNTS: Final = (
    "SELECT e.severity, count(*) FROM notification_telling t JOIN notification_event e ON e.id = t.event "
    "WHERE t.batch = $1 AND t.done IS NULL GROUP BY e.severity"
)
_WORST: Final = (
    f"SELECT {COLUMNS} FROM notification_telling t JOIN notification_event e ON e.id = t.event "  # noqa: S608 - written here
    "WHERE t.batch = $1 AND t.done IS NULL ORDER BY e.rank DESC, e.at DESC, e.id DESC LIMIT $2"
)
_TOLD: Final = (
    "UPDATE notification_telling SET done = $2, entry = $3, reason = $4 WHERE batch = $1 AND done IS NULL"
)
_PUT_OFF: Final = "UPDATE notification_telling SET due = $2, failures = failures + 1, reason = $3 WHERE batch = $1 AND done IS NULL"
_NEXT: Final = "SELECT min(due) FROM notification_telling WHERE done IS NULL"
_LONGEST_REASON: Final = 500


async def insert(db: Statements, tellings: Iterable[Telling], raised: Moment) -> None:
    """Keep who is to be told."""
    for one in tellings:
        await db.execute(
            _INSERT,
            one.event,
            one.recipient,
            one.organization,
            one.subscription,
            one.language,
            one.time_zone,
            raised,
            one.due,
            one.gathered,
            one.batch,
        )


async def told_since(db: Statements, moment: Moment) -> dict[str, int]:
    """Give how many messages about one event each person has got since a moment."""
    return dict(cast("list[tuple[str, int]]", [tuple(row) for row in await db.fetch(_LATELY, moment)]))


async def of_event(db: Statements, event: str) -> list[KeptTelling]:
    """Tell who is told of an event."""
    found: list[KeptTelling] = []
    for row in await db.fetch(_OF_EVENT, event):
        (of, person, organization, subscription, language, zone, due, gathered, batch, *rest) = row
        failures, done, entry, reason = rest
        telling = Telling(
            event=cast("str", of),
            recipient=cast("str", person),
            organization=cast("str", organization),
            subscription=cast("str", subscription),
            language=cast("str", language),
            time_zone=cast("str", zone),
            due=Moment(cast("int", due)),
            gathered=bool(gathered),
            batch=cast("str", batch),
        )
        found.append(
            KeptTelling(
                telling=telling,
                failures=cast("int", failures),
                done=None if done is None else Moment(cast("int", done)),
                entry=None if entry is None else EntryId(cast("int", entry)),
                reason=cast("str", reason),
            )
        )
    return found


async def gather(db: Statements, now: Moment, new_id: Callable[[], str]) -> int:
    """Fix what belongs to each message that is due. Of two who do it at once, each row goes to one."""
    made = 0
    for row in await db.fetch(_GROUPS, now):
        organization, subscription, recipient = row
        said = await db.execute(_FIX, now, organization, subscription, recipient, new_id())
        made += count(said) > 0
    return made


async def batches(db: Statements, now: Moment, limit: int) -> list[Batch]:
    """Give messages that are due and not handed in yet."""
    ids = [cast("str", row[0]) for row in await db.fetch(_DUE, now, limit)]
    found = [await _batch(db, id_) for id_ in ids]
    return [batch for batch in found if batch is not None]


async def _batch(db: Statements, id_: str) -> Batch | None:
    first = await db.fetch(_FIRST, id_)
    worst = await db.fetch(_WORST, id_, MOST_SHOWN)
    if not first or not worst:
        return None
    recipient, organization, subscription, language, zone = cast("tuple[str, ...]", tuple(first[0]))
    ((failures, since),) = await db.fetch(_FIGURES, id_)
    counts = cast("list[tuple[str, int]]", [tuple(row) for row in await db.fetch(_COUNTS, id_)])
    return Batch(
        id=id_,
        recipient=recipient,
        organization=organization,
        subscription=subscription,
        language=language,
        time_zone=zone,
        events=tuple(event_of(row) for row in worst),
        counts={Severity(word): number for word, number in counts},
        failures=cast("int", failures),
        since=Moment(cast("int", since)),
    )


async def told(db: Statements, batch: str, *, entry: EntryId | None, reason: str, now: Moment) -> None:
    """Note that a message was handed in, or given up."""
    await db.execute(_TOLD, batch, now, entry, reason[:_LONGEST_REASON])


async def put_off(db: Statements, batch: str, *, due: Moment, reason: str) -> None:
    """Note that a message is tried again later."""
    await db.execute(_PUT_OFF, batch, due, reason[:_LONGEST_REASON])


async def next_due(db: Statements) -> Moment | None:
    """Give the moment at which something falls due."""
    found = await db.fetchval(_NEXT)
    return None if found is None else Moment(cast("int", found))
