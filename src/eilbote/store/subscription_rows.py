"""Subscriptions to events as rows: what was said about each as JSON, read again by the rules it was read by at first."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING, Final, cast

from eilbote.author.notification.subscription import Subscription, read_subscription, said_of
from eilbote.errors import EilboteError, SettingsError
from eilbote.store import escalation_rows
from eilbote.store.lost_race import lost_race
from eilbote.store.record_database import count

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eilbote.errors import ConflictError
    from eilbote.store.record_database import Statements

_REMEMBERED: Final = 4096
"""Subscriptions that are read once and then known, as long as nobody changes them: every event asks for all of them."""
_ALL: Final = "SELECT id, plain, revision FROM notification_subscription ORDER BY id"
_OF: Final = "SELECT id, plain, revision FROM notification_subscription WHERE organization = $1 ORDER BY id"
_CONCERNED: Final = (
    "SELECT id, plain, revision FROM notification_subscription WHERE organization IN ($1, '') ORDER BY id"
)
_ONE: Final = "SELECT id, plain, revision FROM notification_subscription WHERE id = $1"
_ADD: Final = (
    "INSERT INTO notification_subscription (id, organization, plain, revision) VALUES ($1, $2, $3, 1) "
    "ON CONFLICT (id) DO NOTHING"
)
_CHANGE: Final = "UPDATE notification_subscription SET organization = $2, plain = $3, revision = $4 + 1 WHERE id = $1 AND revision = $4"
_DROP: Final = "DELETE FROM notification_subscription WHERE id = $1"
_DROP_WAITING: Final = "DELETE FROM notification_telling WHERE subscription = $1 AND done IS NULL"


async def subscriptions(db: Statements, organization: str | None) -> list[Subscription]:
    """Give all of one organization, or of all.

    Raises:
        SettingsError: One is damaged.
    """
    rows = await (db.fetch(_ALL) if organization is None else db.fetch(_OF, organization))
    return [_read(row) for row in rows]


async def concerned(db: Statements, organization: str) -> list[Subscription]:
    """Give those that may want an event of an organization: its own and the host's. One that is damaged wants nothing."""
    found: list[Subscription] = []
    for row in await db.fetch(_CONCERNED, organization):
        try:
            found.append(_read(row))
        except SettingsError:
            continue  # told to whoever lists them; the others are told of the event all the same
    return found


async def subscription(db: Statements, id_: str) -> Subscription | None:
    """Give one.

    Raises:
        SettingsError: It is damaged.
    """
    rows = await db.fetch(_ONE, id_)
    return _read(rows[0]) if rows else None


async def damaged(db: Statements) -> list[str]:
    """Give the ids of those that nobody can read."""
    found: list[str] = []
    for row in await db.fetch(_ALL):
        try:
            _read(row)
        except SettingsError:
            found.append(str(row[0]))
    return found


async def is_there(db: Statements, id_: str) -> bool:
    """Tell whether there is one of that id, damaged or not."""
    return bool(await db.fetch(_ONE, id_))


async def keep(db: Statements, said: Subscription) -> bool:
    """Keep one; says whether nobody was quicker."""
    plain = json.dumps(said_of(said))
    if not said.revision:
        return count(await db.execute(_ADD, said.id, said.organization, plain)) > 0
    return count(await db.execute(_CHANGE, said.id, said.organization, plain, said.revision)) > 0


async def drop(db: Statements, id_: str) -> bool:
    """Forget one, and what is still to be told because of it; says whether there was one."""
    await db.execute(_DROP_WAITING, id_)
    await escalation_rows.drop(db, id_)
    return count(await db.execute(_DROP, id_)) > 0


def changed_meanwhile(said: Subscription) -> ConflictError:
    """Say why a subscription cannot be kept."""
    return lost_race("subscription", said.id, read=said.revision)


def _read(row: Sequence[object]) -> Subscription:
    return _parsed(*cast("tuple[str, str, int]", tuple(row)))


@lru_cache(maxsize=_REMEMBERED)
def _parsed(id_: str, plain: str, revision: int) -> Subscription:
    try:
        said: object = json.loads(plain)
        if not isinstance(said, dict):
            raise TypeError("it is no table")
        return read_subscription(cast("dict[str, object]", said), Subscription(id=id_, revision=revision))
    except (ValueError, TypeError, RecursionError, EilboteError) as fault:
        raise SettingsError(
            f"the subscription {id_!r} is damaged in the database",
            field="id",
            cause=str(fault)[:200],
            remedy=f"Remove it with `eilbote notify unsubscribe {id_}`, and subscribe again",
        ) from fault
