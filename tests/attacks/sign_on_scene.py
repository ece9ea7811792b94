"""A provider of single sign-on in the hands of a test: it says whatever it is told to, with signatures that are real."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from urllib.parse import parse_qs, urlsplit

import httpx2
from joserfc import jwt
from joserfc.jwk import ECKey
from tests.unit.api.account_house import AccountHouse, Browser

from eilbote.engine.accounts.failed_sign_ins import FailedSignIns
from eilbote.engine.accounts.links import Links
from eilbote.engine.accounts.openid import OpenId
from eilbote.engine.accounts.openid_provider import OpenIdProvider, OpenIdSettings, Provider
from eilbote.net.http import HttpDoor

ISSUER, CLIENT = "https://login.example", "eilbote"
_KEY = ECKey.generate_key("P-256", parameters={"kid": "1", "use": "sig"})


class ScriptedProvider(OpenIdProvider):
    """Says of whoever comes back what it was told to say.

    Attributes:
        claims: What the next ID token says.
        make: Makes it of them.
    """

    claims: Mapping[str, object]
    make: Callable[[dict[str, object]], str]

    async def known(self, *, anew: bool = False) -> Provider:
        return Provider(
            authorization_url=f"{ISSUER}/authorize",
            token_url=f"{ISSUER}/token",
            keys={"keys": [_KEY.as_dict(private=False)]},
            names_itself=False,
            takes_header=True,
            asked=0,
        )

    async def id_token(self, code: str, *, verifier: str, redirect_uri: str) -> str:
        return self.make({**self.claims})


def signed(claims: dict[str, object]) -> str:
    """Give an ID token with the provider's own signature."""
    return jwt.encode({"alg": "ES256", "kid": "1"}, claims, _KEY)


class SignOn:
    """The server with single sign-on.

    Args:
        house: The server.

    Attributes:
        house: The same.
        provider: Who says who somebody is.
    """

    def __init__(self, house: AccountHouse) -> None:
        self.house = house
        self._settings = OpenIdSettings(
            issuer=ISSUER, client_id=CLIENT, client_secret=None, scopes="openid email", http=HttpDoor()
        )
        self.provider = ScriptedProvider(self._settings, clock=house.clock)
        self.provider.claims, self.provider.make = {}, signed
        store, public_url = house.eilbote.services.account_store, house.eilbote.config.public_url
        house.desk.openid = OpenId(
            self.provider,
            store,
            links=Links(store, clock=house.clock, public_url=public_url),
            sign_in=house.desk.sign_in,
            failed=FailedSignIns(house.eilbote.audit, clock=house.clock),
            clock=house.clock,
            public_url=public_url,
        )

    def claims(self, **said: object) -> dict[str, object]:
        """Give what an ID token that answers a question says; what is ``None`` is left out."""
        now = int(self.house.clock.now().timestamp())
        every = {"iss": ISSUER, "aud": CLIENT, "iat": now, "exp": now + 300, "sub": "s-1"}
        return {name: value for name, value in (every | said).items() if value is not None}

    async def go(
        self, browser: Browser, *, query: Mapping[str, str] | None = None, **said: object
    ) -> httpx2.Response:
        """Go to the provider with a browser and come back; the ID token says what is given."""
        begun = await browser.client.get("/sign-in/openid")
        asked = {
            name: value for name, (value,) in parse_qs(urlsplit(begun.headers["location"]).query).items()
        }
        self.provider.claims = self.claims(**{"nonce": asked["nonce"], **said})
        return await browser.client.get(
            "/sign-in/openid/return", params={"state": asked["state"], "code": "c", **(query or {})}
        )
