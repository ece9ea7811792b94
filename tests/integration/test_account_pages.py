"""The pages on which people come in, by a real server: from the first start to a new password, without a script anywhere."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import re
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
import pytest_asyncio
from tests.integration.account_server import AccountServer, account_server
from tests.unit.engine.accounts.account_scene import ANOTHER, PASSWORD, ROOT

from eilbote.accounts.principal import Origin
from eilbote.accounts.role import Role

pytestmark = pytest.mark.asyncio
ANNA = "anna@acme.example"


@pytest_asyncio.fixture
async def server(tmp_path: Path) -> AsyncGenerator[AccountServer]:
    async with account_server(tmp_path) as made:
        yield made


async def link(server: AccountServer, address: str, *, recovers: bool = False) -> str:
    user = await server.desk.users.at(address)
    if recovers:
        return await server.desk.recovery.send(user, by=ROOT, is_mailed=False)
    return (await server.desk.invitations.again(user, by=ROOT, is_mailed=False)).path


def form(password: str = PASSWORD, again: str | None = None, **more: str) -> dict[str, str]:
    return {"password": password, "again": password if again is None else again, **more}


async def test_the_first_administrator(server: AccountServer) -> None:
    path = await server.desk.first.offer()
    async with server.browser() as browser:
        for _ in range(3):  # programs that look into mail and chats follow links
            page = await browser.get(path)
            assert page.status_code == 200
            assert 'name="address"' in page.text
        for wrong in (
            form(address="root"),
            form("short", address="root@host.example"),
            form(again="other", address="root@host.example"),
            form(address="root@host.example", name="a\nb"),
        ):
            page = await browser.post(path, data=wrong)
            assert (page.status_code, 'role="alert"' in page.text) == (422, True), wrong
            assert wrong["password"] not in page.text
        page = await browser.post(path, data=form(address="root@host.example", name="Root"))
        assert (page.status_code, str(page.url)) == (200, f"{server.url}/signed-in")
        who = (await browser.get("/api/v1/me")).json()
        assert (who["user"]["role"], who["organization"]) == ("system_administrator", "")
        assert (await browser.get(path)).status_code == 404
        assert (await browser.post(path, data=form(address="x@host.example"))).status_code == 404


async def test_an_invitation(server: AccountServer) -> None:
    await server.invited(ANNA)
    path = await link(server, ANNA)
    async with server.browser() as browser:
        page = await browser.get(path, headers={"Accept-Language": "de-AT,en;q=0.5"})
        assert (page.status_code, 'lang="de"' in page.text, ANNA in page.text) == (200, True, True)
        page = await browser.post(path, data=form(name="Anna <b>Larsson</b>"))
        assert page.status_code == 200
        assert (await browser.get("/api/v1/me")).json()["user"]["name"] == "Anna <b>Larsson</b>"
        assert (await browser.get(path)).status_code == 404


async def test_a_new_password(server: AccountServer) -> None:
    await server.person(ANNA)
    path = await link(server, ANNA, recovers=True)
    async with server.browser() as browser:
        assert ANNA in (await browser.get(path)).text
        page = await browser.post(path, data=form(ANOTHER))
        assert (page.status_code, str(page.url)) == (200, f"{server.url}/password-set")
        assert "eilbote_session" not in browser.cookies
        for password, status in ((PASSWORD, 401), (ANOTHER, 201)):
            said = await browser.post("/api/v1/session", json={"address": ANNA, "password": password})
            assert said.status_code == status


async def test_asking_for_a_new_password_tells_the_person_and_says_the_same_to_everybody(
    server: AccountServer,
) -> None:
    await server.person(ANNA)
    looked_up: asyncio.Queue[str] = asyncio.Queue()
    ask = server.desk.recovery.ask

    async def noted(address: str, *, origin: Origin) -> None:
        await ask(address, origin=origin)
        looked_up.put_nowait(address)

    server.desk.recovery.ask = noted  # type: ignore[method-assign]
    async with server.browser() as browser:
        assert (await browser.get("/recover")).status_code == 200
        pages = [
            await browser.post("/recover", data={"address": each}) for each in (ANNA, "no@acme.example", "")
        ]
        assert len({(page.status_code, page.text) for page in pages}) == 1
    for _ in range(3):  # the answers are given before anybody is looked up
        await looked_up.get()
    told = await server.eilbote.notify.events(event="account.*")
    assert [kept.event.kind for kept in told] == ["account.password_recovery"]
    assert not told[0].event.data  # the link is for the person alone


@pytest.mark.parametrize(
    "headers",
    [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}, {"Origin": "null"}],
)
async def test_the_page_of_another_site_sends_nothing_here(
    server: AccountServer, headers: dict[str, str]
) -> None:
    """Somebody has his own invitation accepted by a browser of somebody else, who then works in his account."""
    await server.invited(ANNA)
    path = await link(server, ANNA)
    async with server.browser() as browser:
        page = await browser.post(path, data=form(), headers=headers)
        assert page.status_code == 403
        assert "eilbote_session" not in browser.cookies
        assert (await browser.get(path)).status_code == 200
        assert (await browser.post("/recover", data={"address": ANNA}, headers=headers)).status_code == 403


async def test_pages_have_no_scripts_and_tell_nobody_of_their_addresses(server: AccountServer) -> None:
    await server.invited(ANNA)
    await server.person("ben@acme.example")
    paths = (
        await server.desk.first.offer(),
        await link(server, ANNA),
        await link(server, "ben@acme.example", recovers=True),
        *(
            "/recover",
            "/signed-in",
            "/password-set",
            "/start/x",
            "/invitation/é",
            "/recover/x",
            "/sign-in/openid",
        ),
    )
    async with server.browser() as browser:
        for path in paths:
            page = await browser.get(path)
            assert page.status_code in {200, 404}
            assert page.headers["content-type"].startswith("text/html")
            assert page.headers["cache-control"] == "no-store"
            assert page.headers["referrer-policy"] == "no-referrer"
            (style,) = re.findall(r"<style>(.*?)</style>", page.text, re.DOTALL)
            digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
            assert f"'sha256-{digest}'" in page.headers["content-security-policy"]
            assert "<script" not in page.text
            assert "://" not in re.sub(r"<!doctype.*?<body>", "", page.text, flags=re.DOTALL)


@pytest.mark.parametrize("language, word", [("ru", "Пароль"), ("de", "Passwort"), ("fr", "Password")])
async def test_pages_speak_the_reader_s_language(server: AccountServer, language: str, word: str) -> None:
    async with server.browser() as browser:
        path = await server.desk.first.offer()
        assert f">{word}<" in (await browser.get(path, headers={"Accept-Language": language})).text


async def test_what_is_no_form_is_refused(server: AccountServer) -> None:
    await server.invited(ANNA)
    path = await link(server, ANNA)
    async with server.browser() as browser:
        assert (await browser.post(path, json=form())).status_code == 400
        twice = "password=a&password=b"
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        assert (await browser.post(path, content=twice, headers=kind)).status_code == 400
        assert (await browser.get(path)).status_code == 200


async def test_a_cookie_alone_changes_nothing_over_real_http(server: AccountServer) -> None:
    await server.person(ANNA, role=Role.ORGANIZATION_ADMINISTRATOR)
    async with server.browser() as browser:
        said = await browser.post("/api/v1/session", json={"address": ANNA, "password": PASSWORD})
        csrf = said.json()["csrf"]
        body = {"address": "evil@acme.example", "role": "organization_administrator"}
        assert (await browser.post("/api/v1/users", json=body)).status_code == 403
        assert (await browser.delete("/api/v1/session")).status_code == 403
        for path in ("/api/v1/me", "/api/v1/session"):
            assert (
                await browser.get(path)
            ).status_code == 200  # looking needs no token, and gives one to own pages only
            assert "access-control-allow-origin" not in (await browser.get(path)).headers
        made = await browser.post("/api/v1/users", json=body, headers={"X-CSRF-Token": csrf})
        assert made.status_code == 201
        gone = await browser.delete("/api/v1/session", headers={"X-CSRF-Token": csrf})
        assert gone.status_code == 204
        assert (await browser.get("/api/v1/me")).status_code == 401
