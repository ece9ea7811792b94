"""What went wrong on the way to a server, in words its administrator can act on.

The system says ``[SSL: WRONG_VERSION_NUMBER]`` or ``[Errno 111]``; this module turns that into an error that
names the cause, the field to look at and the remedy. It is the only place that reads OpenSSL's codes.
"""

from __future__ import annotations

import errno
import socket
import ssl
from dataclasses import dataclass
from typing import Final, NamedTuple

from eilbote.errors import (
    ConnectError,
    DeliveryError,
    DeliveryTimeoutError,
    DisconnectedError,
    Durability,
    Scope,
    TLSError,
)


@dataclass(slots=True, kw_only=True)
class Progress:
    """How far an opening has come, for the error that may end it.

    Attributes:
        host: The host as configured.
        port: The port.
        stage: dns, connect or tls.
        implicit_tls: Whether TLS was to begin with the first octet.
    """

    host: str
    port: int
    stage: str = "dns"
    implicit_tls: bool = False

    @property
    def server(self) -> str:
        """``host:port``, an IPv6 literal in brackets."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


class _Explanation(NamedTuple):
    cause: str
    remedy: str
    field: str
    durability: Durability = Durability.PERMANENT


_CHECK_CLOCK = "Renew the server's certificate; if it looks valid, check this machine's clock"
_TRUST = (
    "Give the issuing authority's certificate as ca_file if this server is yours; otherwise do not send "
    "credentials to it"
)

# X509_V_ERR_* of OpenSSL's x509_vfy.h.
CERTIFICATE_FAULTS: Final = {
    7: _Explanation("a signature in the certificate chain is wrong", _TRUST, "tls.ca_file"),
    9: _Explanation("the certificate is not yet valid", _CHECK_CLOCK, "host"),
    10: _Explanation("the certificate has expired", _CHECK_CLOCK, "host"),
    18: _Explanation("the certificate is self-signed", _TRUST, "tls.ca_file"),
    19: _Explanation(
        "the certificate chain ends in a self-signed certificate that is not trusted here",
        _TRUST,
        "tls.ca_file",
    ),
    20: _Explanation(
        "the certificate was issued by an authority that is not known here", _TRUST, "tls.ca_file"
    ),
    21: _Explanation(
        "the certificate's issuer is not known here and the server did not send it", _TRUST, "tls.ca_file"
    ),
    23: _Explanation("the certificate was revoked", "Renew the server's certificate", "host"),
    24: _Explanation("a certificate in the chain may not issue certificates", _TRUST, "tls.ca_file"),
    79: _Explanation("a certificate in the chain may not issue certificates", _TRUST, "tls.ca_file"),
    26: _Explanation("the certificate is not meant for servers", "Renew the server's certificate", "host"),
    32: _Explanation("a certificate in the chain may not issue certificates", _TRUST, "tls.ca_file"),
    62: _Explanation(
        "the certificate is for another host name",
        "Use a host name that the certificate lists as a subject alternative name, or set tls.server_name",
        "host",
    ),
    64: _Explanation(
        "the certificate does not list this IP address",
        "Use the host name that the certificate lists, or set tls.server_name",
        "host",
    ),
    66: _Explanation(
        "the certificate's key is too small to be safe",
        "Renew the server's certificate with an RSA key of 2048 bits or more",
        "host",
    ),
    67: _Explanation(
        "a certificate of the chain has a key too small to be safe",
        "Renew the chain with keys of 2048 bits or more",
        "host",
    ),
    68: _Explanation(
        "a certificate of the chain is signed with a hash too weak to be safe",
        "Renew the chain with SHA-256 signatures",
        "host",
    ),
}

# RFC 8314 §3.3, RFC 6409 §3.1, RFC 5321 §4.5.4.2.
_IMPLICIT_TLS, _SUBMISSION, _RELAY = 465, 587, 25

# The name servers had no time, or this machine no memory or no file descriptor for the question.
_PASSING_DNS_FAULTS: Final = frozenset(
    {socket.EAI_AGAIN, socket.EAI_MEMORY, getattr(socket, "EAI_SYSTEM", socket.EAI_AGAIN)}
)

_PLAIN_SERVER = _Explanation(
    "the server answered in clear: it does not speak TLS from the first octet on this port",
    "",  # depends on the port
    "security",
)
_BAD_STARTTLS = _Explanation(
    "the server went on in clear after it had agreed to STARTTLS",
    "Do not use this path: something between here and the server may be tampering with the session",
    "security",
)
_OLD_SERVER = _Explanation(
    "the server and this connection have no TLS version in common",
    "Update the server: TLS 1.0 and 1.1 are not safe (RFC 8996); or lower tls.minimum_version if it is 1.3",
    "tls.minimum_version",
)
_NO_CIPHER = _Explanation(
    "the server and this connection have no cipher suite in common, or the server wants a certificate",
    "Update the server's TLS settings; if it asks for a certificate, set tls.client_certificate",
    "security",
)
_WANTS_CERTIFICATE = _Explanation(
    "the server requires a client certificate",
    "Set tls.client_certificate (and tls.client_key)",
    "tls.client_certificate",
)
_REFUSED_CERTIFICATE = _Explanation(
    "the server does not accept the client certificate",
    "Check tls.client_certificate: its issuer and its validity",
    "tls.client_certificate",
)
_HUNG_UP = _Explanation(
    "the server closed the connection during the TLS handshake",
    "Check that security matches the port (465 is implicit TLS, 587 STARTTLS), then try again",
    "security",
    Durability.TRANSIENT,
)
_SMALL_KEY = CERTIFICATE_FAULTS[66]

# SSLError.reason, as OpenSSL names them.
TLS_FAULTS: Final = {
    "WRONG_VERSION_NUMBER": _PLAIN_SERVER,
    "PACKET_LENGTH_TOO_LONG": _PLAIN_SERVER,
    "RECORD_LAYER_FAILURE": _PLAIN_SERVER,
    "HTTP_REQUEST": _PLAIN_SERVER,
    "UNSUPPORTED_PROTOCOL": _OLD_SERVER,
    "TLSV1_ALERT_PROTOCOL_VERSION": _OLD_SERVER,
    "NO_PROTOCOLS_AVAILABLE": _OLD_SERVER,
    "SSLV3_ALERT_HANDSHAKE_FAILURE": _NO_CIPHER,
    "NO_SHARED_CIPHER": _NO_CIPHER,
    "TLSV13_ALERT_CERTIFICATE_REQUIRED": _WANTS_CERTIFICATE,
    "TLSV1_ALERT_UNKNOWN_CA": _REFUSED_CERTIFICATE,
    "SSLV3_ALERT_BAD_CERTIFICATE": _REFUSED_CERTIFICATE,
    "SSLV3_ALERT_CERTIFICATE_EXPIRED": _REFUSED_CERTIFICATE,
    "SSLV3_ALERT_CERTIFICATE_UNKNOWN": _REFUSED_CERTIFICATE,
    "EE_KEY_TOO_SMALL": _SMALL_KEY,
    "CA_KEY_TOO_SMALL": CERTIFICATE_FAULTS[67],
    "CA_MD_TOO_WEAK": CERTIFICATE_FAULTS[68],
    "DH_KEY_TOO_SMALL": _SMALL_KEY,
    "UNEXPECTED_EOF_WHILE_READING": _HUNG_UP,
}


def explain(error: Exception, progress: Progress, *, timeout: float | None = None) -> DeliveryError:
    """Turn what the system raised while a connection was opened into an error with cause and remedy."""
    if isinstance(error, TimeoutError):
        return _timeout(progress, timeout)
    if isinstance(error, ssl.SSLError | ssl.CertificateError):
        return tls_fault(error, progress)
    if isinstance(error, socket.gaierror):
        return _dns_fault(error, progress)
    if progress.stage == "tls":
        return _tls_error(progress, _HUNG_UP)
    return _connect_fault(error, progress)


def tls_fault(error: Exception, progress: Progress) -> TLSError:
    """Name a fault of TLS, at the handshake or after it (a TLS 1.3 server judges our certificate late)."""
    found: _Explanation | None = None
    if isinstance(error, ssl.SSLCertVerificationError):
        found = CERTIFICATE_FAULTS.get(error.verify_code)
    if found is None and isinstance(error, ssl.SSLError):
        found = TLS_FAULTS.get(error.reason or "")
    if found is _PLAIN_SERVER:
        found = _PLAIN_SERVER._replace(remedy=_pair_for(progress)) if progress.implicit_tls else _BAD_STARTTLS
    if found is None:
        found = _Explanation(
            f"the TLS layer says: {_system_text(error)}",
            "Check the server's TLS settings and its certificate",
            "security",
            Durability.TRANSIENT,
        )
    return _tls_error(progress, found)


def _pair_for(progress: Progress) -> str:
    """Name the port and the mode that belong together, where the server was found to speak in clear."""
    if progress.port in {_SUBMISSION, _RELAY}:
        return f"Set security to 'starttls' for port {progress.port}, or port to {_IMPLICIT_TLS} for security 'tls'"
    if progress.port == _IMPLICIT_TLS:
        return f"Check host: its port {_IMPLICIT_TLS} is not the usual one; or set port to {_SUBMISSION} and security to 'starttls'"
    return f"Set security to 'starttls' for this port, or port to {_IMPLICIT_TLS} for security 'tls'"


def lost(error: Exception | None, server: str) -> DeliveryError:
    """Say how an open connection ended."""
    if error is None:
        cause = "the server closed it"
    elif isinstance(error, ConnectionResetError):
        cause = "the server or something on the way reset it"
    elif isinstance(error, TimeoutError):
        cause = "the server no longer answers on the network"
    else:
        cause = _system_text(error)
    return DisconnectedError("the connection was lost", server=server, cause=cause, remedy="Try again")


def _tls_error(progress: Progress, found: _Explanation) -> TLSError:
    return TLSError(
        f"no TLS session with {progress.server}",
        field=found.field,
        stage="tls",
        server=progress.server,
        durability=found.durability,
        cause=found.cause,
        remedy=found.remedy,
    )


_BLOCKED: Final = (
    "Use port 587 with security 'starttls', or 465 with 'tls': most cloud providers and access networks block port 25 "
    "towards the Internet, some until their support lifts it"
)


def _timeout(progress: Progress, timeout: float | None) -> DeliveryTimeoutError:
    what, cause, remedy = {
        "dns": (
            f"looking up {progress.host} took too long",
            "the name servers do not answer",
            "Check the host name and this machine's DNS settings",
        ),
        "tls": (
            f"the TLS handshake with {progress.server} took too long",
            "the server accepts connections but says nothing in TLS",
            "Check that security matches the port: 465 is implicit TLS, 587 STARTTLS, 25 usually plain",
        ),
    }.get(
        progress.stage,
        (
            f"connecting to {progress.server} took too long",
            "nothing answers there: a firewall may drop the packets, or the port is wrong",
            _BLOCKED
            if progress.port == _RELAY
            else "Check host and port, and what the firewalls in between let through",
        ),
    )
    return DeliveryTimeoutError(
        what if timeout is None else f"{what}: more than {timeout:g} s",
        field="host" if progress.stage == "dns" else "port",
        stage=progress.stage,
        server=progress.server,
        scope=Scope.SITE,
        cause=cause,
        remedy=remedy,
    )


def _dns_fault(error: socket.gaierror, progress: Progress) -> ConnectError:
    if error.errno in {socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)}:
        cause, remedy = "the name has no address", "Check the spelling of the host name"
    elif error.errno == socket.EAI_AGAIN:
        cause, remedy = "the name servers could not answer now", "Check this machine's DNS settings"
    else:
        cause, remedy = _system_text(error), "Check the host name and this machine's DNS settings"
    # A name that does not exist is a setting to look at: asking again answers the same, and an administrator is
    # told. The recipients stay deferred whatever it is, for the site is at fault and not they.
    return ConnectError(
        f"the host {progress.host} was not found",
        field="host",
        stage="dns",
        server=progress.server,
        durability=Durability.TRANSIENT if error.errno in _PASSING_DNS_FAULTS else Durability.PERMANENT,
        cause=cause,
        remedy=remedy,
    )


def _connect_fault(error: Exception, progress: Progress) -> ConnectError:
    number = error.errno if isinstance(error, OSError) else None
    if number == errno.ECONNREFUSED:
        cause = "nothing listens on that port, or a firewall refuses it"
        remedy = _BLOCKED if progress.port == _RELAY else "Check host and port, and that the server runs"
        field = "port"
    elif number in {errno.ENETUNREACH, errno.EHOSTUNREACH}:
        cause = "there is no route to that address"
        remedy = "Check this machine's network, and the host name" + (
            f". {_BLOCKED}" if progress.port == _RELAY else ""
        )
        field = "host"
    elif number == errno.EADDRNOTAVAIL:
        cause = "this machine does not have the local address, or has no free port left"
        remedy = "Check local_address, and how many connections this machine holds"
        field = "local_address"
    elif number in {errno.EMFILE, errno.ENFILE}:
        cause = "this process has no file descriptor left"
        remedy = "Raise the limit of open files, or use fewer sessions"
        field = "limits.max_sessions"
    elif isinstance(error, ConnectionError):
        cause = "the server, or something on the way, closed the connection at once"
        remedy = "Try again; if it stays so, ask the server's operator whether this machine is blocked"
        field = "host"
    else:
        cause, remedy, field = _system_text(error), "Check host and port", "host"
    return ConnectError(
        f"no connection to {progress.server}",
        field=field,
        stage="connect",
        server=progress.server,
        cause=cause,
        remedy=remedy,
    )


def _system_text(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error) or type(error).__name__
