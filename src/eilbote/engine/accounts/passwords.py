"""Hashes passwords of people with Argon2id (RFC 9106), off the event loop, and never many at once.

The parameters are the second recommended option of RFC 9106 section 4: 64 MiB, 3 passes, 4 lanes; about a tenth of a second on a small
server. Two at a time keep memory and processor for everything else; whoever comes when many are waiting already is asked to come back.
"""

from __future__ import annotations

import asyncio
import base64
import secrets
from typing import TYPE_CHECKING, Final, TypeVar

import argon2

from eilbote.accounts.password import one_form
from eilbote.errors import ThrottledError

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

_AT_ONCE: Final = 2
_WAITING: Final = 20
_RETRY_SECONDS: Final = 5.0
_SALT_OCTETS: Final = 16
_VERSION: Final = 19  # RFC 9106 section 3.1: 0x13
_HASH_OCTETS: Final = 32


class Passwords:
    """Hashes and checks passwords.

    Args:
        passes: How often the memory is gone through.
        kibibytes: How much memory each takes.
        lanes: Into how many parts it is cut.
        waiting: How many may wait before others are sent away.
    """

    def __init__(
        self, *, passes: int = 3, kibibytes: int = 64 * 1024, lanes: int = 4, waiting: int = _WAITING
    ) -> None:
        self._hasher = argon2.PasswordHasher(
            time_cost=passes,
            memory_cost=kibibytes,
            parallelism=lanes,
            hash_len=_HASH_OCTETS,
            salt_len=_SALT_OCTETS,
            type=argon2.Type.ID,
        )
        # of the same form and cost as real ones, and of no password: who is unknown takes as long as who is known
        self._nobody = (
            f"$argon2id$v={_VERSION}$m={kibibytes},t={passes},p={lanes}"
            f"${_base64(secrets.token_bytes(_SALT_OCTETS))}${_base64(secrets.token_bytes(_HASH_OCTETS))}"
        )
        self._places = asyncio.Semaphore(_AT_ONCE)
        self._waiting = 0
        self._most_waiting = waiting

    async def hash(self, password: str) -> str:
        """Give what is kept of a password.

        Raises:
            ThrottledError: Too many are waiting.
        """
        return await self._in_turn(lambda: self._hasher.hash(_octets(password)))

    async def verify(self, kept: str, password: str) -> bool:
        """Tell whether a password is the one that was kept; takes as long when nothing was.

        Raises:
            ThrottledError: Too many are waiting.
        """

        def check() -> bool:
            try:
                self._hasher.verify(kept or self._nobody, _octets(password))
            except (argon2.exceptions.VerificationError, argon2.exceptions.InvalidHashError):
                return False
            return bool(kept)

        return await self._in_turn(check)

    def is_old(self, kept: str) -> bool:
        """Tell whether what is kept was made with other parameters than today's."""
        return self._hasher.check_needs_rehash(kept)

    async def _in_turn(self, work: Callable[[], T]) -> T:
        if self._waiting >= self._most_waiting:
            busy = ThrottledError(
                "too many people are signing in at the same moment", remedy="Try again in some seconds"
            )
            busy.retry_after = _RETRY_SECONDS
            raise busy
        self._waiting += 1
        try:
            async with self._places:
                return await asyncio.to_thread(work)
        finally:
            self._waiting -= 1


def _octets(password: str) -> bytes:
    # halves of characters cannot be typed, but can be sent; they are a wrong password like any other
    return one_form(password).encode("utf-8", "surrogatepass")


def _base64(octets: bytes) -> str:
    return base64.b64encode(octets).decode().rstrip("=")
