"""What the loop of workers needs of what it works, such as runs of flows and instances of processes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eilbote.model.ids import EntryId
    from eilbote.model.moment import Moment
    from eilbote.record.notice import NoticeKind
    from eilbote.record.step import StepKind


class Kept(Protocol):
    """Something that is kept and worked."""

    @property
    def id(self) -> str:
        """Its name, under which it is held."""
        ...

    @property
    def organization(self) -> str:
        """On whose behalf; empty for the host."""
        ...


K = TypeVar("K", bound=Kept)


class Work(Protocol[K]):
    """What a worker works: where it is kept, how it is taken, and what is done with it."""

    name: str
    """What goes by the clock, for those who are told that it was set: ``flows``."""
    lease_lost: NoticeKind
    """What is told when somebody else has taken one over."""
    step: StepKind
    """What it is to work one, for those who count and trace."""

    async def look(self) -> bool:
        """Look whether messages that are waited for were settled, a page of them; says whether there may be more.

        Raises:
            OutboxError: The database does not answer.
        """
        ...

    async def look_at(self, entries: Sequence[EntryId]) -> int:
        """Look what became of these messages, and wake who waits for them; says how many.

        Raises:
            OutboxError: The database does not answer.
        """
        ...

    async def awaited_by(self, only: Sequence[str]) -> Sequence[EntryId]:
        """Give the messages that these wait for."""
        ...

    async def begin_due(self) -> int:
        """Begin what begins by itself, such as by a timer; says how many.

        Raises:
            OutboxError: The database does not answer.
        """
        ...

    async def next_due(self, now: Moment) -> Moment | None:
        """Tell when something is due."""
        ...

    async def claim(
        self, worker: str, *, limit: int, now: Moment, until: Moment, only: Sequence[str] | None
    ) -> Sequence[K]:
        """Take what is due, until the lease ends."""
        ...

    async def prolong(self, worker: str, held: Sequence[str], /, *, until: Moment) -> Sequence[str]:
        """Hold longer; gives what is still held."""
        ...

    async def overdue(self, now: Moment, /) -> Sequence[str]:
        """Give what was due by this time, which was the right one until the clock was set back."""
        ...

    async def work(self, kept: K) -> K:
        """Work one until it has ended or waits, and let go of it.

        Raises:
            LeaseLostError: Somebody else has it by now.
            OutboxError: What is kept cannot be reached.
        """
        ...

    def awaits(self, kept: K) -> Sequence[EntryId]:
        """Give the messages that one waits for that was let go of."""
        ...

    def tell(self, kind: NoticeKind, kept: K, text: str = "") -> None:
        """Tell those who look after it."""
        ...
