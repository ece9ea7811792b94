"""Where a server listens and what a client must know to reach it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from tests.integration.lab.process import HOST


class Security(StrEnum):
    """How a port is secured, in the words of a connection URI."""

    NONE = "none"
    STARTTLS = "starttls"
    TLS = "tls"


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One listening port of one server."""

    port: int
    security: Security = Security.NONE
    host: str = HOST
    ca_file: Path | None = None
    """The authority that signed the server's certificate; none where the port has no TLS."""
