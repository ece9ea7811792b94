"""Copies of an outbox in use, the way back, and looking it over."""

from __future__ import annotations

import asyncio
import hashlib
import json
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest

from eilbote.errors import OutboxError
from eilbote.model.attempt import EventKind
from eilbote.model.ids import EntryId, entry_id_text
from eilbote.model.status import EntryState, RecipientStatus
from eilbote.outbox.store import EntryFilter, Pause, Wish
from eilbote.store import migrate
from eilbote.store.backup import backup, restore
from eilbote.store.check import check
from eilbote.store.copies import read_manifest
from eilbote.store.revision import REVISIONS
from eilbote.store.sqlite_file import APPLICATION_ID, migrating
from eilbote.store.sqlite_outbox import SqliteOutbox
from eilbote.testing.outbox_exercises.scene import (
    NOW,
    OFFICE,
    accept,
    at,
    claim_one,
    courier,
    new_entry,
    opened,
    settlement,
)

pytestmark = pytest.mark.asyncio

PART = b"a large attachment" * 1000
SHA256 = hashlib.sha256(PART).hexdigest()


class Place:
    """A data folder with an outbox in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.database = folder / "eilbote.db"
        self.blobs = folder / "blobs"

    def part(self, sha256: str = SHA256) -> Path:
        return self.blobs / sha256[:2] / sha256

    def put_part(self) -> None:
        self.part().parent.mkdir(parents=True, exist_ok=True)
        self.part().write_bytes(PART)

    def outbox(self) -> SqliteOutbox:
        return SqliteOutbox(self.database)

    def change(self, statement: str, *values: object) -> None:
        with closing(sqlite3.connect(self.database)) as db, db:
            db.execute(statement, values)

    def names(self) -> list[str]:
        return sorted(one.name for one in self.folder.iterdir()) if self.folder.exists() else []

    async def faults(self) -> tuple[str, ...]:
        return (await check(self.database, self.blobs)).faults


@pytest.fixture
def live(tmp_path: Path) -> Place:
    place = Place(tmp_path / "live")
    place.put_part()
    return place


@pytest.fixture
def copied(tmp_path: Path) -> Place:
    return Place(tmp_path / "copies" / "monday")


@pytest.fixture
def again(tmp_path: Path) -> Place:
    return Place(tmp_path / "again")


async def fill(place: Place) -> dict[str, EntryId]:
    """Leave one entry in each state."""
    async with opened(place.outbox) as store:
        holder = await courier(store)
        (done,) = await accept(store, new_entry("done"))
        claim = await claim_one(store, holder)
        await store.settle([settlement(holder, claim, RecipientStatus.ACCEPTED)])
        (deferred,) = await accept(store, new_entry("deferred"))
        claim = await claim_one(store, holder)
        later = settlement(holder, claim, RecipientStatus.DEFERRED, state=EntryState.DEFERRED, due=at(60))
        await store.settle([later])
        (active,) = await accept(store, new_entry("active"))
        claim = await claim_one(store, holder)
        await store.transmit([(claim.id, claim.epoch)])
        (cancelled, held) = await accept(store, new_entry("cancelled"), new_entry("held"))
        await store.apply(Wish.CANCEL, [cancelled], now=NOW)
        await store.apply(Wish.HOLD, [held], now=NOW)
        (queued,) = await accept(store, new_entry("queued", blobs=(SHA256,)))
        await store.pause(Pause(connection="office", since=NOW, until=at(60), reason="wrong password"))
    return {
        "done": done,
        "deferred": deferred,
        "active": active,
        "cancelled": cancelled,
        "held": held,
        "queued": queued,
    }


# -- there and back ------------------------------------------------------------------------------------------------


async def test_a_copy_says_what_is_in_it(live: Place, copied: Place) -> None:
    await fill(live)

    manifest = await backup(live.database, live.blobs, copied.folder, now=NOW)

    assert (manifest.entries, manifest.waiting, manifest.blobs) == (6, 4, (SHA256,))
    assert manifest == read_manifest(copied.folder)
    assert copied.names() == ["blobs", "eilbote.db", "manifest.json"]
    assert [path.name for path in copied.folder.parent.iterdir()] == ["monday"], "nothing unfinished is left"
    assert stat.S_IMODE(copied.folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(copied.database.stat().st_mode) == 0o600


async def test_an_outbox_of_an_older_form_is_copied_and_comes_back_in_todays(
    live: Place, copied: Place, again: Place
) -> None:
    """Who has to upgrade is told to make a backup first, by the very program that refuses the older form."""
    live.folder.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(live.database, isolation_level=None)) as db:
        db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        with migrating(db) as connection:
            migrate.upgrade(connection, to=REVISIONS[0])

    manifest = await backup(live.database, live.blobs, copied.folder, now=NOW)
    restored = await restore(copied.folder, again.folder, now=NOW)

    assert (manifest.revision, restored.upgraded) == (REVISIONS[0], True)
    assert await again.faults() == ()


async def test_a_restored_outbox_sends_nothing_by_itself(live: Place, copied: Place, again: Place) -> None:
    """What waited in the copy was sent by the outbox it was made of, most likely."""
    ids = await fill(live)
    await backup(live.database, live.blobs, copied.folder, now=NOW)

    restored = await restore(copied.folder, again.folder, now=at(3600))

    assert (restored.held, restored.upgraded) == (3, False)
    async with opened(again.outbox) as store:
        entries = {entry.id: entry for entry in await store.entries(EntryFilter(), limit=10)}
        states = {name: entries[number].state.value for name, number in ids.items()}
        assert states == {
            "done": "done",
            "deferred": "held",
            "active": "held",
            "cancelled": "cancelled",
            "held": "held",
            "queued": "held",
        }
        assert "restored from the copy" in entries[ids["queued"]].reason
        assert entries[ids["held"]].reason == "somebody wanted it held"
        assert await store.couriers() == []
        assert await store.pauses() == []
        assert await store.ready_lanes(at(10**6)) == []
        told = (await store.history(ids["active"])).events[-1]
        assert (told.kind, told.at) == (EventKind.HELD, at(3600))


async def test_what_is_released_from_a_restored_outbox_is_sent(
    live: Place, copied: Place, again: Place
) -> None:
    ids = await fill(live)
    await backup(live.database, live.blobs, copied.folder, now=NOW)
    await restore(copied.folder, again.folder, now=at(1))

    async with opened(again.outbox) as store:
        assert await store.apply(Wish.RELEASE, list(ids.values())[4:], now=at(2)) == [None, None]
        holder = await courier(store, "courier-2")
        assert len(await store.claim(holder, OFFICE, limit=10, now=at(2))) == 2
    assert again.part().read_bytes() == PART
    assert await again.faults() == ()


async def test_a_copy_is_one_moment_of_an_outbox_in_use(live: Place, copied: Place) -> None:
    async with opened(live.outbox) as store:
        await accept(store, *(new_entry(f"n{number}") for number in range(200)))

        async def go_on() -> None:
            for number in range(30):
                await accept(store, *(new_entry(f"m{number}-{part}") for part in range(10)))

        going_on = asyncio.ensure_future(go_on())
        manifest = await backup(live.database, live.blobs, copied.folder, now=NOW)
        await going_on

    assert manifest.entries >= 200
    assert manifest.entries % 10 == 0, "a transaction is in it, or is not"
    assert await copied.faults() == ()


# -- what is refused -----------------------------------------------------------------------------------------------


async def test_nothing_is_written_over(live: Place, copied: Place, again: Place) -> None:
    await fill(live)
    await backup(live.database, live.blobs, copied.folder, now=NOW)

    with pytest.raises(OutboxError, match="is there already"):
        await backup(live.database, live.blobs, copied.folder, now=NOW)
    with pytest.raises(OutboxError, match=r"there is an outbox in .* already \(eilbote.db, blobs\)"):
        await restore(copied.folder, live.folder, now=NOW)
    await restore(copied.folder, again.folder, now=NOW)
    with pytest.raises(OutboxError, match="already"):
        await restore(copied.folder, again.folder, now=NOW)


async def test_a_folder_without_a_manifest_is_no_copy(tmp_path: Path, again: Place) -> None:
    with pytest.raises(OutboxError, match=r"holds no copy.*eilbote db backup"):
        await restore(tmp_path, again.folder, now=NOW)

    assert again.names() == []


@pytest.mark.parametrize("what", ["database", "part", "missing", "manifest", "newer"])
async def test_a_copy_that_is_damaged_is_not_restored(
    live: Place, copied: Place, again: Place, what: str
) -> None:
    await fill(live)
    await backup(live.database, live.blobs, copied.folder, now=NOW)
    manifest = copied.folder / "manifest.json"
    match what:
        case "database":
            copied.change("UPDATE entry SET subject = 'another'")
        case "part":
            copied.part().write_bytes(PART[:-1])
        case "missing":
            copied.part().unlink()
        case "manifest":
            manifest.write_text(manifest.read_text()[:-20])
        case "newer":
            manifest.write_text(json.dumps(json.loads(manifest.read_text()) | {"revision": "9999"}))

    with pytest.raises(OutboxError, match=r"damaged|cannot be read|too old"):
        await restore(copied.folder, again.folder, now=NOW)

    assert again.names() == []


async def test_no_copy_is_made_of_a_damaged_outbox(live: Place, copied: Place) -> None:
    async with opened(live.outbox) as store:
        await accept(store, *(new_entry(f"n{number}") for number in range(500)))
    octets = bytearray(live.database.read_bytes())
    page = octets[16] << 8 | octets[17]
    leaf = next(begin for begin in range(page * 30, len(octets), page) if octets[begin] == 13)
    octets[leaf + 3 : leaf + 40] = b"\xff" * 37
    live.database.write_bytes(octets)

    with pytest.raises(OutboxError, match="is damaged"):
        await backup(live.database, live.blobs, copied.folder, now=NOW)

    assert not list(copied.folder.parent.glob("*"))
    assert not list(copied.folder.parent.glob(".*"))


async def test_there_is_nothing_to_copy_where_nothing_is(live: Place, copied: Place) -> None:
    with pytest.raises(OutboxError, match="there is no outbox"):
        await backup(live.database, live.blobs, copied.folder, now=NOW)
    with pytest.raises(OutboxError, match="there is no outbox"):
        await live.faults()

    assert live.names() == ["blobs"], "looking for it has not made it"


# -- looking it over -----------------------------------------------------------------------------------------------


async def test_a_sound_outbox_has_no_faults(live: Place) -> None:
    await fill(live)

    report = await check(live.database, live.blobs)

    assert (report.entries, report.blobs, report.faults) == (6, 1, ())


@pytest.mark.parametrize(
    "statement, fault",
    [
        ("DELETE FROM entry WHERE id = ?", "body without its entry"),
        ("DELETE FROM body WHERE entry = ?", "entry without a body"),
        ("DELETE FROM recipient WHERE entry = ?", "entry without a recipient"),
        ("UPDATE entry SET lane = 99 WHERE id = ?", "entry in no lane"),
        ("UPDATE entry SET state = 'lost' WHERE id = ?", "entry in a state nobody knows"),
        ("UPDATE entry SET state = 'active', courier = 'gone' WHERE id = ?", "never to be rescued"),
        ("UPDATE body SET frozen = x'00' WHERE entry = ?", "have changed since it was accepted"),
    ],
)
async def test_what_does_not_belong_together_is_found(live: Place, statement: str, fault: str) -> None:
    ids = await fill(live)
    live.change(statement, ids["queued"])

    faults = [one for one in await live.faults() if fault in one]

    assert len(faults) == 1
    assert entry_id_text(ids["queued"]) in faults[0]


async def test_a_large_part_that_is_missing_or_changed_is_found(live: Place) -> None:
    await fill(live)
    live.part().write_bytes(PART + b"!")
    changed = await live.faults()
    live.part().unlink()
    missing = await live.faults()

    assert [fault.rpartition(SHA256)[2] for fault in changed] == [" has changed since it was stored"]
    assert [fault.rpartition(SHA256)[2] for fault in missing] == [" is missing"]


async def test_many_faults_of_one_kind_are_counted(live: Place) -> None:
    async with opened(live.outbox) as store:
        await accept(store, *(new_entry(f"n{number}") for number in range(12)))
    live.change("DELETE FROM body")

    (fault,) = await live.faults()

    assert fault.endswith(" and 7 more")
