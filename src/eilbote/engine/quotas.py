"""How much an organization may hand in: one question for every door by which messages come.

The host has no quota, and an organization without one is asked for nothing but its record, which is remembered for a few seconds. What
was handed in is counted in memory and compared with the outbox now and then, because others may hand in to the same one; so a quota
may be exceeded by what several processes take within these seconds, and by nothing else. What is just being handed in counts as well:
of many requests at once each of which would have room alone, only as many are let in as there is room for.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Self

from eilbote.accounts.organization import HOST, Quota
from eilbote.errors import ThrottledError
from eilbote.model.moment import Moment, later, moment_of
from eilbote.outbox.usage import DAY_MINUTES, HOUR_MINUTES, Usage

if TYPE_CHECKING:
    from collections.abc import Callable

    from eilbote.accounts.store import AccountStore
    from eilbote.model.clock import Clock
    from eilbote.outbox.store import OutboxStore

_RECORD_SECONDS: Final = 5.0
_COUNT_SECONDS: Final = 20.0
_DAY_SECONDS: Final = 86_400.0
_OVERLAP_SECONDS: Final = 120.0
"""How far behind the last count the next one begins: clocks of several machines differ a little."""
_WAITING_RETRY_SECONDS: Final = 30.0
_NO_QUOTA: Final = Quota()


@dataclass(slots=True)
class _Known:
    quota: Quota = _NO_QUOTA
    read: Moment | None = None
    usage: Usage = field(default_factory=Usage)
    counted: Moment | None = None
    waiting: int = 0
    waiting_counted: Moment | None = None
    under_way: int = 0


class Taken:
    """Room for messages that are being handed in; a context manager, at whose end what was not accepted is given back.

    Args:
        quotas: Whose room it is.
        organization: Whose messages.
        messages: How many.

    Attributes:
        accepted: How many the outbox has accepted; whoever hands them in counts them here.
    """

    __slots__ = ("_messages", "_organization", "_quotas", "accepted")

    def __init__(self, quotas: Quotas, organization: str, messages: int) -> None:
        self._quotas = quotas
        self._organization = organization
        self._messages = messages
        self.accepted = 0

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(self, *_raised: object) -> None:
        """Count what was accepted, and give the room back."""
        self._quotas.end(self._organization, under_way=self._messages, accepted=self.accepted)


class Quotas:
    """Tells whether an organization may hand in more.

    Args:
        accounts: Gives where organizations are kept.
        outbox: Gives the outbox, open.
        clock: Tells the time.
    """

    def __init__(
        self, accounts: Callable[[], AccountStore], outbox: Callable[[], OutboxStore], *, clock: Clock
    ) -> None:
        self._accounts = accounts
        self._outbox = outbox
        self._clock = clock
        self._known: dict[str, _Known] = {}

    async def take(self, organization: str, messages: int = 1) -> Taken:
        """Take room for messages for as long as they are being handed in: ``with await quotas.take("acme", 3) as taken:``.

        Args:
            organization: Whose messages.
            messages: How many it is about to hand in.

        Raises:
            ThrottledError: That is more than it may; the text tells the numbers, ``retry_after`` when there will be room.
            OutboxUnavailableError: The database does not answer.
        """
        if organization != HOST:
            now = moment_of(self._clock.now())
            known = await self._looked_at(organization, now)
            _check(known, messages, now)  # nobody else comes in between: nothing is waited for
            known.under_way += messages
        return Taken(self, organization, messages)

    def end(self, organization: str, *, under_way: int, accepted: int) -> None:
        """Hear that messages are not being handed in any more, and how many of them were accepted."""
        if organization == HOST:
            return
        known = self._known[organization]
        known.under_way -= under_way
        if known.quota != _NO_QUOTA and accepted:
            known.usage.add(accepted, now=moment_of(self._clock.now()))
            known.waiting += accepted

    async def _looked_at(self, organization: str, now: Moment) -> _Known:
        """Give what is known of an organization, not older than it may be."""
        known = await self._read(organization, now)
        quota = known.quota
        if quota.messages_per_hour or quota.messages_per_day:
            await self._count(organization, known, now)
        if quota.waiting and _is_old(known.waiting_counted, now, _RECORD_SECONDS):
            known.waiting = await self._outbox().waiting(organization)
            known.waiting_counted = now
        return known

    async def _read(self, organization: str, now: Moment) -> _Known:
        known = self._known.get(organization)
        if known is None:
            known = self._known[organization] = _Known()
        if _is_old(known.read, now, _RECORD_SECONDS):
            found = await self._accounts().organization(organization)
            known.quota = _NO_QUOTA if found is None else found.quota
            known.read = now
        return known

    async def _count(self, organization: str, known: _Known, now: Moment) -> None:
        if not _is_old(known.counted, now, _COUNT_SECONDS):
            return
        since = later(now, -_DAY_SECONDS)
        if known.counted is not None:
            since = max(since, later(known.counted, -_OVERLAP_SECONDS))
        known.usage.correct(await self._outbox().submitted_by_minute(organization, since), since=since)
        known.counted = now


def _is_old(moment: Moment | None, now: Moment, seconds: float) -> bool:
    return moment is None or not 0 <= now - moment < seconds * 1000


def _check(known: _Known, messages: int, now: Moment) -> None:
    """Refuse messages for which there is no room beside what is there and what is under way; none at all need no room."""
    if not messages:
        return
    quota, under_way = known.quota, known.under_way
    if quota.messages_per_hour or quota.messages_per_day:
        hour, day = known.usage.lately(now=now)
        _check_window(known.usage, hour + under_way, messages, quota.messages_per_hour, HOUR_MINUTES, now)
        _check_window(known.usage, day + under_way, messages, quota.messages_per_day, DAY_MINUTES, now)
    waiting = known.waiting + under_way
    if quota.waiting and waiting + messages > quota.waiting:
        raise _throttled(
            f"{waiting:,} messages wait, and at most {quota.waiting:,} may",
            field="quota.waiting",
            remedy="Wait until some were delivered, or cancel what is not needed; the host can allow more",
            seconds=_WAITING_RETRY_SECONDS,
        )


def _check_window(usage: Usage, used: int, wanted: int, allowed: int, minutes: int, now: Moment) -> None:  # noqa: PLR0917 - six numbers of one sentence
    if not allowed or used + wanted <= allowed:
        return
    span, name = (
        ("hour", "messages_per_hour") if minutes == HOUR_MINUTES else ("24 hours", "messages_per_day")
    )
    room = used + wanted - allowed
    raise _throttled(
        f"{used:,} messages were handed in within the last {span}, and at most {allowed:,} may be",
        field=f"quota.{name}",
        remedy=f"Hand in {'the message' if wanted == 1 else 'them'} later"
        + (f", or fewer than {wanted:,} at once" if wanted > 1 else "")
        + "; the host can allow more",
        seconds=usage.seconds_until(min(room, used), minutes=minutes, now=now) if used else 60.0 * minutes,
    )


def _throttled(what: str, *, field: str, remedy: str, seconds: float) -> ThrottledError:
    error = ThrottledError(what, field=field, cause="That is the quota of this organization", remedy=remedy)
    error.retry_after = seconds
    return error
