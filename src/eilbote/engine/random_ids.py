"""Names that nobody else has: the one place where eilbote asks for randomness."""

from __future__ import annotations

import secrets


class RandomIds:
    """An :class:`~eilbote.model.ids.IdSource` that asks the operating system."""

    __slots__ = ()

    def token(self) -> str:
        """Give 96 random bits as 24 hexadecimal digits."""
        return secrets.token_hex(12)
