"""Notes sign-ins that failed, at most so many in a minute: whoever guesses passwords must not fill the book."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from eilbote.engine.accounts.principals import ANONYMOUS

if TYPE_CHECKING:
    from eilbote.accounts.principal import Origin
    from eilbote.engine.accounts.audit_book import AuditBook
    from eilbote.model.clock import Clock

_IN_A_MINUTE: Final = 30
_MINUTE: Final = 60.0


class FailedSignIns:
    """Writes them into the book; of those that were left out the next note tells the number.

    Args:
        book: The book.
        clock: Tells the time.
        most: How many in a minute.
    """

    def __init__(self, book: AuditBook, *, clock: Clock, most: int = _IN_A_MINUTE) -> None:
        self._book = book
        self._clock = clock
        self._most = most
        self._since = 0.0
        self._written = 0
        self._left_out = 0

    async def note(
        self, action: str, thing: str, *, origin: Origin, organization: str, why: str = ""
    ) -> None:
        """Write one down, if there is room.

        Args:
            action: What was tried.
            thing: As whom.
            origin: Whence.
            organization: Whom it concerns.
            why: Why it failed, as far as it may be told to those who read the book.

        Raises:
            OutboxUnavailableError: The database does not answer.
        """
        now = self._clock.monotonic()
        if now - self._since >= _MINUTE:
            self._since, self._written = now, 0
        if self._written >= self._most:
            self._left_out += 1
            return
        self._written += 1
        after: dict[str, object] = {"why": why} if why else {}
        if self._left_out:
            after["left_out"], self._left_out = self._left_out, 0
        await self._book.note(ANONYMOUS, origin, action, thing, organization=organization, after=after)
