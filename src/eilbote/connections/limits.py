"""How hard a connection may press its server."""

from __future__ import annotations

from dataclasses import dataclass

from eilbote.errors import SettingsError
from eilbote.model.kinds import shown

_HIGHEST = 1e9


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What the pool keeps to when it opens, reuses and closes sessions.

    Attributes:
        max_sessions: Sessions open at the same time.
        max_messages_per_session: Messages after which a session is closed and another one opened.
        idle_seconds: Seconds a session is kept without work; servers drop idle ones after some minutes.
        max_age_seconds: Seconds after which a session takes no further message.
        messages_per_second: Messages begun per second over all sessions; ``None`` for no limit.
        messages_per_minute: Messages begun in any minute; kept by the outbox's couriers, each for itself. ``None``
            for no limit.
        messages_per_day: Messages begun in any 24 hours, over restarts; kept as those of a minute are.
        max_recipients: Recipients of one transaction; RFC 5321 §4.5.3.1.8 promises 100 at every server. More
            are split over several transactions.

    Raises:
        SettingsError: A limit is not a number it can be.
    """

    max_sessions: int = 4
    max_messages_per_session: int = 1000
    idle_seconds: float = 30.0
    max_age_seconds: float = 600.0
    messages_per_second: float | None = None
    messages_per_minute: int | None = None
    messages_per_day: int | None = None
    max_recipients: int = 100

    def __post_init__(self) -> None:
        """Refuse limits that would stop all sending, or that say nothing."""
        _count("max_sessions", self.max_sessions, highest=1000)
        _count("max_messages_per_session", self.max_messages_per_session, highest=10_000_000)
        _count("max_recipients", self.max_recipients, highest=100_000)
        _number("idle_seconds", self.idle_seconds)
        _number("max_age_seconds", self.max_age_seconds)
        if self.messages_per_second is not None:
            _number("messages_per_second", self.messages_per_second)
        if self.messages_per_minute is not None:
            _count("messages_per_minute", self.messages_per_minute, highest=10_000_000)
        if self.messages_per_day is not None:
            _count("messages_per_day", self.messages_per_day, highest=1_000_000_000)


def _count(name: str, value: object, *, highest: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= highest:
        raise SettingsError(
            f"{shown(value)} is not a possible limit",
            field=f"limits.{name}",
            remedy=f"Give a whole number from 1 to {highest}",
        )


def _number(name: str, value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value <= _HIGHEST:
        raise SettingsError(
            f"{shown(value)} is not a possible limit",
            field=f"limits.{name}",
            remedy="Give a number above 0 and up to a thousand million",
        )
