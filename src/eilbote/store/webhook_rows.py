"""Webhooks in a database, what they are signed with encrypted apart from them; the same statements for SQLite and PostgreSQL."""

from __future__ import annotations

import json
import logging
from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING, Final, cast

from eilbote.errors import SecretKeyError
from eilbote.model.moment import Moment
from eilbote.record.webhook import Webhook
from eilbote.record.webhook_store import Feed, HookOwner
from eilbote.store import delivery_rows
from eilbote.store.cipher import Place, SecretKind
from eilbote.store.connection_rows import damaged
from eilbote.store.lost_race import lost_race
from eilbote.store.record_database import count
from eilbote.store.secret_rows import SecretRows
from eilbote.store.values import storable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from eilbote.model.secret import Secret
    from eilbote.record.webhook import DeliveryState, HookDelivery
    from eilbote.store.key_ring import KeyRing
    from eilbote.store.record_database import RecordDatabase, Statements
    from eilbote.store.row_locks import Locking

_LOG: Final = logging.getLogger("eilbote")
_COLUMNS: Final = (
    "id, organization, url, events, everywhere, description, is_enabled, former_until, created, changed, since, failures, "
    "failing_since, revision"
)
# One statement gives a webhook with its secrets, so that they are of one moment.
_SELECT: Final = (
    f"SELECT {', '.join(f'w.{name}' for name in _COLUMNS.split(', '))}, s.field, s.key_id, s.sealed FROM webhook w "  # noqa: S608 - our own text
    "LEFT JOIN secret s ON s.kind = 'webhook' AND s.organization = w.organization AND s.owner = w.id"
)
_ALL: Final = f"{_SELECT} WHERE CAST($1 AS TEXT) IS NULL OR w.organization = CAST($1 AS TEXT) ORDER BY w.id"
_ONE: Final = f"{_SELECT} WHERE w.id = $1"
_REVISION: Final = "SELECT revision FROM webhook WHERE id = $1"
_WHOSE: Final = "SELECT organization FROM webhook WHERE id = $1"
_OWNER: Final = (
    "SELECT w.organization, (SELECT count(*) FROM secret s WHERE s.kind = 'webhook' AND s.organization = w.organization "
    "AND s.owner = w.id AND s.field = 'secret') FROM webhook w WHERE w.id = $1"
)
_ADD: Final = (
    f"INSERT INTO webhook ({_COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 1) "  # noqa: S608 - as above
    "ON CONFLICT (id) DO NOTHING"
)
_CHANGE: Final = (
    "UPDATE webhook SET organization = $2, url = $3, events = $4, everywhere = $5, description = $6, is_enabled = $7, "
    "former_until = $8, created = $9, changed = $10, since = $11, failures = $12, failing_since = $13, revision = $14 + 1 "
    "WHERE id = $1 AND revision = $14"
)
_FAILURES: Final = "UPDATE webhook SET failures = $2, failing_since = $3 WHERE id = $1"
_DROP: Final = "DELETE FROM webhook WHERE id = $1"
_SECRET: Final = "secret"  # noqa: S105 - the name of a field
_FORMER: Final = "former_secret"


class WebhookRows:
    """A :class:`~eilbote.record.webhook_store.WebhookStore` in a database.

    Args:
        database: The database; opened and closed by this.
        ring: The keys with which secrets are encrypted.
        locking: How it is told to lock rows.
    """

    __slots__ = ("_database", "_locking", "_secrets")

    def __init__(self, database: RecordDatabase, ring: KeyRing, locking: Locking) -> None:
        self._database = database
        self._secrets = SecretRows(database, ring)
        self._locking = locking

    async def close(self) -> None:
        """Let go of the database; what was begun is finished first."""
        await self._database.close()

    # -- webhooks ----------------------------------------------------------------------------------------------

    async def webhooks(self, organization: str | None = None) -> Sequence[Webhook]:
        """Give all of one organization, or of all."""
        whose = None if organization is None else storable(organization)
        rows = await self._database.read(lambda db: db.fetch(_ALL, whose))
        found: list[Webhook] = []
        for key, group in _each(rows):
            try:
                found.append(self._noun(key, group))
            except SecretKeyError as error:  # one that cannot be signed must not silence the others
                _LOG.error("a webhook is left out: %s", error, extra={"action": "webhook_unreadable"})
        return found

    async def webhook(self, id: str) -> Webhook | None:  # noqa: A002 - its own word
        """Give one."""
        rows = await self._database.read(lambda db: db.fetch(_ONE, storable(id)))
        return next((self._noun(key, group) for key, group in _each(rows)), None)

    async def owner(self, id: str) -> HookOwner | None:  # noqa: A002 - its own word
        """Tell whose one is, without decrypting anything."""
        rows = await self._database.read(lambda db: db.fetch(_OWNER, storable(id)))
        if not rows:
            return None
        organization, secrets = cast("tuple[str, int]", tuple(rows[0]))
        return HookOwner(organization=organization, has_secret=secrets > 0)

    async def keep(self, webhook: Webhook) -> Webhook:
        """Keep one, with what it is signed with."""
        await self._secrets.prepare()
        await self._database.transact(lambda db: self._keep(db, webhook))
        return replace(webhook, revision=webhook.revision + 1)

    async def _keep(self, db: Statements, one: Webhook) -> None:
        before = cast("str | None", await db.fetchval(_WHOSE, one.id))
        said = (
            *(one.id, one.organization, storable(one.url), json.dumps(one.events), one.everywhere, storable(one.description)),
            *(one.is_enabled, one.former_until, one.created, one.changed, one.since, one.failures, one.failing_since),
        )  # fmt: skip
        if not one.revision:
            if not count(await db.execute(_ADD, *said)):
                raise lost_race("webhook", one.id, read=0)
        elif not count(await db.execute(_CHANGE, *said, one.revision)):
            found = cast("int | None", await db.fetchval(_REVISION, one.id))
            raise lost_race("webhook", one.id, read=one.revision, found=found or 0)
        if before is not None and before != one.organization:
            await self._secrets.drop(db, _place(before, one.id))
        secrets: dict[str, Secret] = {_SECRET: one.secret}
        if one.former_secret is not None:
            secrets[_FORMER] = one.former_secret
        await self._secrets.put(db, _place(one.organization, one.id), secrets)

    async def drop(self, id: str) -> bool:  # noqa: A002 - its own word
        """Forget one with its deliveries and what it was signed with."""

        async def work(db: Statements) -> bool:
            await delivery_rows.hold(db)
            organization = cast("str | None", await db.fetchval(_WHOSE, storable(id)))
            if organization is None:
                return False
            await self._secrets.drop(db, _place(organization, id))
            await delivery_rows.drop_all(db, id)
            return count(await db.execute(_DROP, id)) > 0

        return await self._database.transact(work)

    async def count_failures(
        self,
        id: str,  # noqa: A002 - its own word
        failures: int,
        *,
        since: Moment | None,
    ) -> None:
        """Note how many attempts in a row have failed, and since when."""
        await self._database.transact(lambda db: db.execute(_FAILURES, storable(id), failures, since))

    # -- deliveries --------------------------------------------------------------------------------------------

    async def position(self, feed: Feed = Feed.OUTBOX) -> int:
        """Give how far a feed was read."""
        return await self._database.read(lambda db: delivery_rows.position(db, feed))

    async def enqueue(
        self, deliveries: Sequence[HookDelivery], *, feed: Feed = Feed.OUTBOX, position: int | None = None
    ) -> int:
        """Keep deliveries that are new, to webhooks that are still there, and how far a feed was read."""
        return await self._database.transact(
            lambda db: delivery_rows.enqueue(db, deliveries, feed=feed, position=position)
        )

    async def claim(self, worker: str, *, limit: int, now: Moment, until: Moment) -> Sequence[HookDelivery]:
        """Take deliveries that are due, the oldest first."""
        return await self._database.transact(
            lambda db: delivery_rows.claim(
                db, worker, limit=limit, now=now, until=until, skip=self._locking.skip
            )
        )

    async def settle(self, delivery: HookDelivery, *, worker: str) -> bool:
        """Write what became of an attempt, and let go."""
        return await self._database.transact(lambda db: delivery_rows.settle(db, delivery, worker=worker))

    async def deliveries(
        self, webhook: str, *, state: DeliveryState | None = None, limit: int = 50, after: str = ""
    ) -> Sequence[HookDelivery]:
        """Give the deliveries to a webhook, the latest first, behind one of them."""
        return await self._database.read(
            lambda db: delivery_rows.log(db, webhook, state=state, limit=limit, after=after)
        )

    async def delivery(self, webhook: str, id: str) -> HookDelivery | None:  # noqa: A002 - its own word
        """Give one."""
        return await self._database.read(lambda db: delivery_rows.find(db, webhook, id))

    async def redeliver(self, webhook: str, id: str, *, now: Moment) -> bool:  # noqa: A002 - its own word
        """Have one delivered again, now; its attempts are counted from the beginning."""
        return await self._database.transact(lambda db: delivery_rows.redeliver(db, webhook, id, now=now))

    async def next_due(self) -> Moment | None:
        """Tell when the next attempt is due: of what somebody holds, when that ends."""
        return await self._database.read(delivery_rows.next_due)

    async def prune(self, *, before: Moment, limit: int = 500) -> int:
        """Forget deliveries that ended before a moment, the oldest first."""
        return await self._database.transact(lambda db: delivery_rows.prune(db, before=before, limit=limit))

    # -- within ------------------------------------------------------------------------------------------------

    def _noun(self, key: tuple[object, ...], rows: Iterable[tuple[object, ...]]) -> Webhook:
        sealed = [cast("tuple[str, str, bytes]", row[14:]) for row in rows if row[14] is not None]
        return _read(
            key, self._secrets.all_unsealed(_place(cast("str", key[1]), cast("str", key[0])), sealed)
        )


def _each(
    rows: Sequence[Sequence[object]],
) -> Iterator[tuple[tuple[object, ...], Iterator[tuple[object, ...]]]]:
    return groupby(map(tuple, rows), key=lambda row: row[:14])


def _read(row: tuple[object, ...], secrets: dict[str, Secret]) -> Webhook:
    id_, organization, url, events, everywhere, description, is_enabled, *rest = cast(
        "tuple[str, str, str, str, bool, str, bool, object]", row
    )
    former_until, created, changed, since, failures, failing_since, revision = cast(
        "tuple[int | None, int, int, int | None, int, int | None, int]", tuple(rest)
    )
    if _SECRET not in secrets:
        raise SecretKeyError(
            f"the secret of the webhook {id_!r} is missing",
            field=_SECRET,
            cause="It was given up with the key it was encrypted with, or removed from the database",
            remedy="Remove the webhook, and add it again",
        )
    return Webhook(
        id=id_,
        organization=organization,
        url=url,
        events=_kinds(events, id_),
        everywhere=bool(everywhere),
        description=description,
        is_enabled=bool(is_enabled),
        secret=secrets[_SECRET],
        former_secret=secrets.get(_FORMER),
        former_until=_moment(former_until),
        created=Moment(created),
        changed=Moment(changed),
        since=_moment(since),
        failures=failures,
        failing_since=_moment(failing_since),
        revision=revision,
    )


def _moment(number: int | None) -> Moment | None:
    return None if number is None else Moment(number)


def _kinds(text: str, id_: str) -> tuple[str, ...]:
    try:
        found: object = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, list) or not all(isinstance(each, str) for each in cast("list[object]", found)):
        raise damaged(f"the webhook {id_!r}")
    return tuple(cast("list[str]", found))


def _place(organization: str, id_: str) -> Place:
    return Place(kind=SecretKind.WEBHOOK, organization=organization, owner=id_, field="")
