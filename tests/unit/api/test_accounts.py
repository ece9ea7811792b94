"""Accounts over the API: what each may do, what another organization sees of it, and what is written down."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import AsyncGenerator

import pytest
import pytest_asyncio
from tests.unit.api.account_house import AccountHouse, Browser, account_house
from tests.unit.engine.accounts.account_scene import ANOTHER, PASSWORD

from eilbote.accounts.role import Role

pytestmark = pytest.mark.asyncio
BOSS, ROOT_ADDRESS = "boss@acme.example", "root@host.example"


@pytest_asyncio.fixture
async def house() -> AsyncGenerator[AccountHouse]:
    async with account_house() as made:
        yield made


@pytest_asyncio.fixture
async def boss(house: AccountHouse) -> Browser:
    return await house.signed_in(BOSS)


@pytest_asyncio.fixture
async def root(house: AccountHouse) -> Browser:
    return await house.signed_in(ROOT_ADDRESS)


async def id_of(house: AccountHouse, address: str) -> str:
    return (await house.desk.users.at(address)).id


# -- sessions ----------------------------------------------------------------------------------------------------


async def test_signing_in_and_out(house: AccountHouse) -> None:
    browser = house.browser()
    assert (await browser.ask("GET", "/session")).status_code == 401
    said = await browser.sign_in(BOSS)
    assert said.status_code == 201
    assert said.headers["location"] == "/api/v1/session"
    cookie = said.headers["set-cookie"].lower()
    assert cookie.startswith("eilbote_session=")
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "secure" not in cookie
    assert browser.client.cookies["eilbote_session"] not in said.text
    assert (await browser.ask("GET", "/session")).json()["csrf"] == browser.csrf
    assert (await browser.ask("DELETE", "/session")).status_code == 204
    assert "eilbote_session" not in browser.client.cookies


async def test_where_people_come_over_tls_the_cookie_is_for_tls_and_this_host_alone() -> None:
    async with account_house(public_url="https://eilbote.example") as house:
        browser = house.browser()
        said = await browser.sign_in(BOSS)
        cookie = said.headers["set-cookie"]
        assert cookie.startswith("__Host-eilbote_session=")
        assert "; Secure" in cookie
        assert "Domain" not in cookie
        assert "Path=/;" in cookie
        assert (await browser.ask("GET", "/session")).status_code == 200


async def test_a_token_brought_along_is_never_taken_over(house: AccountHouse) -> None:
    """Somebody has put a cookie into a browser, and waits for its owner to sign in."""
    browser = house.browser()
    browser.client.cookies.set("eilbote_session", "A" * 43)
    said = await browser.sign_in(BOSS)
    assert "A" * 43 not in said.headers["set-cookie"]
    browser.client.cookies.clear()
    browser.client.cookies.set("eilbote_session", "A" * 43)
    assert (await browser.ask("GET", "/session")).status_code == 401


@pytest.mark.parametrize("csrf", ["", "wrong", "é", None])
async def test_a_change_needs_the_token_of_its_session(boss: Browser, csrf: str | None) -> None:
    boss.csrf = ""
    headers = {} if csrf is None else {"X-CSRF-Token": csrf.encode("latin-1")}
    said = await boss.ask("PATCH", "/me", {"name": "x"}, headers=headers)  # type: ignore[arg-type]
    assert said.status_code == 403


async def test_the_token_of_another_session_is_none(house: AccountHouse, boss: Browser) -> None:
    boss.csrf = (await house.signed_in(BOSS)).csrf
    assert (await boss.ask("PATCH", "/me", {"name": "x"})).status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
    ],
)
async def test_another_site_signs_nobody_in(house: AccountHouse, headers: dict[str, str]) -> None:
    """Or it could have somebody work in an account of its own."""
    body = {"address": BOSS, "password": PASSWORD}
    said = await house.browser().ask("POST", "/session", body, headers=headers)
    assert said.status_code == 403
    assert "set-cookie" not in said.headers


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""]
)
async def test_a_form_signs_nobody_in(house: AccountHouse, kind: str) -> None:
    body = json.dumps({"address": BOSS, "password": PASSWORD})
    said = await house.browser().client.post(
        "/api/v1/session", content=body, headers={"Content-Type": kind} if kind else {}
    )
    assert said.status_code in {415, 422}


async def test_own_page_and_programs_sign_in(house: AccountHouse) -> None:
    body = {"address": BOSS, "password": PASSWORD}
    for headers in ({"Sec-Fetch-Site": "same-origin"}, {"Origin": "http://eilbote.test"}, {}):
        assert (await house.browser().ask("POST", "/session", body, headers=headers)).status_code == 201


async def test_guessing_is_slowed_down_and_the_honest_are_let_in_elsewhere(house: AccountHouse) -> None:
    attacker = house.browser(address="203.0.113.66")
    statuses = [(await attacker.sign_in(BOSS, "wrong password")).status_code for _ in range(7)]
    assert statuses == [401] * 5 + [429] * 2
    said = await attacker.sign_in(BOSS)
    assert said.status_code == 429
    assert int(said.headers["retry-after"]) >= 1
    assert (await house.browser().sign_in(BOSS)).status_code == 201


async def test_known_and_unknown_names_are_answered_alike(house: AccountHouse) -> None:
    answers = set()
    for address in (BOSS, "nobody@acme.example"):
        said = await house.browser().sign_in(address, "wrong password")
        data = said.json()
        data.pop("instance")
        answers.add((said.status_code, json.dumps(data, sort_keys=True)))
    assert len(answers) == 1


async def test_a_fault_repeats_no_password(house: AccountHouse) -> None:
    said = await house.browser().ask("POST", "/session", {"address": 7, "password": PASSWORD, "x": PASSWORD})
    assert said.status_code == 422
    assert PASSWORD not in said.text


# -- oneself -----------------------------------------------------------------------------------------------------


async def test_oneself(boss: Browser) -> None:
    me = (await boss.ask("GET", "/me")).json()
    assert (me["kind"], me["organization"], me["user"]["role"]) == (
        "user",
        "acme",
        "organization_administrator",
    )
    changed = await boss.ask("PATCH", "/me", {"name": "Boss", "language": "de", "time_zone": None})
    assert changed.status_code == 200
    assert changed.json()["language"] == "de"
    for more in ({"role": "system_administrator"}, {"organization": "globex"}, {"address": "x@x.example"}):
        assert (await boss.ask("PATCH", "/me", more)).status_code == 422


async def test_another_password_gives_another_cookie(house: AccountHouse, boss: Browser) -> None:
    elsewhere = await house.signed_in(BOSS)
    before = boss.client.cookies["eilbote_session"]
    wrong = {"current_password": "x", "new_password": ANOTHER}
    assert (await boss.ask("POST", "/me/password", wrong)).status_code == 422
    right = {"current_password": PASSWORD, "new_password": ANOTHER}
    assert (await boss.ask("POST", "/me/password", right)).status_code == 200
    assert boss.client.cookies["eilbote_session"] != before
    assert (await boss.ask("GET", "/me")).status_code == 200
    assert (await elsewhere.ask("GET", "/me")).status_code == 401


async def test_where_one_is_signed_in(house: AccountHouse, boss: Browser) -> None:
    elsewhere = await house.signed_in(BOSS)
    items = (await boss.ask("GET", "/me/sessions")).json()["items"]
    assert sorted(each["is_this"] for each in items) == [False, True]
    other = next(each["id"] for each in items if not each["is_this"])
    assert (await boss.ask("DELETE", f"/me/sessions/{other}")).status_code == 204
    assert (await elsewhere.ask("GET", "/me")).status_code == 401
    assert (await boss.ask("DELETE", f"/me/sessions/{other}")).status_code == 404
    third = await house.signed_in(BOSS)
    assert (await boss.ask("DELETE", "/me/sessions")).status_code == 204
    assert (await third.ask("GET", "/me")).status_code == 401
    assert (await boss.ask("GET", "/me")).status_code == 200


# -- people ------------------------------------------------------------------------------------------------------


async def test_inviting_somebody_and_their_coming(house: AccountHouse, boss: Browser) -> None:
    said = await boss.ask("POST", "/users", {"address": "anna@acme.example", "role": "author"})
    assert said.status_code == 201
    assert said.headers["location"] == f"/api/v1/users/{said.json()['id']}"
    token = said.json()["link"].rpartition("/")[2]
    anna = house.browser()
    assert (await anna.ask("GET", f"/invitations/{token}")).json()["address"] == "anna@acme.example"
    came = await anna.ask("POST", f"/invitations/{token}", {"password": PASSWORD, "name": "Anna"})
    assert came.status_code == 201
    assert (await anna.ask("GET", "/me")).json()["user"]["role"] == "author"
    assert (await anna.ask("POST", f"/invitations/{token}", {"password": PASSWORD})).status_code == 404
    assert (await anna.ask("POST", "/users", {"address": "x@acme.example"})).status_code == 403


async def test_people_of_others_are_not_there(house: AccountHouse, boss: Browser) -> None:
    theirs, missing = await id_of(house, "boss@globex.example"), "0" * 16
    root = await id_of(house, ROOT_ADDRESS)
    for method, path, body in (
        ("GET", "/users/{}", None),
        ("PATCH", "/users/{}", {"role": "viewer"}),
        ("DELETE", "/users/{}", None),
        ("POST", "/users/{}/invitation", None),
        ("POST", "/users/{}/recovery", None),
        ("DELETE", "/users/{}/sessions", None),
    ):
        answers = set()
        for id_ in (theirs, root, missing):
            said = await boss.ask(method, path.format(id_), body)
            data = {name: value for name, value in said.json().items() if name != "instance"}
            answers.add((said.status_code, json.dumps(data).replace(id_, "ID")))
        assert len(answers) == 1
        assert next(iter(answers))[0] == 404
    listed = (await boss.ask("GET", "/users")).json()["items"]
    assert {each["organization"] for each in listed} == {"acme"}
    assert not (await boss.ask("GET", "/users?address=boss@globex.example")).json()["items"]
    assert (await boss.ask("GET", "/users?organization=globex")).status_code == 404
    assert (await boss.ask("GET", "/users?organization=*")).status_code == 404


async def test_no_answer_shows_what_is_kept_of_a_password(root: Browser) -> None:
    said = await root.ask("GET", "/users?organization=*")
    assert "argon2" not in said.text
    assert len(said.json()["items"]) == 3


async def test_lists_go_on_page_by_page(root: Browser) -> None:
    seen: list[str] = []
    cursor = ""
    while True:
        page = (await root.ask("GET", f"/users?organization=*&limit=1{cursor}")).json()
        seen += [each["id"] for each in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert len(seen) == len(set(seen)) == 3
    assert (await root.ask("GET", "/users?cursor=nonsense")).status_code == 422


@pytest.mark.parametrize(
    "change, status",
    [
        ({"role": "system_administrator"}, 422),
        ({"role": "king"}, 422),
        ({"role": None}, 422),
        ({"is_enabled": None}, 422),
        ({"address": None}, 422),
        ({"organization": "globex"}, 422),
        ({"password": "x"}, 422),
        ({"state": "active"}, 422),
        ({"revision": 99, "name": "x"}, 409),
        ({"name": None, "language": None}, 200),
        ({}, 200),
    ],
)
async def test_changes(house: AccountHouse, boss: Browser, change: dict[str, object], status: int) -> None:
    user = await house.person("anna@acme.example", role=Role.VIEWER, organization="acme")
    assert (await boss.ask("PATCH", f"/users/{user.id}", change)).status_code == status


async def test_the_last_system_administrator_stays(house: AccountHouse, root: Browser) -> None:
    own = await id_of(house, ROOT_ADDRESS)
    assert (await root.ask("DELETE", f"/users/{own}")).status_code == 409
    assert (await root.ask("PATCH", f"/users/{own}", {"is_enabled": False})).status_code == 409
    assert (await root.ask("PATCH", f"/users/{own}", {"role": "viewer"})).status_code == 409


async def test_somebody_locked_out_is_out_at_once(house: AccountHouse, root: Browser, boss: Browser) -> None:
    own = await id_of(house, BOSS)
    assert (await root.ask("PATCH", f"/users/{own}", {"is_enabled": False})).status_code == 200
    assert (await boss.ask("GET", "/me")).status_code == 401
    assert (await house.browser().sign_in(BOSS)).status_code == 401


# -- recovery ----------------------------------------------------------------------------------------------------


async def test_a_forgotten_password() -> None:
    async with account_house(public_url="https://eilbote.example") as house:
        browser = house.browser()
        for address in (BOSS, "nobody@acme.example", "no address"):
            said = await browser.ask("POST", "/recovery", {"address": address})
            assert (said.status_code, said.text) == (202, "null")
        (told,) = house.mail.told
        assert told.to == BOSS
        token = house.mail.token
        assert (await browser.ask("GET", f"/recovery/{token}")).json() == {"address": BOSS}
        assert (await browser.ask("POST", f"/recovery/{token}", {"password": "short"})).status_code == 422
        assert (await browser.ask("POST", f"/recovery/{token}", {"password": ANOTHER})).status_code == 204
        assert (await browser.ask("POST", f"/recovery/{token}", {"password": ANOTHER})).status_code == 404
        assert (await browser.sign_in(BOSS, ANOTHER)).status_code == 201


# -- keys --------------------------------------------------------------------------------------------------------


async def test_a_key_from_its_making_to_its_end(house: AccountHouse, boss: Browser) -> None:
    body = {"name": "Billing", "permissions": ["users:read"], "senders": ["acme.example"]}
    made = await boss.ask("POST", "/api-keys", body)
    assert made.status_code == 201
    key, id_ = made.json()["key"], made.json()["id"]
    program = house.browser()

    async def is_let_in(text: str) -> bool:
        said = await program.ask("GET", "/users", headers={"Authorization": f"Bearer {text}"})
        return said.status_code == 200

    assert await is_let_in(key)
    me = await program.ask("GET", "/me", headers={"Authorization": f"Bearer {key}"})
    assert (me.json()["kind"], me.json()["user"]) == ("api_key", None)
    assert "eb_live" not in (await boss.ask("GET", f"/api-keys/{id_}")).text
    rotated = (await boss.ask("POST", f"/api-keys/{id_}/rotate", {"overlap_seconds": 0})).json()["key"]
    assert not await is_let_in(key)
    assert await is_let_in(rotated)
    changed = await boss.ask("PATCH", f"/api-keys/{id_}", {"permissions": ["messages:submit"]})
    assert changed.status_code == 200
    assert not await is_let_in(rotated)
    assert (await boss.ask("POST", f"/api-keys/{id_}/revoke")).json()["is_revoked"] is True
    assert (await boss.ask("POST", f"/api-keys/{id_}/rotate")).status_code == 409
    assert (await boss.ask("DELETE", f"/api-keys/{id_}")).status_code == 204
    assert (await boss.ask("GET", f"/api-keys/{id_}")).status_code == 404


async def test_a_key_makes_no_stronger_key_and_no_people(house: AccountHouse, boss: Browser) -> None:
    made = await boss.ask("POST", "/api-keys", {"name": "k", "permissions": ["keys:write", "users:write"]})
    headers = {"Authorization": f"Bearer {made.json()['key']}"}
    program = house.browser()
    for permissions, status in ((["keys:write"], 201), (["messages:read"], 403), (["host:operate"], 422)):
        body = {"name": "x", "permissions": permissions}
        assert (await program.ask("POST", "/api-keys", body, headers=headers)).status_code == status
    for role in ("organization_administrator", "viewer"):
        body = {"address": "new@acme.example", "role": role}
        assert (await program.ask("POST", "/users", body, headers=headers)).status_code == 403
    own = await id_of(house, BOSS)
    said = await program.ask("PATCH", f"/users/{own}", {"address": "evil@acme.example"}, headers=headers)
    assert said.status_code == 403
    assert (await program.ask("PATCH", "/me", {"name": "x"}, headers=headers)).status_code == 403


async def test_keys_of_others_are_not_there(house: AccountHouse, boss: Browser, root: Browser) -> None:
    body = {"name": "k", "permissions": ["messages:read"]}
    theirs = (await root.ask("POST", "/api-keys?organization=globex", body)).json()["id"]
    hosts = (await root.ask("POST", "/api-keys", body)).json()["id"]
    for id_ in (theirs, hosts, "AAAAAAAAAA"):
        for method, path, more in (
            ("GET", f"/api-keys/{id_}", None),
            ("PATCH", f"/api-keys/{id_}", {"name": "mine"}),
            ("POST", f"/api-keys/{id_}/rotate", None),
            ("POST", f"/api-keys/{id_}/revoke", None),
            ("DELETE", f"/api-keys/{id_}", None),
        ):
            said = await boss.ask(method, path, more)
            assert said.status_code == 404, (method, path, said.text)
    assert not (await boss.ask("GET", "/api-keys")).json()["items"]
    assert len((await root.ask("GET", "/api-keys?organization=*")).json()["items"]) == 2
    assert (await root.ask("POST", "/api-keys?organization=nobody", body)).status_code == 422


@pytest.mark.parametrize(
    "body",
    [
        {"name": "", "permissions": ["messages:read"]},
        {"name": "x", "permissions": []},
        {"name": "x", "permissions": ["fly"]},
        {"name": "x"},
        {"name": "x", "permissions": ["messages:read"], "senders": ["a b"]},
        {"name": "x", "permissions": ["messages:read"], "expires": "2001-01-01T00:00:00Z"},
        {"name": "x", "permissions": ["messages:read"], "expires": "2031-01-01T00:00:00"},
        {"name": "x", "permissions": ["messages:read"], "expires": 10**18},
        {"name": "x", "permissions": ["messages:read"], "organization": "globex"},
    ],
)
async def test_a_key_that_cannot_be(boss: Browser, body: dict[str, object]) -> None:
    assert (await boss.ask("POST", "/api-keys", body)).status_code == 422


# -- organizations and roles -------------------------------------------------------------------------------------


async def test_organizations_are_the_host_s(house: AccountHouse, boss: Browser, root: Browser) -> None:
    made = await root.ask("POST", "/organizations", {"name": "initech", "title": "Initech", "language": "de"})
    assert made.status_code == 201
    assert (await root.ask("POST", "/organizations", {"name": "initech"})).status_code == 409
    changed = await root.ask("PATCH", "/organizations/initech", {"quota": {"waiting": 5}, "title": None})
    assert changed.json()["quota"] == {"messages_per_hour": 0, "messages_per_day": 0, "waiting": 5}
    assert changed.json()["title"] == ""
    assert (await root.ask("PATCH", "/organizations/initech", {"quota": None})).json()["quota"][
        "waiting"
    ] == 0
    assert (await root.ask("DELETE", "/organizations/initech")).status_code == 409
    assert (await root.ask("PATCH", "/organizations/initech", {"is_enabled": False})).status_code == 200
    assert (await root.ask("DELETE", "/organizations/initech")).status_code == 204
    assert (await root.ask("GET", "/organizations/initech")).status_code == 404
    assert (await root.ask("PATCH", "/organizations/initech", {"title": "x"})).status_code == 404
    assert (await boss.ask("GET", "/organizations")).status_code == 403
    assert (await boss.ask("POST", "/organizations", {"name": "mine"})).status_code == 403
    assert (await boss.ask("PATCH", "/organizations/acme", {"quota": None})).status_code == 403
    assert (await boss.ask("GET", "/organizations/acme")).status_code == 200
    for name in ("globex", "nobody"):
        assert (await boss.ask("GET", f"/organizations/{name}")).status_code == 404


async def test_roles_tell_which_can_be_given(boss: Browser, root: Browser) -> None:
    of_boss = {each["name"]: each for each in (await boss.ask("GET", "/roles")).json()["items"]}
    assert "system_administrator" not in of_boss
    assert all(each["can_be_given"] for each in of_boss.values())
    assert not any("host:operate" in each["permissions"] for each in of_boss.values())
    assert (await root.ask("GET", "/roles")).json()["items"][0]["name"] == "system_administrator"


# -- the book ----------------------------------------------------------------------------------------------------


async def test_what_was_done_is_in_the_book_of_whom_it_concerns(
    house: AccountHouse, boss: Browser, root: Browser
) -> None:
    made = await root.ask("POST", "/users?organization=globex", {"address": "new@globex.example"})
    user = made.json()["id"]
    await root.ask("PATCH", f"/users/{user}", {"role": "author"})  # acting for the host itself
    gus = await house.signed_in("boss@globex.example")
    records = (await gus.ask("GET", "/audit?action=user.update")).json()["items"]
    (changed,) = [each for each in records if each["thing"] == f"user:{user}"]
    assert (changed["name"], changed["before"], changed["after"]) == (
        *("root@host.example", {"role": "viewer"}),
        *({"role": "author"},),
    )
    assert changed["address"] == "192.0.2.7"
    assert changed["request"]
    own = (await boss.ask("GET", "/audit")).json()["items"]
    assert {each["organization"] for each in own} == {"acme"}
    assert (await boss.ask("GET", "/audit/verification")).status_code == 403
    assert (await root.ask("GET", "/audit/verification")).json()["is_whole"] is True


async def test_the_book_is_taken_away_in_part(boss: Browser) -> None:
    lines = (await boss.ask("GET", "/audit/export?action=user.")).text.splitlines()
    assert {json.loads(line)["organization"] for line in lines} == {"acme"}
    said = await boss.ask("GET", "/audit/export?format=csv")
    assert said.headers["content-disposition"] == 'attachment; filename="audit.csv"'
    assert {row["organization"] for row in csv.DictReader(io.StringIO(said.text))} == {"acme"}
    since = "/audit?since=2031-01-01T00:00:00Z"
    assert not (await boss.ask("GET", since)).json()["items"]
    assert (await boss.ask("GET", "/audit?since=yesterday")).status_code == 422


async def test_no_secret_is_in_the_book(house: AccountHouse, boss: Browser, root: Browser) -> None:
    made = await boss.ask("POST", "/api-keys", {"name": "k", "permissions": ["messages:read"]})
    rotated = await boss.ask("POST", f"/api-keys/{made.json()['id']}/rotate")
    invited = await boss.ask("POST", "/users", {"address": "anna@acme.example"})
    token = invited.json()["link"].rpartition("/")[2]
    await house.browser().ask("POST", f"/invitations/{token}", {"password": ANOTHER})
    book = (await root.ask("GET", "/audit/export?organization=*")).text
    for secret in (made.json()["key"], rotated.json()["key"], token, PASSWORD, ANOTHER, boss.csrf):
        assert secret not in book
        assert secret[-30:] not in book
