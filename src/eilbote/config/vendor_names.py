"""The names by which installations that exist already say their mail settings, each as its manual writes it.

A variable, a key of a mounted secret, and a key of a Helm values file may all say the same field; one table holds them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from eilbote.settings.endpoints import Endpoint


class Login(StrEnum):
    """To which way of signing in a name belongs; the type of authentication selects one."""

    NONE = ""
    BASIC = "basic"
    OAUTH2 = "oauth2"


@dataclass(frozen=True, slots=True, kw_only=True)
class VendorName:
    """One name.

    Attributes:
        name: As it is written.
        field: Our name of the field.
        login: The way of signing in it belongs to.
        note: What to know about it.
    """

    name: str
    field: str
    login: Login = Login.NONE
    note: str = ""

    @property
    def may_be_a_file(self) -> bool:
        """Whether ``<NAME>_FILE`` may name a file with it: whatever people keep among their secrets."""
        return self.login is not Login.NONE


def _rows(prefix: str, *rows: tuple[str, str, Login, str]) -> tuple[VendorName, ...]:
    return tuple(
        VendorName(name=prefix + name, field=field, login=login, note=note)
        for name, field, login, note in rows
    )


_N, _B, _O = Login.NONE, Login.BASIC, Login.OAUTH2
_FORMER: Final = "gone from the vendor's later versions, and understood here"

NOTIFICATION_PREFIX: Final = "EMAIL_NOTIFICATION_SMTP_"
SYSTEM_PREFIX: Final = "SYSTEM_SMTP_"
KEY_PREFIX: Final = "smtp-email-"
VARIABLES: Final[Mapping[Endpoint, tuple[VendorName, ...]]] = MappingProxyType(
    {
        Endpoint.NOTIFICATION: _rows(
            NOTIFICATION_PREFIX,
            ("FROM", "default_from", _N, ""),
            ("AUTH_TYPE", "auth_type", _N, "`basic` (also `einfach`) or `oauth2`"),
            (
                "EMAIL_SERVICE_TYPE",
                "service",
                _N,
                "such as `Outlook365`; goes before host, port and protection",
            ),
            ("HOST", "host", _N, ""),
            ("PORT", "port", _N, "465 for `tls`; where a manual says 443 write 465"),
            (
                "TLS_REQUIRED",
                "security",
                _N,
                "`tls`, `starttls` or `none`; follows from the port when it is left out",
            ),
            ("USERNAME", "user", _B, _FORMER),
            ("PASSWORD", "password", _B, _FORMER),
            ("OAUTH2_USER", "user", _O, ""),
            ("OAUTH2_CLIENT_ID", "client_id", _O, ""),
            ("OAUTH2_CLIENT_SECRET", "client_secret", _O, ""),
            ("OAUTH2_ACCESS_TOKEN", "access_token", _O, ""),
            ("OAUTH2_REFRESH_TOKEN", "refresh_token", _O, ""),
            ("OAUTH2_TOKEN_ACCESS_URL", "access_url", _O, ""),
            ("OAUTH2_EXPIRY_DATE_UNIX_TIMESTAMP", "expiry_date", _O, "milliseconds since 1970"),
        ),
        Endpoint.SYSTEM: _rows(
            SYSTEM_PREFIX,
            ("HOST", "host", _N, ""),
            ("PORT", "port", _N, ""),
            ("FROM", "default_from", _N, ""),
            ("CONNECTION_TYPE", "security", _N, "`tls`, `starttls` or `none`"),
            ("USERNAME", "user", _N, ""),
            ("PASSWORD", "password", _B, ""),
            ("CLIENT_ID", "client_id", _O, ""),
            ("CLIENT_SECRET", "client_secret", _O, ""),
            ("ACCESS_TOKEN", "access_token", _O, ""),
            ("REFRESH_TOKEN", "refresh_token", _O, ""),
        ),
    }
)
"""Environment variables."""

SECRET_KEYS: Final[Mapping[Endpoint, tuple[VendorName, ...]]] = MappingProxyType(
    {
        Endpoint.NOTIFICATION: _rows(
            KEY_PREFIX,
            ("basic-username", "user", _B, ""),
            ("basic-password", "password", _B, ""),
            ("oauth2-user", "user", _O, ""),
            ("oauth2-client-id", "client_id", _O, ""),
            ("oauth2-client-secret", "client_secret", _O, ""),
            ("oauth2-access-token", "access_token", _O, ""),
            ("oauth2-refresh-token", "refresh_token", _O, ""),
        ),
        Endpoint.SYSTEM: (),
    }
)
"""Keys of a secret that is mounted as a folder, one file each."""

PLACEHOLDERS: Final[Mapping[Endpoint, frozenset[str]]] = MappingProxyType(
    {Endpoint.NOTIFICATION: frozenset(), Endpoint.SYSTEM: frozenset({"test"})}
)
"""What stands in the vendor's files where nobody has filled anything in; it says nothing."""
