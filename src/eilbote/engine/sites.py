"""Every connection a courier has to do with: which of them take mail, and what the outbox says about them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eilbote.engine.site import Site
from eilbote.errors import EilboteError
from eilbote.record.notice import NoticeKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from eilbote.connections.repository import ConnectionBook
    from eilbote.engine.shift import Shift


class Sites:
    """The sites of one courier; they outlive its shifts.

    Args:
        book: Where connections are kept.
        random: Gives numbers from 0 up to 1.
        is_hurried: The courier ends as soon as nothing is due.
    """

    def __init__(
        self, book: ConnectionBook, *, random: Callable[[], float], is_hurried: bool = False
    ) -> None:
        self._book = book
        self._random = random
        self._is_hurried = is_hurried
        self._sites: dict[str, Site] = {}

    def site(self, name: str) -> Site:
        """Give a connection's site."""
        site = self._sites.get(name)
        if site is None:
            site = self._sites[name] = Site(name, random=self._random, is_hurried=self._is_hurried)
        return site

    def closed(self) -> frozenset[str]:
        """Give the names of the connections that take no mail for now."""
        return frozenset(name for name, site in self._sites.items() if not site.takes_mail)

    def reasons(self, names: Iterable[str]) -> Mapping[str, str]:
        """Tell why connections take no mail for now; one that does is left out."""
        closed = self.closed()
        return {name: self._sites[name].reason for name in names if name in closed}

    async def begin(self, shift: Shift) -> None:
        """Take over the pauses that are noted in the outbox.

        Raises:
            OutboxError: The outbox cannot be asked.
        """
        for pause in await shift.store.pauses():
            self.site(pause.connection).read(pause, shift)

    async def review(self, shift: Shift) -> int:
        """Write and read what has changed; move mail away from connections that take none, and tell how much.

        Raises:
            OutboxError: The outbox cannot be asked.
        """
        for site in self._sites.values():
            await site.write(shift)
        couriers = [courier for courier, _, _ in await shift.store.couriers()]
        for site in self._sites.values():
            await site.count(shift, couriers)
        marks = {name: site.mark for name, site in self._sites.items()}
        pauses = {pause.connection: pause for pause in await shift.store.pauses()}
        for name in pauses:
            marks.setdefault(name, self.site(name).mark)
        for name, mark in marks.items():
            site = self._sites[name]
            if site.mark == mark:
                site.read(pauses.get(name), shift)
        closed, diverted = self.closed(), 0
        for name in closed:
            await self._look_for_changes(self._sites[name], shift)
            count = await shift.store.divert(name, away_from=closed, now=shift.now())
            diverted += count
            if count:
                text = "they go through their next connection"
                shift.notice(NoticeKind.ENTRIES_DIVERTED, text, connection=name, count=count)
        return diverted

    async def _look_for_changes(self, site: Site, shift: Shift) -> None:
        """Allow a probe at once when a paused connection's settings were changed: perhaps that was the trouble."""
        try:
            fingerprint = (await self._book.get(site.name)).fingerprint()
        except EilboteError:
            return
        earlier, site.fingerprint = site.fingerprint, fingerprint
        if earlier is not None and earlier != fingerprint:
            site.resume(shift.clock.monotonic())
