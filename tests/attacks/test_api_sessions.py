"""Somebody wants to work in another's session, or to go on in one that was taken from him.

He writes his own cookie into her browser, from a page of a neighbouring host, and waits for her to sign in. He copies hers at a shared machine
and uses it after she has signed out. He is demoted, locked out, given another password by an administrator, and his browser goes on asking. He
has a request on its way at that very moment, so that it brings the session back, or signs in with the old password while it is being changed.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio
from tests.attacks.api_doors import doors
from tests.unit.api.account_house import API, AccountHouse, Browser, account_house
from tests.unit.engine.accounts.account_scene import ANOTHER, HERE, PASSWORD, ROOT, THERE, AccountScene

from eilbote.accounts.role import Role
from eilbote.accounts.session import Session
from eilbote.accounts.user import User
from eilbote.engine.accounts.sessions import IDLE_SECONDS, LONGEST_SECONDS
from eilbote.errors import SignInError
from eilbote.store.memory_accounts import MemoryAccounts

pytestmark = pytest.mark.asyncio(loop_factories=["asyncio"])
ANNA = "anna@acme.example"
PLAIN, OF_HOST = "eilbote_session", "__Host-eilbote_session"


@pytest_asyncio.fixture
async def house() -> AsyncGenerator[AccountHouse]:
    async with account_house() as made:
        await made.person(ANNA, role=Role.OPERATOR, organization="acme")
        yield made


async def is_in(browser: Browser) -> bool:
    return (await browser.ask("GET", "/me")).status_code == 200


async def stolen(house: AccountHouse, browser: Browser) -> Browser:
    """Give another browser with the cookie of one."""
    thief = house.browser(address="203.0.113.66")
    thief.client.cookies.set(PLAIN, browser.client.cookies[PLAIN])
    assert await is_in(thief)
    return thief


# -- the cookie --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("is_https", [False, True], ids=["http", "https"])
async def test_every_way_in_gives_a_cookie_that_no_script_and_no_other_site_has(is_https: bool) -> None:
    public_url = "https://eilbote.example" if is_https else "http://eilbote.test"
    async with account_house(public_url=public_url) as house:
        boss = await house.signed_in("boss@acme.example")
        said = [await house.browser().sign_in("boss@acme.example")]
        for address, begin in (("a@acme.example", f"{API}/invitations/"), ("b@acme.example", "/invitation/")):
            await boss.ask("POST", "/users", {"address": address})
            browser, token = house.browser(), house.mail.token
            if begin.startswith(API):
                said.append(await browser.ask("POST", f"/invitations/{token}", {"password": ANOTHER}))
            else:
                form = {"password": ANOTHER, "again": ANOTHER}
                said.append(await browser.client.post(begin + token, data=form))
        change = {"current_password": PASSWORD, "new_password": ANOTHER}
        said.append(await boss.ask("POST", "/me/password", change))
        for each in said:
            (cookie,) = each.headers.get_list("set-cookie")
            name, _, rest = cookie.partition("=")
            marks = {part.strip().lower() for part in rest.split(";")[1:]}
            assert name == (OF_HOST if is_https else PLAIN)
            assert {"httponly", "samesite=lax", "path=/", f"max-age={LONGEST_SECONDS}"} <= marks
            assert ("secure" in marks) is is_https
            assert not any(mark.startswith("domain") for mark in marks)
            assert len(rest.partition(";")[0]) == 43  # 32 octets by chance
            assert rest.partition(";")[0] not in each.text


async def test_a_cookie_of_the_whole_domain_is_not_read_where_people_come_over_tls() -> None:
    """The neighbour writes ``eilbote_session=HIS; Domain=example`` and has her send her secrets in his session."""
    async with account_house(public_url="https://eilbote.example") as house:
        his = await house.signed_in("boss@globex.example")
        victim = house.browser()
        victim.client.cookies.set(PLAIN, his.client.cookies[OF_HOST])
        assert not await is_in(victim)
        victim.csrf = his.csrf
        assert (await victim.ask("PATCH", "/me", {"name": "x"})).status_code == 401
        await victim.sign_in("boss@acme.example")
        assert (await victim.ask("GET", "/me")).json()["name"] == "boss@acme.example"
        assert (await victim.ask("DELETE", "/session")).status_code == 204
        assert await is_in(his), "signing out ends her own session and no other one"


# -- fixed beforehand, and kept afterwards -----------------------------------------------------------------------


@pytest.mark.parametrize("planted", ["A" * 43, "", "x", "../../etc", "\x7f", "%00", "A" * 5000])
async def test_no_token_is_taken_over_from_a_browser(house: AccountHouse, planted: str) -> None:
    browser = house.browser()
    said = await browser.ask(
        "POST",
        "/session",
        {"address": ANNA, "password": PASSWORD},
        headers={"Cookie": f"{PLAIN}={planted}"},
    )
    assert said.status_code == 201
    assert said.cookies[PLAIN] != planted
    other = house.browser()
    assert (await other.ask("GET", "/me", headers={"Cookie": f"{PLAIN}={planted}"})).status_code == 401


async def test_signing_in_again_gives_another_token_and_ends_the_one_before(house: AccountHouse) -> None:
    """He has sat down at her browser while she was away, and noted the cookie."""
    browser = await house.signed_in(ANNA)
    former, csrf = browser.client.cookies[PLAIN], browser.csrf
    thief = await stolen(house, browser)
    await browser.sign_in(ANNA)
    assert browser.client.cookies[PLAIN] != former
    assert browser.csrf != csrf
    assert await is_in(browser)
    assert not await is_in(thief)


async def test_coming_by_an_invitation_ends_the_session_of_whoever_sat_there_before(
    house: AccountHouse,
) -> None:
    browser = await house.signed_in(ANNA)
    thief = await stolen(house, browser)
    invited = await house.desk.invitations.invite("new@acme.example", organization="acme", by=ROOT)
    token = invited.path.rpartition("/")[2]
    assert (await browser.ask("POST", f"/invitations/{token}", {"password": ANOTHER})).status_code == 201
    assert (await browser.ask("GET", "/me")).json()["name"] == "new@acme.example"
    assert not await is_in(thief)


async def test_signing_out_ends_it_on_the_server(house: AccountHouse) -> None:
    browser, elsewhere = await house.signed_in(ANNA), await house.signed_in(ANNA)
    thief = await stolen(house, browser)
    said = await browser.ask("DELETE", "/session")
    assert said.status_code == 204
    assert "max-age=0" in said.headers["set-cookie"].lower()
    assert not await is_in(thief)
    assert await is_in(elsewhere)


# -- what ends it ------------------------------------------------------------------------------------------------

Change = Callable[[AccountHouse, User], Awaitable[object]]


async def _recover(house: AccountHouse, user: User) -> None:
    path = await house.desk.recovery.send(user, by=ROOT, is_mailed=False)
    said = await house.browser().ask("POST", f"/recovery/{path.rpartition('/')[2]}", {"password": ANOTHER})
    assert said.status_code == 204


async def _forget_organization(house: AccountHouse, user: User) -> None:
    await house.desk.organizations.change(user.organization, is_enabled=False)
    await house.desk.organizations.delete(user.organization)


ENDS: dict[str, Change] = {
    "demoted": lambda house, user: house.desk.users.change(user, by=ROOT, role="viewer"),
    "promoted": lambda house, user: house.desk.users.change(user, by=ROOT, role="author"),
    "locked out": lambda house, user: house.desk.users.change(user, by=ROOT, is_enabled=False),
    "another address": lambda house, user: house.desk.users.change(user, by=ROOT, address="x@acme.example"),
    "another password": _recover,
    "signed out by an administrator": lambda house, user: house.desk.users.sign_out(user, by=ROOT),
    "forgotten": lambda house, user: house.desk.users.delete(user, by=ROOT),
    "organization switched off": lambda house, _: house.desk.organizations.change("acme", is_enabled=False),
    "organization forgotten": _forget_organization,
}


@pytest.mark.parametrize("what", ENDS)
async def test_the_next_request_is_refused(house: AccountHouse, what: str) -> None:
    browsers = [await house.signed_in(ANNA), await house.signed_in(ANNA)]
    other = await house.signed_in("boss@globex.example")
    await ENDS[what](house, await house.desk.users.at(ANNA))
    for browser in browsers:
        assert not await is_in(browser)
        for method, path in (("GET", "/session"), ("GET", "/messages"), ("POST", "/messages")):
            assert (await browser.ask(method, path, {} if method == "POST" else None)).status_code == 401
    assert await is_in(other), "nobody else is signed out by it"


async def test_what_one_may_do_is_weighed_anew_with_every_request(house: AccountHouse) -> None:
    """Even where a session outlives the change: here the role is changed beneath it, as another process would."""
    browser = await house.signed_in(ANNA)
    assert (await browser.ask("GET", "/users")).status_code == 403
    store = house.eilbote.services.account_store
    user = await house.desk.users.at(ANNA)
    for role, status in ((Role.ORGANIZATION_ADMINISTRATOR, 200), (Role.VIEWER, 403)):
        user = await store.keep_user(replace(user, role=role))
        assert (await browser.ask("GET", "/users")).status_code == status


async def test_another_password_ends_all_but_the_browser_that_asked(house: AccountHouse) -> None:
    browser, elsewhere = await house.signed_in(ANNA), await house.signed_in(ANNA)
    thief = await stolen(house, browser)
    change = {"current_password": PASSWORD, "new_password": ANOTHER}
    assert (await browser.ask("POST", "/me/password", change)).status_code == 200
    assert [await is_in(each) for each in (browser, elsewhere, thief)] == [True, False, False]


async def test_it_ends_by_itself(house: AccountHouse) -> None:
    idle, busy = await house.signed_in(ANNA), await house.signed_in(ANNA)
    for _ in range(LONGEST_SECONDS // 3600 - 1):
        house.clock.advance(3600)
        assert await is_in(busy)
    assert not await is_in(idle), f"nothing was asked for more than {IDLE_SECONDS} seconds"
    house.clock.advance(3600)
    assert not await is_in(busy)


async def test_a_page_that_is_left_open_keeps_no_session_alive(house: AccountHouse) -> None:
    """A stream asks again and again whether it may go on; that is nobody's use of the session."""
    browser = await house.signed_in(ANNA)
    token = browser.client.cookies[PLAIN]
    sessions = house.desk.sessions
    for _ in range(IDLE_SECONDS // 600):
        house.clock.advance(599)
        await sessions.find(token, is_use=False)
    house.clock.advance(IDLE_SECONDS % 600 + 600)
    with pytest.raises(SignInError):
        await sessions.find(token, is_use=False)
    assert not await is_in(browser)


# -- at the same moment ------------------------------------------------------------------------------------------


class Crossing(MemoryAccounts):
    """Lets something else happen in the middle of what is done with it, once."""

    def __init__(self) -> None:
        super().__init__()
        self.behind_read: Callable[[], Awaitable[object]] | None = None
        self.before_begin: Callable[[], Awaitable[object]] | None = None

    async def session(self, digest: str) -> Session | None:
        found = await super().session(digest)
        if (happens := self.behind_read) is not None:
            self.behind_read = None
            await happens()
        return found

    async def keep_session(self, session: Session) -> None:
        if (happens := self.before_begin) is not None:
            self.before_begin = None
            await happens()
        await super().keep_session(session)


class CrossingScene(AccountScene):
    def __init__(self) -> None:
        super().__init__(store=Crossing())


@pytest.mark.parametrize("how", ["signed out", "locked out"])
async def test_a_request_on_its_way_brings_no_session_back(how: str) -> None:
    scene = CrossingScene()
    assert isinstance(scene.store, Crossing)
    user = await scene.person(ANNA)
    token = (await scene.desk.sign_in.by_password(ANNA, PASSWORD, origin=HERE)).token
    scene.clock.advance(300)

    async def end() -> None:
        if how == "signed out":
            await scene.desk.sessions.end(token)
        else:
            known = await scene.again(user)
            locked = await scene.desk.users.change(known, by=ROOT, is_enabled=False)
            await scene.desk.users.change(locked, by=ROOT, is_enabled=True)

    scene.store.behind_read = end
    await scene.desk.doorkeeper.by_session(token, origin=HERE)  # it was let in before
    with pytest.raises(SignInError):
        await scene.desk.doorkeeper.by_session(token, origin=HERE)


@pytest.mark.parametrize("change", ["password", "role", "locked out"])
async def test_no_session_begins_that_outlives_a_change_beside_it(change: str) -> None:
    scene = CrossingScene()
    assert isinstance(scene.store, Crossing)
    user = await scene.person(ANNA)

    async def happens() -> None:
        known = await scene.again(user)
        if change == "password":
            path = await scene.desk.recovery.send(known, by=ROOT, is_mailed=False)
            await scene.desk.recovery.finish(path.rpartition("/")[2], ANOTHER, origin=THERE)
        elif change == "role":
            await scene.desk.users.change(known, by=ROOT, role="author")
        else:
            await scene.desk.users.change(known, by=ROOT, is_enabled=False)

    scene.store.before_begin = happens
    with pytest.raises(SignInError):
        await scene.desk.sign_in.by_password(ANNA, PASSWORD, origin=HERE)
    assert not await scene.desk.sessions.of(user.id)


# -- what is kept ------------------------------------------------------------------------------------------------


async def test_whoever_reads_the_database_signs_in_nowhere(tmp_path: Path) -> None:
    async with doors(tmp_path) as server:
        await server.person(ANNA, role=Role.VIEWER, organization="acme")
        async with server.browser() as browser:
            said = await browser.post("/api/v1/session", json={"address": ANNA, "password": PASSWORD})
            token = browser.cookies[PLAIN]
        octets = await asyncio.to_thread(_everything, tmp_path)
        assert said.json()["user"]["id"].encode() in octets
        assert token.encode() not in octets
        assert PASSWORD.encode() not in octets


def _everything(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())
