"""How PostgreSQL goes about the hot path's statements: what is asked several times a second must not grow with history."""

import re

import asyncpg
import pytest

from eilbote.store.postgres_outbox import PostgresOutbox
from eilbote.store.statements import named_sql
from eilbote.testing.outbox_exercises.scene import NOW, accept, new_entry, opened

pytestmark = pytest.mark.asyncio


@pytest.mark.parametrize("name", ["ready_lanes", "next_due"])
async def test_lanes_in_which_nothing_waits_cost_nothing(postgres_database: str, name: str) -> None:
    """They stay for good: a program that sends for ever new organizations paid more for each look at what is due."""
    async with opened(lambda: PostgresOutbox(postgres_database)) as store:
        await accept(store, new_entry("a"))
        db = await asyncpg.connect(postgres_database)
        try:
            await db.execute(
                "INSERT INTO lane SELECT n, n::text, 'office' FROM generate_series(1000, 2999) AS n"
            )
            await db.execute("ANALYZE")
            await db.execute("SET enable_seqscan = off")  # nothing but that one row makes it worth a thought
            steps = await db.fetch(
                f"EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) {named_sql('postgresql', name)}", NOW
            )
        finally:
            await db.close()
    plan = "\n".join(step[0] for step in steps)
    assert max(int(loops) for loops in re.findall(r"loops=(\d+)", plan)) < 10, plan
    assert "entry_ready" in plan
