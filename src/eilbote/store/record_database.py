"""What the records need of a database: the same few calls for SQLite and PostgreSQL, and the same SQL.

The statements of the records run on both: they number their values (``$1``), and use nothing that only one of the two
knows. They are few and run seldom, beside an outbox that works by the thousand and has SQL of its own for each.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

T = TypeVar("T")


class Statements(Protocol):
    """A connection on which statements can be run, within a transaction if one is open."""

    async def fetch(self, sql: str, /, *values: object) -> Sequence[Sequence[object]]:
        """Run a statement; gives its rows."""
        ...

    async def fetchval(self, sql: str, /, *values: object) -> object:
        """Run a statement; gives the first value of its first row, ``None`` without a row."""
        ...

    async def execute(self, sql: str, /, *values: object) -> str:
        """Run a statement; gives words of which the last is how many rows were changed."""
        ...


class RecordDatabase(Protocol):
    """A database with the outbox's tables."""

    @property
    def where(self) -> str:
        """The database, for people."""
        ...

    async def open(self) -> None:
        """Make ready; an empty database gets its tables.

        Raises:
            OutboxError: It cannot be used.
        """
        ...

    async def close(self) -> None:
        """Finish what was begun, then let go of it; closing again does no harm."""
        ...

    async def read(self, question: Callable[[Statements], Awaitable[T]]) -> T:
        """Ask something.

        Raises:
            OutboxError: It cannot be read.
        """
        ...

    async def transact(self, work: Callable[[Statements], Awaitable[T]]) -> T:
        """Do something in a transaction, once; it is durable when this returns.

        Args:
            work: May be run again when nothing of it was kept.

        Raises:
            OutboxError: Nothing of it was kept, or, if it says so, nobody could tell.
        """
        ...

    def exclusive(self, name: str) -> AbstractAsyncContextManager[None]:
        """Let one task in at a time, among all that use this database; it ends with the block, or with the process.

        Raises:
            OutboxUnavailableError: It cannot be had for now.
        """
        ...


def count(said: str) -> int:
    """Read how many rows a statement has changed from what :meth:`Statements.execute` gave."""
    return int(said.rpartition(" ")[2])
