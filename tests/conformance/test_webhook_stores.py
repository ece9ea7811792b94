"""Every store of webhooks passes the same exercises."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.conformance.kept_handles import handles

from eilbote.store.key_ring import ring_of
from eilbote.store.memory_webhooks import MemoryWebhooks
from eilbote.store.open_flows import share_database, webhooks_in
from eilbote.testing.exercise_webhook_store import WEBHOOK_EXERCISES, Exercise, exercise_name

pytestmark = pytest.mark.asyncio
every_exercise = pytest.mark.parametrize("exercise", WEBHOOK_EXERCISES, ids=exercise_name)


@every_exercise
async def test_memory(exercise: Exercise) -> None:
    webhooks = MemoryWebhooks()

    await exercise(lambda: webhooks)


@every_exercise
async def test_sqlite(exercise: Exercise, empty_file: str, tmp_path: Path) -> None:
    ring = ring_of({}, tmp_path)
    async with handles(lambda: webhooks_in(share_database(empty_file), empty_file, ring)) as kept:
        await exercise(kept)


@every_exercise
async def test_postgresql(exercise: Exercise, empty_database: str, tmp_path: Path) -> None:
    ring = ring_of({}, tmp_path)
    async with handles(lambda: webhooks_in(share_database(empty_database), empty_database, ring)) as kept:
        await exercise(kept)
