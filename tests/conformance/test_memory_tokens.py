"""Tokens kept by a program without a database pass the exercises of those in one."""

from __future__ import annotations

import asyncio
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
