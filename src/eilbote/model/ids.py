"""Identifiers, and the protocols of those who make them."""

from __future__ import annotations

from typing import NewType, Protocol

MessageId = NewType("MessageId", str)
"""A Message-ID with its angle brackets (RFC 5322 §3.6.4)."""


class IdSource(Protocol):
    """Where code gets names that nobody else has."""

    def token(self) -> str:
        """Give at least 96 random bits as letters and digits, different at each call."""
        ...
