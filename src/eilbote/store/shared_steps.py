"""Steps that share transactions: a thousand runs that go on at the same time wait for some tens of flushes of the disk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeVar, cast

from eilbote.errors import LeaseLostError
from eilbote.store.gathering import Gathering

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from eilbote.store.record_database import RecordDatabase, Statements

T = TypeVar("T")

_AT_ONCE: Final = 64
"""How many share a transaction at most: each may bring megabytes along."""


@dataclass(frozen=True, slots=True)
class _Step:
    place: tuple[str, ...]
    do: Callable[[Statements], Awaitable[object]]


class SharedSteps:
    """Does for many at once what each of them wants written.

    Args:
        database: Where.
    """

    def __init__(self, database: RecordDatabase) -> None:
        self._database = database
        self._steps: Gathering[_Step, object] = Gathering(
            self._together, groups=1, size=_AT_ONCE, weigh=lambda _: 1
        )

    async def do(self, place: tuple[str, ...], work: Callable[[Statements], Awaitable[T]]) -> T:
        """Do something in a transaction that it may share with others.

        Args:
            place: What it changes, in whose order all of a transaction are done: so that two processes never wait for each
                other in a ring.
            work: May be run again when nothing of it was kept. Whoever raises :class:`~eilbote.errors.LeaseLostError` has written
                nothing, and those in the same transaction go on.
        """
        done = await self._steps.do(_Step(place, work))
        if isinstance(done, LeaseLostError):
            raise done
        return cast("T", done)

    async def finish(self) -> None:
        """Wait until everything that was asked for is done."""
        await self._steps.finish()

    async def _together(self, steps: list[_Step]) -> list[object]:
        order = sorted(range(len(steps)), key=lambda number: steps[number].place)

        async def work(db: Statements) -> dict[int, object]:
            return {number: await _done(steps[number], db) for number in order}

        done = await self._database.transact(work)
        return [done[number] for number in range(len(steps))]


async def _done(step: _Step, db: Statements) -> object:
    try:
        return await step.do(db)
    except LeaseLostError as fault:
        return fault
