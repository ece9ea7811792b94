"""Whether a server takes requests: what a load balancer asks for at ``/readyz``, and what long answers watch to end in time.

A server is ready from when everything is served until it is told to stop, as long as its outbox can be written. A courier that cannot write
says so in its notices, and so a full disk is seen here before a submission fails on it.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from eilbote.errors import EilboteError
from eilbote.record.notice import NoticeKind

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from eilbote.model.attempt import Event
    from eilbote.model.clock import Clock
    from eilbote.record.notice import Notice

_CHECKED_SECONDS: Final = 1.0
_PATIENCE_SECONDS: Final = 3.0
OK: Final = "ok"


class Readiness:
    """Knows how a server is; a :class:`~eilbote.record.report.Report`, so that it hears what couriers notice.

    Args:
        look: Asks the outbox something small.
        clock: Tells the time; what was found holds for a second, so that nobody wears out the database by asking.

    Attributes:
        stopping: Set when the server is told to stop. Answers that go on for ever end then.
    """

    def __init__(self, look: Callable[[], Awaitable[object]], *, clock: Clock) -> None:
        self.stopping = asyncio.Event()
        self._look = look
        self._clock = clock
        self._cannot_write = False
        self._found = ""
        self._found_at: float | None = None
        self._looking = asyncio.Lock()

    async def checks(self) -> Mapping[str, str]:
        """Give what was looked at, each ``ok`` or what is wrong with it in a word or two."""
        return {
            "server": "stopping" if self.stopping.is_set() else OK,
            "database": await self._database(),
            "writing": "unavailable" if self._cannot_write else OK,
        }

    def happened(self, events: Sequence[Event]) -> None:
        """Hear events, of which none matters here."""

    def noticed(self, notice: Notice) -> None:
        """Hear whether a courier could write into the outbox."""
        if notice.kind is NoticeKind.OUTBOX_UNAVAILABLE:
            self._cannot_write = True
        elif notice.kind is NoticeKind.OUTBOX_AVAILABLE:
            self._cannot_write = False

    async def _database(self) -> str:
        async with self._looking:
            now = self._clock.monotonic()
            if self._found_at is None or now - self._found_at >= _CHECKED_SECONDS:
                self._found = await self._asked()
                self._found_at = self._clock.monotonic()
            return self._found

    async def _asked(self) -> str:
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                await self._look()
        except TimeoutError:
            return "no answer"
        except EilboteError:
            return "unavailable"
        return OK
