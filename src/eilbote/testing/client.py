"""What a receiving server knows of the client it talks to."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Client:
    """The client of one session; a new one begins behind STARTTLS, because what was said before does not count.

    Attributes:
        peer: ``host:port``.
        tls_version: For instance ``TLSv1.3``; empty on a session in clear.
        hello: The name it gave in EHLO or HELO; empty before.
        extended: Whether that was EHLO.
        user: As whom it has signed in; empty without authentication.
    """

    peer: str
    tls_version: str = ""
    hello: str = ""
    extended: bool = False
    user: str = ""
