"""Who waits for a session without a message for it, to see what the server offers."""

from __future__ import annotations

import asyncio
import copy
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from eilbote.deliver.client import Client
    from eilbote.errors import EilboteError


class Lookouts:
    """Those who wait; all of them hear of the first session that opens, or why none did."""

    def __init__(self) -> None:
        self._waiting: list[asyncio.Future[Client]] = []

    def __len__(self) -> int:
        return len(self._waiting)

    async def first(self) -> Client:
        """Wait for the next session that opens.

        Raises:
            EilboteError: None could be opened.
        """
        waiter: asyncio.Future[Client] = asyncio.get_running_loop().create_future()
        self._waiting.append(waiter)
        try:
            return await waiter
        finally:
            if waiter in self._waiting:
                self._waiting.remove(waiter)

    def see(self, client: Client) -> None:
        """Give them a session."""
        for waiter in self._taken():
            waiter.set_result(client)

    def refuse(self, error: EilboteError) -> None:
        """Tell them why there is none."""
        for waiter in self._taken():
            # Each one raises its own copy, for a traceback grows where it is raised.
            waiter.set_exception(copy.copy(error))

    def _taken(self) -> list[asyncio.Future[Client]]:
        waiting, self._waiting = self._waiting, []
        return [waiter for waiter in waiting if not waiter.done()]
