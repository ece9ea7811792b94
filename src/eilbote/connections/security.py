"""The words for a protection mode and the ports that belong to them (RFC 8314 §3, RFC 6409 §3.1)."""

from __future__ import annotations

import re
from typing import assert_never

from eilbote.connections.host import is_loopback
from eilbote.errors import SettingsError
from eilbote.model.kinds import check_kind, shown
from eilbote.model.tls import Security

IMPLICIT_TLS_PORT = 465
SUBMISSION_PORT = 587
RELAY_PORT = 25
HTTPS_PORT = 443
ANY_SECURITY = frozenset(Security)
_HIGHEST_PORT = 65535
_DIGITS = re.compile(r"[0-9]{1,5}")
_MODES = "Give tls (encrypted from the start, port 465), starttls (upgraded, port 587) or none"


def default_port(security: Security) -> int:
    """Give the port a mode is spoken on when nobody says otherwise."""
    match security:
        case Security.TLS:
            return IMPLICIT_TLS_PORT
        case Security.STARTTLS:
            return SUBMISSION_PORT
        case Security.NONE:
            return RELAY_PORT
        case _:
            assert_never(security)


def read_port(value: object, *, field: str = "port") -> int:
    """Give a port as a number.

    Raises:
        SettingsError: It is not a whole number from 1 to 65535.
    """
    if isinstance(value, str) and _DIGITS.fullmatch(value.strip()):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= _HIGHEST_PORT:
        raise SettingsError(
            f"{shown(value)} is not a port",
            field=field,
            remedy="Give a whole number from 1 to 65535; submission uses 465 (tls) or 587 (starttls)",
        )
    return value


def read_security(value: Security | str, *, field: str = "security") -> Security:
    """Give the mode that a word means.

    Raises:
        SettingsError: The word is not one of the three modes.
    """
    check_kind(value, (str,), field=field, fault=SettingsError, remedy=_MODES)
    try:
        return Security(value.strip().lower())
    except ValueError:
        raise SettingsError(
            f"{shown(value)} is not a protection mode",
            field=field,
            remedy=_MODES,
        ) from None


def security_of(*, host: str, port: int | None, allowed: frozenset[Security] = ANY_SECURITY) -> Security:
    """Give the mode for a server when nobody names one, out of those that are allowed.

    Port 465 means implicit TLS, and so does no port at all (RFC 8314 §3.3 prefers it); any other port means STARTTLS,
    which is then required. A server on this machine is spoken to in clear: no wire is between, and a catcher or a
    local relay has no certificate.
    """
    local = is_loopback(host)
    if port == IMPLICIT_TLS_PORT:
        order = (Security.TLS,)
    elif local:
        order = (Security.NONE,)
    elif port is None:
        order = (Security.TLS,)
    else:
        order = (Security.STARTTLS,)
    rest = (Security.NONE, Security.STARTTLS) if local else (Security.STARTTLS, Security.NONE)
    return next(mode for mode in (*order, *rest, Security.TLS) if mode in allowed)
