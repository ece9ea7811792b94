"""What a receiving server offers and allows."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field

from eilbote.testing.client import Client


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceptionOptions:
    """What a receiving server offers and allows.

    Attributes:
        name: What it calls itself.
        extensions: EHLO keywords it announces; SIZE and AUTH are added by ``max_size`` and ``users``.
        max_size: Octets of one message; 0 announces no limit and still keeps to 1 GiB.
        max_recipients: RCPTs of one transaction, the rest is told to come again (452).
        users: User names with their passwords; when there are any, MAIL needs authentication.
        any_user: Whoever signs in is welcome, with any password, and nobody needs to.
        starttls: STARTTLS is announced, and needed before AUTH and MAIL (RFC 3207 §4).
    """

    name: str = "catcher.localhost"
    extensions: tuple[str, ...] = (
        *("PIPELINING", "8BITMIME", "SMTPUTF8", "CHUNKING", "DSN", "ENHANCEDSTATUSCODES"),
    )
    max_size: int = 64 * 1024 * 1024
    max_recipients: int = 1000
    users: Mapping[str, str] = field(default_factory=dict[str, str])
    any_user: bool = False
    starttls: bool = False

    @property
    def keep(self) -> int:
        """Octets of content kept at most."""
        return self.max_size or 1 << 30

    @property
    def knows_auth(self) -> bool:
        """Whether clients can sign in."""
        return bool(self.users) or self.any_user

    def welcomes(self, user: str, password: str) -> bool:
        """Tell whether these credentials are good."""
        expected = self.users.get(user)
        if expected is None:
            return self.any_user
        return hmac.compare_digest(expected.encode(), password.encode())

    def offers(self, extension: str) -> bool:
        """Tell whether EHLO announces it."""
        return extension in self.extensions

    def wants_tls(self, client: Client) -> bool:
        """Tell whether STARTTLS has to come next."""
        return self.starttls and not client.tls_version

    def ehlo_lines(self, client: Client) -> tuple[str, ...]:
        """Give what EHLO announces to this client, line by line."""
        size = f"SIZE {self.max_size}" if self.max_size else "SIZE"
        if self.wants_tls(client):
            return (*self.extensions, size, "STARTTLS")
        return (*self.extensions, size, *(("AUTH PLAIN LOGIN",) if self.knows_auth else ()))
