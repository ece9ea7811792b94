"""What the outbox in memory keeps of what is no more: nothing that grows with its history."""

from __future__ import annotations

import pytest

from eilbote.model.status import EntryState, RecipientStatus
from eilbote.outbox.entry import Lane
from eilbote.store.memory_outbox import MemoryOutbox
from eilbote.testing.outbox_exercises.scene import (
    NOW,
    accept,
    at,
    claim_one,
    courier,
    new_entry,
    opened,
    settlement,
)

pytestmark = pytest.mark.asyncio

_CONNECTIONS = ("office", "spare")


async def test_what_is_finished_and_forgotten_leaves_nothing_behind() -> None:
    """A program that sends for ever new organizations paid more for every look at what is due: their lanes stayed."""
    outbox = MemoryOutbox()
    async with opened(lambda: outbox) as store:
        holder = await courier(store)
        for name in ("a", "b", "c"):
            await accept(store, new_entry(name, organization=name, connections=_CONNECTIONS))
            lane = Lane(name, "office")
            if name == "c":
                await store.divert("office", away_from=frozenset(), now=NOW)
                lane = Lane(name, "spare")
            claim = await claim_one(store, holder, lane=lane)
            if name == "b":
                await store.settle([settlement(holder, claim, state=EntryState.QUEUED, connection="spare")])
                claim = await claim_one(store, holder, lane=Lane(name, "spare"))
            await store.settle([settlement(holder, claim, RecipientStatus.ACCEPTED)])

        await store.end_courier(holder, now=NOW)
        await store.prune(finished_before=at(1), limit=10)

    assert not [name for name, kept in vars(outbox).items() if isinstance(kept, dict | list) and kept]
