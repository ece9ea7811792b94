"""What stores of flows and of processes have in common in a database: their handle on it, and steps that share transactions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eilbote.store.shared_steps import SharedSteps

if TYPE_CHECKING:
    from eilbote.store.record_database import RecordDatabase
    from eilbote.store.row_locks import Locking


class StepStore:
    """A store in a database.

    Args:
        database: The database; this opens and closes it.
        locking: How it locks rows.
    """

    def __init__(self, database: RecordDatabase, locking: Locking) -> None:
        self._database = database
        self._locking = locking
        self._steps = SharedSteps(database)

    async def open(self) -> None:
        """Make ready; an empty database gets its tables.

        Raises:
            OutboxError: It cannot be used.
        """
        await self._database.open()

    async def close(self) -> None:
        """Finish what was begun, then let go of the database."""
        await self._steps.finish()
        await self._database.close()
