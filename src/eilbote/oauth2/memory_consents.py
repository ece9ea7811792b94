"""Consents that wait in this process only; a :class:`~eilbote.oauth2.waiting_consent.ConsentStore`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from eilbote.model.moment import Moment

if TYPE_CHECKING:
    from eilbote.oauth2.waiting_consent import WaitingConsent


class MemoryConsents:
    """Forgets everything when the program ends, and whoever has begun begins again."""

    def __init__(self) -> None:
        self._kept: dict[str, WaitingConsent] = {}

    async def keep(self, consent: WaitingConsent, *, most: int) -> None:
        """Keep one."""
        await self.prune(now=consent.created)
        own = sorted(
            (each.created, digest) for digest, each in self._kept.items() if each.session == consent.session
        )
        for _, digest in own[: max(0, len(own) - most + 1)]:
            del self._kept[digest]
        self._kept[consent.digest] = consent

    async def find(self, digest: str) -> WaitingConsent | None:
        """Look at one."""
        return self._kept.get(digest)

    async def take(self, digest: str) -> bool:
        """Forget one; says whether it was there."""
        return self._kept.pop(digest, None) is not None

    async def may_ask(self, digest: str, *, now: Moment) -> bool:
        """Tell whether the provider may be asked about one now."""
        known = self._kept.get(digest)
        if known is None or known.ask_at > now:
            return False
        self._kept[digest] = replace(known, ask_at=Moment(now + known.pause))
        return True

    async def slow_down(self, digest: str, *, by: int) -> None:
        """Make the pauses longer."""
        known = self._kept.get(digest)
        if known is not None:
            self._kept[digest] = replace(known, ask_at=Moment(known.ask_at + by), pause=known.pause + by)

    async def prune(self, *, now: Moment) -> int:
        """Forget those that are over."""
        gone = [digest for digest, each in self._kept.items() if each.ends <= now]
        for digest in gone:
            del self._kept[digest]
        return len(gone)
