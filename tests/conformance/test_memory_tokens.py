"""Tokens kept by a program without a database pass the exercises of those in one."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import cast

import pytest

from eilbote.oauth2.memory_tokens import MemoryTokens
from eilbote.oauth2.token import TokenKey
from eilbote.settings.records import Records
from eilbote.testing.exercise_records import Exercise, exercise_name
from eilbote.testing.records_exercises.renewing import EXERCISES


class _TokensOnly:
    """As much of records as the exercises of tokens use."""

    def __init__(self) -> None:
        self.tokens = MemoryTokens()

    async def open(self) -> None:
        pass

    async def close(self) -> None:
        pass


@pytest.mark.asyncio
@pytest.mark.parametrize("exercise", EXERCISES, ids=exercise_name)
async def test_memory_tokens(exercise: Exercise) -> None:
    kept = _TokensOnly()

    await exercise(lambda: cast("Records", kept))


def test_tokens_outlast_an_event_loop() -> None:
    """``send_sync`` runs a loop for each call; a lock of the first must not be in the way of the second."""
    tokens = MemoryTokens()

    async def contend() -> None:
        async def renew() -> None:
            async with tokens.exclusive(TokenKey("k")):
                await asyncio.sleep(0)

        await asyncio.gather(*(renew() for _ in range(3)))

    asyncio.run(contend())
    asyncio.run(contend())


def test_threads_renew_one_at_a_time() -> None:
    tokens = MemoryTokens()
    inside: list[int] = []

    async def renew(number: int) -> None:
        for _ in range(20):
            async with tokens.exclusive(TokenKey("k")):
                inside.append(number)
                await asyncio.sleep(0)
                assert inside == [number]
                inside.remove(number)

    with ThreadPoolExecutor(max_workers=4) as threads:
        for done in [threads.submit(asyncio.run, renew(number)) for number in range(4)]:
            done.result(timeout=30)
