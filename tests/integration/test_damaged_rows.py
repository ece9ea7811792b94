"""Rows that something has damaged: a disk that forgets, a hand that helped, a program of next year.

One such row, the word of a policy changed in it, made every claim of its lane fail; the courier took it for a fault of its
own and began anew, for ever, and no mail of any connection went out. The entry list failed for all because of one entry.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import asyncpg
import pytest

from eilbote.model.ids import EntryId
from eilbote.model.status import EntryState
from eilbote.outbox.store import EntryFilter, Wish
from eilbote.store.postgres_outbox import PostgresOutbox
from eilbote.store.sqlite_outbox import SqliteOutbox
from eilbote.testing.outbox_exercises.scene import NOW, OFFICE, accept, claimed, courier, new_entry, opened

DAMAGES = {
    "connections are no JSON": "UPDATE entry SET connections = '[\"off' WHERE id = {id}",
    "connections are no list": "UPDATE entry SET connections = '17' WHERE id = {id}",
    "no connection": "UPDATE entry SET connections = '[]' WHERE id = {id}",
    "connections are octets": "UPDATE entry SET connections = x'00ff' WHERE id = {id}",
    "an unknown policy for doubts": "UPDATE entry SET on_in_doubt = 'ask' WHERE id = {id}",
    "an unknown policy for parts": "UPDATE entry SET on_partial = '' WHERE id = {id}",
    "a time is a text": "UPDATE entry SET expires = 'soon' WHERE id = {id}",
    "no content": "DELETE FROM body WHERE entry = {id}",
    "no recipients": "DELETE FROM recipient WHERE entry = {id}",
    "an unknown kind of recipient": "UPDATE recipient SET kind = 'fcc' WHERE entry = {id}",
    "an unknown status of a recipient": "UPDATE recipient SET status = 'acceqted' WHERE entry = {id}",
    "an address of octets": "UPDATE recipient SET address = x'c3' WHERE entry = {id}",
}
every_damage = pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)


async def _with_damage(path: Path, damage: str) -> tuple[EntryId, EntryId, EntryId]:
    async with opened(lambda: SqliteOutbox(path)) as store:
        first, bad, last = await accept(store, new_entry("a"), new_entry("b"), new_entry("c"))
    _change(path, damage.replace("{id}", str(bad)))
    return first, bad, last


def _change(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path)) as db, db:
        assert db.execute(statement).rowcount == 1
    db.close()


@pytest.mark.asyncio
@every_damage
async def test_is_held_with_its_reason_and_its_neighbours_flow(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "eilbote.db"
    first, bad, last = await _with_damage(path, damage)
    async with opened(lambda: SqliteOutbox(path)) as store:
        claims = await store.claim(await courier(store), OFFICE, limit=10, now=NOW)
        assert [claim.id for claim in claims] == [first, last]
        assert [claim.frozen for claim in claims] == [b"octets of a", b"octets of c"]
        history = await store.history(bad)
        assert history.entry.state is EntryState.HELD
        assert history.entry.reason
        assert [event.kind.value for event in history.events] == ["submitted", "poisoned"]
        assert len(await store.entries(EntryFilter(), limit=10)) == 3
        assert await store.apply(Wish.CANCEL, [bad], now=NOW) == [None]


@pytest.mark.asyncio
async def test_content_that_became_text_does_not_shift_what_its_neighbours_send(tmp_path: Path) -> None:
    """Lengths were counted in characters, so every entry behind it in the batch lost octets to it."""
    path = tmp_path / "eilbote.db"
    damage = "UPDATE body SET frozen = 'Grüße und noch ein Ü' WHERE entry = {id}"
    first, _, last = await _with_damage(path, damage)
    async with opened(lambda: SqliteOutbox(path)) as store:
        claims = await store.claim(await courier(store), OFFICE, limit=10, now=NOW)
        octets = {claim.id: claim.frozen for claim in claims}
    assert (octets[first], octets[last]) == (b"octets of a", b"octets of c")


@pytest.mark.asyncio
async def test_an_unknown_state_is_shown_as_held_and_can_be_cancelled(tmp_path: Path) -> None:
    path = tmp_path / "eilbote.db"
    first, bad, _ = await _with_damage(path, "UPDATE entry SET state = 'paused-by-moon' WHERE id = {id}")
    async with opened(lambda: SqliteOutbox(path)) as store:
        await store.apply(Wish.HOLD, [first], now=NOW)
        seen = {entry.id: entry.state for entry in await store.entries(EntryFilter(), limit=10)}
        assert seen[bad] is EntryState.HELD
        assert (await store.figures(NOW)).entries == {EntryState.HELD: 2, EntryState.QUEUED: 1}
        assert await store.apply(Wish.CANCEL, [bad], now=NOW) == [None]
        assert (await store.history(bad)).entry.state is EntryState.CANCELLED


@pytest.mark.asyncio
async def test_a_courier_that_held_one_can_still_be_ended(tmp_path: Path) -> None:
    """Otherwise nobody would ever get back what it held. In doubt, a policy nobody knows is read as the careful one."""
    path = tmp_path / "eilbote.db"
    async with opened(lambda: SqliteOutbox(path)) as store:
        holder, claim = await claimed(store)
        await store.transmit([(claim.id, claim.epoch)])
        _change(path, "UPDATE entry SET on_in_doubt = 'ask'")
        assert await store.end_courier(holder, now=NOW) == 1
        assert (await store.history(claim.id)).entry.state is EntryState.HELD


@pytest.mark.asyncio
async def test_mail_is_led_around_a_paused_connection_past_one(tmp_path: Path) -> None:
    path = tmp_path / "eilbote.db"
    async with opened(lambda: SqliteOutbox(path)) as store:
        both = ("office", "backup")
        bad, good = await accept(store, new_entry("a", connections=both), new_entry("b", connections=both))
        _change(
            path, "UPDATE entry SET connections = '[\"office\",' WHERE id = {id}".replace("{id}", str(bad))
        )
        assert await store.divert("office", away_from=frozenset({"office"}), now=NOW) == 1
        assert (await store.history(good)).entry.connection == "backup"


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "damage",
    [statement for name, statement in DAMAGES.items() if "octets" not in name and "is a text" not in name],
    ids=[name for name in DAMAGES if "octets" not in name and "is a text" not in name],
)
async def test_the_same_on_postgresql_which_keeps_at_least_the_types(
    postgres_database: str, damage: str
) -> None:
    async with opened(lambda: PostgresOutbox(postgres_database)) as store:
        first, bad, last = await accept(store, new_entry("a"), new_entry("b"), new_entry("c"))
        db = await asyncpg.connect(postgres_database)
        await db.execute(damage.replace("{id}", str(bad)))
        await db.close()
        holder = await courier(store)
        claims = await store.claim(holder, OFFICE, limit=10, now=NOW)
        assert [claim.id for claim in claims] == [first, last]
        history = await store.history(bad)
        assert history.entry.state is EntryState.HELD
        assert [event.kind.value for event in history.events] == ["submitted", "poisoned"]
        assert await store.end_courier(holder, now=NOW) == 2
        assert len(await store.entries(EntryFilter(), limit=10)) == 3
