"""What becomes of mail while SQLite cannot write: nothing accepted is lost, nothing refused is half there."""

from __future__ import annotations

import asyncio
import os
import resource
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from eilbote import Eilbote
from eilbote.errors import OutboxError, OutboxUnavailableError
from eilbote.model.status import EntryState, RecipientStatus
from eilbote.outbox.store import EntryFilter
from eilbote.store.check import check
from eilbote.store.sqlite_accept import accept as accept_step
from eilbote.store.sqlite_file import open_file
from eilbote.store.sqlite_outbox import SqliteOutbox
from eilbote.store.sqlite_session import SqliteSession
from eilbote.store.writer import Step, Writer
from eilbote.testing.outbox_exercises.scene import (
    NOW,
    accept,
    claimed,
    courier,
    new_entry,
    opened,
    settlement,
)

pytestmark = pytest.mark.asyncio


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "eilbote.db"


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the file as another program does that writes to it."""
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("BEGIN EXCLUSIVE")
        yield
        db.execute("ROLLBACK")


@contextmanager
def no_file_beyond(octets: int) -> Iterator[None]:
    """Let the kernel refuse to let any file of this process grow beyond a size, as a full quota does."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (octets, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def large(name: str = "large", *, octets: int = 200_000) -> bytes:
    return name.encode() * (octets // len(name))


def size_of(path: Path) -> int:
    return path.stat().st_size


# -- locked --------------------------------------------------------------------------------------------------------


async def test_a_submitter_is_refused_when_the_file_stays_locked(path: Path) -> None:
    async with opened(lambda: SqliteOutbox(path, busy_seconds=0.1)) as store:
        with locked(path):
            with pytest.raises(
                OutboxUnavailableError, match=r"locked after 0\.[1-9].* nothing was stored"
            ) as caught:
                await accept(store, new_entry())
            assert await store.entries(EntryFilter(), limit=1) == [], "whoever reads is not in anybody's way"
        assert caught.value.remedy is not None
        await accept(store, new_entry())


async def test_what_a_server_said_is_written_when_the_lock_is_gone(path: Path) -> None:
    async with opened(lambda: SqliteOutbox(path, busy_seconds=0.0)) as store:
        holder, claim = await claimed(store)
        with locked(path):
            writing = asyncio.ensure_future(
                store.settle([settlement(holder, claim, RecipientStatus.ACCEPTED)])
            )
            with pytest.raises(
                OutboxUnavailableError
            ):  # it comes later and is refused, the other still waits
                await accept(store, new_entry("b"))
            assert not writing.done()

        assert await writing == [True]
        assert (await store.history(claim.id)).entry.state is EntryState.DONE


async def test_a_locked_file_cannot_be_made_ready(path: Path) -> None:
    async with opened(lambda: SqliteOutbox(path)):
        pass
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("PRAGMA locking_mode = EXCLUSIVE")
        db.execute("BEGIN EXCLUSIVE")

        with pytest.raises(OutboxUnavailableError, match="locked"):
            await SqliteOutbox(path, busy_seconds=0.1).open()


# -- no space ------------------------------------------------------------------------------------------------------


async def test_a_full_disk_refuses_what_does_not_fit_and_takes_mail_again_by_itself(path: Path) -> None:
    db = open_file(path, busy_seconds=1.0)
    session = SqliteSession(db, path)
    writer = Writer(session, busy_seconds=0.05, monotonic=time.monotonic)
    step = Step(work=accept_step, rank=0)
    (pages,) = db.execute("PRAGMA page_count").fetchone()
    db.execute(f"PRAGMA max_page_count = {pages + 10}")

    first = await writer.do(step, [new_entry("first")])
    with pytest.raises(
        OutboxUnavailableError, match=r"cannot be read or written after .* nothing was stored"
    ) as caught:
        await writer.do(step, [new_entry("second"), replace(new_entry("third"), frozen=large())])
    fourth = await writer.do(step, [new_entry("fourth")])
    db.execute("PRAGMA max_page_count = 1000000")
    fifth = await writer.do(step, [replace(new_entry("fifth"), frozen=large())])
    await writer.close()

    assert "full" in str(caught.value.cause)
    assert "space" in str(caught.value.remedy)
    async with opened(lambda: SqliteOutbox(path)) as store:
        kept = [entry.id for entry in await store.entries(EntryFilter(), limit=10, newest_first=False)]
    assert kept == [first[0].id, fourth[0].id, fifth[0].id]
    assert (await check(path, path.parent / "blobs")).faults == ()


async def test_what_a_server_said_is_written_when_the_disk_takes_it_again(path: Path) -> None:
    """The one moment in which an error would make mail go out twice: the server has said 250."""
    async with opened(lambda: SqliteOutbox(path, busy_seconds=0.0)) as store:
        holder, claim = await claimed(store)
        assert await store.transmit([(claim.id, claim.epoch)]) == [True]
        with no_file_beyond(size_of(path.with_name("eilbote.db-wal"))):
            writing = asyncio.ensure_future(
                store.settle([settlement(holder, claim, RecipientStatus.ACCEPTED)])
            )
            with pytest.raises(OutboxUnavailableError, match="cannot be read or written"):
                await accept(store, new_entry("b"))
            assert not writing.done()

        assert await writing == [True]
        assert (await store.history(claim.id)).entry.state is EntryState.DONE
        await accept(store, new_entry("c"))
        assert [entry.subject for entry in await store.entries(EntryFilter(), limit=5)] == [
            "Subject c",
            "Subject a",
        ]
    assert (await check(path, path.parent / "blobs")).faults == ()


async def test_closing_does_not_wait_for_a_disk_that_takes_nothing(path: Path) -> None:
    store = SqliteOutbox(path)
    await store.open()
    holder, claim = await claimed(store)
    with no_file_beyond(size_of(path.with_name("eilbote.db-wal"))):
        writing = asyncio.ensure_future(store.settle([settlement(holder, claim, RecipientStatus.ACCEPTED)]))
        await asyncio.sleep(0)
        await store.close()
        with pytest.raises(OutboxUnavailableError):
            await writing

    async with opened(lambda: SqliteOutbox(path)) as again:
        assert (await again.history(claim.id)).entry.state is EntryState.ACTIVE, (
            "still claimed: to be rescued"
        )


# -- gone ----------------------------------------------------------------------------------------------------------


async def test_nothing_is_accepted_into_a_file_that_was_deleted(path: Path) -> None:
    """A deleted file can be written to as long as it is open; what is written is gone with the process."""
    async with opened(lambda: SqliteOutbox(path, busy_seconds=0.0)) as store:
        await accept(store, new_entry())
        os.unlink(path)  # noqa: PTH108 - as somebody does who tidies up

        with pytest.raises(OutboxUnavailableError, match="deleted or replaced"):
            await accept(store, new_entry("b"))


async def test_nothing_is_accepted_into_a_file_that_was_replaced(path: Path, tmp_path: Path) -> None:
    other = tmp_path / "other" / "eilbote.db"
    async with opened(lambda: SqliteOutbox(other)):
        pass
    async with opened(lambda: SqliteOutbox(path, busy_seconds=0.0)) as store:
        await accept(store, new_entry())
        os.replace(other, path)  # noqa: PTH105 - as somebody does who restores a copy by hand

        with pytest.raises(OutboxUnavailableError, match="deleted or replaced"):
            await accept(store, new_entry("b"))


async def test_a_store_that_is_not_open_says_so(path: Path) -> None:
    store = SqliteOutbox(path)
    with pytest.raises(OutboxUnavailableError, match="not open"):
        await accept(store, new_entry())
    await store.open()
    await store.open()
    await store.close()
    await store.close()
    with pytest.raises(OutboxUnavailableError, match="not open"):
        await store.figures(NOW)


# -- what cannot be stored -------------------------------------------------------------------------------------


async def test_one_entry_that_cannot_be_stored_does_not_keep_others_out(path: Path) -> None:
    async with opened(lambda: SqliteOutbox(path)) as store:
        wishes = [store.accept([new_entry(f"n{number}")]) for number in range(20)]
        wishes.insert(10, store.accept([new_entry("half", organization="\ud800")]))

        answers = await asyncio.gather(*wishes, return_exceptions=True)

        assert isinstance(answers.pop(10), OutboxError)
        assert not [answer for answer in answers if isinstance(answer, BaseException)]
        assert len(await store.entries(EntryFilter(), limit=50)) == 20


async def test_whatever_a_server_says_can_be_stored(path: Path) -> None:
    async with opened(lambda: SqliteOutbox(path)) as store:
        holder, claim = await claimed(store)
        settled = settlement(holder, claim, RecipientStatus.FAILED, reason="\ud800 \0")
        assert settled.attempt is not None
        (outcome,) = settled.attempt.outcomes
        said = "550 \udcff \0 no"
        heard = replace(settled.attempt, reply=said, transcript=said, outcomes=(replace(outcome, text=said),))

        assert await store.settle([replace(settled, attempt=heard)]) == [True]
        assert "no" in (await store.history(claim.id)).entry.recipients[0].text


async def test_a_name_that_is_no_unicode_is_refused_in_words(tmp_path: Path) -> None:
    """Arguments of a command that are not UTF-8 come as halves of characters."""
    async with Eilbote(data_dir=tmp_path) as eilbote:
        with pytest.raises(OutboxError, match="half a character"):
            await eilbote.processes.get("p\udcff")
        with pytest.raises(OutboxError, match="half a character"):
            await eilbote.routes.drop("p\udcff")
        assert await eilbote.processes.processes() == ()


# -- the log -------------------------------------------------------------------------------------------------------


async def test_the_log_stays_bounded_while_others_read(path: Path) -> None:
    largest = 0
    async with opened(lambda: SqliteOutbox(path)) as store:
        await courier(store)
        for number in range(60):
            batch = [replace(new_entry(f"n{number}"), frozen=large(octets=32_000)) for _ in range(50)]
            _, listed = await asyncio.gather(store.accept(batch), store.entries(EntryFilter(), limit=100))
            assert len(listed) <= 100
            largest = max(largest, size_of(path.with_name("eilbote.db-wal")))
        written = size_of(path)

    assert written > 60_000_000
    assert largest < 30_000_000
