"""What a connection demands of TLS (RFC 8314, RFC 3207)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from types import NoneType

from eilbote.errors import SettingsError
from eilbote.model.kinds import check_kind
from eilbote.model.secret import Secret


class Security(StrEnum):
    """How a session is protected; none of these ever falls back to a weaker one."""

    TLS = "tls"
    """Implicit TLS: from the first octet (port 465)."""
    STARTTLS = "starttls"
    """Upgraded by STARTTLS, which is required (port 587)."""
    NONE = "none"
    """Never encrypted (port 25, or a relay on the same machine)."""


class TlsVersion(StrEnum):
    """The oldest TLS version a connection accepts."""

    TLS_1_2 = "1.2"
    TLS_1_3 = "1.3"


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsPolicy:
    """Whom to trust and what to show.

    Attributes:
        verify: Whether the certificate and its host name are checked. ``False`` makes the session
            readable and changeable by anyone in between; it is for tests, and is never the default.
        ca_file: PEM file of certificates trusted instead of the system's.
        client_certificate: PEM file with the certificate shown to the server.
        client_key: PEM file with its key; when ``None`` the key is in the certificate's file.
        client_key_password: The key's passphrase.
        minimum_version: The oldest version accepted.
        server_name: The name expected in the certificate; when ``None`` the connection's host.

    Raises:
        SettingsError: A value is of the wrong kind.
    """

    verify: bool = True
    ca_file: str | None = None
    client_certificate: str | None = None
    client_key: str | None = None
    client_key_password: Secret | None = None
    minimum_version: TlsVersion = TlsVersion.TLS_1_2
    server_name: str | None = None

    def __post_init__(self) -> None:
        """Refuse values of the wrong kind: ``verify="no"`` would otherwise mean yes."""
        for name, kinds in _KINDS.items():
            check_kind(getattr(self, name), kinds, field=f"tls.{name}", fault=SettingsError)


_KINDS = {
    "verify": (bool,),
    "ca_file": (str, NoneType),
    "client_certificate": (str, NoneType),
    "client_key": (str, NoneType),
    "client_key_password": (Secret, NoneType),
    "minimum_version": (TlsVersion,),
    "server_name": (str, NoneType),
}
