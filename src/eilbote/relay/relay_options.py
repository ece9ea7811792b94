"""What the relay offers and allows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class RelayOptions:
    """What the relay offers and allows.

    Attributes:
        host_name: What it calls itself in its greeting and in ``Received``; the machine's own name when empty.
        certificate: PEM file with its certificate, and those between it and its authority; without one there is no TLS, and only
            clients of this machine can sign in.
        key: PEM file with the certificate's private key; ``None`` when it stands in the certificate's file.
        implicit_tls: Whether TLS begins with the first octet; otherwise by STARTTLS.
        connection: By which connection all mail goes; the default of the client's organization when empty.
        max_size: Octets of one message.
        max_recipients: Recipients of one message; the next is told to come again (452).
        max_sessions: Sessions at a time; whoever is one too many is told to come again (421).
        sessions_per_client: Of these, how many one address may have.
        sign_in_seconds: How long a client may take until it has signed in.
        idle_seconds: How long it may say nothing afterwards (RFC 5321 section 4.5.3.2.7 asks for five minutes).
        bounces: Address of returned mail: what comes for it, or for it with ``+TOKEN``, is taken from everybody; empty takes none.
        max_bounce_size: Octets of one returned message.
    """

    host_name: str = ""
    certificate: Path | None = None
    key: Path | None = None
    implicit_tls: bool = False
    connection: str = ""
    max_size: int = 64 * 1024 * 1024
    max_recipients: int = 1000
    max_sessions: int = 200
    sessions_per_client: int = 50
    sign_in_seconds: float = 60.0
    idle_seconds: float = 300.0
    bounces: str = ""
    max_bounce_size: int = 1024 * 1024
