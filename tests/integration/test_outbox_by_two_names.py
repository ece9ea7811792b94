"""One outbox that two programs know by different names.

A symbolic link led to the file. Each program looked for the locks of couriers beside its own name of it, found none of the
other's, took the other for dead while it was sending, and sent everything once more; and the other way round.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from eilbote.model.ids import CourierId
from eilbote.store.sqlite_outbox import SqliteOutbox
from eilbote.testing.outbox_exercises.scene import NOW, accept, new_entry, opened


@pytest.mark.asyncio
async def test_a_courier_lives_whatever_its_outbox_is_called(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "here").mkdir()
    real, link = tmp_path / "there" / "eilbote.db", tmp_path / "here" / "mail.db"
    link.symlink_to(real)
    async with opened(lambda: SqliteOutbox(real)) as store, opened(lambda: SqliteOutbox(link)) as other:
        await accept(store, new_entry())
        await store.begin_courier(CourierId("lives"), host="host", process=os.getpid(), now=NOW)
        ((courier, _, is_gone),) = await other.couriers()
    assert (courier, is_gone) == ("lives", False)
