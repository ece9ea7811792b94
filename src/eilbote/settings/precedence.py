"""What a field of a nearer level takes off from farther ones, besides the field of its own name; as tables (pure)."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from eilbote.settings.fields import CREDENTIALS, DESTINATION, FIELDS

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

_PASSWORD = frozenset({"password", "domain"})
OF_TOKENS = frozenset(
    {
        *(
            "client_id",
            "client_secret",
            "refresh_token",
            "access_token",
            "expiry_date",
            "access_url",
            "scope",
        ),
        *("grant", "tenant", "service_account", "issuer", "private_key", "key_id"),
    }
)
"""Everything that speaks of tokens."""
_HOW_TO_SIGN_IN = frozenset({"auth_type", "mechanism"})
WHO_SIGNS_IN = frozenset({"user", "client_id", "tenant", "issuer", "service_account", "access_url"})
"""Whoever signs in as somebody else, as another application, or elsewhere brings everything needed for that."""
_PROTECTION = frozenset({"security", "secure_connection", "secure", "require_tls", "ignore_tls"})
"""Several words for one thing: how a session is protected."""
PROOF = frozenset({"verify", "ignore_tls_errors", "ca_file", "server_name", "minimum_version"})
"""How one server proves who it is; says nothing about another server."""
WHERE_TOKENS_COME_FROM = frozenset({"access_url", "tenant", "service_account"})
"""Credentials that also say where octets go: to which token endpoint."""


def _taken_off_by(name: str) -> frozenset[str]:
    taken: frozenset[str] = frozenset()
    if name in DESTINATION or name in WHO_SIGNS_IN:
        taken |= CREDENTIALS
    match name:
        case "service" | "uri":
            taken |= DESTINATION
        case "host":
            taken |= PROOF | {"service", "allow_clear_authentication"}
        case "auth_type":
            taken |= CREDENTIALS
        case "verify" | "ignore_tls_errors":
            taken |= {"verify", "ignore_tls_errors"}
        case "access_token":
            taken |= {"expiry_date"}
        case "refresh_token":
            taken |= {"access_token", "expiry_date"}
        case "private_key":
            taken |= {"key_id"}
        case _:
            pass
    if name in _PROTECTION:
        taken |= _PROTECTION
    if name in _PASSWORD:
        taken |= OF_TOKENS | _HOW_TO_SIGN_IN
    if name in OF_TOKENS:
        taken |= _PASSWORD | _HOW_TO_SIGN_IN
    return taken - {name}


TAKES_OFF: Mapping[str, frozenset[str]] = MappingProxyType({name: _taken_off_by(name) for name in FIELDS})
"""For each field, what a level that says it does not inherit any more."""
INSTEAD_OF: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        **{name: _PROTECTION - {name} for name in _PROTECTION},
        "verify": frozenset({"ignore_tls_errors"}),
        "ignore_tls_errors": frozenset({"verify"}),
    }
)
"""Other words for the same thing, which a new word replaces on its own level."""


def lock_against(name: str, locked: Collection[str]) -> str | None:
    """Give the locked field for whose sake a nearer level may not say ``name``, or ``None`` when it may.

    The proof that is asked of a server (:data:`PROOF`) may be locked without fixing which server it is.
    """
    if name in locked:
        return name
    spared = PROOF | {"allow_clear_authentication"} if name in {"host", "service"} else frozenset[str]()
    return next((each for each in sorted(TAKES_OFF[name] - spared) if each in locked), None)
