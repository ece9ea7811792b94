"""Every store of accounts passes the same exercises."""

from __future__ import annotations

import pytest
from tests.conformance.kept_handles import handles

from eilbote.store.account_rows import AccountRows
from eilbote.store.memory_accounts import MemoryAccounts
from eilbote.store.open_flows import share_database
from eilbote.testing.exercise_account_store import ACCOUNT_EXERCISES, Exercise, exercise_name

pytestmark = pytest.mark.asyncio
every_exercise = pytest.mark.parametrize("exercise", ACCOUNT_EXERCISES, ids=exercise_name)


@every_exercise
async def test_memory(exercise: Exercise) -> None:
    accounts = MemoryAccounts()

    await exercise(lambda: accounts)


@every_exercise
async def test_sqlite(exercise: Exercise, empty_file: str) -> None:
    async with handles(lambda: AccountRows(share_database(empty_file).handle())) as kept:
        await exercise(kept)


@every_exercise
async def test_postgresql(exercise: Exercise, empty_database: str) -> None:
    async with handles(lambda: AccountRows(share_database(empty_database).handle())) as kept:
        await exercise(kept)
