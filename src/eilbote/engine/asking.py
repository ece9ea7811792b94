"""Who asks people, as those see it who take the answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eilbote.author.questions import Question
    from eilbote.model.moment import Moment


@dataclass(frozen=True, slots=True)
class HandedOver:
    """What became of answers that were handed to those who asked.

    Attributes:
        woken: How many go on with one.
        heard: The questions whose answers nobody need be told again: they are kept by those who asked, or nobody waits for them.
    """

    woken: int
    heard: Sequence[str]


class Asking(Protocol):
    """Those of one kind who ask people: runs of flows, or tasks of processes."""

    async def is_waiting(self, question: Question) -> bool:
        """Say whether somebody still waits for the answer."""
        ...

    async def hand_over(self, questions: Sequence[Question], *, now: Moment) -> HandedOver:
        """Give decisions to those who wait for them; what was given before changes nothing."""
        ...
