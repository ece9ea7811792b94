"""Somebody has an account at the provider of single sign-on, and would be somebody else here.

He writes another's address into his profile there. He hears that somebody was invited, perhaps as an administrator, and is quicker. He waits until
an invitation has expired, was taken back, or its organization was switched off. He brings a token of his own making. He has a link at hand that
sends her browser on to his site after she has signed in.
"""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncGenerator

import pytest
import pytest_asyncio
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey
from tests.attacks.sign_on_scene import CLIENT, ISSUER, SignOn, signed
from tests.unit.api.account_house import Browser, account_house
from tests.unit.engine.accounts.account_scene import ANOTHER, ROOT

from eilbote.accounts.organization import HOST
from eilbote.accounts.role import Role
from eilbote.accounts.user import UserState

pytestmark = pytest.mark.asyncio(loop_factories=["asyncio"])
ANNA = "anna@acme.example"
URL = "https://eilbote.example"


@pytest_asyncio.fixture
async def sign_on() -> AsyncGenerator[SignOn]:
    async with account_house(public_url=URL) as house:
        yield SignOn(house)


async def invite(sign_on: SignOn, role: Role = Role.VIEWER, organization: str = "acme") -> str:
    """Invite somebody; gives the token of the link."""
    await sign_on.house.desk.invitations.invite(ANNA, organization=organization, by=ROOT, role=role.value)
    return sign_on.house.mail.token


async def is_in(browser: Browser) -> bool:
    return (await browser.ask("GET", "/me")).status_code == 200


async def comes_in(sign_on: SignOn, **said: object) -> bool:
    """Tell whether somebody comes in of whom the provider says something; if not, nothing has changed for whoever it is."""
    browser = sign_on.house.browser()
    before = await sign_on.house.desk.users.page()
    page = await sign_on.go(browser, **said)
    if page.status_code == 303:
        return await is_in(browser)
    assert page.status_code == 403
    assert not await is_in(browser)
    assert list(await sign_on.house.desk.users.page()) == list(before)
    return False


async def test_whoever_was_invited_comes_in_and_stays_who_they_are(sign_on: SignOn) -> None:
    token = await invite(sign_on)
    assert await comes_in(sign_on, email=ANNA, email_verified=True)
    assert not await comes_in(sign_on, sub="s-2", email=ANNA, email_verified=True), "the address is taken"
    assert await comes_in(sign_on, email="other@acme.example"), "known by what the provider calls them"
    said = await sign_on.house.browser().ask("POST", f"/invitations/{token}", {"password": ANOTHER})
    assert said.status_code == 404, "the invitation is used up"


@pytest.mark.parametrize("verified", [None, False, "true", 1, "yes", [True]], ids=repr)
async def test_an_address_that_nobody_has_made_sure_of_counts_for_nothing(
    sign_on: SignOn, verified: object
) -> None:
    await invite(sign_on)
    assert not await comes_in(sign_on, email=ANNA, email_verified=verified)


@pytest.mark.parametrize(
    "role, organization",
    [(Role.SYSTEM_ADMINISTRATOR, HOST), (Role.ORGANIZATION_ADMINISTRATOR, "acme")],
    ids=["of the host", "of an organization"],
)
async def test_nobody_becomes_an_administrator_by_an_address(
    sign_on: SignOn, role: Role, organization: str
) -> None:
    """Also not with an address that the provider vouches for: the invitation has to be accepted by its link."""
    token = await invite(sign_on, role, organization)
    assert not await comes_in(sign_on, email=ANNA, email_verified=True)
    user = await sign_on.house.desk.users.at(ANNA)
    assert (user.state, user.subject) == (UserState.INVITED, "")
    browser = sign_on.house.browser()
    assert (await browser.ask("POST", f"/invitations/{token}", {"password": ANOTHER})).status_code == 201
    assert (await sign_on.go(browser, email=ANNA, email_verified=True)).status_code == 303
    assert await comes_in(sign_on), "from then on by what the provider calls them"


async def test_a_system_administrator_is_linked_in_their_own_browser_alone(sign_on: SignOn) -> None:
    await sign_on.house.person(ANNA, role=Role.SYSTEM_ADMINISTRATOR, organization=HOST)
    assert not await comes_in(sign_on, email=ANNA, email_verified=True)
    other = await sign_on.house.signed_in("boss@acme.example")
    assert (await sign_on.go(other, email=ANNA, email_verified=True)).status_code == 403
    assert (await other.ask("GET", "/me")).json()["name"] == "boss@acme.example"


@pytest.mark.parametrize("why", ["expired", "revoked", "switched off", "locked out"])
async def test_an_invitation_that_is_no_good_any_more_is_no_good_here(sign_on: SignOn, why: str) -> None:
    await invite(sign_on)
    desk = sign_on.house.desk
    user = await desk.users.at(ANNA)
    match why:
        case "expired":
            sign_on.house.clock.advance(7 * 24 * 3600)
        case "revoked":
            await desk.invitations.revoke(user, by=ROOT)
        case "switched off":
            await desk.organizations.change("acme", is_enabled=False)
        case _:
            await desk.users.change(user, by=ROOT, is_enabled=False)
    assert not await comes_in(sign_on, email=ANNA, email_verified=True)


async def test_whoever_was_invited_to_another_address_is_somebody_else(sign_on: SignOn) -> None:
    await invite(sign_on)
    for address in ("anna@acme.example.evil.example", "anna+x@acme.example", "\u0430nna@acme.example", ""):
        assert not await comes_in(sign_on, email=address, email_verified=True)


async def test_no_token_of_his_own_making_is_believed(sign_on: SignOn) -> None:
    await invite(sign_on)
    good = {"email": ANNA, "email_verified": True}
    public = json.dumps((await sign_on.provider.known()).keys["keys"][0])  # type: ignore[index]
    own = ECKey.generate_key("P-256", parameters={"kid": "1"})

    def encoded(data: object) -> str:
        return base64.urlsafe_b64encode(json.dumps(data).encode()).decode().rstrip("=")

    makers = {
        "nothing signs it": lambda claims: f"{encoded({'alg': 'none'})}.{encoded(claims)}.",
        "a key of his": lambda claims: jwt.encode({"alg": "ES256", "kid": "1"}, claims, own),
        "what is public as a password": lambda claims: jwt.encode(
            {"alg": "HS256", "kid": "1"}, claims, OctKey.import_key(public)
        ),
        "the client's own name as a password": lambda claims: jwt.encode(
            {"alg": "HS256"}, claims, OctKey.import_key(CLIENT * 8)
        ),
        "nothing at all": lambda _: "x.y.z",
    }
    for what, make in makers.items():
        browser = sign_on.house.browser()
        sign_on.provider.make = make
        assert (await sign_on.go(browser, **good)).status_code == 403, what
        assert not await is_in(browser), what
    sign_on.provider.make = signed
    assert await comes_in(sign_on, **good)


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://login.example.evil.example"},
        {"iss": ISSUER + "/"},
        {"iss": None},
        {"aud": "another"},
        {"aud": ["another"]},
        {"aud": [CLIENT, "another"]},
        {"aud": None},
        {"azp": "another"},
        {"nonce": "x"},
        {"nonce": None},
        {"exp": 1},
        {"exp": None},
        {"sub": ""},
        {"sub": None},
        {"sub": 7},
        {"sub": "x" * 1000},
    ],
    ids=str,
)
async def test_a_token_for_something_else_is_not_believed(sign_on: SignOn, claims: dict[str, object]) -> None:
    """Of the provider itself, with its signature: for another application, another question, another time."""
    await invite(sign_on)
    assert not await comes_in(sign_on, **({"email": ANNA, "email_verified": True} | claims))


@pytest.mark.parametrize("name", ["next", "redirect_uri", "return_to", "RelayState", "target"])
@pytest.mark.parametrize("place", ["https://evil.example/", "//evil.example", "/\\evil.example"])
async def test_nobody_says_where_it_goes_from_there(sign_on: SignOn, name: str, place: str) -> None:
    await invite(sign_on)
    browser = sign_on.house.browser()
    begun = await browser.client.get(
        "/sign-in/openid", params={name: place}, headers={"Host": "evil.example"}
    )
    assert begun.headers["location"].startswith(f"{ISSUER}/authorize?")
    assert (
        "redirect_uri=https%3A%2F%2Feilbote.example%2Fsign-in%2Fopenid%2Freturn" in begun.headers["location"]
    )
    assert "evil" not in begun.headers["location"]
    page = await sign_on.go(browser, query={name: place}, email=ANNA, email_verified=True)
    assert (page.status_code, page.headers["location"]) == (303, "../../signed-in")
