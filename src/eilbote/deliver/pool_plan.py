"""What a pool of sessions should do next: open, close, or wait until when. Pure; the pool acts on it.

The rules, in the order they were learned:

* The first session proves the way: until one is ready, no second is opened, so that a wrong password is tried
  once and not four times, and a dead server costs one attempt for a thousand waiting messages.
* Then the number doubles while there is more to do than the open ones have room for (slow start).
* A server that refuses a further session while others work has told its limit; it is kept, and tried again
  one higher after a while (additive increase, multiplicative decrease).
* A server that has served and has no session for us at the moment, perhaps because it still counts one that we
  have closed, is asked once more after a pause before everything that waits is given up.
* Closing sessions count as open: a limit of the server counts them too.
* A session at work is never closed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from eilbote.errors import DeliveryError, Durability

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eilbote.connections.limits import Limits
    from eilbote.errors import EilboteError

CHECK_AFTER_SECONDS = 5.0
"""A session idle for longer is asked whether it lives before it is trusted with a message: home routers and
firewalls forget quiet connections without telling either end."""

RETRY_AFTER_SECONDS = 2.0
"""How long a pool that has served waits before it asks for a session once more."""

_RELAX_AFTER_SECONDS = 30.0
# Sessions in a row that ended without having delivered anything, before the site is called broken.
_STRIKES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionView:
    """What the plan needs to know about one ready session.

    Attributes:
        number: Its number in the pool.
        delivered: Messages it has finished.
        in_flight: Messages it is working on.
        opened_at: When it became ready.
        idle_since: When it last finished something, or became ready.
    """

    number: int
    delivered: int
    in_flight: int
    opened_at: float
    idle_since: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolView:
    """What the plan needs to know about the pool.

    Attributes:
        sessions: The ready ones.
        opening: How many are being opened.
        closing: How many are saying goodbye.
        waiting: Messages that wait and have no session with room for them.
        allowed: How many sessions may be open (see :class:`Allowance`).
        not_before: When a session may be opened again (see :class:`Perseverance`).
    """

    sessions: Sequence[SessionView]
    opening: int
    closing: int
    waiting: int
    allowed: int
    not_before: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What to do now.

    Attributes:
        open: How many sessions to open.
        retire: The numbers of the sessions to close.
        wake_at: When to plan again if nothing else happens; ``None`` for never.
    """

    open: int
    retire: tuple[int, ...]
    wake_at: float | None


def plan(view: PoolView, limits: Limits, now: float) -> Plan:
    """Decide what a pool does at ``now``."""
    retire = tuple(
        session.number
        for session in view.sessions
        if session.in_flight == 0 and (is_spent(session, limits, now) or _idle_too_long(session, limits, now))
    )
    kept = [session for session in view.sessions if session.number not in retire]
    useful = sum(not is_spent(session, limits, now) for session in kept)
    taken = len(view.sessions) + view.opening + view.closing
    waiting = view.waiting
    looks = [_next_look(session, limits) for session in kept if session.in_flight == 0]
    if now < view.not_before:
        waiting = 0
        looks.append(view.not_before)
    return Plan(
        open=_to_open(waiting, ready=useful, opening=view.opening, free=view.allowed - taken),
        retire=retire,
        wake_at=min(looks, default=None),
    )


def _to_open(waiting: int, *, ready: int, opening: int, free: int) -> int:
    if opening or free <= 0:
        return 0
    return min(waiting, max(1, ready), free)


def is_spent(session: SessionView, limits: Limits, now: float) -> bool:
    """Say whether a session takes no further message."""
    return (
        session.delivered + session.in_flight >= limits.max_messages_per_session
        or now - session.opened_at >= limits.max_age_seconds
    )


def needs_check(session: SessionView, now: float) -> bool:
    """Say whether a session must prove that it lives before it gets a message."""
    return session.in_flight == 0 and now - session.idle_since >= CHECK_AFTER_SECONDS


def _idle_too_long(session: SessionView, limits: Limits, now: float) -> bool:
    return now - session.idle_since >= limits.idle_seconds


def _next_look(session: SessionView, limits: Limits) -> float:
    return min(session.idle_since + limits.idle_seconds, session.opened_at + limits.max_age_seconds)


class Allowance:
    """How many sessions may be open, as the settings say and as the server has shown."""

    __slots__ = ("_changed_at", "_learned", "_limit", "_strikes")

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._learned = limit
        self._changed_at = 0.0
        self._strikes = 0

    def sessions(self, now: float) -> int:
        """Give the number allowed now, one more for every half minute without a refusal."""
        if self._learned < self._limit:
            steps = int((now - self._changed_at) / _RELAX_AFTER_SECONDS)
            if steps > 0:
                self._learned = min(self._limit, self._learned + steps)
                self._changed_at = now
        return self._learned

    def refused(self, ready: int, now: float) -> None:
        """Note that the server refused one more session while ``ready`` worked."""
        self._learned = max(1, min(ready, self._learned))
        self._changed_at = now

    def lost(self, *, delivered: int) -> bool:
        """Note that a session broke; say whether so many did so without result that the site is broken."""
        self._strikes = 0 if delivered else self._strikes + 1
        return self._strikes >= _STRIKES


class Perseverance:
    """Whether a pool that has no session and gets none tries once more, or gives up what waits.

    A site that never served is given up at once: its settings are wrong, or it is down. One that did may be short
    of sessions for a moment; a whole series must not be deferred for that.

    Attributes:
        not_before: When a session may be opened again, after a refusal that is not the last word.
    """

    __slots__ = ("_proven", "not_before")

    def __init__(self) -> None:
        self._proven = False
        self.not_before = 0.0

    def served(self) -> None:
        """Note that a session has delivered something."""
        self._proven = True

    def gives_up(self, error: EilboteError, now: float) -> bool:
        """Note that a session could not be opened; say whether everything that waits is to be given up."""
        proven, self._proven = self._proven, False
        passes = isinstance(error, DeliveryError) and error.durability is Durability.TRANSIENT
        if not proven or not passes:
            return True
        self.not_before = now + RETRY_AFTER_SECONDS
        return False
