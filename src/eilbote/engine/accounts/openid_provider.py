"""Asks a provider of OpenID Connect: what it is like (Discovery section 4), its keys, and whom a code stands for."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, cast

from eilbote.engine.accounts.id_token import distrust
from eilbote.errors import DeliveryError, SettingsError, SignInError
from eilbote.net.http_url import read_url
from eilbote.oauth2.grants import TokenRequest
from eilbote.oauth2.known import ClientAuthentication

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eilbote.model.clock import Clock
    from eilbote.model.secret import Secret
    from eilbote.net.http import HttpDoor

_WELL_KNOWN: Final = "/.well-known/openid-configuration"
_KNOWN_SECONDS: Final = 3600.0
_AGAIN_SECONDS: Final = 60.0
_OK: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenIdSettings:
    """Which provider, and what it calls us.

    Attributes:
        issuer: The provider, as ``iss`` of its tokens names it.
        client_id: What it calls us.
        client_secret: The password that belongs to it; ``None`` for a public client.
        scopes: What is asked for, with blanks between.
        http: The way there.
    """

    issuer: str
    client_id: str
    client_secret: Secret | None
    scopes: str
    http: HttpDoor


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """What a provider says of itself.

    Attributes:
        authorization_url: Where people sign in.
        token_url: Where a code is turned into tokens.
        keys: Its public keys.
        names_itself: Whether it puts its name beside each code (RFC 9207).
        takes_header: Whether we say who we are in the header, and not in the form.
        asked: When it was asked, by a clock that never runs backwards.
    """

    authorization_url: str
    token_url: str
    keys: Mapping[str, object] = field(repr=False)
    names_itself: bool
    takes_header: bool
    asked: float


class OpenIdProvider:
    """Asks the provider, and remembers for an hour what it is like.

    Args:
        settings: Which provider.
        clock: Tells the time.
    """

    def __init__(self, settings: OpenIdSettings, *, clock: Clock) -> None:
        self.settings = settings
        self._clock = clock
        self._known: Provider | None = None

    async def known(self, *, anew: bool = False) -> Provider:
        """Give what the provider is like.

        Args:
            anew: Ask again, unless that was done a moment ago: it may have other keys by now.

        Raises:
            SignInError: It cannot be asked, or is somebody else.
        """
        now = self._clock.monotonic()
        if self._known is not None and now - self._known.asked < (_AGAIN_SECONDS if anew else _KNOWN_SECONDS):
            return self._known
        issuer = self.settings.issuer
        said = await self._get(issuer.rstrip("/") + _WELL_KNOWN)
        if said.get("issuer") != issuer:
            raise distrust("it calls itself by another name than oidc.issuer")
        methods = said.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        self._known = Provider(
            authorization_url=_url(said, "authorization_endpoint"),
            token_url=_url(said, "token_endpoint"),
            keys=await self._get(_url(said, "jwks_uri")),
            names_itself=said.get("authorization_response_iss_parameter_supported") is True,
            takes_header=not isinstance(methods, list) or "client_secret_basic" in methods,
            asked=now,
        )
        return self._known

    async def id_token(self, code: str, *, verifier: str, redirect_uri: str) -> str:
        """Turn a code into an ID token (RFC 6749 section 4.1.3, RFC 7636).

        Raises:
            SignInError: The provider refuses it, or cannot be asked.
        """
        known = await self.known()
        secret = self.settings.client_secret
        request = TokenRequest(
            fields=(
                ("grant_type", "authorization_code"),
                ("code", code),
                ("redirect_uri", redirect_uri),
                ("code_verifier", verifier),
            ),
            client_id=self.settings.client_id,
            **({} if secret is None else {"client_secret": secret}),
        )
        way = ClientAuthentication.BASIC if known.takes_header else ClientAuthentication.POST
        try:
            async with self.settings.http.client(field="oidc.issuer") as client:
                answer = await client.post(
                    known.token_url, content=request.body(way), headers=request.header_fields(way)
                )
        except (DeliveryError, SettingsError) as error:
            raise _unreachable(error) from error
        token = _object(answer.content).get("id_token") if answer.status_code == _OK else None
        if not isinstance(token, str):
            raise distrust(f"it gave no ID token for its code (status {answer.status_code})")
        return token

    async def _get(self, url: str) -> Mapping[str, object]:
        try:
            async with self.settings.http.client(field="oidc.issuer") as client:
                answer = await client.get(url, headers={"Accept": "application/json"})
        except (DeliveryError, SettingsError) as error:
            raise _unreachable(error) from error
        if answer.status_code != _OK:
            raise distrust(f"it did not say what it is like (status {answer.status_code})")
        return _object(answer.content)


def _object(octets: bytes) -> Mapping[str, object]:
    try:
        said: object = json.loads(octets)
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict):
        raise distrust("its answer cannot be read")
    return cast("dict[str, object]", said)


def _url(said: Mapping[str, object], name: str) -> str:
    try:
        return read_url(str(said.get(name, "")), field="oidc.issuer")
    except SettingsError as fault:
        raise distrust(f"its {name} is no address that can be used") from fault


def _unreachable(error: DeliveryError | SettingsError) -> SignInError:
    return SignInError(
        "single sign-on is not possible for now",
        field="openid",
        cause=f"{error.what}: {error.cause}" if error.cause else error.what,
        remedy="Try again in some minutes, or sign in with a password",
    )
