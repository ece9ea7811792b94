"""Every store for notifications passes the same exercises."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from eilbote.store.memory_notifications import MemoryNotifications
from eilbote.store.notification_rows import NotificationRows
from eilbote.store.open_flows import share_database
from eilbote.testing.exercise_notification_store import NOTIFICATION_EXERCISES, Exercise, exercise_name

every_exercise = pytest.mark.parametrize("exercise", NOTIFICATION_EXERCISES, ids=exercise_name)


@asynccontextmanager
async def handles(url: str) -> AsyncIterator[list[NotificationRows]]:
    """Give two handles, as two programs have them."""
    shared = [share_database(url) for _ in range(2)]
    found = [NotificationRows(one.handle()) for one in shared]
    try:
        yield found
    finally:
        for one in found:
            await one.close()


async def play(exercise: Exercise, url: str) -> None:
    async with handles(url) as found:
        turns = iter(range(1000))
        await exercise(lambda: found[next(turns) % 2])


@pytest.mark.asyncio
@every_exercise
async def test_memory(exercise: Exercise) -> None:
    store = MemoryNotifications()

    await exercise(lambda: store)


@pytest.mark.asyncio
@every_exercise
async def test_sqlite(exercise: Exercise, empty_file: str) -> None:
    await play(exercise, empty_file)


@pytest.mark.asyncio
@every_exercise
async def test_postgresql(exercise: Exercise, empty_database: str) -> None:
    await play(exercise, empty_database)
