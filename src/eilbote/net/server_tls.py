"""The server's side of TLS, for those of our servers that show a certificate.

Compression and renegotiation are off, the oldest version is TLS 1.2 (RFC 8996), as on the client's side.
"""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from asyncio import BaseTransport
    from pathlib import Path

ServerContext: TypeAlias = ssl.SSLContext
"""What a server needs to speak TLS, for those who only pass it on."""


def server_context(chain: Path, key: Path) -> ServerContext:
    """Give the SSL context of a server that shows this certificate.

    Args:
        chain: PEM file with the certificate, and those between it and its authority.
        key: PEM file with its private key, not encrypted.

    Raises:
        OSError: A file cannot be read, or is not what it should be (``ssl.SSLError``).
    """
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    made.options |= ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION
    made.load_cert_chain(chain, key)
    return made


def tls_version_of(transport: BaseTransport) -> str:
    """Give what protects a connection, for instance ``TLSv1.3``; empty in clear."""
    secured: ssl.SSLObject | None = transport.get_extra_info("ssl_object")
    return (secured.version() or "") if secured is not None else ""
