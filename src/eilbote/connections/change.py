"""Changes a stored connection: all of a change, or nothing of it (pure).

A stored secret was entered for one server, one protection and one user. When a change would send it anywhere else, or
less protected, it has to be entered again: whoever may change a host name must not thereby learn a password.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from eilbote.connections.field_names import SECRET_NAMES, as_written
from eilbote.connections.stored_fields import KeptFields, kept_fields
from eilbote.errors import ConfigurationError, SettingsError
from eilbote.model.credentials import AccessToken, Anonymous, Password
from eilbote.model.moment import as_datetime
from eilbote.model.oauth2 import (
    ClientCredentialsGrant,
    OAuth2,
    RefreshTokenGrant,
    ServiceAccountGrant,
)

if TYPE_CHECKING:
    from eilbote.connections.connection import Connection
    from eilbote.connections.stored import FieldValue, StoredConnection
    from eilbote.model.moment import Moment
    from eilbote.model.secret import Secret

_PROTECTION: Final = frozenset({"security", "secure", "secure_connection", "require_tls", "ignore_tls"})
_SERVER: Final = frozenset({"service", "host", "port", *_PROTECTION})
_PASSWORD_LOGIN: Final = frozenset({"password", "domain"})
_TOKEN_LOGIN: Final = frozenset(
    {
        *(
            "access_token",
            "expiry_date",
            "refresh_token",
            "client_id",
            "client_secret",
            "access_url",
            "scope",
        ),
        *("grant", "tenant", "service_account", "private_key", "issuer", "key_id"),
    }
)
_INSTEAD_OF: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        **dict.fromkeys(_PROTECTION, _PROTECTION),
        "service": frozenset({"host", "port", *_PROTECTION}),
        "host": frozenset({"service"}),
        "verify": frozenset({"ignore_tls_errors"}),
        "ignore_tls_errors": frozenset({"verify"}),
        "password": _TOKEN_LOGIN | {"auth_type"},
        "client_id": _PASSWORD_LOGIN | {"auth_type"},
        "refresh_token": _PASSWORD_LOGIN | {"auth_type", "access_token", "expiry_date"},
        "access_token": _PASSWORD_LOGIN | {"auth_type", "expiry_date"},
        "service_account": _PASSWORD_LOGIN
        | {"auth_type", "access_token", "expiry_date", "private_key", "issuer", "key_id"},
        "private_key": _PASSWORD_LOGIN | {"auth_type", "access_token", "expiry_date", "service_account"},
    }
)
"""What a field takes back when it is set, as far as the same change does not set it as well: a connection has one login,
one server, and one word for its protection."""
OF_THIS_MACHINE: Final = frozenset({"ca_file", "client_certificate", "client_key", "client_key_password"})
"""Fields that name files of this machine, which organizations do not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedConnection:
    """What a stored connection would be after a change.

    Attributes:
        stored: To be kept as it is.
        connection: What is made of it.
        is_new: Whether anything is different at all.
        warnings: What an administrator should know, one sentence or two each.
    """

    stored: StoredConnection
    connection: Connection
    is_new: bool
    warnings: tuple[str, ...] = ()


def with_fields(stored: StoredConnection, fields: Mapping[str, object], *, now: Moment) -> ChangedConnection:
    """Say what a connection would be with some fields changed; blank ones are taken back.

    Args:
        stored: What is kept now; without any field for a new one.
        fields: What to change, under any names in use for the fields.
        now: What a duration counts from.

    Raises:
        ConfigurationError: A field cannot be used, or the whole makes no connection.
        SettingsError: The same, or a secret has to be entered again; ``field`` names it.
    """
    try:
        said = kept_fields(fields, now=now)
        _check_allowed(stored, said)
        changed = _changed(stored, said)
        connection = changed.connection()
        _check_secrets(stored, changed, said, connection)
    except ConfigurationError as fault:
        fault.field = as_written(fault.field, fields)
        raise
    return ChangedConnection(
        stored=changed,
        connection=connection,
        is_new=changed != stored or not stored.version,
        warnings=(*said.notes, *connection.warnings, *_advice_on_token(connection, now)),
    )


def replaced(stored: StoredConnection, fields: Mapping[str, object], *, now: Moment) -> ChangedConnection:
    """Say what a connection would be with these fields and no others; no secret of it stays.

    Raises:
        ConfigurationError: As :func:`with_fields`.
    """
    bare = replace(stored, plain=MappingProxyType({}), secrets=MappingProxyType({}))
    changed = with_fields(bare, fields, now=now)
    is_new = not stored.version or changed.stored != stored
    return replace(changed, is_new=is_new)


def _changed(stored: StoredConnection, said: KeptFields) -> StoredConnection:
    gone = set(said.blank)
    if "default_from" in gone:
        gone.add("from_name")  # "from" brought it along, and it stands before no other address
    if said.from_uri:
        gone |= _SERVER
    for name in said.names():
        gone |= _INSTEAD_OF.get(name, frozenset())
    gone -= said.names()
    plain: dict[str, FieldValue] = {n: value for n, value in stored.plain.items() if n not in gone}
    secrets: dict[str, Secret] = {n: value for n, value in stored.secrets.items() if n not in gone}
    return replace(
        stored,
        plain=MappingProxyType(plain | dict(said.plain)),
        secrets=MappingProxyType(secrets | dict(said.secrets)),
    )


def _check_allowed(stored: StoredConnection, said: KeptFields) -> None:
    if stored.organization and (named := said.names() & OF_THIS_MACHINE):
        raise SettingsError(
            "an organization cannot name files of this machine",
            field=min(named),
            remedy="Have an administrator keep the connection for the host",
        )


# -- where secrets go -----------------------------------------------------------------------------------------


def _check_secrets(
    stored: StoredConnection, changed: StoredConnection, said: KeptFields, connection: Connection
) -> None:
    """Refuse to use a secret that is kept for another destination than it was entered for."""
    kept = sorted(stored.secrets.keys() & changed.secrets.keys() - said.secrets.keys())
    if not kept:
        return
    differing = _differences(stored, changed, connection)
    if differing:
        words = [name.replace("_", " ") for name in kept]
        named = " and ".join(filter(None, (", ".join(words[:-1]), words[-1])))
        raise SettingsError(
            f"the stored {named} would go to another destination than {'it was' if len(kept) == 1 else 'they were'} "
            "entered for",
            field=kept[0],
            cause=f"Different would be: {', '.join(differing)}",
            remedy=f"Enter {named} again in the same step",
        )


def _differences(stored: StoredConnection, changed: StoredConnection, connection: Connection) -> list[str]:
    after = secret_destination(connection)
    try:
        before = secret_destination(stored.connection())
    except ConfigurationError:
        # What cannot be used any more has no destination: nothing is known to be the same.
        was, would_be = dict(stored.plain), dict(changed.plain)
        return ["whole connection"] if was != would_be else []
    return sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))


def secret_destination(connection: Connection) -> Mapping[str, object]:
    """Give where the secrets of a connection go, in parts that can be compared.

    That is the server and how it is known to be the right one, how the way there is protected, the user, and for tokens
    the endpoint and the application that they are asked for by.
    """
    parts: dict[str, object] = {
        "host": connection.host,
        "port": connection.port,
        "security": connection.security,
        "certificate check": connection.tls,
        "clear authentication": connection.allow_clear_authentication,
        "protocol": connection.protocol,
        "service": connection.service,
    }
    credentials = connection.credentials
    if not isinstance(credentials, Anonymous):
        parts["user"] = credentials.user
    match credentials:
        case Password(domain=domain):
            parts |= {"login": "password", "domain": domain}
        case OAuth2(grant=grant, token_url=url):
            parts |= {"login": "tokens", "access URL": url}
            match grant:
                case RefreshTokenGrant(client_id=client_id) | ClientCredentialsGrant(client_id=client_id):
                    parts["client id"] = client_id
                case ServiceAccountGrant(issuer=issuer):
                    parts["issuer"] = issuer
        case AccessToken():
            parts["login"] = "tokens"
        case _:
            pass
    return parts


def _advice_on_token(connection: Connection, now: Moment) -> tuple[str, ...]:
    credentials = connection.credentials
    if not isinstance(credentials, AccessToken):
        return ()
    if credentials.expires is not None and credentials.expires <= now:
        ended = f"{as_datetime(credentials.expires):%Y-%m-%d %H:%M} UTC"
        return (f"the accessToken ended at {ended}, and there is no refreshToken to get another one with.",)
    return (
        "when the accessToken ends nothing is sent until another one is given: there is no refreshToken.",
    )


def secrets_of(stored: StoredConnection) -> Mapping[str, bool]:
    """Tell for every secret there may be whether it is kept, which is all that is told of it."""
    return {name: name in stored.secrets for name in sorted(SECRET_NAMES)}
