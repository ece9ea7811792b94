"""What went wrong with a request, in words for whoever has set the URL.

The faults of connecting are those of :mod:`eilbote.net.faults`, which speaks of mail servers; here their field
becomes the setting that holds the URL, and their remedy one that fits a web server.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import httpcore2

from eilbote.errors import (
    ConnectError,
    DeliveryError,
    DeliveryTimeoutError,
    DisconnectedError,
    Durability,
    Scope,
    TLSError,
)

if TYPE_CHECKING:
    from collections.abc import Generator

_TRUST: Final = (
    "If the server is yours, add its authority's certificate to those this machine trusts (SSL_CERT_FILE names another "
    "file of them); otherwise do not send credentials to it"
)
# By the setting of a mail server that the fault names.
_TLS_REMEDIES: Final = {
    "tls.ca_file": _TRUST,
    "tls.client_certificate": "Use a server that does not ask for a client certificate",
    "tls.minimum_version": "Update the server: TLS 1.0 and 1.1 are not safe (RFC 8996)",
    "security": "Check host and port of the URL: https is usually spoken on port 443",
    "host": "Use a host name that the server's certificate lists, and have the certificate renewed if it has run out; "
    "if it looks valid, check this machine's clock",
}
_CONNECT_REMEDIES: Final = {
    "dns": "Check the spelling of the host in the URL, and this machine's DNS settings",
    "connect": "Check host and port of the URL, and whether this machine may reach the network there",
}
_WAITED_FOR: Final = {
    "connect": "a connection with",
    "request": "to say everything to",
    "answer": "the whole answer of",
}


@dataclass(slots=True, kw_only=True)
class Circumstances:
    """One request, as far as its faults need it.

    Attributes:
        field: The setting that holds the URL.
        server: ``host:port``.
        seconds: How long everything may take.
        octets: How long the answer may be.
        stage: How far it has come: connect, request, answer. The server cannot have acted on it before ``request``.
    """

    field: str
    server: str
    seconds: float
    octets: int
    stage: str = "connect"

    def too_large(self) -> DeliveryError:
        """Say that the answer is not what was asked for."""
        return self._answered_wrongly(f"it has more than {self.octets:,} octets")

    def undecodable(self, cause: str) -> DeliveryError:
        """Say that the answer cannot be read."""
        return self._answered_wrongly(cause)

    def _answered_wrongly(self, cause: str) -> DeliveryError:
        return DeliveryError(
            f"the answer of {self.server} cannot be used",
            field=self.field,
            stage="answer",
            server=self.server,
            scope=Scope.SITE,
            cause=cause,
            remedy="Check the URL; if it is right, ask the server's operator",
        )

    def timed_out(self) -> DeliveryTimeoutError:
        """Say that the time is up."""
        return DeliveryTimeoutError(
            f"waiting for {_WAITED_FOR[self.stage]} {self.server} took more than {self.seconds:g} s",
            field=self.field,
            stage=self.stage,
            server=self.server,
            scope=Scope.SITE,
            cause="nothing answers there, or far too slowly",
            remedy="Try again later; if it stays so, check host and port of the URL and the network in between",
        )

    def broken_off(self, cause: str) -> DisconnectedError:
        """Say that no whole answer came."""
        return DisconnectedError(
            f"{self.server} gave no whole answer",
            field=self.field,
            stage=self.stage,
            server=self.server,
            scope=Scope.SITE,
            cause=cause,
            remedy="Try again later; if it stays so, check the URL",
        )

    def restated(self, error: DeliveryError) -> DeliveryError:
        """Let a fault of connecting name the URL instead of a mail server's settings."""
        if isinstance(error, TLSError):
            error.remedy = _TLS_REMEDIES.get(error.field or "", _TLS_REMEDIES["security"])
        elif isinstance(error, DisconnectedError):
            return self.broken_off(error.cause or error.what)
        elif isinstance(error, ConnectError) and not _is_forbidden(error):
            error.remedy = _CONNECT_REMEDIES.get(error.stage or "", error.remedy)
            error.durability = (
                Durability.TRANSIENT
            )  # also a name that is not found: others' servers come back
        error.field = self.field
        return error


@contextmanager
def told(request: Circumstances) -> Generator[None, None, None]:
    """Turn whatever goes wrong inside into errors of ours."""
    # The library quotes what the server said, which may be what the server was told; ``from None`` keeps that out of
    # tracebacks.
    try:
        yield
    except TimeoutError as error:
        raise request.timed_out() from error
    except DeliveryError as error:
        restated = request.restated(error)
        if restated is error:
            raise
        raise restated from error
    except httpcore2.RemoteProtocolError:
        raise request.broken_off("what it says is not HTTP, or ends too soon") from None
    except (httpcore2.NetworkError, httpcore2.ProtocolError, httpcore2.TimeoutException):
        raise request.broken_off("the connection broke") from None


def _is_forbidden(error: ConnectError) -> bool:
    """Tell whether the egress policy spoke; its words fit any server."""
    return error.stage == "dns" and error.durability is Durability.PERMANENT and error.__cause__ is None
