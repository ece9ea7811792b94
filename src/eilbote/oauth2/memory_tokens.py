"""Tokens kept in this process only, for programs without a database; a :class:`~eilbote.oauth2.token.TokenStore`."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from eilbote.oauth2.token import TokenKey, TokenRecord


class MemoryTokens:
    """Forgets everything when the program ends.

    A refresh token that the server has replaced by then is lost, and so is the consent: where servers replace them
    (Microsoft lets the old one live, others do not), keep tokens in a database.
    """

    def __init__(self) -> None:
        self._records: dict[TokenKey, TokenRecord] = {}
        self._holds: dict[TokenKey, _Hold] = {}

    async def read(self, key: TokenKey) -> TokenRecord | None:
        """Give what is known."""
        return self._records.get(key)

    async def write(self, key: TokenKey, record: TokenRecord) -> None:
        """Keep a record."""
        self._records[key] = record

    @asynccontextmanager
    async def exclusive(self, key: TokenKey) -> AsyncGenerator[None, None]:
        """Be the only one to renew this token."""
        hold = self._holds.setdefault(key, _Hold())
        hold.users += 1
        try:
            async with hold.lock:
                yield
        finally:
            # Not kept for the next one, who may come from another event loop.
            hold.users -= 1
            if hold.users == 0 and self._holds.get(key) is hold:
                del self._holds[key]

    async def forget(self, key: TokenKey | None = None) -> int:
        """Forget one token, or all."""
        if key is not None:
            return 0 if self._records.pop(key, None) is None else 1
        count = len(self._records)
        self._records.clear()
        return count


class _Hold:
    """A lock and how many want it."""

    __slots__ = ("lock", "users")

    def __init__(self) -> None:
        self.lock = asyncio.Lock()
        self.users = 0
