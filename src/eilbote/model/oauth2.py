"""What access tokens are fetched with (RFC 6749, RFC 7523): the grants that need nobody at a screen.

Authorization code and device code (RFC 8628) are ways to a person's consent. Both end in a refresh token, and so in a
:class:`RefreshTokenGrant`; nothing of them is kept.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeAlias, assert_never

from eilbote.errors import SettingsError
from eilbote.model.kinds import check_kind
from eilbote.model.moment import Moment
from eilbote.model.secret import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class RefreshTokenGrant:
    """A person has agreed once; the refresh token stands for that (RFC 6749 §6).

    Attributes:
        client_id: The registered application.
        client_secret: Its secret; empty for a public client (RFC 6749 §2.1).
        refresh_token: The one that was handed out at the consent. A server may hand out another one with each access
            token; the newest is kept with the tokens, not here.

    Raises:
        SettingsError: A part is no text.
    """

    client_id: str
    refresh_token: Secret
    client_secret: Secret = field(default_factory=lambda: Secret(""))

    def __post_init__(self) -> None:
        """Hide secrets that came as plain text, before anything can show them."""
        _hide(self, "refresh_token", "client_secret")
        check_kind(self.client_id, (str,), field="client_id", fault=SettingsError)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientCredentialsGrant:
    """The application acts in its own name (RFC 6749 §4.4); what Microsoft 365 wants of services.

    Attributes:
        client_id: The registered application.
        client_secret: Its secret.

    Raises:
        SettingsError: A part is no text.
    """

    client_id: str
    client_secret: Secret

    def __post_init__(self) -> None:
        """Hide a secret that came as plain text, before anything can show it."""
        _hide(self, "client_secret")
        check_kind(self.client_id, (str,), field="client_id", fault=SettingsError)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceAccountGrant:
    """An account of a program signs for itself (RFC 7523 §2.1); what Google Workspace wants of services.

    Attributes:
        issuer: The service account, its ``client_email``.
        private_key: Its RSA key, PEM.
        key_id: The key's id, if it has one.

    Raises:
        SettingsError: A part is no text.
    """

    issuer: str
    private_key: Secret
    key_id: str = ""

    def __post_init__(self) -> None:
        """Hide a key that came as plain text, before anything can show it."""
        _hide(self, "private_key")
        for name in ("issuer", "key_id"):
            check_kind(getattr(self, name), (str,), field=name, fault=SettingsError)


Grant: TypeAlias = RefreshTokenGrant | ClientCredentialsGrant | ServiceAccountGrant


@dataclass(frozen=True, slots=True, kw_only=True)
class OAuth2:
    """A user name with what access tokens for it are fetched with.

    Attributes:
        user: The mailbox that is signed in to; with a service account also the subject of the assertion.
        grant: What a token is asked for with.
        token_url: The token endpoint (RFC 6749 §3.2), https.
        scope: What the token is to allow, names with blanks between them; empty leaves it to the server.
        access_token: One that is known already, and used as long as it is valid.
        expires: Until when that one is; ``None`` when nobody said.

    Raises:
        SettingsError: A part is of the wrong kind.
    """

    user: str
    grant: Grant
    token_url: str
    scope: str = ""
    access_token: Secret | None = None
    expires: Moment | None = None

    def __post_init__(self) -> None:
        """Hide a token that came as plain text, before anything can show it."""
        if self.access_token is not None:
            _hide(self, "access_token")
        check_kind(
            self.grant,
            (RefreshTokenGrant, ClientCredentialsGrant, ServiceAccountGrant),
            field="grant",
            fault=SettingsError,
        )
        for name in ("user", "token_url", "scope"):
            check_kind(getattr(self, name), (str,), field=name, fault=SettingsError)

    def secrets(self) -> tuple[Secret, ...]:
        """Give everything that no text may hold."""
        token = () if self.access_token is None else (self.access_token,)
        match self.grant:
            case RefreshTokenGrant(refresh_token=refresh_token, client_secret=client_secret):
                return (refresh_token, client_secret, *token)
            case ClientCredentialsGrant(client_secret=client_secret):
                return (client_secret, *token)
            case ServiceAccountGrant(private_key=private_key):
                return (private_key, *token)
            case _:
                assert_never(self.grant)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvidedToken:
    """A user name with a function of the program's own that gives a valid access token whenever one is needed.

    Attributes:
        user: The mailbox that is signed in to.
        provide: Called before a session signs in; its answer is used once. After the server has refused a token it is
            called again, once.

    Raises:
        SettingsError: A part is of the wrong kind.
    """

    user: str
    provide: Callable[[], Awaitable[str | Secret]]

    def __post_init__(self) -> None:
        """Refuse what cannot be called, before a session needs it."""
        check_kind(self.user, (str,), field="user", fault=SettingsError)
        if not callable(self.provide):
            raise SettingsError(
                "the token's provider cannot be called",
                field="provide",
                remedy="Give a function without arguments: async def provide() -> str",
            )


def _hide(noun: object, *names: str) -> None:
    for name in names:
        value: object = getattr(noun, name)
        check_kind(value, (str, Secret), field=name, fault=SettingsError)
        object.__setattr__(noun, name, Secret(value))  # type: ignore[arg-type]  # checked the line before
