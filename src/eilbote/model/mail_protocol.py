"""The ways a server takes mail that a connection can name."""

from __future__ import annotations

from enum import StrEnum


class MailProtocol(StrEnum):
    """What is spoken with the server of a connection."""

    SMTP = "smtp"
    """Message submission (RFC 6409)."""
    GRAPH = "graph"
    """Microsoft Graph's ``sendMail`` over https, for tenants in which SMTP AUTH is switched off."""
