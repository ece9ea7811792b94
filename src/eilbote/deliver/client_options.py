"""Where one session goes to and how it behaves; a connection's settings as far as a session needs them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from eilbote.model.credentials import Anonymous, Credentials
from eilbote.model.timeouts import Timeouts
from eilbote.model.tls import Security, TlsPolicy

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from eilbote.net.egress import EgressPolicy
    from eilbote.net.stream import Stream
    from eilbote.oauth2.source import TokenSource

Connect: TypeAlias = "Callable[..., Awaitable[Stream]]"
"""What opens a stream, with the arguments of :meth:`eilbote.net.stream.Stream.connect`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientOptions:
    """The settings of one session.

    Attributes:
        host: Name or IP address of the server.
        port: Its TCP port.
        security: Implicit TLS, STARTTLS (required), or none; never anything weaker than asked for.
        tls: Whom to trust.
        credentials: What to prove the identity with.
        tokens: Where tokens come from, for credentials that are not a token themselves but get one.
        ehlo_name: The name this machine gives itself (RFC 5321 §4.1.1.1); ``None`` gives the address of its end of
            the connection.
        timeouts: The deadlines.
        pipelining: Use PIPELINING where it is announced.
        chunking_window: Messages under way by BDAT: 0 never uses it, 1 is strict, more runs ahead.
        allow_clear_authentication: Show passwords and tokens without TLS, also beyond this machine.
        mechanism: The one SASL mechanism to use; the best common one when ``None``.
        max_recipients: Recipients of one transaction; more are split.
        transcript: Keep the dialogue of the mail as well, not only that of the opening.
        local_address: The IP address to connect from.
        egress: Which addresses may be connected to.
    """

    host: str
    port: int
    security: Security
    tls: TlsPolicy = field(default_factory=TlsPolicy)
    credentials: Credentials = field(default_factory=Anonymous)
    tokens: TokenSource | None = None
    ehlo_name: str | None = None
    timeouts: Timeouts = field(default_factory=Timeouts)
    pipelining: bool = True
    chunking_window: int = 1
    allow_clear_authentication: bool = False
    mechanism: str | None = None
    max_recipients: int = 100
    transcript: bool = False
    local_address: str | None = None
    egress: EgressPolicy | None = None

    @property
    def server(self) -> str:
        """``host:port``, an IPv6 address in brackets."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"
