"""Which credentials a user name, a password and a token mean together (RFC 4954, RFC 6750)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, assert_never

from eilbote.connections.oauth2_fields import read_oauth2, says_oauth2
from eilbote.connections.token_endpoint import check_token_url
from eilbote.errors import SettingsError
from eilbote.model.credentials import AccessToken, Anonymous, Credentials, Password
from eilbote.model.kinds import check_kind, shown
from eilbote.model.mail_protocol import MailProtocol
from eilbote.model.oauth2 import OAuth2, ProvidedToken

if TYPE_CHECKING:
    from eilbote.connections.endpoint import Endpoint
    from eilbote.connections.service import Service
    from eilbote.connections.stated import Stated
    from eilbote.model.secret import Secret

PASSWORD_MECHANISMS = (
    "PLAIN",
    "LOGIN",
    "CRAM-MD5",
    "SCRAM-SHA-1",
    "SCRAM-SHA-1-PLUS",
    "SCRAM-SHA-256",
    "SCRAM-SHA-256-PLUS",
    "NTLM",
)
TOKEN_MECHANISMS = ("XOAUTH2", "OAUTHBEARER")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_TOKEN = re.compile(r"[\x21-\x7e]+")


def login_of(stated: Stated, endpoint: Endpoint) -> tuple[Credentials, tuple[str, ...]]:
    """Give the credentials that the fields mean, and what was understood or left unused; all blank means anonymous.

    Raises:
        SettingsError: One is missing beside another, two exclude each other, or one holds control characters.
    """
    if stated.credentials is not None:
        _refuse_parts(stated)
        return stated.credentials, ()
    user, password = stated.user, stated.password
    has_user = bool(user.strip())
    has_password = password is not None and bool(password.reveal().strip() if not has_user else password)
    if says_oauth2(stated):
        if has_password:
            raise SettingsError(
                f"a password and {'an access token' if stated.access_token else 'an OAuth2 login'} are both given",
                field="access_token" if stated.access_token else "password",
                remedy="Keep the one the server wants, and clear the other",
            )
        login = read_oauth2(
            stated, host=endpoint.host, service=endpoint.service.name if endpoint.service else None
        )
        return login.credentials, login.notes
    if not has_user:
        _refuse_without_user(has_password=has_password, domain=stated.domain)
        return Anonymous(), ()
    if not has_password or password is None:
        raise SettingsError(
            "the password is missing, and a user is given",
            field="password",
            remedy="Give the password, or clear the user as well to connect anonymously",
        )
    return Password(user=user, password=password, domain=stated.domain), ()


def _refuse_parts(stated: Stated) -> None:
    """Refuse parts of credentials beside the whole."""
    for name in ("user", "password", "access_token", "domain"):
        if getattr(stated, name):
            raise SettingsError(
                f"credentials are given, and a {name.replace('_', ' ')} beside them",
                field=name,
                remedy="Give one of the two",
            )


def check_credentials(credentials: Credentials, *, protocol: MailProtocol = MailProtocol.SMTP) -> Credentials:
    """Refuse credentials that no SASL mechanism, or not this protocol, can carry.

    Raises:
        SettingsError: A part is empty or holds control characters; secrets are not shown.
    """
    check_kind(
        credentials,
        (Anonymous, Password, AccessToken, OAuth2, ProvidedToken),
        field="credentials",
        fault=SettingsError,
        remedy="Give Password(user=..., password=...), AccessToken(user=..., token=...) or Anonymous()",
    )
    if protocol is MailProtocol.GRAPH and isinstance(credentials, Anonymous | Password):
        raise SettingsError(
            "Microsoft Graph takes access tokens only",
            field="password" if isinstance(credentials, Password) else "client_id",
            remedy="Give clientId, clientSecret and tenant of the registered application, and the mailbox as user",
        )
    match credentials:
        case Anonymous():
            pass
        case Password(user=user, password=password, domain=domain):
            _check_user(user)
            if not password:
                raise SettingsError("the password is empty", field="password", remedy="Give the password")
            if _CONTROL.search(password.reveal()):
                raise SettingsError(
                    "the password holds a control character",
                    field="password",
                    cause="Often a line break that was copied or read from a file with it",
                    remedy="Give the password alone",
                )
            if match := _CONTROL.search(domain):
                raise _control_character("domain", match.start())
        case ProvidedToken(user=user):
            _check_user(user)
        case OAuth2(user=user, access_token=known, token_url=url):
            _check_user(user)
            check_token_url(url, field="token_url")
            if known is not None:
                _check_token(known)
        case AccessToken(user=user, token=token):
            _check_user(user)
            _check_token(token)
        case _:
            assert_never(credentials)
    return credentials


def check_login(service: Service, credentials: Credentials) -> None:
    """Refuse to go without a login to a service that is known to want one.

    Raises:
        SettingsError: User and password are blank; the remedy says what the service wants.
    """
    if not service.needs_login or not isinstance(credentials, Anonymous):
        return
    if service.oauth2_only:
        wanted = "the user and an OAuth2 login: passwords are refused"
    elif service.user is not None:
        wanted = f"the user '{service.user}', which is everybody's, and your password"
    elif service.app_password:
        wanted = "the user and an app password: the account's own password is refused"
    else:
        wanted = "the user and the password of the account that the mail is from"
    raise SettingsError(
        f"{service.name} takes mail only from those who log in, and no user is given",
        field="user",
        cause="User and password are blank, which means anonymous",
        remedy=f"Give {wanted}. {service.note}".rstrip(". "),
    )


def read_mechanism(text: str, credentials: Credentials) -> str:
    """Give a pinned SASL mechanism by its registered name.

    Raises:
        SettingsError: It is unknown here, or these credentials cannot be used with it.
    """
    check_kind(text, (str,), field="mechanism", fault=SettingsError)
    name = text.strip().upper()
    known = PASSWORD_MECHANISMS + TOKEN_MECHANISMS
    if name not in known:
        import difflib

        alike = difflib.get_close_matches(name, known, n=1)
        raise SettingsError(
            f"{shown(text)} is not a mechanism eilbote knows",
            field="mechanism",
            remedy=(f"Did you mean {alike[0]}? " if alike else "") + f"Known are {', '.join(known)}",
        )
    match credentials:
        case Password():
            fits = name in PASSWORD_MECHANISMS
        case AccessToken() | OAuth2() | ProvidedToken():
            fits = name in TOKEN_MECHANISMS
        case Anonymous():
            fits = True  # Said in the warnings: nothing goes wrong, and nothing comes of it.
        case _:
            assert_never(credentials)
    if not fits:
        wants = "an access token" if name in TOKEN_MECHANISMS else "a password"
        raise SettingsError(
            f"{name} needs {wants}, and this connection has none",
            field="mechanism",
            remedy=f"Give {wants}, or leave the mechanism empty to use the best common one",
        )
    return name


def _refuse_without_user(*, has_password: bool, domain: str) -> None:
    given = "a password" if has_password else "a domain" if domain.strip() else ""
    if given:
        raise SettingsError(
            f"the user is missing, and {given} is given",
            field="user",
            remedy=f"Give the user name, or clear the {given.partition(' ')[2]} as well to connect anonymously",
        )


def _check_token(token: Secret) -> None:
    if not _TOKEN.fullmatch(token.reveal()):
        raise SettingsError(
            "the access token is not one",
            field="access_token",
            cause="A token has printable ASCII characters without blanks (RFC 6750 §2.1)",
            remedy="Copy it again, without quotes or line breaks",
        )


def _check_user(user: str) -> None:
    if not user.strip():
        raise SettingsError("the user name is empty", field="user", remedy="Give the user name")
    if match := _CONTROL.search(user):
        raise _control_character("user", match.start())


def _control_character(field: str, position: int) -> SettingsError:
    return SettingsError(
        f"the {field} holds a control character",
        field=field,
        position=position,
        remedy="Remove it; line breaks and tabs are often copied unseen",
    )
