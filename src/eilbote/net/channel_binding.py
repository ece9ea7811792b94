"""What ties an authentication to the TLS session it happens in (RFC 5929), so that nobody can stand in between."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ssl


def channel_binding(secured: ssl.SSLObject | None) -> tuple[str, bytes] | None:
    """Give the name and the data of the binding that both ends of a TLS session can compute.

    ``tls-unique`` on TLS 1.2; on TLS 1.3, which has none, ``tls-server-end-point``; ``None`` without TLS.
    """
    if secured is None:
        return None
    if secured.version() != "TLSv1.3":
        unique = secured.get_channel_binding("tls-unique")
        return None if unique is None else ("tls-unique", unique)
    certificate = secured.getpeercert(binary_form=True)
    return None if certificate is None else ("tls-server-end-point", _end_point(certificate))


def _end_point(certificate: bytes) -> bytes:
    """Hash a certificate as RFC 5929 §4.1 wants it: with its signature's hash, SHA-256 for the weak ones."""
    from cryptography.x509 import load_der_x509_certificate

    algorithm = load_der_x509_certificate(certificate).signature_hash_algorithm
    name = "sha256" if algorithm is None or algorithm.name in {"md5", "sha1"} else algorithm.name
    return hashlib.new(name, certificate).digest()
