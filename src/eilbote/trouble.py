"""The two words that sort a failed delivery: what it concerns, and whether trying again can help."""

from __future__ import annotations

from enum import StrEnum


class Scope(StrEnum):
    """What a failure concerns, from narrow to wide."""

    RECIPIENT = "recipient"
    MESSAGE = "message"
    SESSION = "session"
    SITE = "site"


class Durability(StrEnum):
    """Whether trying again can help (RFC 5321 §4.2.1: 4yz transient, 5yz permanent)."""

    TRANSIENT = "transient"
    PERMANENT = "permanent"
    IN_DOUBT = "in_doubt"
