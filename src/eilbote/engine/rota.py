"""Whose turn it is: the lanes of one connection, organization by organization. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from eilbote.outbox.entry import Lane


class Rota:
    """The lanes with something due, in turn.

    A lane that has just had its turn goes to the end, so an organization with a hundred thousand messages delays
    another one's single message by one turn and no more.
    """

    __slots__ = ("_lanes",)

    def __init__(self) -> None:
        self._lanes: dict[Lane, None] = {}  # a dict, because it keeps its order

    def offer(self, lanes: Iterable[Lane]) -> None:
        """Take lanes that have something due; one that is known keeps its place."""
        for lane in lanes:
            self._lanes.setdefault(lane)

    def next(self) -> Lane | None:
        """Give the lane whose turn it is, and put it to the end; ``None`` when no lane has anything due."""
        lane = next(iter(self._lanes), None)
        if lane is not None:
            del self._lanes[lane]
            self._lanes[lane] = None
        return lane

    def drained(self, lane: Lane) -> None:
        """Learn that a lane had less than it was asked for; it is offered again when there is more."""
        self._lanes.pop(lane, None)

    def __len__(self) -> int:
        """Give the number of lanes with something due."""
        return len(self._lanes)
