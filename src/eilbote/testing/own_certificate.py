"""A certificate for a server on this machine, made when the server starts, and the authority to trust for it.

The authority signs this one certificate and its key is dropped at once, so trusting it trusts nothing else. Names
are in the subject alternative names (RFC 9525 §6.3).
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_BEFORE = timedelta(days=1)  # for clocks that are behind
_AFTER = timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnCertificate:
    """Files in PEM form.

    Attributes:
        ca_file: The authority, for clients.
        chain: The server's certificate.
        key: Its key, readable by this user only.
    """

    ca_file: Path
    chain: Path
    key: Path


def make_certificate(directory: Path, names: Iterable[str], *, now: datetime) -> OwnCertificate:
    """Make an authority and a certificate for the names, valid for 30 days, and write them into a directory.

    Args:
        directory: Where to; nobody else should be able to write there.
        names: Host names and IP addresses.
        now: The time, aware of its zone.

    Raises:
        OSError: The files cannot be written.
    """
    ca_key = ec.generate_private_key(ec.SECP256R1())
    ca_name = _name("eilbote mail catcher, this run only")
    ca = (
        _described(ca_name, ca_name, ca_key.public_key(), now)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .sign(ca_key, SHA256())
    )
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = (
        _described(_name("mail catcher"), ca_name, key.public_key(), now)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(
            x509.SubjectAlternativeName([_general_name(each) for each in dict.fromkeys(names)]),
            critical=False,
        )
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key()), critical=False
        )
        .sign(ca_key, SHA256())
    )
    made = OwnCertificate(
        ca_file=directory / "ca.pem", chain=directory / "server.pem", key=directory / "server.key"
    )
    made.ca_file.write_bytes(ca.public_bytes(Encoding.PEM))
    made.chain.write_bytes(certificate.public_bytes(Encoding.PEM))
    made.key.touch(mode=0o600)
    made.key.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return made


def _described(
    subject: x509.Name, issuer: x509.Name, public_key: ec.EllipticCurvePublicKey, now: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _BEFORE)
        .not_valid_after(now + _AFTER)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
    )


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)
