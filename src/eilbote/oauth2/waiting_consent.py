"""A consent that somebody was sent away for, and the port behind which it waits.

Whoever comes back may reach another process, or another machine, than the one that has sent him away; so it waits where all of
them look. What it is known by is kept as a digest, and what it is made of is encrypted: whoever reads the database can
neither finish a consent nor use a code that somebody is typing in.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from eilbote.model.moment import Moment
    from eilbote.model.secret import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingConsent:
    """A consent that was begun.

    Attributes:
        digest: SHA-256 of what it is known by, in hexadecimal.
        session: SHA-256 of what says who has begun it, in hexadecimal.
        connection: The qualified name of the connection it is for.
        base: The revision of the connection when it was begun; 0 when there was none.
        created: When it was begun.
        ends: When it is too late.
        ask_at: Before this moment the provider is not asked about it.
        pause: Milliseconds between two questions.
        parcel: What it is made of.
    """

    digest: str
    session: str = field(repr=False)
    connection: str
    base: int
    created: Moment
    ends: Moment
    ask_at: Moment
    pause: int
    parcel: Secret


class ConsentStore(Protocol):
    """Keeps consents that wait, encrypted, for everybody who shares one outbox."""

    async def keep(self, consent: WaitingConsent, *, most: int) -> None:
        """Keep one, and forget those that are over when it is begun; durable when this returns.

        Args:
            consent: The one.
            most: How many one session may have; the earliest of them are forgotten.

        Raises:
            SecretKeyError: It cannot be encrypted.
            OutboxUnavailableError: The database does not answer; nothing was kept.
        """
        ...

    async def find(self, digest: str) -> WaitingConsent | None:
        """Look at one, which may be over; ``None`` when there is none.

        Raises:
            SecretKeyError: It cannot be decrypted.
            OutboxUnavailableError: The database does not answer.
        """
        ...

    async def take(self, digest: str) -> bool:
        """Forget one; of two who do so at once one is told that it was there."""
        ...

    async def may_ask(self, digest: str, *, now: Moment) -> bool:
        """Tell whether the provider may be asked about one now; of two who want to at once one may, and the next after its pause."""
        ...

    async def slow_down(self, digest: str, *, by: int) -> None:
        """Make the pauses longer, the present one as well.

        Args:
            digest: Of which consent.
            by: By how many milliseconds.
        """
        ...

    async def prune(self, *, now: Moment) -> int:
        """Forget those that are over; gives their number."""
        ...
