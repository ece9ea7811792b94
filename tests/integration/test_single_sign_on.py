"""Single sign-on at a provider of other people's making, by somebody with a browser: who comes in, and who does not."""

from __future__ import annotations

import html
import re
import ssl
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx2
import pytest
from tests.integration.account_server import AccountServer, account_server
from tests.integration.lab.authorization_server import SIGN_IN, AuthorizationServer
from tests.unit.engine.accounts.account_scene import PASSWORD, ROOT

from eilbote.accounts.audit import AuditFilter
from eilbote.accounts.role import Role
from eilbote.accounts.user import UserState
from eilbote.engine.accounts.openid_provider import OpenIdSettings
from eilbote.errors import NotFoundError
from eilbote.model.secret import Secret
from eilbote.model.tls import TlsPolicy
from eilbote.net.http import HttpDoor

pytestmark = [pytest.mark.asyncio, pytest.mark.peer]
ANNA = "anna@lab.example"
_FORM = re.compile(r'<form[^>]*\baction="([^"]*)"[^>]*>(.*?)</form>', re.DOTALL)
_HIDDEN = re.compile(r'<input[^>]*\btype="hidden"[^>]*>')
_ATTRIBUTE = re.compile(r'\b(name|value)="([^"]*)"')


@asynccontextmanager
async def served(
    folder: Path, server: AuthorizationServer, **changes: object
) -> AsyncGenerator[AccountServer]:
    settings = {
        "issuer": server.issuer,
        "client_id": SIGN_IN.client_id,
        "client_secret": Secret(SIGN_IN.client_secret),
        "scopes": "openid email profile",
        "http": HttpDoor(tls=TlsPolicy(ca_file=str(server.ca_file))),
    }
    async with account_server(folder, openid=lambda: OpenIdSettings(**{**settings, **changes})) as made:
        yield made


async def go(
    browser: httpx2.AsyncClient, mailbox: str, begin: str = "/sign-in/openid", *, until: str = ""
) -> httpx2.Response:
    """Follow everything, sign in with a mailbox and agree; stop before the address that has ``until`` in it."""
    browser.follow_redirects = False
    method, url, data = "GET", urljoin(str(browser.base_url), begin), None
    for _ in range(20):
        page = await browser.request(method, url, data=data)
        method, data = "GET", None
        if page.is_redirect:
            url = urljoin(str(page.url), page.headers["location"])
            if until and until in url:
                return page
            continue
        form = _FORM.search(page.text) if str(page.url).startswith("https:") else None
        if form is None:
            return page
        data = {
            found["name"]: html.unescape(found.get("value", ""))
            for found in (dict(_ATTRIBUTE.findall(field)) for field in _HIDDEN.findall(form[2]))
        }
        if 'name="login"' in form[2]:
            data |= {"login": mailbox, "password": "anything"}
        method, url = "POST", urljoin(str(page.url), html.unescape(form[1]))
    raise AssertionError(url)


def trusting(server: AuthorizationServer) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(server.ca_file))


async def me(browser: httpx2.AsyncClient) -> httpx2.Response:
    return await browser.get("/api/v1/me")


async def failures(server: AccountServer) -> list[str]:
    found = await server.eilbote.audit.records(AuditFilter(action="user.sign_in_failed"))
    return [str(record.deed.after.get("why")) for record in found]


async def test_somebody_invited_comes_in_and_is_known_from_then_on(
    tmp_path: Path, authorization_server: AuthorizationServer
) -> None:
    async with served(tmp_path, authorization_server) as server:
        user = await server.invited(ANNA, role=Role.AUTHOR)
        for _ in range(2):
            async with server.browser(verify=trusting(authorization_server)) as browser:
                page = await go(browser, ANNA)
                assert (page.status_code, urlsplit(str(page.url)).path) == (200, "/signed-in")
                assert (await me(browser)).json()["user"]["id"] == user.id
                assert "eilbote_openid" not in browser.cookies
        kept = await server.desk.users.get(user.id)
        assert kept.subject == f"{authorization_server.issuer}|{ANNA}"
        assert (kept.state, kept.role) == (UserState.ACTIVE, Role.AUTHOR)
        # another address changes nothing about who they are at the provider
        await server.desk.users.change(kept, by=ROOT, address="a.larsson@lab.example")
        async with server.browser(verify=trusting(authorization_server)) as browser:
            await go(browser, ANNA)
            assert (await me(browser)).json()["user"]["id"] == user.id


async def test_nobody_becomes_a_user_by_it(tmp_path: Path, authorization_server: AuthorizationServer) -> None:
    async with served(tmp_path, authorization_server) as server:
        locked = await server.person("locked@lab.example")
        await server.desk.users.change(await server.desk.users.get(locked.id), by=ROOT, is_enabled=False)
        for mailbox in ("stranger@lab.example", "locked@lab.example"):
            async with server.browser(verify=trusting(authorization_server)) as browser:
                page = await go(browser, mailbox)
                assert page.status_code == 403
                assert "not known here" in page.text
                assert (await me(browser)).status_code == 401
        with pytest.raises(NotFoundError):
            await server.desk.users.at("stranger@lab.example")
        assert await failures(server) == ["known to the single sign-on alone"] * 2


async def test_an_address_that_nobody_has_made_sure_of_opens_no_account(
    tmp_path: Path, authorization_server: AuthorizationServer
) -> None:
    """Somebody writes an administrator's address into their profile at the provider."""
    async with served(tmp_path, authorization_server) as server:
        root = await server.person(ANNA, role=Role.SYSTEM_ADMINISTRATOR, organization="")
        async with server.browser(verify=trusting(authorization_server)) as browser:
            page = await go(browser, f"unverified-{ANNA}")
            assert page.status_code == 403
            assert (await me(browser)).status_code == 401
        assert not (await server.desk.users.get(root.id)).subject


async def test_a_system_administrator_is_not_found_by_the_address_alone(
    tmp_path: Path, authorization_server: AuthorizationServer
) -> None:
    """Whoever rules over a mailbox would rule over the host; signed in with the password, they link the two themselves."""
    async with served(tmp_path, authorization_server) as server:
        root = await server.person(ANNA, role=Role.SYSTEM_ADMINISTRATOR, organization="")
        async with server.browser(verify=trusting(authorization_server)) as browser:
            assert (await go(browser, ANNA)).status_code == 403
            assert (await me(browser)).status_code == 401
        assert not (await server.desk.users.get(root.id)).subject
        async with server.browser(verify=trusting(authorization_server)) as browser:
            said = await browser.post("/api/v1/session", json={"address": ANNA, "password": PASSWORD})
            assert said.status_code == 201, said.text
            assert (await go(browser, ANNA)).status_code == 200
        assert (await server.desk.users.get(root.id)).subject == f"{authorization_server.issuer}|{ANNA}"


async def test_an_address_that_has_changed_hands_at_the_provider_opens_no_account(
    tmp_path: Path, authorization_server: AuthorizationServer
) -> None:
    async with served(tmp_path, authorization_server) as server:
        user = await server.person(ANNA)
        store = server.eilbote.services.account_store
        known = await server.desk.users.get(user.id)
        await store.keep_user(replace(known, subject=f"{authorization_server.issuer}|somebody-before"))
        async with server.browser(verify=trusting(authorization_server)) as browser:
            assert (await go(browser, ANNA)).status_code == 403


async def test_a_return_belongs_to_the_browser_that_began(
    tmp_path: Path, authorization_server: AuthorizationServer
) -> None:
    """Somebody begins, keeps the last address to himself, and has another browser open it: it would be signed in as him."""
    async with served(tmp_path, authorization_server) as server:
        await server.invited(ANNA)
        async with (
            server.browser(verify=trusting(authorization_server)) as attacker,
            server.browser() as victim,
        ):
            stopped = await go(attacker, ANNA, until="/sign-in/openid/return")
            back = stopped.headers["location"]
            for begun in (False, True):
                if begun:
                    await victim.get("/sign-in/openid", follow_redirects=False)
                page = await victim.get(back, follow_redirects=False)
                assert page.status_code == 403
                assert "eilbote_session" not in victim.cookies
            # whose it is comes in with it, once
            assert (await attacker.get(back, follow_redirects=False)).status_code == 303
            assert (await attacker.get(back, follow_redirects=False)).status_code == 403


async def test_what_is_changed_on_the_way_is_refused(
    tmp_path: Path, authorization_server: AuthorizationServer
) -> None:
    async with served(tmp_path, authorization_server) as server:
        await server.invited(ANNA)
        async with server.browser(verify=trusting(authorization_server)) as browser:
            stopped = await go(browser, ANNA, until="/sign-in/openid/return")
            query = {
                name: value
                for name, (value,) in parse_qs(urlsplit(stopped.headers["location"]).query).items()
            }
            assert query["iss"] == authorization_server.issuer
            kept = {"Cookie": f"eilbote_openid={browser.cookies['eilbote_openid']}"}
            browser.cookies.clear()
            for change in (
                {"iss": "https://evil.example"},
                {"iss": ""},
                {"state": "x"},
                {"state": ""},
                {"code": ""},
                {"code": "x"},
                {"code": "é" * 5000},
            ):
                page = await browser.get("/sign-in/openid/return", params=query | change, headers=kept)
                assert page.status_code == 403, change
                assert "eilbote_session" not in browser.cookies


async def test_what_the_browser_is_sent_away_with(
    tmp_path: Path, authorization_server: AuthorizationServer
) -> None:
    async with served(tmp_path, authorization_server) as server, server.browser() as browser:
        page = await browser.get("/sign-in/openid", follow_redirects=False)
        query = parse_qs(urlsplit(page.headers["location"]).query)
        assert page.status_code == 303
        assert query["code_challenge_method"] == ["S256"]
        assert query["redirect_uri"] == [f"{server.url}/sign-in/openid/return"]
        secret = browser.cookies["eilbote_openid"]
        assert secret not in page.headers["location"]
        assert len({*query["state"], *query["nonce"], *query["code_challenge"]}) == 3
        cookie = page.headers["set-cookie"].lower()
        assert "httponly" in cookie
        assert "samesite=lax" in cookie


@pytest.mark.parametrize("change", ["issuer", "client_secret", "client_id"])
async def test_a_provider_that_does_not_fit_lets_nobody_in(
    tmp_path: Path, authorization_server: AuthorizationServer, change: str
) -> None:
    other = {
        "issuer": authorization_server.issuer + "/",
        "client_secret": Secret("wrong"),
        "client_id": "nobody",
    }[change]
    async with served(tmp_path, authorization_server, **{change: other}) as server:
        await server.invited(ANNA)
        async with server.browser(verify=trusting(authorization_server)) as browser:
            try:
                page = await go(browser, ANNA)
            except httpx2.HTTPStatusError:
                page = None
            assert page is None or page.status_code in {400, 403}
            assert (await me(browser)).status_code == 401


async def test_a_provider_that_is_away_is_told_of(
    tmp_path: Path, authorization_server: AuthorizationServer
) -> None:
    async with (
        served(tmp_path, authorization_server, issuer="https://127.0.0.1:9") as server,
        server.browser() as browser,
    ):
        page = await browser.get("/sign-in/openid")
        assert page.status_code == 403
        assert "could not be signed in" in page.text
