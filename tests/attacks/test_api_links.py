"""Somebody wants to come in by a link that lets people in once: an invitation, or one for a new password.

He asks whose address is known here. He uses a link twice, or at the same moment as its owner, or after it has expired. He holds the link that
went to an address mistyped, or to the mailbox that somebody had before; that was sent before the password was changed; that is for
something else. He reads the database, or the log, or the page that a browser came from.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator
from pathlib import Path

import httpx2
import pytest
import pytest_asyncio
from tests.attacks.api_doors import doors
from tests.unit.api.account_house import AccountHouse, account_house
from tests.unit.engine.accounts.account_scene import ANOTHER, PASSWORD, ROOT

from eilbote.accounts.role import Role
from eilbote.accounts.user import User
from eilbote.engine.accounts.links import SECONDS

pytestmark = pytest.mark.asyncio(loop_factories=["asyncio"])
ANNA, MISTYPED = "anna@acme.example", "ana@acme.example"
URL = "https://eilbote.example"


@pytest_asyncio.fixture
async def house() -> AsyncGenerator[AccountHouse]:
    async with account_house(public_url=URL) as made:
        await made.person(ANNA, role=Role.OPERATOR, organization="acme")
        yield made


async def anna(house: AccountHouse) -> User:
    return await house.desk.users.at(ANNA)


async def recovery(house: AccountHouse) -> str:
    """Give the token of a link for a new password, as it is mailed."""
    assert (await house.browser().ask("POST", "/recovery", {"address": ANNA})).status_code == 202
    return house.mail.token


async def invitation(house: AccountHouse, address: str = "new@acme.example", role: str = "viewer") -> str:
    await house.desk.invitations.invite(address, organization="acme", by=ROOT, role=role)
    return house.mail.token


async def knock(house: AccountHouse, kind: str, token: str) -> list[int]:
    """Try a link at every door that there is for it; gives how it was answered."""
    api, page = ("/recovery/", "/recover/") if kind == "recovery" else ("/invitations/", "/invitation/")
    browser = house.browser()
    form = {"password": ANOTHER, "again": ANOTHER}
    said = [
        await browser.ask("GET", api + token),
        await browser.client.get(page + token),
        await browser.client.post(page + token, data=form),
        await browser.ask("POST", api + token, {"password": ANOTHER}),
    ]
    return [each.status_code for each in said]


async def is_dead(house: AccountHouse, kind: str, token: str) -> bool:
    """Tell whether a link leads nowhere, whichever door it is tried at."""
    return set(await knock(house, kind, token)) == {404}


# -- who is known here -------------------------------------------------------------------------------------------


async def test_nobody_hears_whether_an_address_is_known(house: AccountHouse) -> None:
    """Not by status, words or headers, and what is looked up is looked up when the answer is on its way."""
    await house.desk.users.change(
        await house.person("locked@acme.example", role=Role.VIEWER, organization="acme"),
        by=ROOT,
        is_enabled=False,
    )
    await invitation(house, "invited@acme.example")
    mailed = len(house.mail.told)
    heard, pages = set(), set()
    for address in (ANNA, "nobody@acme.example", "locked@acme.example", "invited@acme.example", "no address"):
        browser = house.browser()
        said = await browser.ask("POST", "/recovery", {"address": address})
        heard.add((said.status_code, said.text, _headers(said)))
        page = await browser.client.post("/recover", data={"address": address})
        pages.add((page.status_code, page.text, _headers(page)))
    assert len(heard) == 1
    assert len(pages) == 1
    assert [each.to for each in house.mail.told[mailed:]] == [ANNA, ANNA]


def _headers(said: httpx2.Response) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((name, value) for name, value in said.headers.items() if name != "x-request-id"))


async def test_tokens_are_not_tried_out_by_what_is_answered(house: AccountHouse) -> None:
    """One that has expired, was used, is for something else or was never there: the words are the same."""
    used, expired = await invitation(house), await recovery(house)
    await house.browser().ask("POST", f"/invitations/{used}", {"password": ANOTHER})
    house.clock.advance(3600)
    words = set()
    for token in (used, expired, "A" * 43, "x", "%F0%9F%98%80", "A" * 200):
        for path in ("/invitations/", "/recovery/", "/first-administrator/"):
            body = {"password": ANOTHER} | ({"address": "a@b.example"} if "first" in path else {})
            said = await house.browser().ask("POST", path + token, body)
            problem = said.json()
            words.add((said.status_code, problem["code"], problem["detail"], problem["remedy"]))
    assert len(words) == 1, words


# -- once, and not for long --------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["invitation", "recovery"])
async def test_a_link_is_good_once(house: AccountHouse, kind: str) -> None:
    token = await (invitation if kind == "invitation" else recovery)(house)
    path = f"/invitations/{token}" if kind == "invitation" else f"/recovery/{token}"
    said = await asyncio.gather(
        *(house.browser().ask("POST", path, {"password": f"{ANOTHER} {turn}"}) for turn in range(4))
    )
    codes = sorted(each.status_code for each in said)
    assert codes[0] in {201, 204}
    assert codes[1:] == [404] * 3, "of those who come at the same moment one gets in"
    assert await is_dead(house, kind, token)


@pytest.mark.parametrize("kind", ["invitation", "recovery"])
async def test_a_link_does_not_last(house: AccountHouse, kind: str) -> None:
    token = await (invitation if kind == "invitation" else recovery)(house)
    purpose = next(each for each in SECONDS if kind in each.value)
    house.clock.advance(SECONDS[purpose] - 1)
    browser = house.browser()
    path = "/invitations/" if kind == "invitation" else "/recovery/"
    assert (await browser.ask("GET", path + token)).status_code == 200
    house.clock.advance(1)
    assert await is_dead(house, kind, token)


async def test_a_link_opens_no_other_door(house: AccountHouse) -> None:
    invited, asked = await invitation(house), await recovery(house)
    assert await is_dead(house, "recovery", invited)
    assert await is_dead(house, "invitation", asked)
    for token in (invited, asked):
        body = {"address": "evil@host.example", "password": ANOTHER}
        assert (await house.browser().ask("POST", f"/first-administrator/{token}", body)).status_code == 404
    assert (await house.browser().ask("GET", f"/invitations/{invited}")).status_code == 200, (
        "nor is it used up"
    )


# -- what makes it lapse -----------------------------------------------------------------------------------------


async def test_an_invitation_to_a_mistyped_address_lapses_with_it(house: AccountHouse) -> None:
    token = await invitation(house, MISTYPED, role="author")
    boss = await house.signed_in("boss@acme.example")
    user = await house.desk.users.at(MISTYPED)
    assert (await boss.ask("PATCH", f"/users/{user.id}", {"address": "hana@acme.example"})).status_code == 200
    assert await is_dead(house, "invitation", token)


@pytest.mark.parametrize(
    "change", ["address", "password", "locked out and let in", "organization off and on"]
)
async def test_a_link_for_a_new_password_lapses(house: AccountHouse, change: str) -> None:
    """It lies in a mailbox that is not theirs any more, or was sent before the change that was to end everything."""
    token, desk = await recovery(house), house.desk
    match change:
        case "address":
            await desk.users.change(await anna(house), by=ROOT, address="a.larsson@acme.example")
        case "password":
            browser = await house.signed_in(ANNA)
            body = {"current_password": PASSWORD, "new_password": ANOTHER}
            assert (await browser.ask("POST", "/me/password", body)).status_code == 200
        case "locked out and let in":
            locked = await desk.users.change(await anna(house), by=ROOT, is_enabled=False)
            await desk.users.change(locked, by=ROOT, is_enabled=True)
        case _:
            await desk.organizations.change("acme", is_enabled=False)
    assert await is_dead(house, "recovery", token)


async def test_an_invitation_that_is_taken_back_leads_nowhere(house: AccountHouse) -> None:
    token = await invitation(house)
    boss = await house.signed_in("boss@acme.example")
    (listed,) = (await boss.ask("GET", "/invitations")).json()["items"]
    assert (listed["address"], listed["status"], listed["role"]) == ("new@acme.example", "open", "viewer")
    assert token not in str(listed)
    assert (await boss.ask("DELETE", f"/users/{listed['user']}/invitation")).status_code == 204
    assert await is_dead(house, "invitation", token)
    assert (await boss.ask("GET", "/invitations")).json()["items"] == []
    assert (await boss.ask("DELETE", f"/users/{(await anna(house)).id}/invitation")).status_code == 409


async def test_nobody_sees_or_takes_back_an_invitation_of_others(house: AccountHouse) -> None:
    token = await invitation(house)
    other, viewer = await house.signed_in("boss@globex.example"), await house.signed_in(ANNA)
    user = await house.desk.users.at("new@acme.example")
    assert (await other.ask("GET", "/invitations")).json()["items"] == []
    assert (await other.ask("DELETE", f"/users/{user.id}/invitation")).status_code == 404
    assert (await viewer.ask("GET", "/invitations")).status_code == 403
    assert (await house.browser().ask("GET", "/invitations")).status_code == 401
    assert await knock(house, "invitation", token) == [200, 200, 303, 404], "it is as good as before"


async def test_an_invitation_to_what_is_switched_off_leads_nowhere(house: AccountHouse) -> None:
    token = await invitation(house)
    await house.desk.organizations.change("acme", is_enabled=False)
    assert await is_dead(house, "invitation", token)


async def test_an_invitation_that_has_expired_is_told_as_such(house: AccountHouse) -> None:
    await invitation(house)
    boss_before = await house.signed_in("boss@acme.example")
    house.clock.advance(7 * 24 * 3600)
    assert (await boss_before.ask("GET", "/invitations")).status_code == 401
    boss = await house.signed_in("boss@acme.example")
    (listed,) = (await boss.ask("GET", "/invitations")).json()["items"]
    assert listed["status"] == "expired"
    assert (await boss.ask("POST", f"/users/{listed['user']}/invitation")).status_code == 202
    (listed,) = (await boss.ask("GET", "/invitations")).json()["items"]
    assert listed["status"] == "open"


# -- where it might be read --------------------------------------------------------------------------------------


async def test_no_token_is_in_the_database(tmp_path: Path) -> None:
    async with doors(tmp_path) as server:
        desk = server.eilbote.accounts
        await server.person(ANNA, role=Role.VIEWER, organization="acme")
        invited = await desk.invitations.invite(
            "new@acme.example", organization="acme", by=ROOT, is_mailed=False
        )
        paths = [
            invited.path,
            await desk.recovery.send(await desk.users.at(ANNA), by=ROOT, is_mailed=False),
            await desk.first.offer(),
        ]
        octets = await asyncio.to_thread(
            lambda: b"".join(each.read_bytes() for each in tmp_path.rglob("*") if each.is_file())
        )
        assert invited.user.id.encode() in octets
        for path in paths:
            assert len(path.rpartition("/")[2]) == 43
            assert path.rpartition("/")[2].encode() not in octets


async def test_no_token_is_in_the_log_the_cache_or_the_next_page(
    house: AccountHouse, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    for kind, token in (("recovery", await recovery(house)), ("invitation", await invitation(house))):
        page = "/recover/" if kind == "recovery" else "/invitation/"
        said = await house.browser().client.get(page + token)
        assert said.headers["referrer-policy"] == "no-referrer"
        assert said.headers["cache-control"] == "no-store"
        assert "frame-ancestors 'none'" in said.headers["content-security-policy"]
        assert await knock(house, kind, token) == [200, 200, 303, 404]
        ours = [each for each in caplog.records if each.name.startswith("eilbote")]
        assert ours
        assert token not in "".join(f"{each.getMessage()} {each.__dict__}" for each in ours)
