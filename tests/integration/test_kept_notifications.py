"""Notifications that were copied or damaged: looked over, restored, and each for itself."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from tests.postgres_server import PostgresServer

from eilbote.author.notification.decision import decide
from eilbote.author.notification.store import RaisedFilter
from eilbote.errors import SettingsError
from eilbote.store import backup, check, postgres_backup, postgres_check
from eilbote.store.event_rows import UNREADABLE
from eilbote.store.notification_rows import NotificationRows
from eilbote.store.open_flows import share_database
from eilbote.store.record_database import RecordDatabase
from eilbote.testing.notification_exercises.scene import NOW, at, event, wish

pytestmark = pytest.mark.asyncio

DAMAGE = (
    "UPDATE notification_subscription SET plain = '{' WHERE id = 's2'",
    "UPDATE notification_event SET data = '[1' WHERE id = 'e2'",
    "DELETE FROM notification_event WHERE id = 'e3'",
)
FAULTS = (
    "people to be told of an event that is not there: e3",
    "steps that wait for an event that is not there: e3",
    "subscription that cannot be read: s2",
    "event whose data cannot be read: e2",
)


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[tuple[NotificationRows, RecordDatabase]]:
    database = share_database(url).handle()
    rows = NotificationRows(database)
    try:
        yield rows, database
    finally:
        await rows.close()


async def fill(url: str) -> None:
    async with opened(url) as (rows, _):
        await rows.keep_subscription(wish(escalation=["15m boss@example.org"]))
        await rows.keep_subscription(wish("s2", to=["max@example.org"], cadence="daily"))
        for number in range(1, 4):
            await rows.raise_event(event(f"e{number}", data={"a": number}), decide)


async def damage(url: str) -> None:
    async with opened(url) as (_, database):
        for statement in DAMAGE:

            async def work(db: object, text: str = statement) -> None:
                await db.execute(text)  # type: ignore[attr-defined]

            await database.transact(work)


async def see_the_others_go_on(url: str) -> None:
    async with opened(url) as (rows, _):
        assert (await rows.raise_event(event("e4"), decide)).told == 1
        found = {kept.event.id: kept.event.data for kept in await rows.events(RaisedFilter())}
        assert found == {"e4": {}, "e2": {UNREADABLE: True}, "e1": {"a": 1}}
        with pytest.raises(SettingsError) as refused:
            await rows.subscriptions()
        assert "'s2'" in str(refused.value)
        assert {batch.recipient for batch in await rows.batches(at(1))} == {"anna@example.org"}
        assert await rows.drop_subscription("s2")
        assert [one.id for one in await rows.subscriptions()] == ["s1"]


async def see_that_nobody_is_told_again(url: str) -> None:
    async with opened(url) as (rows, _):
        assert len(await rows.subscriptions()) == 2
        assert await rows.next_due() is None
        told = await rows.tellings("e1")
        assert [(one.done, one.entry) for one in told] == [(at(1), None)] * 2
        assert all("restored from the copy" in one.reason for one in told)
        (step,) = await rows.escalations("e1")
        assert step.done == at(1)
        assert "restored from the copy" in step.reason
        assert (await rows.raise_event(event("e5", when=at(2)), decide)).told == 2


async def test_sqlite_damaged(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'eilbote.db'}"
    await fill(url)
    assert (await check.check(tmp_path / "eilbote.db", tmp_path / "blobs")).faults == ()
    await damage(url)

    assert (await check.check(tmp_path / "eilbote.db", tmp_path / "blobs")).faults == FAULTS
    await see_the_others_go_on(url)


async def test_postgresql_damaged(postgres_database: str) -> None:
    await fill(postgres_database)
    assert (await postgres_check.check(postgres_database)).faults == ()
    await damage(postgres_database)

    assert (await postgres_check.check(postgres_database)).faults == FAULTS
    await see_the_others_go_on(postgres_database)


async def test_sqlite_restored(tmp_path: Path) -> None:
    await fill(f"sqlite:///{tmp_path / 'eilbote.db'}")
    await backup.backup(tmp_path / "eilbote.db", tmp_path / "blobs", tmp_path / "copy", now=NOW)
    await backup.restore(tmp_path / "copy", tmp_path / "again", now=at(1))

    await see_that_nobody_is_told_again(f"sqlite:///{tmp_path / 'again' / 'eilbote.db'}")


async def test_postgresql_restored(postgres: PostgresServer, tmp_path: Path) -> None:
    live, other = postgres.new_database(), postgres.new_database()
    await fill(postgres.url(live))
    await postgres_backup.backup(postgres.url(live), tmp_path / "copy", now=NOW)
    await postgres_backup.restore(tmp_path / "copy", postgres.url(other), now=at(1))

    await see_that_nobody_is_told_again(postgres.url(other))
    postgres.drop_database(live)
    postgres.drop_database(other)
