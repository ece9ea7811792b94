"""Whether a connection is worth trying: a circuit breaker. Pure; the caller tells it results and the time.

* **Closed**: everything goes. A few failures in a row that concern the server or the settings, and it opens; a
  setting that is wrong, such as a password, opens it at once, for a server may lock the account.
* **Open**: nothing goes until the pause is over. Pauses grow with every one that did not help.
* **Half open**: one message goes, as a probe.
* **Slow start**: the probe was answered. Each answer makes room for one more message on its way, so that a server
  that comes back is not met by a hundred thousand at once. A failure now opens it again, and the pauses go on
  growing; only a whole slow start makes them short again.

An answer is whatever the server decided about a message, refusals included: the breaker asks whether the server
works, not whether it likes the message.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from math import ldexp
from typing import TYPE_CHECKING, Final

from eilbote.errors import (
    ConfigurationError,
    DeliveryError,
    DeliveryTimeoutError,
    Durability,
    RemoteProtocolError,
    Scope,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from eilbote.errors import EilboteError
    from eilbote.model.receipt import Receipt

_LARGEST_EXPONENT: Final = 62


class Trouble(StrEnum):
    """What kind of failure concerns a whole connection."""

    OUTAGE = "outage"
    """The server cannot be reached or does not work; it may at any time."""
    SETTINGS = "settings"
    """The server refuses the connection as it is set up; somebody must change something."""


def trouble_of(error: EilboteError) -> Trouble | None:
    """Say whether what ended a delivery concerns the whole connection, and how; ``None`` when it does not."""
    if isinstance(error, ConfigurationError):
        return Trouble.SETTINGS
    if isinstance(error, RemoteProtocolError):
        return Trouble.OUTAGE
    if not isinstance(error, DeliveryError):
        return None
    if isinstance(error, DeliveryTimeoutError) and error.field == "not_after":
        return None
    if error.scope is Scope.SITE:
        return Trouble.SETTINGS if error.durability is Durability.PERMANENT else Trouble.OUTAGE
    # A server that vanishes behind each content would put everything in doubt, message by message.
    broke = error.scope is Scope.SESSION or error.durability is Durability.IN_DOUBT
    return Trouble.OUTAGE if broke else None


def is_answer(receipt: Receipt) -> bool:
    """Say whether a server answered: whether it decided about some recipient, and did not fail beside it.

    What was given up here, because its moment had passed or its content could not be read, says nothing about the
    server, neither good nor bad.
    """
    if receipt.error is not None and trouble_of(receipt.error) is not None:
        return False
    return any(result.reply_code for result in receipt.results)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pauses:
    """How long a breaker stays open.

    Attributes:
        first_seconds: The first time.
        longest_seconds: At most; each pause is twice as long as the one before it.
    """

    first_seconds: float
    longest_seconds: float

    def seconds(self, failures: int) -> float:
        """Give the pause after so many that did not help."""
        return min(self.longest_seconds, ldexp(self.first_seconds, min(failures, _LARGEST_EXPONENT)))


AFTER_OUTAGE: Final = Pauses(first_seconds=5.0, longest_seconds=60.0)
"""Soon one probe a minute, so mail flows a minute after the server does at the latest."""

AFTER_REFUSAL: Final = Pauses(first_seconds=15 * 60.0, longest_seconds=4 * 60 * 60.0)
"""Few enough not to lock an account; an administrator who has changed something need not wait for them."""

THRESHOLD: Final = 5
"""Failures in a row that open a closed breaker, when none of them says that the settings are wrong."""

SLOW_START_ROOM: Final = 2
"""Messages on their way at once after the first answer."""

SLOW_START_ENDS: Final = 64
"""Room from which there is no more limit: more than a connection has sessions, pipelined."""

JITTER: Final = 0.2


class Breaker:
    """What is known of one connection.

    Args:
        random: Gives numbers from 0 up to 1, so that couriers do not probe in step.
    """

    __slots__ = ("_cause", "_failures", "_in_a_row", "_random", "_room", "_seconds", "_until")

    def __init__(self, *, random: Callable[[], float]) -> None:
        self._random = random
        self._in_a_row = 0
        self._failures = 0
        self._room: int | None = None
        self._until: float | None = None
        self._seconds = 0.0
        self._cause: EilboteError | None = None

    # -- what it says --------------------------------------------------------------------------------------

    def room(self, now: float) -> int | None:
        """Tell how many messages may be on their way at once: 0 open, 1 half open, ``None`` without limit."""
        if self._until is not None:
            return 0 if now < self._until else 1
        return self._room

    @property
    def is_open(self) -> bool:
        """Whether it is open or half open: nothing but a probe goes."""
        return self._until is not None

    @property
    def until(self) -> float | None:
        """Since when, or from when on, a probe is allowed; ``None`` while it is closed."""
        return self._until

    @property
    def pause_seconds(self) -> float:
        """How long the present pause was made when it began."""
        return self._seconds

    @property
    def failures(self) -> int:
        """How many pauses in a row did not help."""
        return self._failures

    # -- what it is told -----------------------------------------------------------------------------------

    def succeeded(self) -> bool:
        """Note that the server answered; says whether that ended a pause."""
        self._in_a_row = 0
        self._cause = None
        if self._until is not None:
            self._until = None
            self._room = SLOW_START_ROOM
            return True
        if self._room is not None:
            self._room += 1
            if self._room >= SLOW_START_ENDS:
                self._room = None
                self._failures = 0
        return False

    def failed(self, error: EilboteError, now: float) -> bool:
        """Note what ended a delivery; says whether a pause begins now.

        One broken session ends many deliveries with one and the same error; it counts once. Errors that concern
        a message only count as answers.
        """
        trouble = trouble_of(error)
        if trouble is None or error is self._cause:
            return False
        self._cause = error
        if self._until is not None and now < self._until:
            return False  # begun before it opened; nothing new is learned
        self._in_a_row += 1
        tender = self._until is not None or self._room is not None
        if trouble is Trouble.OUTAGE and not tender and self._in_a_row < THRESHOLD:
            return False
        self._open(AFTER_OUTAGE if trouble is Trouble.OUTAGE else AFTER_REFUSAL, now)
        return True

    def resume(self, now: float) -> None:
        """Allow a probe at once: somebody has changed something, or says that it works again."""
        if self._until is not None:
            self._until = min(self._until, now)
        self._failures = 0
        self._cause = None

    def restore(self, *, seconds_left: float, failures: int, now: float) -> None:
        """Take over a pause that was noted before, perhaps by another courier, and by a wall clock that was ahead."""
        self._seconds = min(max(0.0, seconds_left), AFTER_REFUSAL.longest_seconds)
        self._until = now + self._seconds
        self._failures = max(self._failures, failures)
        self._room = None

    def _open(self, pauses: Pauses, now: float) -> None:
        self._seconds = pauses.seconds(self._failures) * (1.0 - JITTER * self._random())
        self._until = now + self._seconds
        self._failures += 1
        self._in_a_row = 0
        self._room = None
