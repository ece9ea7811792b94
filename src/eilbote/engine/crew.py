"""Those who work during a shift: one runner for each connection with mail, one settler for all of them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from eilbote.engine.lane_runner import LaneRunner
from eilbote.engine.settler import Settler

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eilbote.connections.repository import ConnectionBook
    from eilbote.engine.shift import Shift
    from eilbote.engine.sites import Sites
    from eilbote.engine.transports import Transports
    from eilbote.outbox.entry import Lane
    from eilbote.outbox.store import ReadyLane

_ABORT_SECONDS: Final = 5.0
"""How long closed sessions may take to tell what they know."""


class Crew:
    """The workers of one shift.

    Args:
        shift: Whose.
        sites: Which servers may be asked.
        book: Where connections are kept.
        transports: The ways out.
    """

    def __init__(self, shift: Shift, *, sites: Sites, book: ConnectionBook, transports: Transports) -> None:
        self._shift = shift
        self._sites = sites
        self._book = book
        self._transports = transports
        self._settler = Settler(shift)
        self._settling = asyncio.get_running_loop().create_task(self._settler.run())
        self._runners: dict[str, LaneRunner] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def offer(self, ready: Sequence[ReadyLane]) -> None:
        """Hear which lanes have something due; a connection without a runner gets one."""
        lanes: dict[str, list[Lane]] = {}
        for one in ready:
            lanes.setdefault(one.lane.connection, []).append(one.lane)
        for name, of_connection in lanes.items():
            if name not in self._runners:
                self._hire(name)
            self._runners[name].offer(of_connection)

    def look(self) -> None:
        """Let everybody look at the time.

        Raises:
            Exception: A worker ended by a fault nobody has foreseen.
        """
        if self._settling.done():
            self._settling.result()
        for name, task in list(self._tasks.items()):
            if task.done():
                del self._tasks[name], self._runners[name]
                task.result()
        for runner in self._runners.values():
            runner.look()

    async def review(self) -> None:
        """Let everybody look whether the settings have changed."""
        for runner in list(self._runners.values()):
            await runner.review()

    def has_nothing_to_do(self) -> bool:
        """Whether nothing is in hand, and nothing waits for a connection that takes mail."""
        return all(
            runner.is_idle or not (runner.has_started or self._sites.site(name).takes_mail)
            for name, runner in self._runners.items()
        )

    async def finish(self) -> None:
        """Claim nothing more, let what is on its way end, and write all results."""
        for runner in self._runners.values():
            runner.stop()
        if self._tasks:
            await asyncio.wait(self._tasks.values())  # who stops waiting here does not cancel them
        if not self._settling.done():
            await self._settler.finish()

    async def abort(self) -> None:
        """Close every session now, and write what is known by then; what is left is told by the end of the lease."""
        for runner in self._runners.values():
            runner.abort()
        await self._transports.abort()
        left = [*self._tasks.values()]
        if left:
            await asyncio.wait(left, timeout=_ABORT_SECONDS)
        await self._write_what_can_be_written()
        for task in (*left, self._settling):
            task.cancel()
        await asyncio.gather(*left, self._settling, return_exceptions=True)

    async def _write_what_can_be_written(self) -> None:
        if not self._settling.done():
            finishing = asyncio.get_running_loop().create_task(self._settler.finish())
            await asyncio.wait(
                {finishing, self._settling}, timeout=_ABORT_SECONDS, return_when=asyncio.FIRST_COMPLETED
            )
            finishing.cancel()

    def _hire(self, name: str) -> None:
        runner = LaneRunner(
            name,
            shift=self._shift,
            settler=self._settler,
            site=self._sites.site(name),
            closed=self._sites.closed,
            book=self._book,
            transports=self._transports,
        )
        self._runners[name] = runner
        self._tasks[name] = asyncio.get_running_loop().create_task(runner.run(), name=f"connection {name}")
