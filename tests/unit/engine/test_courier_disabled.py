"""Mail for a connection that is switched off waits: nothing of it is sent, nothing fails, and it goes out afterwards."""

import pytest
from tests.unit.engine.courier_scene import Scene

from eilbote.connections.stored_book import StoredBook
from eilbote.store.lazy_records import LazyRecords
from eilbote.store.memory_records import MemoryRecords

URIS = {name: f"smtps://user:one@{name}.example.org" for name in ("office", "backup")}


async def stored(scene: Scene) -> StoredBook:
    """Let the scene's courier find its connections in a store."""
    book = StoredBook(LazyRecords(MemoryRecords).connections, clock=scene.time.clock)
    for name, uri in URIS.items():
        await book.put(name, uri)
    scene.book.names, scene.book.get = book.names, book.get  # type: ignore[method-assign]
    return book


@pytest.mark.asyncio
async def test_mail_for_a_disabled_connection_waits_and_goes_out_when_it_is_enabled() -> None:
    scene = Scene()
    book = await stored(scene)
    await book.switch("office", enabled=False)
    await scene.store.open()
    await scene.submit(5)
    async with scene.running():
        await scene.time.turn(3600.0)
        assert await scene.states() == {"queued": 5}
        assert scene.office.sent == []
        (pause,) = await scene.store.pauses()
        assert "'office' is switched off" in pause.reason
        assert {entry.attempts for entry in await scene.entries()} == {0}

        await book.switch("office", enabled=True)
        await scene.time.turn(10.0)
        assert await scene.states() == {"done": 5}
    assert await scene.store.pauses() == []


@pytest.mark.asyncio
async def test_a_connection_that_is_disabled_in_mid_work_stops_at_once_and_loses_nothing() -> None:
    scene = Scene()
    book = await stored(scene)
    await scene.store.open()
    async with scene.running():
        await scene.submit()
        await scene.time.turn(1.0)
        await book.switch("office", enabled=False)
        await scene.time.turn(5.0)
        await scene.submit(3)
        await scene.time.turn(600.0)
        assert await scene.states() == {"done": 1, "queued": 3}
        await book.switch("office", enabled=True)
        await scene.time.turn(10.0)
        assert await scene.states() == {"done": 4}
