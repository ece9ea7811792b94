"""Names that nobody else has: the one place where eilbote asks for randomness."""

from __future__ import annotations

import os
from typing import Final

_OCTETS: Final = 12
_DIGITS: Final = 2 * _OCTETS
_AT_ONCE: Final = 256


class RandomIds:
    """An :class:`~eilbote.model.ids.IdSource` that asks the operating system.

    It asks for many at once: beside a thread that writes to a database, every system call may have to wait for it. A
    process that was forked asks anew, or it would give the names of its parent.
    """

    __slots__ = ("_digits", "_process", "_used")

    def __init__(self) -> None:
        self._digits = ""
        self._used = 0
        self._process = 0

    def token(self) -> str:
        """Give 96 random bits as 24 hexadecimal digits."""
        used = self._used
        if used == len(self._digits) or self._process != os.getpid():
            self._digits = os.urandom(_OCTETS * _AT_ONCE).hex()
            self._process = os.getpid()
            used = 0
        self._used = used + _DIGITS
        return self._digits[used : used + _DIGITS]
