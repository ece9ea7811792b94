"""Names that nobody else has: the one place where eilbote asks for randomness."""

from __future__ import annotations

import os
import re
from typing import Final

_OCTETS: Final = 12
_DIGITS: Final = 2 * _OCTETS
_AT_ONCE: Final = 256
_tokens_in = re.compile(f".{{{_DIGITS}}}").findall


class RandomIds:
    """An :class:`~eilbote.model.ids.IdSource` that asks the operating system.

    It asks for many at once: beside a thread that writes to a database, every system call may have to wait for it. A
    process that was forked asks anew, or it would give the names of its parent; threads may share it.
    """

    __slots__ = ("_process", "_tokens")

    def __init__(self) -> None:
        self._tokens: list[str] = []
        self._process = 0

    def token(self) -> str:
        """Give 96 random bits as 24 hexadecimal digits."""
        if self._process == os.getpid():
            try:
                return self._tokens.pop()  # in one step, so that no two threads get the same one
            except IndexError:
                pass
        tokens: list[str] = _tokens_in(os.urandom(_OCTETS * _AT_ONCE).hex())
        token = tokens.pop()
        self._tokens, self._process = tokens, os.getpid()
        return token
