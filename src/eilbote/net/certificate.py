"""What a server's certificate says of itself, for the person who has to mend it.

OpenSSL refuses a certificate and keeps it to itself: from ``certificate has expired`` nobody learns since when, nor
from ``hostname mismatch`` for which names it is. So whoever tests a connection looks at it once more, unchecked, and
sends nothing (RFC 5280 §4.1.2.5 for the dates, RFC 9525 §6.3 for the names).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from cryptography.x509 import Certificate, Name

_MOST_NAMES: Final = 6
_LONGEST_NAME: Final = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class PresentedCertificate:
    """A certificate as it was shown, checked or not.

    Attributes:
        names: The host names and IP addresses it is for; nothing else counts.
        not_before: From when it is valid.
        not_after: Until when.
        subject: Whom it names, its common name if it has one.
        issuer: Who signed it, the same way.
        self_signed: Whether it names itself as its issuer.
    """

    names: tuple[str, ...]
    not_before: datetime
    not_after: datetime
    subject: str
    issuer: str
    self_signed: bool

    @property
    def names_text(self) -> str:
        """Name the hosts it is for, the first few of many."""
        if not self.names:
            return "no host at all"
        more = len(self.names) - _MOST_NAMES
        return ", ".join(self.names[:_MOST_NAMES]) + (f" and {more} more" if more > 0 else "")


def read_certificate(der: bytes) -> PresentedCertificate | None:
    """Read a certificate in DER; ``None`` when it cannot be read."""
    from cryptography.x509 import load_der_x509_certificate

    try:
        found = load_der_x509_certificate(der)
        return PresentedCertificate(
            names=_names(found),
            not_before=found.not_valid_before_utc,
            not_after=found.not_valid_after_utc,
            subject=_shown(found.subject),
            issuer=_shown(found.issuer),
            self_signed=found.subject == found.issuer,
        )
    except ValueError:
        return None


def detail_of(certificate: PresentedCertificate, fault: str, *, host: str, now: datetime) -> str:
    """Say of a fault what the certificate itself tells about it; empty when it tells nothing more.

    Args:
        certificate: The one that was refused.
        fault: Why, in the words of :mod:`eilbote.net.faults`.
        host: The name that was asked for.
        now: The time on this machine, which may be wrong itself.
    """
    if now > certificate.not_after and "expired" in fault:
        return f"it was valid until {_day(certificate.not_after)}, and this machine's clock says {_day(now)}"
    if now < certificate.not_before and "not yet valid" in fault:
        return (
            f"it is valid from {_day(certificate.not_before)} on, and this machine's clock says {_day(now)}"
        )
    if "host name" in fault or "IP address" in fault:
        return f"it is for {certificate.names_text}, and not for {host}"
    if certificate.self_signed:
        return f"it was made by {certificate.issuer} for itself"
    return f"it was issued by {certificate.issuer}"


def _names(certificate: Certificate) -> tuple[str, ...]:
    from cryptography.x509 import DNSName, ExtensionNotFound, IPAddress, SubjectAlternativeName

    try:
        listed = certificate.extensions.get_extension_for_class(SubjectAlternativeName).value
    except ExtensionNotFound:
        return ()
    hosts = (_printable(name) for name in listed.get_values_for_type(DNSName))
    return (*hosts, *map(str, listed.get_values_for_type(IPAddress)))


def _shown(name: Name) -> str:
    from cryptography.x509.oid import NameOID

    for kind in (NameOID.COMMON_NAME, NameOID.ORGANIZATION_NAME):
        found = name.get_attributes_for_oid(kind)
        if found:
            return _printable(str(found[0].value))
    return _printable(name.rfc4514_string()) or "nobody"


def _printable(text: str) -> str:
    """Anybody can write anything into a certificate; no control character of it reaches a terminal or a log."""
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)[
        :_LONGEST_NAME
    ]


def _day(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
