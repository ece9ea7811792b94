"""Identifiers that a test knows beforehand."""

from __future__ import annotations


class FixedIds:
    """An :class:`~eilbote.model.ids.IdSource` that counts: ``fixed000...1``, ``fixed000...2``, and so on.

    The names are as long as real ones, so that lines fold where they would in earnest, and they repeat from
    run to run, so that a test can compare whole messages.

    Args:
        prefix: Letters and digits before the number; different prefixes keep two sources apart.
    """

    __slots__ = ("_count", "_prefix")

    _LENGTH = 24

    def __init__(self, prefix: str = "fixed") -> None:
        if not (prefix.isascii() and prefix.isalnum()):
            msg = f"{prefix!r} is not made of letters and digits"
            raise ValueError(msg)
        self._prefix = prefix
        self._count = 0

    def token(self) -> str:
        """Give the next name."""
        self._count += 1
        return f"{self._prefix}{self._count:0{max(1, self._LENGTH - len(self._prefix))}d}"
