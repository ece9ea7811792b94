"""Reads who asks for a person's consent, and where, from the fields of a connection (pure)."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from eilbote.connections.catalogue import find
from eilbote.connections.token_endpoint import check_token_url
from eilbote.errors import SettingsError
from eilbote.model.mail_protocol import MailProtocol
from eilbote.model.secret import Secret
from eilbote.oauth2.consent import Application
from eilbote.oauth2.known import authority_at, authority_of

if TYPE_CHECKING:
    from eilbote.connections.stored import StoredConnection
    from eilbote.connections.stored_fields import KeptFields

_WHERE: Final = ("service", "host", "protocol", "tenant", "access_url", "client_id")


def consent_fields(
    stored: StoredConnection | None, said: KeptFields, *, authorize_url: str = "", device_url: str = ""
) -> Application:
    """Join what is kept of a connection with what is said now.

    Args:
        stored: The connection as it is kept, if it is.
        said: What is said beside it, or in place of it.
        authorize_url: The page on which a person consents, where it is not known.
        device_url: The device authorization endpoint, where it is not known.

    Raises:
        SettingsError: Something is missing, or an address cannot be used; ``field`` names it.
    """
    known = dict(stored.plain) if stored is not None else {}
    plain = known | dict(said.plain)
    moved = bool(device_url) or is_another_application(stored, said)
    # A secret was entered for one application at one server; it goes nowhere else.
    kept_secret = None if stored is None or moved else stored.secrets.get("client_secret")
    secret = said.secrets.get("client_secret") or kept_secret or Secret("")
    user, client_id = str(plain.get("user", "")), str(plain.get("client_id", ""))
    if not user.strip():
        raise _missing("user", "the mailbox that mail is to be sent from")
    if not client_id.strip():
        raise _missing("client_id", "the id that the application got when it was registered at the provider")
    protocol = MailProtocol(str(plain.get("protocol", "") or MailProtocol.SMTP))
    token_url = str(plain.get("access_url", ""))
    if token_url:
        authority = authority_at(check_token_url(token_url, field="access_url"))
    else:
        service = find(str(plain.get("service", "")))
        host = str(plain.get("host", ""))
        authority = authority_of(service=service.name if service else None, host=host, protocol=protocol)
    if authority is None and not (token_url and (authorize_url or device_url)):
        raise SettingsError(
            "it is not known who could ask for consent",
            field="access_url",
            cause="The ways of Google, Microsoft and Yahoo are known, by service, host or accessUrl",
            remedy="Give accessUrl=, and --authorize-url or --device-url, from the provider's documentation",
        )
    tenant = str(plain.get("tenant", ""))
    return Application(
        user=user,
        client_id=client_id,
        client_secret=secret,
        token_url=token_url or (authority.at(authority.token_url, tenant) if authority is not None else ""),
        authorize_url=_checked(authorize_url, "authorize_url")
        or (authority.at(authority.authorize_url, tenant) if authority is not None else ""),
        device_url=_checked(device_url, "device_url")
        or (authority.at(authority.device_url, tenant) if authority is not None else ""),
        scope=str(plain.get("scope", "")) or (authority.scope("consent", protocol) if authority else ""),
        parameters=authority.authorize if authority is not None else MappingProxyType({}),
    )


def is_another_application(stored: StoredConnection | None, said: KeptFields) -> bool:
    """Tell whether what is said leads to another application, or another server, than what is kept was entered for."""
    known = dict(stored.plain) if stored is not None else {}
    plain = known | dict(said.plain)
    return any(plain.get(name) != known.get(name) for name in _WHERE)


def _checked(url: str, field: str) -> str:
    return check_token_url(url, field=field) if url else ""


def _missing(field: str, what: str) -> SettingsError:
    return SettingsError(f"the {field.replace('_', ' ')} is missing", field=field, remedy=f"Give {what}")
