"""Deliveries to webhooks as rows: laid down once, taken by one worker at a time; the same for both databases."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from eilbote.model.moment import Moment
from eilbote.record.webhook import DeliveryState, HookDelivery
from eilbote.store.record_database import count
from eilbote.store.row_groups import places
from eilbote.store.values import storable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eilbote.record.webhook_store import Feed
    from eilbote.store.record_database import Statements

_ONE_BY_ONE: Final = "INSERT INTO meta (key, value) VALUES ('webhooks', '1') ON CONFLICT (key) DO UPDATE SET value = meta.value"
_COLUMNS: Final = "webhook, id, organization, event, body, created, state, due, attempts, attempted, seconds, status, answer"
_READ: Final = f"SELECT {_COLUMNS} FROM hook_delivery"  # noqa: S608 - our own text
_ONE: Final = f"{_READ} WHERE webhook = $1 AND id = $2"
_POSITION: Final = "SELECT position FROM hook_position WHERE feed = $1"
_ADVANCE: Final = (
    "INSERT INTO hook_position (feed, position) VALUES ($1, $2) ON CONFLICT (feed) DO UPDATE SET position = $2 "
    "WHERE hook_position.position < $2"
)
_WHO_IS_THERE: Final = "SELECT id FROM webhook WHERE id IN "
_INSERT: Final = (
    f"INSERT INTO hook_delivery ({_COLUMNS}, ended) "  # noqa: S608 - as above
    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) ON CONFLICT (webhook, id) DO NOTHING"
)
_DUE: Final = (
    f"{_READ} WHERE state = 'waiting' AND due <= $1 AND (until IS NULL OR until <= $1) "
    "ORDER BY due, created, webhook, id LIMIT $2"
)
_TAKE: Final = "UPDATE hook_delivery SET worker = $3, until = $4 WHERE webhook = $1 AND id = $2"
_SETTLE: Final = (
    "UPDATE hook_delivery SET state = $4, due = $5, attempts = $6, attempted = $7, seconds = $8, status = $9, answer = $10, "
    "ended = $11, worker = NULL, until = NULL WHERE webhook = $1 AND id = $2 AND worker = $3"
)
_REDELIVER: Final = "UPDATE hook_delivery SET state = 'waiting', due = $3, attempts = 0, ended = NULL WHERE webhook = $1 AND id = $2"
_NEXT_FREE: Final = (
    "SELECT due FROM hook_delivery WHERE state = 'waiting' AND until IS NULL ORDER BY due LIMIT 1"
)
_NEXT_HELD: Final = "SELECT min(until) FROM hook_delivery WHERE until IS NOT NULL AND state = 'waiting'"
_PLACE: Final = "SELECT created, id FROM hook_delivery WHERE webhook = $1 AND id = $2"
_PRUNE: Final = (
    "DELETE FROM hook_delivery WHERE (webhook, id) IN "
    "(SELECT webhook, id FROM hook_delivery WHERE ended < $1 ORDER BY ended, webhook, id LIMIT $2)"
)
_DROP_ALL: Final = "DELETE FROM hook_delivery WHERE webhook = $1"


async def hold(db: Statements) -> None:
    """Let nobody else lay deliveries down, or forget a webhook, until the transaction ends."""
    await db.execute(_ONE_BY_ONE)


async def position(db: Statements, feed: Feed) -> int:
    """Give how far a feed was read."""
    return cast("int | None", await db.fetchval(_POSITION, feed.value)) or 0


async def enqueue(
    db: Statements, deliveries: Sequence[HookDelivery], *, feed: Feed, position: int | None
) -> int:
    """Keep those that are new and whose webhook is there; gives how many."""
    await hold(db)
    if position is not None:
        await db.execute(_ADVANCE, feed.value, position)
    wanted = sorted({one.webhook for one in deliveries})
    there: set[object] = (
        {row[0] for row in await db.fetch(_WHO_IS_THERE + places(len(wanted)), *wanted)} if wanted else set()
    )
    return sum(
        [
            count(
                await db.execute(
                    _INSERT,
                    *(one.webhook, one.id, one.organization, one.event, storable(one.body), one.created),
                    *_standing(one),
                )
            )
            for one in deliveries
            if one.webhook in there
        ]
    )


async def claim(
    db: Statements, worker: str, *, limit: int, now: Moment, until: Moment, skip: str
) -> list[HookDelivery]:
    """Take those that are due and that nobody holds, the oldest first."""
    found = [_read(row) for row in await db.fetch(_DUE + skip, now, limit)]
    for one in found:
        await db.execute(_TAKE, one.webhook, one.id, worker, until)
    return found


async def settle(db: Statements, one: HookDelivery, *, worker: str) -> bool:
    """Write what became of an attempt; says whether the worker still held it."""
    return count(await db.execute(_SETTLE, one.webhook, one.id, worker, *_standing(one))) > 0


async def log(
    db: Statements, webhook: str, *, state: DeliveryState | None, limit: int, after: str
) -> list[HookDelivery]:
    """Give those of a webhook, the latest first, behind one of them."""
    values: list[object] = [storable(webhook), limit]
    where = "webhook = $1"
    if after:
        behind = await db.fetch(_PLACE, storable(webhook), storable(after))
        if not behind:
            return []
        values += behind[0]
        where += " AND (created, id) < ($3, $4)"
    if state is not None:
        values.append(state.value)
        where += f" AND state = ${len(values)}"
    return [
        _read(row)
        for row in await db.fetch(f"{_READ} WHERE {where} ORDER BY created DESC, id DESC LIMIT $2", *values)
    ]


async def find(db: Statements, webhook: str, id_: str) -> HookDelivery | None:
    """Give one."""
    rows = await db.fetch(_ONE, storable(webhook), storable(id_))
    return _read(rows[0]) if rows else None


async def redeliver(db: Statements, webhook: str, id_: str, *, now: Moment) -> bool:
    """Have one delivered again; says whether there is one."""
    return count(await db.execute(_REDELIVER, storable(webhook), storable(id_), now)) > 0


async def next_due(db: Statements) -> Moment | None:
    """Tell when the next attempt is due."""
    found = cast("list[int | None]", [await db.fetchval(_NEXT_FREE), await db.fetchval(_NEXT_HELD)])
    return min((Moment(each) for each in found if each is not None), default=None)


async def prune(db: Statements, *, before: Moment, limit: int) -> int:
    """Forget those that ended before a moment; gives their number."""
    return count(await db.execute(_PRUNE, before, limit))


async def drop_all(db: Statements, webhook: str) -> None:
    """Forget all of a webhook."""
    await db.execute(_DROP_ALL, webhook)


def ended_at(delivery: HookDelivery) -> Moment | None:
    """Tell when a delivery ended: with its last attempt, or where it began if there was none; ``None`` while it waits."""
    if delivery.state is DeliveryState.WAITING:
        return None
    return delivery.created if delivery.attempted is None else delivery.attempted


def _standing(one: HookDelivery) -> tuple[object, ...]:
    return (
        *(one.state.value, one.due, one.attempts, one.attempted, one.seconds, one.status, storable(one.answer)),
        ended_at(one),
    )  # fmt: skip


def _read(row: Sequence[object]) -> HookDelivery:
    webhook, id_, organization, event, body, created, state, *rest = cast(
        "tuple[str, str, str, str, str, int, str, object]", tuple(row)
    )
    due, attempts, attempted, seconds, status, answer = cast(
        "tuple[int, int, int | None, float, int, str]", tuple(rest)
    )
    return HookDelivery(
        id=id_,
        webhook=webhook,
        organization=organization,
        event=event,
        body=body,
        created=Moment(created),
        # What nobody knows is not delivered: a newer eilbote may know what it means.
        state=DeliveryState(state) if state in set(DeliveryState) else DeliveryState.FAILED,
        due=Moment(due),
        attempts=attempts,
        attempted=None if attempted is None else Moment(attempted),
        seconds=seconds,
        status=status,
        answer=answer,
    )
