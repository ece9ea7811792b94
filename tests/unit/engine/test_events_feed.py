"""The feed of events: from any place on, for many at once, and ended when it has to."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import ExitStack, aclosing

import pytest

from eilbote.engine.events_feed import EventsFeed
from eilbote.errors import OutboxUnavailableError, ThrottledError
from eilbote.model.attempt import Event
from eilbote.testing import MemoryOutbox
from eilbote.testing.outbox_exercises.scene import accept, new_entry

pytestmark = pytest.mark.asyncio


class CountingOutbox(MemoryOutbox):
    """Counts how often its events are read."""

    def __init__(self) -> None:
        super().__init__()
        self.reads = 0

    async def events(self, *, after: int = 0, limit: int = 1000) -> list[Event]:
        self.reads += 1
        return await super().events(after=after, limit=limit)


async def heard(feed: EventsFeed, number: int, *, after: int | None = None) -> list[int]:
    async with aclosing(feed.listen(after=after, seconds=30)) as events:
        found: list[int] = []
        async for event in events:
            found.append(event.sequence)
            if len(found) == number:
                break
        return found


async def begun(count: Callable[[], int]) -> None:
    """Let others go on until something counts more than nothing."""
    while not count():  # noqa: ASYNC110 - nobody tells
        await asyncio.sleep(0)


async def opened() -> CountingOutbox:
    store = CountingOutbox()
    await store.open()
    return store


async def test_a_listener_goes_on_where_it_was_and_hears_what_is_new() -> None:
    store = await opened()
    await accept(store, new_entry("a"), new_entry("b"), new_entry("c"))
    feed = EventsFeed(lambda: store, look_seconds=0.001)

    assert await heard(feed, 2, after=1) == [2, 3]
    listening = asyncio.create_task(heard(feed, 2, after=2))
    await begun(lambda: feed.listeners)
    await accept(store, new_entry("d"))
    assert await listening == [3, 4]
    assert feed.listeners == 0


async def test_without_a_place_it_begins_now() -> None:
    store = await opened()
    await accept(store, new_entry("a"))
    feed = EventsFeed(lambda: store, look_seconds=0.001)

    listening = asyncio.create_task(heard(feed, 1))
    await begun(lambda: store.reads)
    await accept(store, new_entry("b"))

    assert await listening == [2]


async def test_those_at_the_same_place_share_what_was_read() -> None:
    store = await opened()
    await accept(store, *(new_entry(f"n{number}") for number in range(5)))
    feed = EventsFeed(lambda: store, look_seconds=60)

    found = await asyncio.gather(*(heard(feed, 5, after=0) for _ in range(50)))

    assert found == [[1, 2, 3, 4, 5]] * 50
    assert store.reads < 10


async def test_there_is_room_for_so_many() -> None:
    store = await opened()
    feed = EventsFeed(lambda: store, look_seconds=60, most_listeners=4, most_of_organization=3, most_of_one=2)
    with ExitStack() as seats:
        for who in ("anna", "anna", "max"):
            seats.enter_context(feed.seat("acme", who))
        for organization, who, whose in (("acme", "eve", "organization"), ("acme", "anna", "organization")):
            with pytest.raises(ThrottledError, match=whose) as caught:
                seats.enter_context(feed.seat(organization, who))
            assert caught.value.retry_after > 0
        seats.enter_context(feed.seat("globex", "anna"))
        with pytest.raises(ThrottledError, match="in all"):
            seats.enter_context(feed.seat("", "root"))
        assert feed.seats == 4
    assert feed.seats == 0
    with feed.seat("acme", "anna"), feed.seat("acme", "anna"), pytest.raises(ThrottledError, match="key"):
        seats.enter_context(feed.seat("acme", "anna"))


async def test_it_is_closed_for_those_who_listen_and_those_who_come() -> None:
    store = await opened()
    feed = EventsFeed(lambda: store, look_seconds=60)
    listening = asyncio.create_task(heard(feed, 1))
    await begun(lambda: feed.listeners)
    feed.close()
    assert await listening == []
    assert await heard(feed, 1, after=0) == [], "and nobody begins anew"


async def test_it_ends_when_the_server_is_told_to_stop() -> None:
    store = await opened()
    feed, stopping = EventsFeed(lambda: store, look_seconds=60), asyncio.Event()

    async def listen() -> list[Event]:
        return [event async for event in feed.listen(seconds=600, until=stopping)]

    listening = asyncio.create_task(listen())
    await begun(lambda: store.reads)
    stopping.set()

    assert await asyncio.wait_for(listening, 5) == []


async def test_it_ends_when_its_time_is_over() -> None:
    store = await opened()
    feed = EventsFeed(lambda: store, look_seconds=60)

    assert [event async for event in feed.listen(seconds=0.01)] == []
    assert feed.listeners == 0


async def test_who_listens_is_told_when_the_database_is_gone() -> None:
    store = await opened()
    feed = EventsFeed(lambda: store, look_seconds=0.001)
    listening = asyncio.create_task(heard(feed, 1, after=0))
    await begun(lambda: store.reads)

    await store.close()

    with pytest.raises(OutboxUnavailableError):
        await listening
