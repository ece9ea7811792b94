"""Somebody asks under a name that is his: ``Host: evil.example``, or what a proxy would say of it.

He asks for a new password in her name, and hopes that the link in her mail leads to him. He hopes that a page, a redirection or a ``Location``
repeats his name, so that a cache or a browser takes it along; that the cookie is given for another scheme. And he makes addresses that begin
at ours and end at his.
"""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest
import pytest_asyncio
from tests.acceptance.api_scene import Scene, api_scene, operations
from tests.unit.api.account_house import AccountHouse, account_house
from tests.unit.engine.accounts.account_scene import ROOT

from eilbote.accounts.role import Role

pytestmark = pytest.mark.asyncio(loop_factories=["asyncio"])
ANNA = "anna@acme.example"
URL = "https://eilbote.example/mail"
EVIL = "evil.example"
CLAIMS = (
    {"Host": EVIL},
    {"Host": f"eilbote.example:@{EVIL}"},
    {"Host": f"eilbote.example.{EVIL}"},
    {"X-Forwarded-Host": EVIL},
    {"X-Forwarded-Server": EVIL},
    {"X-Host": EVIL},
    {"Forwarded": f"host={EVIL};proto=http"},
    {"X-Forwarded-Proto": "http", "X-Forwarded-Port": "80", "X-Forwarded-Prefix": f"//{EVIL}"},
    {"X-Original-URL": f"https://{EVIL}/", "X-Rewrite-URL": f"https://{EVIL}/"},
    {"Referer": f"https://{EVIL}/", "Origin": f"https://{EVIL}", "Sec-Fetch-Site": "none"},
)
ENDLESS = {"stream_events"}


@pytest_asyncio.fixture
async def house() -> AsyncGenerator[AccountHouse]:
    """The server behind a proxy that is trusted, which hands on whatever its clients claim."""
    async with account_house(public_url=URL, trusted_proxies="192.0.2.0/24") as made:
        await made.person(ANNA, role=Role.OPERATOR, organization="acme")
        made.base_url = "https://eilbote.example"  # the proxy has taken its folder off
        yield made


def leads_to(house: AccountHouse) -> str:
    """Give where the link leads that was mailed last."""
    return str(house.mail.told[-1].data["link"]).rpartition("/")[0]


@pytest.mark.parametrize("claim", CLAIMS, ids=str)
async def test_links_in_mail_lead_to_the_address_that_was_configured(
    house: AccountHouse, claim: dict[str, str]
) -> None:
    browser = house.browser()
    assert (await browser.ask("POST", "/recovery", {"address": ANNA}, headers=claim)).status_code == 202
    assert leads_to(house) == f"{URL}/recover"
    page = await browser.client.post("/recover", data={"address": ANNA}, headers=claim)
    assert page.status_code == 200
    assert leads_to(house) == f"{URL}/recover"
    boss = await house.signed_in("boss@acme.example")
    said = await boss.ask("POST", "/users", {"address": "new@acme.example"}, headers=claim)
    assert said.status_code == 201
    assert leads_to(house) == f"{URL}/invitation"
    assert EVIL not in f"{said.text}{said.headers}{page.text}{page.headers}"


async def test_without_an_address_configured_no_link_is_mailed_rather_than_a_wrong_one() -> None:
    async with account_house() as house:
        await house.person(ANNA, role=Role.OPERATOR, organization="acme")
        for claim in CLAIMS:
            await house.browser().ask("POST", "/recovery", {"address": ANNA}, headers=claim)
            boss = await house.signed_in("boss@acme.example")
            user = await house.desk.users.at(ANNA)
            said = await boss.ask("POST", f"/users/{user.id}/recovery", headers=claim)
            assert said.json()["link"].startswith("/recover/"), "a path, for whoever hands it over"
        assert house.mail.told == []


@pytest.mark.parametrize("claim", CLAIMS, ids=str)
async def test_a_cookie_is_as_it_was_configured(house: AccountHouse, claim: dict[str, str]) -> None:
    said = await house.browser().ask(
        "POST",
        "/session",
        {"address": ANNA, "password": "four words without sense"},
        headers=claim | {"Sec-Fetch-Site": "same-origin"},
    )
    assert said.status_code == 201
    cookie = said.headers["set-cookie"]
    assert cookie.startswith("__Host-eilbote_session=")
    assert "; Secure" in cookie
    assert EVIL not in cookie


async def test_no_answer_repeats_the_name_that_was_asked_for(tmp_path: Path) -> None:
    """Every operation, and every page beside them: neither in words nor in headers."""
    async with api_scene(tmp_path) as scene:
        wrong = []
        for headers in (CLAIMS[0], {name: value for claim in CLAIMS[3:] for name, value in claim.items()}):
            for operation in operations():
                if operation.id in ENDLESS or operation.id.startswith("delete"):
                    continue
                wrong += await _repeating(scene, operation.method, scene.path_of(operation, "acme"), headers)
            for path in ("/", "/recover", "/signed-in", "/nowhere", "/api/reference", "/api/openapi.json"):
                wrong += await _repeating(scene, "GET", path, headers)
        assert not wrong, "\n".join(wrong)


async def _repeating(scene: Scene, method: str, path: str, headers: dict[str, str]) -> list[str]:
    operation = next(
        (each for each in operations() if each.method == method and scene.path_of(each, "acme") == path), None
    )
    example = None if operation is None else operation.example
    said = await scene.client.request(
        method,
        path,
        headers=headers
        | {"Authorization": f"Bearer {scene.keys['organization_administrator@acme']}"}
        | {"Content-Type": "application/json"},
        content=b"" if example is None else json.dumps(example).encode(),
    )
    is_repeated = EVIL in said.text or any(EVIL in value for value in said.headers.values())
    return [f"{method} {path} {headers}: {said.status_code} {said.text[:200]}"] if is_repeated else []


PLACES = (
    f"//{EVIL}",
    f"//{EVIL}/..",
    f"//{EVIL}/%2e%2e",
    f"///{EVIL}",
    f"/\\{EVIL}",
    f"/%5c{EVIL}",
    f"/%2f%2f{EVIL}",
    f"/%09/{EVIL}",
    f"/%0d%0aLocation:%20https://{EVIL}",
    f"/api/v1//{EVIL}",
    f"/api/v1/messages//{EVIL}/",
    f"/signed-in/..//{EVIL}",
    f"/start//{EVIL}",
    f"/invitation/%2f{EVIL}",
    f"/?next=https://{EVIL}",
    f"/signed-in?next=//{EVIL}",
    f"/recover?return_to=https://{EVIL}",
    f"/sign-in/openid?redirect_uri=https://{EVIL}",
    f"/sign-in/openid/return?state=x&code=y&next=https://{EVIL}",
    f"/api/v1/connections/consent/callback?state=https://{EVIL}",
)


@pytest.mark.parametrize("place", PLACES)
async def test_no_address_of_ours_leads_elsewhere(house: AccountHouse, place: str) -> None:
    """Whoever looks at the beginning of a link sees our name, and is to end up here."""
    boss = await house.signed_in("boss@acme.example")
    base = "https://eilbote.example/"
    for method in ("GET", "POST"):
        for headers in ({}, {"Host": EVIL}):
            url = f"https://eilbote.example{place}" if place.startswith("/") else place
            said = await boss.client.request(method, url, headers=headers | {"Sec-Fetch-Site": "same-origin"})
            found = said.headers.get("location", "")
            assert urlsplit(urljoin(base, found)).netloc == "eilbote.example", found
            assert not found.startswith(("//", "/\\")), found
            assert "\\" not in found
            assert EVIL not in str({name: value for name, value in said.headers.items() if name != "date"})
            assert "http-equiv" not in said.text.lower()


async def test_a_form_that_was_sent_leads_on_within_the_server(house: AccountHouse) -> None:
    invited = await house.desk.invitations.invite("new@acme.example", organization="acme", by=ROOT)
    assert invited.path == ""
    form = {"password": "quite other words here", "again": "quite other words here", "next": f"//{EVIL}"}
    said = await house.browser().client.post(
        f"/invitation/{house.mail.token}", params={"next": f"//{EVIL}"}, data=form, headers={"Host": EVIL}
    )
    assert (said.status_code, said.headers["location"]) == (303, "../signed-in")
