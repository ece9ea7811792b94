"""The outbox on a real PostgreSQL: its tables, and a server that goes away, comes back, and loses replies."""

from __future__ import annotations

import asyncio
import builtins
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.integration.postgres_proxy import Cut, line_to
from tests.postgres_server import PostgresServer

from eilbote.errors import OutboxError, OutboxUnavailableError, SettingsError
from eilbote.model.ids import CourierId, EntryId
from eilbote.model.status import EntryState, RecipientStatus
from eilbote.outbox.store import EntryFilter, OutboxStore
from eilbote.store.open_store import open_blobs, open_store
from eilbote.store.postgres_link import Db, PostgresLink, fate_of
from eilbote.store.postgres_outbox import PostgresOutbox
from eilbote.testing.outbox_exercises.scene import (
    NOW,
    OFFICE,
    accept,
    claim_one,
    courier,
    new_entry,
    opened,
    settlement,
)

pytestmark = pytest.mark.asyncio


async def made(url: str) -> None:
    async with opened(lambda: PostgresOutbox(url)):
        pass


# -- a server that cannot be used ------------------------------------------------------------------------------


async def test_nothing_listens_and_nothing_is_stored(postgres: PostgresServer) -> None:
    store = PostgresOutbox("postgresql://ann:s3cret@/mail?host=/nonexistent", busy_seconds=0.0)

    with pytest.raises(OutboxUnavailableError) as caught:
        await store.open()

    assert "postgresql://ann@/mail" in str(caught.value)
    assert "s3cret" not in str(caught.value)
    assert "See that the server runs" in str(caught.value)


async def test_a_database_that_is_not_there_is_told_at_once(postgres: PostgresServer) -> None:
    with pytest.raises(OutboxError, match="Create the database"):
        await PostgresOutbox(postgres.url("nowhere")).open()


async def test_a_missing_driver_is_told_with_the_command_that_installs_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in [
        name
        for name in sys.modules
        if name.startswith(("asyncpg", "eilbote.store.postgres", "eilbote.store.blob_rows"))
    ]:
        monkeypatch.delitem(sys.modules, name)
    importing = builtins.__import__

    def without_driver(name: str, *rest: object, **more: object) -> object:
        if name.partition(".")[0] == "asyncpg":
            raise ModuleNotFoundError(name, name=name)
        return importing(name, *rest, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(builtins, "__import__", without_driver)

    with pytest.raises(SettingsError, match=r"pip install 'eilbote\[postgres\]'"):
        open_store("postgresql://db/mail")


async def test_a_url_of_postgresql_opens_it_with_its_blobs(postgres_database: str) -> None:
    store = open_store(postgres_database.replace("postgresql://", "postgres://"))

    assert isinstance(store, PostgresOutbox)
    assert type(open_blobs(store, Path("unused"))).__name__ == "BlobRows"
    await made(postgres_database)


# -- a reply that is lost --------------------------------------------------------------------------------------


@pytest.fixture(params=list(Cut), ids=lambda cut: cut.name.lower().replace("_", " "))
def cut(request: pytest.FixtureRequest) -> Iterator[Cut]:
    return request.param  # type: ignore[no-any-return]


async def test_an_entry_is_stored_once_although_the_reply_is_lost(
    postgres: PostgresServer, postgres_database: str, cut: Cut
) -> None:
    """Without a key, so that nothing but the transaction's own number tells the two cases apart."""
    async with (
        line_to(postgres.folder) as line,
        opened(lambda: PostgresOutbox(line.url(postgres_database))) as store,
    ):
        await accept(store, new_entry("before"))
        line.cuts = [cut]
        [accepted] = await store.accept([new_entry("a")])

        assert accepted.is_new
        found = await store.entries(EntryFilter(subject="Subject a"), limit=9)
        assert [entry.id for entry in found] == [accepted.id]
        assert line.cuts == []


async def test_a_reply_that_is_lost_three_times_is_learned_all_the_same(
    postgres: PostgresServer, postgres_database: str
) -> None:
    async with (
        line_to(postgres.folder) as line,
        opened(lambda: PostgresOutbox(line.url(postgres_database))) as store,
    ):
        await accept(store, new_entry("before"))
        line.cuts = [Cut.NEVER_ARRIVES, Cut.NEVER_ARRIVES, Cut.REPLY_LOST]
        await accept(store, new_entry("a"))

        assert len(await store.entries(EntryFilter(subject="Subject a"), limit=9)) == 1


async def test_claims_and_settlements_are_kept_although_the_reply_is_lost(
    postgres: PostgresServer, postgres_database: str, cut: Cut
) -> None:
    async with (
        line_to(postgres.folder) as line,
        opened(lambda: PostgresOutbox(line.url(postgres_database))) as store,
    ):
        await accept(store, new_entry())
        holder = await courier(store)
        line.cuts = [cut]
        claim = await claim_one(store, holder)
        line.cuts = [cut]
        assert await store.transmit([(claim.id, claim.epoch)]) == [True]
        line.cuts = [cut]
        assert await store.settle([settlement(holder, claim, RecipientStatus.ACCEPTED)]) == [True]
        history = await store.history(claim.id)

        assert (history.entry.state, len(history.attempts)) == (EntryState.DONE, 1)
        assert line.cuts == []


async def test_a_claim_nobody_heard_of_is_given_back(
    postgres: PostgresServer, postgres_database: str
) -> None:
    """The courier that asked is cancelled while its claim is committed; it asks again, and has all of them."""
    async with (
        line_to(postgres.folder) as line,
        opened(lambda: PostgresOutbox(line.url(postgres_database))) as store,
    ):
        await accept(store, *(new_entry(f"n{number}") for number in range(5)))
        holder = await courier(store)
        [first] = await store.claim(holder, OFFICE, limit=1, now=NOW)
        line.cuts = [Cut.REPLY_LOST]
        lost = asyncio.ensure_future(store.claim(holder, OFFICE, limit=4, now=NOW))
        await line.wait_for_cut()
        lost.cancel()
        with pytest.raises(asyncio.CancelledError):
            await lost

        again = await store.claim(holder, OFFICE, limit=9, now=NOW)

        assert len(again) == 4
        assert await store.transmit([(one.id, one.epoch) for one in (first, *again)]) == [True] * 5


async def test_what_a_crashed_server_has_forgotten_is_done_again(
    postgres: PostgresServer, postgres_database: str
) -> None:
    """It says "committed" of the number, but the number is another transaction's by now, so the proof fails."""
    async with line_to(postgres.folder) as line:
        link = PostgresLink(line.url(postgres_database), busy_seconds=20, monotonic=time.monotonic)
        await link.open()
        await link.transact(lambda db: db.execute("CREATE TABLE tried (number int)"))
        proofs: list[object] = []

        async def proof(_: Db, result: object) -> bool:
            proofs.append(result)
            return False

        line.cuts = [Cut.REPLY_LOST]
        await link.transact(lambda db: db.execute("INSERT INTO tried VALUES (1)"), proof=proof)

        assert proofs == ["INSERT 0 1"]
        assert await link.read(lambda db: db.fetchval("SELECT count(*) FROM tried")) == 2
        await link.close()


async def test_a_number_the_server_has_never_given_was_not_committed(
    postgres: PostgresServer, postgres_database: str
) -> None:
    link = PostgresLink(postgres_database, busy_seconds=0, monotonic=time.monotonic)
    await link.open()
    number = await link.transact(lambda db: db.fetchval("SELECT pg_current_xact_id()::text"))

    assert await link.read(lambda db: fate_of(db, str(number))) is True
    assert await link.read(lambda db: fate_of(db, str(int(str(number)) + 1000))) is False
    await link.close()


# -- a server that restarts ------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("way", ["stop", "crash"])
async def test_a_restart_in_mid_load_loses_nothing_that_was_accepted(
    postgres: PostgresServer, postgres_database: str, way: str
) -> None:
    """Submitters and a courier at work; the server goes away and comes back, twice. Nobody starts anything anew."""
    async with opened(lambda: PostgresOutbox(postgres_database, busy_seconds=30)) as store:
        work = Work(store, await courier(store))
        async with asyncio.timeout(50), asyncio.TaskGroup() as tasks:
            for number in range(6):
                tasks.create_task(work.submit(f"s{number}"))
            tasks.create_task(work.deliver())
            for _ in range(2):
                await work.more(50)
                await asyncio.to_thread(getattr(postgres, way))
                await asyncio.to_thread(postgres.start)
            await work.more(50)
            work.over = True
        found = await store.entries(EntryFilter(), limit=100_000)

        assert len(set(work.accepted)) == len(work.accepted)
        assert {entry.id for entry in found} == set(work.accepted), "all that was accepted, and nothing twice"
        assert sorted(work.settled) == sorted(work.accepted)
        assert {(entry.state, entry.attempts) for entry in found} == {(EntryState.DONE, 1)}


class Work:
    """Submitters and a courier, and what they were told."""

    def __init__(self, store: OutboxStore, holder: CourierId) -> None:
        self.store = store
        self.holder = holder
        self.accepted: list[EntryId] = []
        self.settled: list[EntryId] = []
        self.over = False
        self._steps = asyncio.Semaphore(0)

    async def more(self, number: int) -> None:
        """Wait until some more were accepted."""
        self._steps = asyncio.Semaphore(0)
        for _ in range(number):
            await self._steps.acquire()

    async def submit(self, name: str) -> None:
        number = 0
        while not self.over:
            number += 1
            self.accepted += await accept(self.store, new_entry(f"{name}-{number}"))
            self._steps.release()

    async def deliver(self) -> None:
        while not self.over or len(self.settled) < len(self.accepted):
            claims = await self.store.claim(self.holder, OFFICE, limit=50, now=NOW)
            if not claims:
                await asyncio.sleep(0)
                continue
            assert await self.store.transmit([(one.id, one.epoch) for one in claims]) == [True] * len(claims)
            outcomes = [settlement(self.holder, one, RecipientStatus.ACCEPTED) for one in claims]
            assert await self.store.settle(outcomes) == [True] * len(claims)
            self.settled += [one.id for one in claims]
