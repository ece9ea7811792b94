"""The keys that references for replies are signed with: made from the keys of stored secrets, so that there is nothing more to keep.

A key that was replaced still reads what it has signed, as long as it is kept.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from functools import cache
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_PURPOSE: Final = b"eilbote replies to processes 1"
_OCTETS: Final = 32


class SecretKey(Protocol):
    """A key of stored secrets."""

    @property
    def octets(self) -> bytes:
        """The key itself."""
        ...


class Ring(Protocol):
    """What is needed of :class:`~eilbote.store.key_ring.KeyRing`."""

    def known(self) -> Sequence[SecretKey]:
        """Give the keys, the newest first.

        Raises:
            SecretKeyError: They cannot be read.
        """
        ...

    def make_first(self) -> SecretKey:
        """See that there is one; gives the newest.

        Raises:
            SecretKeyError: There is none, and none can be made.
        """
        ...


class ReplyKeys(Protocol):
    """Gives keys for this purpose alone."""

    def newest(self) -> bytes:
        """Give the key to sign with.

        Raises:
            SecretKeyError: There is none, and none can be made.
        """
        ...

    def known(self) -> Sequence[bytes]:
        """Give all keys, the newest first.

        Raises:
            SecretKeyError: They cannot be read.
        """
        ...


class DerivedKeys:
    """Keys that are made from those of stored secrets.

    Args:
        ring: Gives those keys; asked when the first is needed.
        purpose: What for; what is signed for one purpose is worth nothing for another.
    """

    def __init__(self, ring: Callable[[], Ring], *, purpose: bytes = _PURPOSE) -> None:
        self._ring = cache(ring)
        self._purpose = purpose

    def newest(self) -> bytes:
        """See :meth:`ReplyKeys.newest`."""
        known = self._ring().known()
        return _derived(known[0] if known else self._ring().make_first(), self._purpose)

    def known(self) -> Sequence[bytes]:
        """See :meth:`ReplyKeys.known`."""
        return [_derived(each, self._purpose) for each in self._ring().known()]


class KeysOfThisProgram:
    """Random keys, for an outbox in memory: what was signed with them ends with it."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(_OCTETS)

    def newest(self) -> bytes:
        """See :meth:`ReplyKeys.newest`."""
        return self._key

    def known(self) -> Sequence[bytes]:
        """See :meth:`ReplyKeys.known`."""
        return (self._key,)


def _derived(key: SecretKey, purpose: bytes) -> bytes:
    return hmac.new(key.octets, purpose, hashlib.sha256).digest()
