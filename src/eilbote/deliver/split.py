"""One delivery in several transactions: more recipients than one transaction takes (RFC 5321 §4.5.3.1.8).

Each recipient is addressed by exactly one transaction that was not refused for its length, so nobody gets the
message twice. The results come together in one receipt.
"""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from eilbote.deliver.delivery import Delivery
    from eilbote.model.envelope import Envelope
    from eilbote.model.receipt import RecipientResult

_KEPT_LINES = 200


class Split:
    """What is left of a delivery, and what became of the rest.

    Attributes:
        delivery: The whole.
        results: The results so far, by place in the envelope.
        envelope_seconds: The sum over its transactions.
        content_seconds: The sum over its transactions.
        dialogue: The last of what was said in those that not everybody accepted.
    """

    __slots__ = (
        "_current",
        "_waiting",
        "content_seconds",
        "delivery",
        "dialogue",
        "envelope_seconds",
        "results",
    )

    def __init__(self, delivery: Delivery, largest: int) -> None:
        count = len(delivery.envelope.forward_paths)
        self.delivery = delivery
        self._waiting: deque[Sequence[int]] = deque(
            range(first, min(first + largest, count)) for first in range(0, count, largest)
        )
        self._current: Sequence[int] = ()
        self.results: dict[int, RecipientResult] = {}
        self.envelope_seconds = 0.0
        self.content_seconds = 0.0
        self.dialogue: deque[str] = deque(maxlen=_KEPT_LINES)

    @classmethod
    def whole(cls, delivery: Delivery) -> Split:
        """Take a delivery whose first transaction, for everybody, has just been answered."""
        split = cls(delivery, len(delivery.envelope.forward_paths))
        split.take_next()
        return split

    @property
    def is_complete(self) -> bool:
        """Whether every recipient has its result."""
        return not self._waiting

    def take_next(self) -> Envelope:
        """Give the envelope of the next transaction."""
        self._current = self._waiting.popleft()
        whole = self.delivery.envelope
        return replace(
            whole,
            forward_paths=tuple(whole.forward_paths[index] for index in self._current),
            kinds=tuple(whole.kinds[index] for index in self._current) if whole.kinds else (),
        )

    def settle(self, results: Iterable[RecipientResult], over_limit: list[int]) -> None:
        """Note what became of the current transaction's recipients.

        Args:
            results: In that transaction's order.
            over_limit: Places in that order for which there was no room; they go next.
        """
        without_room = set(over_limit)
        for place, result in enumerate(results):
            if place not in without_room:
                self.results[self._current[place]] = result
        if over_limit:
            self._waiting.appendleft([self._current[place] for place in over_limit])
