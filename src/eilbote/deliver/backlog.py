"""What waits for a session: single messages, and series that make theirs when there is room.

Order: first what comes back from a broken session, so that nothing is overtaken twice; then single messages,
because somebody waits for each of them; then the series in turn.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable

    from eilbote.deliver.delivery import Delivery
    from eilbote.errors import EilboteError

_MANY = 1 << 20
"""What a series with more to give counts for: enough for every session there may be."""


class Source(Protocol):
    """A series, as the backlog sees it; see :class:`eilbote.deliver.supply.Supply`."""

    def take(self) -> Delivery | None:
        """Give the next message, or nothing for now."""
        ...

    def take_several(self, most: int) -> list[Delivery]:
        """Give the next messages, at most so many; none for now."""
        ...

    def has_more(self) -> bool:
        """Say whether there is a next message now."""
        ...

    def refuse(self, error: EilboteError) -> None:
        """Give everything not taken yet this error."""
        ...


class Backlog:
    """The messages that wait."""

    __slots__ = ("_returned", "_singles", "_sources")

    def __init__(self) -> None:
        self._returned: deque[Delivery] = deque()
        self._singles: deque[Delivery] = deque()
        self._sources: deque[Source] = deque()

    def put(self, delivery: Delivery) -> None:
        """Add a single message."""
        self._singles.append(delivery)

    def put_back(self, deliveries: Iterable[Delivery]) -> None:
        """Return messages that a session could not send; they go first, in their order."""
        self._returned.extend(deliveries)

    def remove(self, delivery: Delivery) -> bool:
        """Take back a message nobody waits for any more; say whether it was still here."""
        for queue in (self._singles, self._returned):
            if delivery in queue:
                queue.remove(delivery)
                return True
        return False

    def attach(self, source: Source) -> None:
        """Add a series."""
        self._sources.append(source)

    def detach(self, source: Source) -> None:
        """Remove a series, if it is here."""
        if source in self._sources:
            self._sources.remove(source)

    def take(self) -> Delivery | None:
        """Give the next message, or nothing for now."""
        if self._returned:
            return self._returned.popleft()
        if self._singles:
            return self._singles.popleft()
        sources = self._sources
        if len(sources) == 1:
            return sources[0].take()
        for _ in range(len(sources)):
            delivery = sources[0].take()
            sources.rotate(-1)
            if delivery is not None:
                return delivery
        return None

    def take_several(self, most: int) -> list[Delivery]:
        """Give the next messages, at most so many; none for now."""
        if most == 1:
            return [] if (delivery := self.take()) is None else [delivery]
        if not self._returned and not self._singles and len(self._sources) == 1:
            return self._sources[0].take_several(most)
        taken: list[Delivery] = []
        while len(taken) < most and (one := self.take()) is not None:
            taken.append(one)
        return taken

    def waiting(self) -> int:
        """Count what waits; a series counts for many when it has anything to give."""
        many = _MANY if any(source.has_more() for source in self._sources) else 0
        return len(self._returned) + len(self._singles) + many

    def refuse(self, error: EilboteError) -> list[Delivery]:
        """Give everything that waits this error; gives the single ones, to be settled."""
        refused = [*self._returned, *self._singles]
        self._returned.clear()
        self._singles.clear()
        for delivery in refused:
            delivery.error = error
        for source in self._sources:
            source.refuse(error)
        return refused
