"""Who is next when organizations share a worker: they take turns, and within one whoever has waited longest.

One that begins ten thousand runs at a stroke must not keep the single run of another one waiting for all of them.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable

T = TypeVar("T")


def fair_share(waiting: Iterable[tuple[T, str]], limit: int) -> list[T]:
    """Choose some of those that wait.

    Args:
        waiting: Each with its organization; those that have waited longest first.
        limit: At most so many.
    """
    queues: dict[str, deque[T]] = {}
    for one, organization in waiting:
        queues.setdefault(organization, deque()).append(one)
    turns = deque(queues.values())
    chosen: list[T] = []
    while turns and len(chosen) < limit:
        queue = turns.popleft()
        chosen.append(queue.popleft())
        if queue:
            turns.append(queue)
    return chosen
