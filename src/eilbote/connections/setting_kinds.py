"""Of which kind each setting of a connection is, for callers whom no type checker tells."""

from __future__ import annotations

from types import NoneType
from typing import TYPE_CHECKING

from eilbote.connections.limits import Limits
from eilbote.connections.retry_policy import RetryPolicy
from eilbote.errors import SettingsError
from eilbote.model.address import Mailbox
from eilbote.model.credentials import AccessToken, Anonymous, Password
from eilbote.model.kinds import check_kind
from eilbote.model.oauth2 import OAuth2, ProvidedToken
from eilbote.model.secret import Secret
from eilbote.model.timeouts import Timeouts
from eilbote.model.tls import TlsPolicy

if TYPE_CHECKING:
    from collections.abc import Mapping

_TEXT, _MAYBE_TEXT, _SECRET = (str,), (str, NoneType), (str, Secret, NoneType)
_OF_A_CONNECTION: dict[str, tuple[type, ...]] = {
    "name": _TEXT,
    "service": _MAYBE_TEXT,
    "tls": (TlsPolicy,),
    "timeouts": (Timeouts,),
    "limits": (Limits,),
    "retry": (RetryPolicy,),
    "pipelining": (bool,),
    "allow_clear_authentication": (bool,),
    "verify_recipients": (bool,),
    "public_only": (bool,),
    "unused": (tuple,),
}
_BESIDE_A_URI: dict[str, tuple[type, ...]] = {
    "host": _MAYBE_TEXT,
    "port": (int, str, NoneType),
    "security": _MAYBE_TEXT,
    "user": _MAYBE_TEXT,
    "password": _SECRET,
    "access_token": _SECRET,
    "domain": _MAYBE_TEXT,
    "default_from": (str, Mailbox, NoneType),
    "from_name": _MAYBE_TEXT,
    "allowed_senders": (str, list, tuple, set, frozenset, NoneType),
    "name": _MAYBE_TEXT,
    "ehlo_name": _MAYBE_TEXT,
    "mechanism": _MAYBE_TEXT,
    "tls": (TlsPolicy, NoneType),
    "timeouts": (Timeouts, NoneType),
    "limits": (Limits, NoneType),
    "retry": (RetryPolicy, NoneType),
    "chunking_window": (int, NoneType),
    "pipelining": (bool, NoneType),
    "allow_clear_authentication": (bool, NoneType),
    "credentials": (Anonymous, Password, AccessToken, OAuth2, ProvidedToken, NoneType),
    "protocol": _MAYBE_TEXT,
    "verify_recipients": (bool, NoneType),
}


def check_kinds(**given: object) -> None:
    """Refuse values of the wrong kind for the fields of a connection that nothing else looks at.

    Raises:
        SettingsError: One is; ``field`` names it.
    """
    for name, value in given.items():
        check_kind(value, _OF_A_CONNECTION[name], field=name, fault=SettingsError)


def check_settings(given: Mapping[str, object]) -> None:
    """Refuse settings beside a URI or a service that do not exist, and values of the wrong kind.

    Raises:
        SettingsError: One is; ``field`` names it.
    """
    for name, value in given.items():
        kinds = _BESIDE_A_URI.get(name)
        if kinds is None:
            raise _unknown(name)
        check_kind(value, kinds, field=name, fault=SettingsError)


def _unknown(name: str) -> SettingsError:
    import difflib

    alike = difflib.get_close_matches(name[:60], _BESIDE_A_URI, n=1)
    return SettingsError(
        f"a connection has no setting {name!r}",
        field=name,
        remedy=(f"Did you mean {alike[0]}? " if alike else "") + f"Settings are {', '.join(_BESIDE_A_URI)}",
    )
