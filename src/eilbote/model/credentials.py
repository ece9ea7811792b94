"""What a session proves its identity with (RFC 4954): nothing, a password, an OAuth2 access token, or what gets one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from eilbote.errors import SettingsError
from eilbote.model.kinds import check_kind
from eilbote.model.moment import Moment
from eilbote.model.oauth2 import OAuth2, ProvidedToken
from eilbote.model.secret import Secret


@dataclass(frozen=True, slots=True)
class Anonymous:
    """No authentication; what a blank user name and a blank password mean."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Password:
    r"""A user name with its password.

    Attributes:
        user: The authentication identity.
        password: Its password, or an app password.
        domain: The Windows domain of the user, for servers that want one (NTLM, or ``DOMAIN\user``).

    Raises:
        SettingsError: A part is no text.
    """

    user: str
    password: Secret
    domain: str = ""

    def __post_init__(self) -> None:
        """Hide a password that came as plain text, before anything can show it."""
        check_kind(self.password, (str, Secret), field="password", fault=SettingsError)
        check_kind(self.user, (str,), field="user", fault=SettingsError)
        check_kind(self.domain, (str,), field="domain", fault=SettingsError)
        object.__setattr__(self, "password", Secret(self.password))


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessToken:
    """A user name with an OAuth2 bearer token that is valid now (RFC 6750).

    Attributes:
        user: The mailbox that is signed in to.
        token: The token.
        expires: Until when it is valid; ``None`` when nobody said.

    Raises:
        SettingsError: A part is no text.
    """

    user: str
    token: Secret
    expires: Moment | None = None

    def __post_init__(self) -> None:
        """Hide a token that came as plain text, before anything can show it."""
        check_kind(self.token, (str, Secret), field="access_token", fault=SettingsError)
        check_kind(self.user, (str,), field="user", fault=SettingsError)
        object.__setattr__(self, "token", Secret(self.token))


Credentials: TypeAlias = Anonymous | Password | AccessToken | OAuth2 | ProvidedToken
