"""The one door for HTTP (RFC 9110): token endpoints, web services and files by URL are reached through it.

It gives clients of httpx2 whose transport is ours. Rules it keeps:

* https, with the certificate checked; http only to this machine itself, and only where the egress policy lets it. Who
  fetches what is public and sends no secrets may ask for plain http as well.
* A name is looked up once, checked (:mod:`eilbote.net.egress`), and the checked address is the one connected to.
* A request has one deadline over everything, from the look-up to the last octet of the answer.
* An answer has a largest size, counted after decoding; how many octets it announces does not matter.
* Redirects are not followed here (:mod:`eilbote.net.http_follow` does that, through this door again and again), proxies
  and passwords of the environment are not used.
* What goes wrong is an :class:`~eilbote.errors.EilboteError` that names the setting; nothing of httpx2 comes through.

httpx2 is imported when a client is made, and not before.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from eilbote.model.tls import TlsPolicy

if TYPE_CHECKING:
    import httpx2

    from eilbote.net.egress import EgressPolicy

DEFAULT_SECONDS = 30.0
"""For a whole request; token endpoints answer within one second or are ill."""
DEFAULT_OCTETS = 64 * 1024
"""An answer with tokens has two to eight thousand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpDoor:
    """How far a request may go.

    Attributes:
        egress: Which addresses may be connected to; ``None`` allows any.
        tls: Whom to trust.
        seconds: For a request with its whole answer.
        octets: Of an answer's body, decoded.
        plain: Whether http may be spoken to other machines too, in clear.
        ports: The only ports that requests may go to; ``None`` allows any.
    """

    egress: EgressPolicy | None = None
    tls: TlsPolicy = field(default_factory=TlsPolicy)
    seconds: float = DEFAULT_SECONDS
    octets: int = DEFAULT_OCTETS
    plain: bool = False
    ports: frozenset[int] | None = None

    def client(self, *, field: str = "url") -> httpx2.AsyncClient:
        """Give a client to be used once, in an ``async with`` block.

        Args:
            field: The setting that holds the URL, for errors.

        Raises:
            SettingsError: A file of the TLS policy cannot be used. From requests also: the URL cannot be used.
            ConnectError: From requests: the server cannot be reached, or must not be.
            TLSError: From requests: no TLS session, with the reason by name.
            DeliveryTimeoutError: From requests: the time was up.
            DisconnectedError: From requests: the server went away, or does not speak HTTP.
            DeliveryError: From requests: the answer is too large, or in a coding nobody asked for.
        """
        import httpx2

        from eilbote.model.version import __version__

        return httpx2.AsyncClient(
            transport=self.transport(field=field),
            headers={"User-Agent": f"eilbote/{__version__}"},
            timeout=None,
            follow_redirects=False,
            trust_env=False,
        )

    def transport(self, *, field: str = "url") -> httpx2.AsyncBaseTransport:
        """Give the transport alone, for clients that are made by somebody else; see :meth:`client`."""
        from eilbote.net.http_transport import GatedTransport

        return GatedTransport(
            egress=self.egress,
            tls=self.tls,
            seconds=self.seconds,
            octets=self.octets,
            field=field,
            plain=self.plain,
            ports=self.ports,
        )
