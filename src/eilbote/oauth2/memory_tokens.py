"""Tokens kept in this process only, for programs without a database; a :class:`~eilbote.oauth2.token.TokenStore`."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from functools import cache
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from eilbote.oauth2.token import TokenKey, TokenRecord

_FIRST_PAUSE, _LAST_PAUSE = 0.002, 0.1


class MemoryTokens:
    """Forgets everything when the program ends; may be used by several threads.

    A refresh token that the server has replaced by then is lost, and so is the consent: where servers replace them
    (Microsoft lets the old one live, others do not), keep tokens in a database.
    """

    def __init__(self) -> None:
        self._records: dict[TokenKey, TokenRecord] = {}
        self._locks: dict[TokenKey, Lock] = {}

    async def read(self, key: TokenKey) -> TokenRecord | None:
        """Give what is known."""
        return self._records.get(key)

    async def write(self, key: TokenKey, record: TokenRecord) -> None:
        """Keep a record."""
        self._records[key] = record

    @asynccontextmanager
    async def exclusive(self, key: TokenKey) -> AsyncGenerator[None, None]:
        """Be the only one to renew this token, among the threads and event loops of this process."""
        lock = self._locks.setdefault(key, Lock())
        pause = _FIRST_PAUSE
        # A lock of asyncio belongs to one loop, and each send_sync() has its own. Who waits here is rare: the tasks of
        # one source of tokens wait for one another before they come here.
        while not lock.acquire(blocking=False):
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LAST_PAUSE)
        try:
            yield
        finally:
            lock.release()

    async def forget(self, key: TokenKey | None = None) -> int:
        """Forget one token, or all."""
        if key is not None:
            return 0 if self._records.pop(key, None) is None else 1
        count = len(self._records)
        self._records.clear()
        return count


@cache
def tokens_of_this_process() -> MemoryTokens:
    """Give the one store for mailers that come and go: the refresh token that one has got is what the next needs."""
    return MemoryTokens()
