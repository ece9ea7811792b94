"""Somebody who is signed in opens the page of an attacker, who has her browser send requests with her cookie.

His page may send forms, and texts that look like JSON, without asking anybody first; it may follow links and load pictures by GET; it may put
into its requests what some frameworks take for another method. It cannot read answers, so it does not know the token of her session, but it has
one of its own. Every operation of the description is tried, so one that is added tomorrow is tried as well.
"""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Mapping
from pathlib import Path

import httpx2
import pytest
import pytest_asyncio
from tests.acceptance.api_scene import API, Operation, Scene, api_scene, operations
from tests.attacks.kept_rows import changes, kept_rows
from tests.unit.api.account_house import AccountHouse, Browser, account_house
from tests.unit.engine.accounts.account_scene import ANOTHER, PASSWORD, ROOT

from eilbote.accounts.organization import HOST
from eilbote.accounts.role import Role

pytestmark = pytest.mark.asyncio(loop_factories=["asyncio"])
SAFE = {"GET", "HEAD", "OPTIONS"}
ELSEWHERE = {
    "Origin": "https://evil.example",
    "Sec-Fetch-Site": "cross-site",
    "Referer": "https://evil.example/",
}
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain", "")
"""What a page may send to another site without that one being asked (Fetch section 2.2.2)."""
BOSS, OTHER = "organization_administrator@acme", "organization_administrator@globex"
ENDLESS = {"stream_events"}
BOOKKEEPING = {"session", "audit", "meta", "api_key"}
"""When somebody was seen last, and the book: what an attacker may make longer without gain."""


@pytest_asyncio.fixture
async def scene(tmp_path: Path) -> AsyncGenerator[Scene]:
    async with api_scene(tmp_path) as made:
        yield made


def changing() -> list[Operation]:
    """Give all operations that change something and need somebody to be signed in."""
    return [each for each in operations() if each.method not in SAFE and each.needs != "everybody"]


async def sent(
    scene: Scene, browser: Browser, operation: Operation, headers: Mapping[str, str], content: bytes
) -> httpx2.Response:
    path = scene.path_of(operation, "acme")
    return await browser.client.request(operation.method, path, headers=headers, content=content)


def body_of(operation: Operation) -> bytes:
    example = operation.example
    return b"" if example is None else json.dumps(example).encode()


async def test_no_operation_takes_a_change_without_the_token_of_its_session(scene: Scene) -> None:
    """As JSON, so that nothing else is in its way: her token missing, empty, wrong, of her other browser, of the attacker."""
    boss, second = await scene.signed_in(BOSS), await scene.signed_in(BOSS)
    attacker = await scene.signed_in(OTHER)
    tokens = [None, "", "x", boss.csrf[:-1], boss.csrf + " x", second.csrf, attacker.csrf]
    before = kept_rows(scene.database, but=BOOKKEEPING)
    wrong = []
    for operation in changing():
        for token in tokens:
            headers = {"Content-Type": "application/json"} | (
                {} if token is None else {"X-CSRF-Token": token}
            )
            said = await sent(scene, boss, operation, headers, body_of(operation))
            if (said.status_code, said.json()["field"]) != (403, "X-CSRF-Token"):
                wrong.append(f"{operation.id} with {token!r}: {said.status_code} {said.text[:200]}")
    assert not wrong, "\n".join(wrong)
    assert not changes(before, kept_rows(scene.database, but=BOOKKEEPING))
    assert (await boss.ask("GET", "/session")).status_code == 200, "nor is she signed out"
    assert len(changing()) > 60


async def test_no_operation_takes_a_form(scene: Scene) -> None:
    """With her cookie and all that a form can be; also where the token were in the form, or in the query."""
    boss = await scene.signed_in(BOSS)
    before = kept_rows(scene.database, but=BOOKKEEPING)
    wrong = []
    for operation in changing():
        for kind in FORMS:
            content = f"csrf={boss.csrf}&X-CSRF-Token={boss.csrf}&x=".encode() + body_of(operation)
            said = await sent(scene, boss, operation, ELSEWHERE | {"Content-Type": kind}, content)
            if said.status_code != 403:
                wrong.append(f"{operation.id} as {kind!r}: {said.status_code} {said.text[:200]}")
    assert not wrong, "\n".join(wrong)
    assert not changes(before, kept_rows(scene.database, but=BOOKKEEPING))


OVERRIDES = (
    {"X-HTTP-Method-Override": "DELETE"},
    {"X-HTTP-Method": "DELETE"},
    {"X-Method-Override": "PATCH"},
    {
        "X-Original-Method": "POST",
        "X-Original-URL": f"{API}/me/sessions",
        "X-Rewrite-URL": f"{API}/me/sessions",
    },
)


async def test_looking_changes_nothing(scene: Scene) -> None:
    """A picture on the attacker's page is an address of ours: of everything that can be read, and of everything that can be done."""
    boss = await scene.signed_in(BOSS)
    before = kept_rows(scene.database, but=BOOKKEEPING)
    wrong = []
    for operation in operations():
        if operation.id in ENDLESS:
            continue
        path = scene.path_of(operation, "acme")
        for headers in ({}, *OVERRIDES):
            for method in ("GET", "HEAD"):
                said = await boss.client.request(method, path, headers=ELSEWHERE | headers)
                if said.status_code >= 500:
                    wrong.append(f"{method} {path} {headers}: {said.status_code}")
        for query in ("_method=DELETE", "method=POST", "_HttpMethod=PATCH"):
            await boss.client.get(f"{path}?{query}", headers=ELSEWHERE)
        found = changes(before, kept_rows(scene.database, but=BOOKKEEPING))
        if found:
            wrong.append(f"{operation.id}: {found[:3]}")
            before = kept_rows(scene.database, but=BOOKKEEPING)
    assert not wrong, "\n".join(wrong)
    assert (await boss.ask("GET", "/session")).status_code == 200


async def test_another_method_in_a_header_is_not_heeded(scene: Scene) -> None:
    """Sent by POST with her token, by a page of ours that was talked into an address: it is a POST, and nothing else."""
    boss = await scene.signed_in(BOSS)
    name = scene.things["acme"]["connections/name"]
    for headers in OVERRIDES:
        said = await boss.ask("POST", f"/connections/{name}", headers=dict(headers))
        assert said.status_code == 405
        assert (await boss.ask("GET", f"/connections/{name}")).status_code == 200


async def test_no_other_site_is_given_anything(scene: Scene) -> None:
    """Its scripts ask whether they may send headers of their own, and whether they may read."""
    boss = await scene.signed_in(BOSS)
    asking = ELSEWHERE | {
        "Access-Control-Request-Method": "DELETE",
        "Access-Control-Request-Headers": "x-csrf-token, content-type",
    }
    for path in ("/session", "/me", "/messages", f"/users/{scene.things['acme']['users/id']}"):
        for said in (
            await boss.client.options(API + path, headers=asking),
            await boss.client.get(API + path, headers=ELSEWHERE),
        ):
            assert not [name for name in said.headers if name.startswith("access-control-")]
            assert said.headers["cross-origin-resource-policy"] == "same-origin"
            assert said.headers["x-content-type-options"] == "nosniff"
            assert said.headers["x-frame-options"] == "DENY"


# -- where nobody is signed in -----------------------------------------------------------------------------------


@pytest_asyncio.fixture
async def house() -> AsyncGenerator[AccountHouse]:
    async with account_house(public_url="http://eilbote.test") as made:
        yield made


FROM_ELSEWHERE = (
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://eilbote.test.evil.example"},
    {"Origin": "http://eilbote.test@evil.example"},
    {"Sec-Fetch-Site": "cross-site", "Origin": "http://eilbote.test"},
)


@pytest.mark.parametrize("headers", FROM_ELSEWHERE, ids=str)
async def test_no_page_of_ours_takes_a_form_of_another_site(
    house: AccountHouse, headers: dict[str, str]
) -> None:
    """He has her set a password that he knows, or sit in an account of his; every way in, by page and by API."""
    user = await house.person("anna@acme.example", role=Role.VIEWER, organization="acme")
    await house.desk.invitations.invite("new@acme.example", organization="acme", by=ROOT)
    invited = house.mail.token
    recovery = (await house.desk.recovery.send(user, by=ROOT, is_mailed=False)).rpartition("/")[2]
    form = {"password": ANOTHER, "again": ANOTHER, "address": "anna@acme.example"}
    browser, mailed = house.browser(), len(house.mail.told)
    said = [
        await browser.client.post(f"/invitation/{invited}", data=form, headers=headers),
        await browser.client.post(f"/recover/{recovery}", data=form, headers=headers),
        await browser.client.post("/recover", data=form, headers=headers),
        await browser.client.post("/start/x", data=form, headers=headers),
        await browser.ask("POST", "/recovery", {"address": "anna@acme.example"}, headers=headers),
        await browser.ask("POST", f"/recovery/{recovery}", {"password": ANOTHER}, headers=headers),
        await browser.ask("POST", f"/invitations/{invited}", {"password": ANOTHER}, headers=headers),
        await browser.ask(
            "POST", "/session", {"address": "anna@acme.example", "password": PASSWORD}, headers=headers
        ),
        await browser.ask(
            "POST", "/first-administrator/x", {"address": "a@b.example", "password": ANOTHER}, headers=headers
        ),
    ]
    assert [each.status_code for each in said] == [403] * len(said)
    assert not [each for each in said if "set-cookie" in each.headers]
    assert len(house.mail.told) == mailed
    assert (await browser.sign_in("anna@acme.example")).status_code == 201, "the password is what it was"
    assert (await house.browser().client.get(f"/invitation/{invited}")).status_code == 200


async def test_looking_at_a_page_uses_nothing_up(house: AccountHouse) -> None:
    """Programs that look into mail follow every link, some of them by HEAD."""
    await house.desk.invitations.invite("new@acme.example", organization="acme", by=ROOT)
    paths = [f"/invitation/{house.mail.token}", f"{API}/invitations/{house.mail.token}"]
    user = await house.person("anna@acme.example", role=Role.VIEWER, organization="acme")
    path = await house.desk.recovery.send(user, by=ROOT, is_mailed=False)
    paths += [path, f"{API}/recovery/{path.rpartition('/')[2]}"]
    for path in paths:
        for method in ("GET", "HEAD", "GET"):
            said = await house.browser().client.request(method, path + "?password=x&again=x")
            assert said.status_code in {200, 422}, (
                "an unknown query is refused by the API, and used by nobody"
            )
            assert (await house.browser().client.request(method, path)).status_code == 200
            assert "set-cookie" not in said.headers


async def test_a_key_needs_no_token_and_gets_no_cookie(house: AccountHouse) -> None:
    """No other site can send it, for browsers ask first; and beside a cookie the key is what counts."""
    boss = await house.signed_in("boss@acme.example")
    made = await house.desk.keys.create(
        "k",
        organization=HOST,
        permissions=frozenset({"settings:read"}),
        by=ROOT,  # type: ignore[arg-type]
    )
    boss.csrf = ""
    said = await boss.ask("GET", "/me", headers={"Authorization": f"Bearer {made.text}"})
    assert (said.json()["kind"], "set-cookie" in said.headers) == ("api_key", False)
    said = await boss.ask("PATCH", "/me", {"name": "x"}, headers={"Authorization": "Bearer eb_live_x"})
    assert said.status_code == 401, "a wrong key is not made good by a cookie"
    for scheme in ("Basic Ym9zczpib3Nz", "Negotiate x", "Bearer", "Bearer  "):
        said = await boss.ask("PATCH", "/me", {"name": "x"}, headers={"Authorization": scheme})
        assert said.status_code == 403, "what is no key leaves the cookie, which needs its token"
