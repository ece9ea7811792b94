"""A courier that is stopped for longer than its lease wakes up when another one has done its work.

The kernel stops the process (SIGSTOP) at a chosen point of the dialogue, the server holds its breath, and a second
process takes over when the lease is over. Then the first one goes on. What it must not do is send a content that
others have sent meanwhile, unless that content was on its way already: then it is recorded as in doubt.
"""

import asyncio
import os
import signal
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest
from tests.torture.cycles import Torture
from tests.torture.scripted_server import Point, ScriptedServer

_LEASE = 1.0
_MESSAGES = 20
_TOUCHED = 10
_BEFORE_CONTENT = (Point.MAIL, Point.RCPT, Point.DATA)


class Freezer:
    """Stops a process when it has come to a point, and holds the dialogue until it goes on."""

    def __init__(self, point: Point, database: Path) -> None:
        self.process = 0
        self.frozen = asyncio.Event()
        self.goes_on = asyncio.Event()
        self._point = point
        self._database = database
        self._seen = 0

    async def __call__(self, point: Point) -> bool:
        if point is self._point and self.process and not self.frozen.is_set():
            self._seen += 1
            if self._seen == _TOUCHED:
                await self._freeze()
                self.frozen.set()
                await self.goes_on.wait()
        return False

    async def _freeze(self) -> None:
        """Stop it, but not while it holds the lock of the database: then everybody would wait for it, as they must."""
        os.kill(self.process, signal.SIGSTOP)
        while self._holds_the_lock():
            os.kill(self.process, signal.SIGCONT)
            await asyncio.sleep(0.01)
            os.kill(self.process, signal.SIGSTOP)

    def _holds_the_lock(self) -> bool:
        with closing(sqlite3.connect(self._database, timeout=0, isolation_level=None)) as database:
            try:
                database.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError:
                return True
            database.execute("ROLLBACK")
        return False


@pytest.mark.slow
@pytest.mark.timeout(120)
@pytest.mark.parametrize("point", [*_BEFORE_CONTENT, Point.CONTENT, Point.DOT, Point.TAKEN])
@pytest.mark.asyncio
async def test_a_courier_that_wakes_after_its_lease_doubles_nothing_unrecorded(
    point: Point, tmp_path: Path
) -> None:
    torture = Torture(tmp_path, seed=0)
    torture.upto = _MESSAGES
    freezer = Freezer(point, tmp_path / "data" / "eilbote.db")
    options = ("--until-stopped", "--small", "--lease", str(_LEASE))
    async with ScriptedServer(tmp_path / "journal") as server, torture:
        server.reached = freezer
        sleeper = await torture.start(server, *options)
        freezer.process = sleeper.pid
        await freezer.frozen.wait()
        frozen_at, its_sessions = time.monotonic(), server.connections
        other = await torture.start(server, *options)

        def all_is_taken() -> bool:
            taken = {one.message_id for one in server.taken}
            acknowledged = torture.acknowledged()
            return len(acknowledged) == _MESSAGES and taken.issuperset(acknowledged.values())

        await server.until(all_is_taken)
        # The other has taken over what the sleeper holds, and waits a whole lease before it does.
        assert time.monotonic() - frozen_at > _LEASE
        taken_meanwhile = len(server.taken)
        os.kill(sleeper.pid, signal.SIGCONT)
        freezer.goes_on.set()
        for process in (sleeper, other):
            process.terminate()
            assert await torture.end_of(process, "stopped") == 0
        verdict = await torture.finish(server)
        if point in _BEFORE_CONTENT:
            # Every content it had begun was out before it slept; it has begun none since.
            assert [one for one in server.takers[taken_meanwhile:] if one <= its_sessions] == []
    assert torture.outcome.complaints == []
    assert verdict.is_good, verdict.as_dict()
