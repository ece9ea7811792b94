"""Accounts, the audit book and webhooks that were copied or damaged; and what nobody can do to the book."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, closing
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

import asyncpg
import pytest
from tests.postgres_server import PostgresServer

from eilbote.engine.accounts.audit_book import AuditBook
from eilbote.errors import SecretKeyError, SettingsError
from eilbote.record.webhook import DeliveryState
from eilbote.store import backup, check, postgres_backup, postgres_check
from eilbote.store.account_check import account_faults
from eilbote.store.account_rows import AccountRows
from eilbote.store.key_ring import KeyRing, ring_of
from eilbote.store.open_flows import share_database, webhooks_in
from eilbote.store.record_database import RecordDatabase, Statements
from eilbote.store.records import DatabaseRecords
from eilbote.store.suppression_rows import SuppressionRows
from eilbote.store.webhook_rows import WebhookRows
from eilbote.testing.account_exercises.scene import (
    NOW,
    at,
    deed,
    key,
    link,
    organization,
    session,
    user,
)
from eilbote.testing.hook_exercises.scene import delivery, webhook
from eilbote.testing.hook_exercises.suppressing import said
from eilbote.testing.manual_clock import ManualClock

pytestmark = pytest.mark.asyncio

Opened: TypeAlias = "tuple[AccountRows, WebhookRows, SuppressionRows, RecordDatabase]"


@asynccontextmanager
async def opened(url: str, ring: KeyRing) -> AsyncGenerator[Opened]:
    shared = share_database(url)
    database = shared.handle()
    stores = AccountRows(database), webhooks_in(shared, url, ring), SuppressionRows(shared.handle())
    try:
        yield *stores, database
    finally:
        for each in stores:
            await each.close()


async def run(database: RecordDatabase, *statements: str) -> None:
    async def work(db: Statements) -> None:
        for statement in statements:
            await db.execute(statement)

    await database.transact(work)


async def fill(url: str, ring: KeyRing) -> None:
    async with opened(url, ring) as (accounts, webhooks, suppressions, _):
        await accounts.keep_organization(organization())
        await accounts.keep_user(user(of="acme"))
        await accounts.keep_session(session("s1", expires=10**6))
        await accounts.keep_link(link("l1", expires=10**6))
        await accounts.keep_key(key(of="acme"))
        for number in range(5):
            await accounts.write([deed(f"thing.number_{number}")])
        await webhooks.keep(webhook())
        await webhooks.enqueue([delivery(), delivery("d2")], position=7)
        await suppressions.add([said()])


@pytest.fixture
def ring(tmp_path: Path) -> KeyRing:
    return ring_of({}, tmp_path)


async def faults_of(url: str) -> tuple[str, ...]:
    if url.startswith("sqlite"):
        path = Path(url.removeprefix("sqlite:///"))
        return (await check.check(path, path.parent / "blobs")).faults
    return (await postgres_check.check(url)).faults


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'eilbote.db'}"
    found: str = request.getfixturevalue("postgres_database")
    return found


def unlocked(url: str, table: str) -> list[str]:
    """Give the statements by which somebody who owns the database takes the lock off the book."""
    if url.startswith("sqlite"):
        return [f"DROP TRIGGER {table}_refuses_update", f"DROP TRIGGER {table}_refuses_delete"]
    return [f"DROP TRIGGER {table}_is_never_changed ON {table}"]


class BackAgainError(Exception):
    """Takes back what was done to a database."""


async def faults_after(database: RecordDatabase, *statements: str) -> list[str]:
    """Say what a look finds after something was done, which is taken back then."""
    found: list[str] = []

    async def work(db: Statements) -> None:
        for statement in statements:
            await db.execute(statement)
        found[:] = await account_faults(db)
        raise BackAgainError

    with pytest.raises(BackAgainError):
        await database.transact(work)
    return found


ODDITIES = (
    ("DELETE FROM organization", "user of an organization that is not there: u1"),
    ("UPDATE app_user SET role = 'king'", "user of a kind nobody knows: u1"),
    ("UPDATE api_key SET organization = 'x'", "API key of an organization that is not there: k1"),
    ("UPDATE session SET user_id = 'x'", "session of a user who is not there: x"),
    ("UPDATE one_time_link SET user_id = 'x'", "one-time link of a user who is not there: x"),
    ("UPDATE one_time_link SET purpose = 'x'", "one-time link for a purpose nobody knows: u1"),
    ("UPDATE hook_delivery SET webhook = 'x'", "delivery to a webhook that is not there: d1, d2"),
    ("UPDATE hook_delivery SET state = 'x', ended = 1", "delivery in a state nobody knows: d1, d2"),
    ("UPDATE hook_delivery SET ended = 1", "delivery that has ended and waits at once, or neither: d1, d2"),
    ("DELETE FROM secret WHERE field = 'secret'", "webhook without its secret: w1"),
    ("UPDATE webhook SET id = 'x'", "secret of a webhook that is not there: w1, w1"),
    ("UPDATE secret SET kind = 'consent' WHERE field = 'secret'", "secret of a consent that does not wait: w1"),
    ("UPDATE suppression SET reason = 'x'", "address suppressed for a reason nobody knows: anna@example.org"),
)  # fmt: skip
BREAKS = (
    ("DELETE FROM audit WHERE sequence = 3", "does not hang together at record 3"),
    ("UPDATE audit SET deed = replace(deed, 'number_2', 'number_9')", "does not hang together at record 3"),
    ("UPDATE audit SET hash = 'x' WHERE sequence = 5", "does not hang together at record 5"),
    ("UPDATE audit SET deed = '{' WHERE sequence = 1", "does not hang together at record 1"),
    ("DELETE FROM audit WHERE sequence > 3", "ends at record 3, but its last record is noted as 5"),
    ("DELETE FROM audit", "ends at record 0, but its last record is noted as 5"),
    (
        "UPDATE audit SET action = 'nothing' WHERE sequence = 4",
        "audit record that is found by what it does not say: 4",
    ),
)  # fmt: skip


async def test_what_does_not_belong_together_is_found(url: str, ring: KeyRing) -> None:
    await fill(url, ring)
    assert await faults_of(url) == ()
    async with opened(url, ring) as (*_, database):
        for statement, fault in ODDITIES:
            assert fault in await faults_after(database, statement), statement
        await run(database, "DELETE FROM app_user")

    assert "session of a user who is not there: u1" in await faults_of(url)


async def test_whoever_changes_the_book_is_found_out(url: str, ring: KeyRing) -> None:
    await fill(url, ring)
    async with opened(url, ring) as (*_, database):
        for statement, fault in BREAKS:
            (found,) = await faults_after(database, *unlocked(url, "audit"), statement)
            assert fault in found, statement
    assert await faults_of(url) == ()


async def test_what_was_cut_off_is_missing_for_ever(url: str, ring: KeyRing) -> None:
    """The next record does not take the place of one that was cut off: the book shows the gap from then on."""
    await fill(url, ring)
    async with opened(url, ring) as (accounts, *_, database):
        await run(database, *unlocked(url, "audit"), "DELETE FROM audit WHERE sequence > 3")
        (record,) = await accounts.write([deed("thing.after")])
        assert record.sequence == 6
        verified = await AuditBook(accounts, clock=ManualClock()).verify()

    assert (verified.records, verified.broken_at) == (3, 4)


async def test_an_end_that_was_cut_off_is_seen_before_anything_is_written_behind_it(
    url: str, ring: KeyRing
) -> None:
    await fill(url, ring)
    async with opened(url, ring) as (accounts, *_, database):
        book = AuditBook(accounts, clock=ManualClock())
        assert (await book.verify()).broken_at is None
        await run(database, *unlocked(url, "audit"), "DELETE FROM audit WHERE sequence > 3")
        verified = await book.verify()
        await run(database, "DELETE FROM audit")
        of_nothing = await book.verify()

    assert (verified.records, verified.broken_at) == (3, 4)
    assert (of_nothing.records, of_nothing.broken_at) == (0, 1)


async def test_an_end_that_was_written_anew_is_seen(url: str, ring: KeyRing) -> None:
    """Who recalculates the chain from some record on has the end noted otherwise."""
    await fill(url, ring)
    async with opened(url, ring) as (accounts, *_, database):
        await run(database, "UPDATE meta SET value = '5 " + "0" * 64 + "' WHERE key = 'audit'")
        verified = await AuditBook(accounts, clock=ManualClock()).verify()

    assert verified.broken_at == 5


async def test_the_book_goes_on_where_nothing_is_noted_of_its_end(url: str, ring: KeyRing) -> None:
    await fill(url, ring)
    async with opened(url, ring) as (accounts, *_, database):
        await run(database, "DELETE FROM meta WHERE key = 'audit'")
        (record,) = await accounts.write([deed("thing.after")])
        verified = await AuditBook(accounts, clock=ManualClock()).verify()

    assert record.sequence == 6
    assert (verified.records, verified.broken_at, verified.last) == (6, None, record.hash)
    assert await faults_of(url) == ()


@pytest.mark.parametrize("statement", ["UPDATE audit SET who = 'nobody'", "DELETE FROM audit"])
async def test_sqlite_refuses_to_change_the_book(tmp_path: Path, ring: KeyRing, statement: str) -> None:
    await fill(f"sqlite:///{tmp_path / 'eilbote.db'}", ring)

    with (
        closing(sqlite3.connect(tmp_path / "eilbote.db")) as db,
        pytest.raises(sqlite3.IntegrityError, match="only ever added to"),
    ):
        db.execute(statement)


@pytest.mark.parametrize(
    "statement", ["UPDATE audit SET who = 'nobody'", "DELETE FROM audit", "TRUNCATE audit"]
)
async def test_postgresql_refuses_to_change_the_book(
    postgres_database: str, ring: KeyRing, statement: str
) -> None:
    await fill(postgres_database, ring)
    db = await asyncpg.connect(postgres_database)
    try:
        with pytest.raises(asyncpg.RaiseError, match="only ever added to"):
            await db.execute(statement)
    finally:
        await db.close()


# -- each for itself -----------------------------------------------------------------------------------------------


async def test_what_is_damaged_is_told_and_the_others_go_on(url: str, ring: KeyRing) -> None:
    await fill(url, ring)
    async with opened(url, ring) as (accounts, webhooks, _, database):
        await accounts.keep_user(user("u2", "bert@example.org"))
        await accounts.keep_key(key("k2"))
        await run(
            database,
            "UPDATE app_user SET role = 'king' WHERE id = 'u1'",
            "UPDATE api_key SET senders = '{' WHERE id = 'k1'",
            "UPDATE api_key SET permissions = '[\"messages:submit\", \"moon:land\"]' WHERE id = 'k2'",
            "UPDATE hook_delivery SET state = 'x' WHERE id = 'd1'",
        )
        with pytest.raises(SettingsError, match="u1"):
            await accounts.user("u1")
        with pytest.raises(SettingsError, match="k1"):  # and not a key that may send from anywhere
            await accounts.key("k1")

        assert (await accounts.user_at("bert@example.org")) is not None
        other = await accounts.key("k2")
        assert other is not None
        assert other.permissions == {"messages:submit"}
        assert [one.id for one in await webhooks.claim("one", limit=9, now=NOW, until=at(60))] == ["d2"]


async def test_a_webhook_whose_secret_is_gone_says_so_and_can_be_removed(url: str, ring: KeyRing) -> None:
    await fill(url, ring)
    async with opened(url, ring) as (_, webhooks, _, database):
        await run(database, "DELETE FROM secret WHERE field = 'secret'")
        with pytest.raises(SecretKeyError, match="the secret of the webhook 'w1' is missing"):
            await webhooks.webhook("w1")
        assert await webhooks.drop("w1")

    assert await faults_of(url) == ()


async def test_a_webhook_whose_secret_cannot_be_read_silences_no_other(url: str, ring: KeyRing) -> None:
    await fill(url, ring)
    async with opened(url, ring) as (_, webhooks, _, database):
        await webhooks.keep(replace(webhook(), id="w2"))
        await run(database, "UPDATE secret SET key_id = 'gone' WHERE owner = 'w1'")
        assert [one.id for one in await webhooks.webhooks()] == ["w2"]
        with pytest.raises(SecretKeyError):
            await webhooks.webhook("w1")
        assert await webhooks.drop("w1")


async def test_a_webhook_that_moves_leaves_no_secret_behind(url: str, ring: KeyRing) -> None:
    await fill(url, ring)
    async with opened(url, ring) as (_, webhooks, *_):
        hook = await webhooks.webhook("w1")
        assert hook is not None
        await webhooks.keep(replace(hook, organization="acme"))

    assert await faults_of(url) == ()


async def test_secrets_of_webhooks_go_along_when_keys_are_rotated(url: str, ring: KeyRing) -> None:
    await fill(url, ring)
    async with opened(url, ring) as (_, webhooks, _, database):
        before = await webhooks.webhook("w1")
        records = DatabaseRecords(database, ring)
        rotation = await records.keys.rotate()
        assert rotation.secrets == 2
        for former in rotation.former:
            assert await records.keys.retire(former)

        assert await webhooks.webhook("w1") == before

    found = ring.known()
    assert len(found) == 1


async def test_a_secret_is_nowhere_to_be_read(tmp_path: Path, ring: KeyRing) -> None:
    path = tmp_path / "eilbote.db"
    await fill(f"sqlite:///{path}", ring)
    octets = path.read_bytes()

    assert b"Lagerverwaltung" in octets
    assert webhook().secret.reveal().encode() not in octets


# -- copies --------------------------------------------------------------------------------------------------------


async def see_what_came_back(url: str, ring: KeyRing) -> None:
    assert await faults_of(url) == ()
    async with opened(url, ring) as (accounts, webhooks, suppressions, _):
        anna = await accounts.user_at("anna@example.org")
        assert anna is not None
        assert anna.organization == "acme"
        assert await accounts.key("k1") is not None
        assert [one.address for one in await suppressions.list()] == ["anna@example.org"]
        # nobody comes in with what may have been ended since
        assert (await accounts.session("s1"), await accounts.link("l1")) == (None, None)
        hook = await webhooks.webhook("w1")
        assert hook is not None
        assert hook.secret == webhook().secret
        # nothing is delivered by itself that was most likely delivered since
        assert await webhooks.next_due() is None
        (first, second) = await webhooks.deliveries("w1")
        assert {first.state, second.state} == {DeliveryState.FAILED}
        assert "restored from the copy" in first.answer
        assert await webhooks.position() == 7
        assert await webhooks.redeliver("w1", "d1", now=at(5))
        assert await webhooks.next_due() == at(5)
        (record,) = await accounts.write([deed("thing.after")])
        assert record.sequence == 6
        assert (await AuditBook(accounts, clock=ManualClock()).verify()).broken_at is None


async def test_sqlite_restored(tmp_path: Path, ring: KeyRing) -> None:
    await fill(f"sqlite:///{tmp_path / 'eilbote.db'}", ring)
    await backup.backup(tmp_path / "eilbote.db", tmp_path / "blobs", tmp_path / "copy", now=NOW)
    await backup.restore(tmp_path / "copy", tmp_path / "again", now=at(1))

    await see_what_came_back(f"sqlite:///{tmp_path / 'again' / 'eilbote.db'}", ring)


async def test_postgresql_restored(postgres: PostgresServer, tmp_path: Path, ring: KeyRing) -> None:
    live, other = postgres.new_database(), postgres.new_database()
    await fill(postgres.url(live), ring)
    await postgres_backup.backup(postgres.url(live), tmp_path / "copy", now=NOW)
    await postgres_backup.restore(tmp_path / "copy", postgres.url(other), now=at(1))

    await see_what_came_back(postgres.url(other), ring)
    with closing(sqlite3.connect(tmp_path / "copy" / "eilbote.db")) as copy:
        assert copy.execute("SELECT count(*) FROM audit").fetchone() == (5,)
