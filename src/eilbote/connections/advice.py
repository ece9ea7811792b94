"""What an administrator should know about a connection that is usable as it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from eilbote.connections.host import is_loopback
from eilbote.connections.security import HTTPS_PORT, IMPLICIT_TLS_PORT, RELAY_PORT, SUBMISSION_PORT
from eilbote.model.credentials import AccessToken, Anonymous, Credentials, Password
from eilbote.model.mail_protocol import MailProtocol
from eilbote.model.oauth2 import OAuth2, ProvidedToken
from eilbote.model.tls import Security, TlsPolicy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from eilbote.connections.service import Service
    from eilbote.model.address import Mailbox


def advice_on_protection(
    *,
    host: str,
    port: int,
    security: Security,
    tls: TlsPolicy,
    credentials: Credentials,
    allow_clear_authentication: bool,
    protocol: MailProtocol = MailProtocol.SMTP,
) -> Iterator[str]:
    """Point at a port and a mode that hardly belong together, and at what travels unprotected."""
    if protocol is MailProtocol.GRAPH:
        pass  # it is https, on whatever port
    elif security is Security.TLS and port == HTTPS_PORT:
        yield (
            "port 443 is the port of HTTPS: mail over TLS is submitted on port 465, "
            "and instructions that say 443 mean 465."
        )
    elif security is Security.TLS and port in (RELAY_PORT, SUBMISSION_PORT):
        yield (
            f"port {port} is seldom encrypted from the first octet: security 'starttls' belongs to it, "
            f"or port {IMPLICIT_TLS_PORT} to security 'tls'."
        )
    elif security is not Security.TLS and port == IMPLICIT_TLS_PORT:
        yield (
            f"port {port} is encrypted from the first octet: security 'tls' belongs to it, "
            f"or port {SUBMISSION_PORT} to security 'starttls'."
        )
    if security is Security.NONE and not is_loopback(host):
        yield f"nothing is encrypted on the way to {host}: everybody in between can read and change the mail."
    if (
        security is Security.NONE
        and allow_clear_authentication
        and not isinstance(credentials, Anonymous)
        and not is_loopback(host)
    ):
        yield "the credentials may travel in clear, because allow_clear_authentication is on."
    if security is not Security.NONE and not tls.verify:
        yield (
            "the server's certificate is not checked: anybody in between can pose as the server. "
            "Give ca_file for an own certificate authority, and keep verify on."
        )


def advice_on_mechanism(mechanism: str | None, credentials: Credentials) -> Iterator[str]:
    """Point at a pinned mechanism that nobody will use."""
    if mechanism and isinstance(credentials, Anonymous):
        yield f"mechanism {mechanism} is not used: user and password are blank, so nobody logs in."


def advice_on_service(
    service: Service, credentials: Credentials, default_from: Mailbox | None
) -> Iterator[str]:
    """Tell what people stumble over at a service."""
    name = service.name
    if service.unconfirmed:
        yield f"the catalogue's entry for {name} is unconfirmed: {service.unconfirmed}"
    if service.catcher:
        yield f"{name} takes mail for tests and delivers none."
    match credentials:
        case Password(user=user):
            if service.oauth2_only:
                yield f"{name} refuses passwords: give an OAuth2 login. {service.note}".rstrip()
            elif service.passwords_end:
                yield f"{name} is switching passwords off: give an OAuth2 login. {service.note}".rstrip()
            elif service.app_password:
                yield f"{name} wants an app password, not the account's own. {service.note}".rstrip()
            yield from _advice_on_user(service, user)
            yield from _advice_on_from(service, user, default_from)
        case AccessToken(user=user) | OAuth2(user=user) | ProvidedToken(user=user):
            yield from _advice_on_from(service, user, default_from)
        case Anonymous():
            pass  # Some relays know their senders by address; one that wants a login says so itself.
        case _:
            assert_never(credentials)


def _advice_on_user(service: Service, user: str) -> Iterator[str]:
    if service.user is not None and user != service.user:
        yield f"the user name at {service.name} is '{service.user}' for everybody. {service.note}".rstrip()


def _advice_on_from(service: Service, user: str, default_from: Mailbox | None) -> Iterator[str]:
    if not service.from_must_equal_user:
        return
    if default_from is None:
        yield f"{service.name} sends only from the account's own address: From must be the user's address."
    elif "@" in user and default_from.addr_spec.lower() != user.lower():
        yield (
            f"{service.name} sends only from the account's own address: the default From "
            f"{default_from.addr_spec} should be {user}, or an alias of it that the provider knows."
        )
