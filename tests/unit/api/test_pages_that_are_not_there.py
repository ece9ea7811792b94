"""What a person sees who types an address: the page that was meant, or what there is; and a link that fails says why."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator

import pytest
import pytest_asyncio
from tests.unit.api.account_house import AccountHouse, Browser, account_house
from tests.unit.engine.accounts.account_scene import PASSWORD

from eilbote.api.page_frame import LANGUAGES
from eilbote.errors import (
    ConflictError,
    EilboteError,
    NotFoundError,
    OutboxSchemaError,
    OutboxUnavailableError,
    SecretKeyError,
    SettingsError,
)

pytestmark = pytest.mark.asyncio
EXPIRED = "too old"


@pytest_asyncio.fixture
async def house() -> AsyncGenerator[AccountHouse]:
    async with account_house() as made:
        yield made


@pytest.fixture
def browser(house: AccountHouse) -> Browser:
    return house.browser()


def links(text: str) -> list[str]:
    return re.findall(r'<a href="([^"]*)"', text)


@pytest.mark.parametrize(
    "typed, meant",
    [
        ("/", "/api/docs"),
        ("/docs", "/api/docs"),
        ("/api", "/api/docs"),
        ("/api/", "/api/docs"),
        ("/openapi.json", "/api/openapi.json"),
        ("/login", "/sign-in"),
        ("/signin", "/sign-in"),
    ],
)
async def test_other_names_lead_to_the_page_that_is_meant(browser: Browser, typed: str, meant: str) -> None:
    for method in ("GET", "HEAD"):
        said = await browser.client.request(method, typed)
        assert said.status_code == 303
        assert said.headers["location"].startswith(".")  # behind a proxy there may be a folder in front
        assert said.url.join(said.headers["location"]).path == meant
    assert (await browser.client.get(meant)).status_code == 200


@pytest.mark.parametrize(
    "typed", ["/nowhere", "/admin/", "/sign-in/", "/a/b/c", "/portal?x=1", "/docs/index.html", "/%2F"]
)
async def test_where_nothing_is_the_page_says_what_there_is(browser: Browser, typed: str) -> None:
    page = await browser.client.get(typed)
    assert page.status_code == 404
    assert "There is no page here" in page.text
    assert EXPIRED not in page.text
    there = [str(page.url.join(each).path) for each in links(page.text)]
    assert there == ["/sign-in", "/api/docs"]


async def test_programs_are_told_where_the_addresses_stand(browser: Browser) -> None:
    said = await browser.client.get("/api/v1/mesages")
    assert (said.status_code, said.json()["code"]) == (404, "not_found")
    assert said.json()["remedy"] == "GET /api/openapi.json tells which addresses there are"


@pytest.mark.parametrize("path", ["/invitation", "/invitation/", "/recover/a/b", "/answer/", "/unsubscribe/"])
async def test_half_a_link_is_still_told_as_one(browser: Browser, path: str) -> None:
    page = await browser.client.get(path)
    assert page.status_code == 404
    assert "This link leads nowhere" in page.text


async def test_a_page_that_takes_nothing_says_so(browser: Browser) -> None:
    page = await browser.client.post("/password-set")
    assert page.status_code == 405
    assert "This page takes nothing" in page.text


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_words_are_those_of_the_reader(browser: Browser, language: str) -> None:
    for path in ("/nowhere", "/sign-in", "/password-set"):
        page = await browser.client.get(path, headers={"Accept-Language": language})
        assert f'lang="{language}"' in page.text
        assert links(page.text)
        assert "to_" not in page.text


# -- signing in ----------------------------------------------------------------------------------------------------


async def test_somebody_signs_in_by_the_page_and_finds_the_way_on(browser: Browser) -> None:
    page = await browser.client.get("/sign-in")
    assert 'autocomplete="current-password"' in page.text
    assert links(page.text) == ["./recover"]
    said = await browser.client.post("/sign-in", data={"address": "boss@acme.example", "password": PASSWORD})
    assert (said.status_code, said.headers["location"]) == (303, "./signed-in")
    page = await browser.client.get("/signed-in")
    assert page.status_code == 200
    assert links(page.text) == ["./api/docs"]
    assert (await browser.ask("GET", "/me")).json()["user"]["address"] == "boss@acme.example"


async def test_nobody_is_told_that_they_are_signed_in_who_is_not(browser: Browser) -> None:
    said = await browser.client.get("/signed-in")
    assert (said.status_code, said.headers["location"]) == (303, "./sign-in")


async def test_a_wrong_password_is_told_in_the_form(browser: Browser) -> None:
    for address in ("boss@acme.example", "nobody@acme.example"):
        said = await browser.client.post("/sign-in", data={"address": address, "password": "wrong <b>words"})
        assert said.status_code == 403
        assert "Address and password do not belong together" in said.text
        assert address in said.text
        assert "wrong" not in said.text
        assert "set-cookie" not in said.headers


async def test_another_site_signs_nobody_in(browser: Browser) -> None:
    form = {"address": "boss@acme.example", "password": PASSWORD}
    said = await browser.client.post("/sign-in", data=form, headers={"Origin": "https://evil.example"})
    assert said.status_code == 403
    assert "set-cookie" not in said.headers


async def test_too_many_tries_say_when_to_come_again(browser: Browser) -> None:
    form = {"address": "boss@acme.example", "password": "wrong"}
    said = [await browser.client.post("/sign-in", data=form) for _ in range(6)][-1]
    assert (said.status_code, said.headers["retry-after"]) == (429, "1")
    assert "That was too often" in said.text


async def test_a_database_that_does_not_answer_is_no_wrong_password(
    house: AccountHouse, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def gone(_: str) -> None:
        raise OutboxUnavailableError("the database /secret/path does not answer")

    form = {"address": "boss@acme.example", "password": PASSWORD}
    with monkeypatch.context() as broken:
        broken.setattr(house.eilbote.services.account_store, "user_at", gone)
        for _ in range(10):
            said = await browser.client.post("/sign-in", data=form)
            assert (said.status_code, said.headers["retry-after"]) == (503, "30")
            assert "Nobody can be signed in right now" in said.text
            assert "secret" not in said.text
        assert (await browser.sign_in(form["address"])).status_code == 503
    assert (await browser.client.post("/sign-in", data=form)).status_code == 303


# -- links that fail -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "error, status, words",
    [
        (OutboxUnavailableError("locked"), 503, "Please try again in a moment"),
        (ConflictError("changed"), 503, "Please try again in a moment"),
        (NotFoundError("gone"), 404, "This link leads nowhere"),
        (SettingsError("too many have left it"), 409, "This could not be done"),
        (SecretKeyError("no key"), 500, "Something went wrong"),
        (OutboxSchemaError("/secret/path is of an older form"), 500, "Something went wrong"),
    ],
)
async def test_only_what_passes_by_itself_is_told_to_come_again(
    house: AccountHouse, monkeypatch: pytest.MonkeyPatch, error: EilboteError, status: int, words: str
) -> None:
    browser = house.browser()

    async def fails(_: str) -> None:
        raise error

    notify = house.eilbote.notify
    monkeypatch.setattr(notify.acknowledging, "look", fails)
    monkeypatch.setattr(house.desk.invitations, "look", fails)
    for path in ("/acknowledge/x.y", "/invitation/x"):
        said = await browser.client.get(path)
        assert said.status_code == status
        assert words in said.text
        assert ("retry-after" in said.headers) == (status == 503)
        assert "secret" not in said.text
