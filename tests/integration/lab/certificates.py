"""Certificates made for one run: good ones, and one for each reason to refuse a server.

Keys are on P-256, which takes no time to make, except the one that is meant to be too short.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TypeAlias

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

SERVER_NAME = "mail.lab.example"
SERVER_NAMES = (SERVER_NAME, "localhost", "127.0.0.1")
DAY = dt.timedelta(days=1)

PrivateKey: TypeAlias = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Certified:
    """A certificate with its key, on disk: ``chain`` is what a server or client presents, ``key`` what it signs with."""

    chain: Path
    key: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class _Authority:
    certificate: x509.Certificate
    key: PrivateKey


class Certificates:
    """Everything a TLS peer can present, made when first asked for and written to one directory."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    @cached_property
    def _authority(self) -> _Authority:
        return _make_authority("eilbote laboratory authority")

    @cached_property
    def ca_file(self) -> Path:
        """The authority to trust."""
        return self._write("ca", self._authority.certificate)

    @cached_property
    def good(self) -> Certified:
        """Valid for mail.lab.example, localhost and 127.0.0.1."""
        return self._issue("good")

    @cached_property
    def expired(self) -> Certified:
        """Ran out yesterday."""
        return self._issue("expired", valid_from=-30 * DAY, valid_until=-DAY)

    @cached_property
    def not_yet_valid(self) -> Certified:
        """Begins tomorrow."""
        return self._issue("not-yet-valid", valid_from=DAY, valid_until=30 * DAY)

    @cached_property
    def wrong_host(self) -> Certified:
        """Valid, for a server that is not this one."""
        return self._issue("wrong-host", names=("other.example", "192.0.2.1"))

    @cached_property
    def self_signed(self) -> Certified:
        """Signed by nobody but itself."""
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = _sign(
            _describe(SERVER_NAME, key, issuer=None), names=SERVER_NAMES, is_authority=False, by=key
        )
        return self._write_pair("self-signed", key, certificate)

    @cached_property
    def unknown_authority(self) -> Certified:
        """Signed by an authority that the client does not trust."""
        return self._issue("unknown-authority", authority=_make_authority("an authority nobody trusts"))

    @cached_property
    def issued_by_server(self) -> Certified:
        """Signed by a server certificate, which may not sign others (basicConstraints CA:FALSE, RFC 5280 section 4.2.1.9)."""
        key = ec.generate_private_key(ec.SECP256R1())
        middle = _sign(
            _describe("middle.lab.example", key, issuer=self._authority.certificate),
            names=("middle.lab.example",),
            is_authority=False,
            by=self._authority.key,
        )
        return self._issue(
            "issued-by-server", authority=_Authority(certificate=middle, key=key), and_chain=(middle,)
        )

    @cached_property
    def short_key(self) -> Certified:
        """An RSA key of 1024 bits, too short since 2013."""
        return self._issue("short-key", key=rsa.generate_private_key(65537, 1024))  # noqa: S505

    @cached_property
    def client(self) -> Certified:
        """What a client presents to servers that ask for a certificate."""
        return self._issue("client", names=("client.lab.example",), usage=ExtendedKeyUsageOID.CLIENT_AUTH)

    @cached_property
    def client_of_unknown_authority(self) -> Certified:
        """A client certificate that the servers refuse."""
        return self._issue(
            "client-of-unknown-authority",
            names=("client.lab.example",),
            usage=ExtendedKeyUsageOID.CLIENT_AUTH,
            authority=_make_authority("an authority no server trusts"),
        )

    def _issue(
        self,
        name: str,
        *,
        names: tuple[str, ...] = SERVER_NAMES,
        valid_from: dt.timedelta = -DAY,
        valid_until: dt.timedelta = 30 * DAY,
        usage: x509.ObjectIdentifier = ExtendedKeyUsageOID.SERVER_AUTH,
        authority: _Authority | None = None,
        and_chain: tuple[x509.Certificate, ...] = (),
        key: PrivateKey | None = None,
    ) -> Certified:
        authority = authority or self._authority
        key = key or ec.generate_private_key(ec.SECP256R1())
        described = _describe(
            names[0], key, issuer=authority.certificate, valid_from=valid_from, valid_until=valid_until
        )
        described = described.add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
        certificate = _sign(described, names=names, is_authority=False, by=authority.key)
        return self._write_pair(name, key, certificate, *and_chain)

    def _write(self, name: str, *certificates: x509.Certificate) -> Path:
        path = self.directory / f"{name}.pem"
        path.write_bytes(b"".join(each.public_bytes(serialization.Encoding.PEM) for each in certificates))
        return path

    def _write_pair(self, name: str, key: PrivateKey, *chain: x509.Certificate) -> Certified:
        key_path = self.directory / f"{name}.key"
        key_path.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        # Servers read keys before or after they switch user; a key that lives for one test run may be read by all.
        key_path.chmod(0o644)
        return Certified(chain=self._write(name, *chain), key=key_path)


def _make_authority(name: str) -> _Authority:
    key = ec.generate_private_key(ec.SECP256R1())
    return _Authority(
        certificate=_sign(_describe(name, key, issuer=None), names=(), is_authority=True, by=key), key=key
    )


def _describe(
    name: str,
    key: PrivateKey,
    *,
    issuer: x509.Certificate | None,
    valid_from: dt.timedelta = -DAY,
    valid_until: dt.timedelta = 30 * DAY,
) -> x509.CertificateBuilder:
    now = dt.datetime.now(dt.UTC)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + valid_from)
        .not_valid_after(now + valid_until)
    )


def _sign(
    described: x509.CertificateBuilder, *, names: tuple[str, ...], is_authority: bool, by: PrivateKey
) -> x509.Certificate:
    described = described.add_extension(
        x509.BasicConstraints(ca=is_authority, path_length=None), critical=True
    )
    if names:
        described = described.add_extension(
            x509.SubjectAlternativeName(list(map(_general_name, names))), critical=False
        )
    return described.sign(by, hashes.SHA256())


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)
