"""Where people ask for numbers: what was accepted in a span of time, how it ended, how fast, and what waits."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from eilbote.errors import DraftError
from eilbote.model.moment import Moment, moment_of
from eilbote.outbox.statistics import MOST_SLOTS, Span

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from eilbote.model.attempt import Attempt
    from eilbote.model.clock import Clock
    from eilbote.outbox.statistics import Backlog, Statistics
    from eilbote.outbox.store import OutboxStore

_DAY: Final = timedelta(days=1)
_SECOND: Final = 1000
_WIDTHS: Final = tuple(
    seconds * _SECOND
    for seconds in (
        *(1, 5, 10, 30),
        *(60, 300, 600, 1800),
        *(3600, 3 * 3600, 6 * 3600, 12 * 3600),
        *(86_400, 7 * 86_400, 30 * 86_400),
    )
)
"""Lengths of slots that people can read, in milliseconds."""
_EARLIEST: Final = Moment(0)


class StatisticsDesk:
    """Counts.

    Args:
        outbox: Gives the outbox, open.
        clock: Tells the time.
    """

    def __init__(self, outbox: Callable[[], OutboxStore], *, clock: Clock) -> None:
        self._outbox = outbox
        self._clock = clock

    async def backlog(self, organization: str | None = None) -> tuple[Backlog, ...]:
        """Tell what waits now for each connection, and since when.

        Args:
            organization: On whose behalf; ``None`` means all.

        Raises:
            OutboxUnavailableError: The database does not answer.
        """
        now = moment_of(self._clock.now())
        span = Span(since=Moment(now - 1), until=now, slot=1, organization=organization)
        return (await self._outbox().statistics(span)).backlog

    async def newest_attempts(self, connections: Sequence[str]) -> Mapping[str, Attempt]:
        """Give the latest attempt through each connection, by its qualified name; nothing of one that was never used.

        Raises:
            OutboxUnavailableError: The database does not answer.
        """
        return await self._outbox().newest_attempts(connections)

    async def attempts_since(self, connection: str, moment: Moment) -> int:
        """Count the attempts through a connection since a moment, over all organizations, as its limits count them.

        Raises:
            OutboxUnavailableError: The database does not answer.
        """
        return await self._outbox().attempts_since(connection, moment)

    async def of(
        self,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        slots: int = 48,
        organization: str | None = None,
        connection: str | None = None,
        author: str = "",
    ) -> tuple[Span, Statistics]:
        """Give the numbers of a span of time.

        Its slots have a length that people can read, and begin on the hour or whatever it is, so there may be some fewer or one more than
        asked for; the span begins with the first of them.

        Args:
            since: Accepted since then; a day before the end when ``None``.
            until: Accepted before then; now when ``None``.
            slots: About how many parts, at most 1,000.
            organization: On whose behalf; ``None`` means all.
            connection: For this one alone, by its qualified name; ``None`` means all.
            author: Asked for by this one alone; see :class:`~eilbote.outbox.statistics.Span`.

        Raises:
            DraftError: That is no span of time, or too long a one.
            OutboxUnavailableError: The database does not answer.
        """
        if not 1 <= slots <= MOST_SLOTS - 1:
            raise DraftError(
                f"{slots:,} is no number of slots", field="slots", remedy=f"Give 1 to {MOST_SLOTS - 1:,}"
            )
        end = self._clock.now() if until is None else until
        last = moment_of(end)
        first = max(_EARLIEST, moment_of(end - _DAY) if since is None else moment_of(since))
        width = next((each for each in _WIDTHS if each * slots >= last - first), -(-(last - first) // slots))
        width = max(width, 1)
        begin = Moment(first // width * width)
        span = Span(
            since=begin,
            until=Moment(last + (last == begin)),
            slot=width,
            organization=organization,
            connection=connection,
            author=author,
        )
        return span, await self._outbox().statistics(span)
