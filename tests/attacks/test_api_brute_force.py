"""Somebody has an address and a list of passwords, or a password and a list of addresses, and as many tries as he is let have.

He tries one after another, all at once, in other letters, from all the addresses of his /64, and from places that he makes up in headers. He signs
in to an account of his own in between. What counts is how many passwords are hashed for him: that is all he learns anything by, and all
that he costs. How long that takes is nobody's business here, and nothing waits: the clock is moved by hand. Whoever is tried, and sits
elsewhere, comes in meanwhile as on every other day.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from itertools import count

import httpx2
import pytest
import pytest_asyncio
from tests.unit.api.account_house import AccountHouse, Browser, account_house
from tests.unit.engine.accounts.account_scene import ANOTHER, PASSWORD, ROOT

from eilbote.accounts.role import Role
from eilbote.accounts.throttle import PLACE, SOMEBODY
from eilbote.engine.accounts.passwords import Passwords

pytestmark = pytest.mark.asyncio(loop_factories=["asyncio"])
ANNA, BERT = "anna@acme.example", "bert@acme.example"
HOUR = 3600
WRONG = "password: address and password do not belong together. Check both, or ask for a new password at /recover."
FREE = SOMEBODY.free
FREE_OF_PLACE = PLACE.free


class Counting(Passwords):
    """Counts what is hashed to check a password."""

    def __init__(self) -> None:
        super().__init__(passes=1, kibibytes=8, lanes=1)
        self.checked = 0

    async def verify(self, kept: str, password: str) -> bool:
        self.checked += 1
        return await super().verify(kept, password)


class Besieged:
    """The server, and somebody before it.

    Attributes:
        house: The server.
        passwords: Counts what is hashed.
    """

    def __init__(self, house: AccountHouse, passwords: Counting) -> None:
        self.house = house
        self.passwords = passwords
        self._number = count()

    async def guess(
        self,
        name: str = ANNA,
        *,
        place: str = "203.0.113.66",
        headers: Mapping[str, str] | None = None,
        password: str = "",
    ) -> httpx2.Response:
        """Try a password that is none, or the one that is given."""
        wrong = password or f"guess number {next(self._number)}"
        body = {"address": name, "password": wrong}
        browser = self.house.browser(address=place)
        return await browser.ask("POST", "/session", body, headers=dict(headers or {}))

    async def comes_in(
        self, name: str = ANNA, *, place: str, headers: Mapping[str, str] | None = None
    ) -> bool:
        return (await self.guess(name, place=place, headers=headers, password=PASSWORD)).status_code == 201


@asynccontextmanager
async def besieged(*, trusted_proxies: str = "") -> AsyncGenerator[Besieged]:
    passwords = Counting()
    async with account_house(passwords=passwords, trusted_proxies=trusted_proxies) as house:
        for address in (ANNA, BERT):
            await house.person(address, role=Role.OPERATOR, organization="acme")
        passwords.checked = 0
        yield Besieged(house, passwords)


@pytest_asyncio.fixture
async def siege() -> AsyncGenerator[Besieged]:
    async with besieged() as made:
        yield made


# -- one name ----------------------------------------------------------------------------------------------------


async def test_one_name_from_one_place_is_tried_a_few_times(siege: Besieged) -> None:
    answers = [await siege.guess() for _ in range(60)]
    assert [each.status_code for each in answers] == [401] * FREE + [429] * (60 - FREE)
    assert siege.passwords.checked == FREE
    assert all(int(each.headers["retry-after"]) >= 1 for each in answers[FREE:])
    assert (await siege.guess(password=PASSWORD)).status_code == 429, "nor is the right one tried there now"


async def test_all_at_the_same_moment_are_no_more(siege: Besieged) -> None:
    await asyncio.gather(*(siege.guess() for _ in range(100)))
    assert siege.passwords.checked == FREE


async def test_whoever_waits_as_he_is_told_has_a_hundred_tries_in_a_day(siege: Besieged) -> None:
    waited = 0.0
    while waited < 24 * HOUR:
        said = await siege.guess()
        seconds = float(said.headers.get("retry-after", 0))
        waited += seconds
        siege.house.clock.advance(seconds)
    assert siege.passwords.checked <= 120


async def test_a_name_in_other_letters_is_the_same_name(siege: Besieged) -> None:
    """Whatever is found under it: letter case, blanks around it, and forms that look the same."""
    names = ["ANNA@acme.example", "Anna@ACME.EXAMPLE", f" {ANNA}", f"{ANNA}  ", f"\t{ANNA}", f"{ANNA}\u3000"]
    for _ in range(10):
        for name in names:
            await siege.guess(name)
    assert siege.passwords.checked == FREE


async def test_a_composed_letter_and_its_parts_are_one_name(siege: Besieged) -> None:
    for _ in range(10):
        for name in ("j\u00f6rg@acme.example", "jo\u0308rg@acme.example", "J\u00d6RG@acme.example"):
            await siege.guess(name)
    assert siege.passwords.checked == FREE


async def test_whoever_is_tried_comes_in_elsewhere_all_the_time(siege: Besieged) -> None:
    for _ in range(20):
        for _ in range(10):
            await siege.guess()
        assert await siege.comes_in(place="192.0.2.9")
        siege.house.clock.advance(600)


async def test_a_colleague_behind_the_same_address_comes_in(siege: Besieged) -> None:
    for _ in range(25):
        await siege.guess()
    assert await siege.comes_in(BERT, place="203.0.113.66")


async def test_her_own_typing_errors_are_forgiven_with_the_right_one(siege: Besieged) -> None:
    for _ in range(FREE_OF_PLACE // FREE):
        for _ in range(FREE - 1):
            assert (await siege.guess(place="192.0.2.9")).status_code == 401
        assert await siege.comes_in(place="192.0.2.9")


# -- one place, many names ---------------------------------------------------------------------------------------


async def test_one_password_for_many_names_is_tried_a_few_times(siege: Besieged) -> None:
    for number in range(200):
        await siege.guess(f"p{number}@acme.example", password="Summer of 2026!")
    assert siege.passwords.checked == FREE_OF_PLACE


async def test_an_account_of_his_own_between_the_tries_opens_nothing(siege: Besieged) -> None:
    for number in range(200):
        await siege.guess(f"p{number}@acme.example")
        await siege.guess(BERT, password=PASSWORD)
    found_out = siege.passwords.checked - 200
    assert found_out <= FREE_OF_PLACE


async def test_a_place_that_goes_on_for_an_hour_learns_little(siege: Besieged) -> None:
    waited = 0.0
    for number in count():
        said = await siege.guess(f"p{number}@acme.example")
        seconds = float(said.headers.get("retry-after", 0))
        waited += seconds
        siege.house.clock.advance(seconds)
        if waited >= HOUR:
            break
    assert siege.passwords.checked <= FREE_OF_PLACE + 5 + HOUR / PLACE.longest_seconds + 1


async def test_the_addresses_of_one_household_are_one_place(siege: Besieged) -> None:
    """Everybody has 2^64 of them by IPv6."""
    for number in range(100):
        await siege.guess(place=f"2001:db8:1:2:{number:x}::{number:x}")
    assert siege.passwords.checked == FREE
    for _ in range(3):
        await siege.guess(place="::ffff:198.51.100.7")
        await siege.guess(place="198.51.100.7")
    assert siege.passwords.checked == FREE + FREE, "an IPv4 address in the clothes of IPv6 is the same place"
    assert await siege.comes_in(place="2001:db8:1:3::1"), "the house next door is another one"


# -- places that are made up -------------------------------------------------------------------------------------

MADE_UP = (
    "X-Forwarded-For",
    "Forwarded",
    "X-Real-IP",
    "X-Client-IP",
    "True-Client-IP",
    "CF-Connecting-IP",
    "X-Originating-IP",
    "X-Cluster-Client-IP",
)


def _claim(name: str, number: int) -> dict[str, str]:
    address = f"198.51.100.{number}"
    return {name: f"for={address}" if name == "Forwarded" else address}


@pytest.mark.parametrize("name", MADE_UP)
async def test_nobody_says_himself_where_he_is(siege: Besieged, name: str) -> None:
    for number in range(50):
        await siege.guess(headers=_claim(name, number))
    assert siege.passwords.checked == FREE


@pytest.mark.parametrize("name", MADE_UP)
async def test_a_trusted_proxy_is_believed_and_who_speaks_through_it_is_not(name: str) -> None:
    """It adds the address it was asked from behind whatever its client has written."""
    async with besieged(trusted_proxies="10.0.0.0/8") as siege:
        for number in range(50):
            claim = _claim(name, number)
            told = f"{claim.get('X-Forwarded-For', '')}, 203.0.113.66".removeprefix(", ")
            await siege.guess(place="10.0.0.1", headers=claim | {"X-Forwarded-For": told})
        assert siege.passwords.checked == FREE
        assert await siege.comes_in(place="10.0.0.1", headers={"X-Forwarded-For": "192.0.2.9"})
        assert siege.passwords.checked == FREE + 1


async def test_what_lies_in_the_book_is_the_place_and_not_the_claim(siege: Besieged) -> None:
    await siege.guess(headers={"X-Forwarded-For": "192.0.2.200"})
    store = siege.house.eilbote.services.account_store
    (record,) = [
        each for each in await store.records_from(1, limit=100) if each.deed.action == "user.sign_in_failed"
    ]
    assert record.deed.address == "203.0.113.66"


# -- other doors -------------------------------------------------------------------------------------------------


async def test_the_present_password_is_not_found_out_by_whoever_has_the_cookie(siege: Besieged) -> None:
    """He has sat down at her browser, and would stay."""
    browser: Browser = await siege.house.signed_in(ANNA)
    siege.passwords.checked = 0
    for number in range(30):
        body = {"current_password": f"guess {number}", "new_password": ANOTHER}
        assert (await browser.ask("POST", "/me/password", body)).status_code in {422, 429}
    assert siege.passwords.checked == FREE


async def test_wrong_keys_are_not_looked_up_for_ever(siege: Besieged) -> None:
    """The right one of a program behind the same address goes through."""
    desk = siege.house.desk
    made = await desk.keys.create(
        "k",
        organization="acme",
        permissions=frozenset({"messages:read"}),
        by=ROOT,  # type: ignore[arg-type]
    )
    wrong = made.text[:-4] + ("aaaa" if not made.text.endswith("aaaa") else "bbbb")
    browser = siege.house.browser(address="203.0.113.66")
    codes = [
        (await browser.ask("GET", "/me", headers={"Authorization": f"Bearer {wrong}"})).status_code
        for _ in range(FREE_OF_PLACE + 20)
    ]
    assert codes[:FREE_OF_PLACE] == [401] * FREE_OF_PLACE
    assert set(codes[FREE_OF_PLACE:]) == {429}
    said = await browser.ask("GET", "/me", headers={"Authorization": f"Bearer {made.text}"})
    assert said.status_code == 200
    assert siege.passwords.checked == 0, "a key costs no slow hash"


@pytest.mark.parametrize("name", [ANNA, "nobody@acme.example", "locked@acme.example", "invited@acme.example"])
async def test_every_name_costs_one_hash_whether_there_is_one_or_not(siege: Besieged, name: str) -> None:
    """So that nobody hears from the time who is known here."""
    desk = siege.house.desk
    locked = await siege.house.person("locked@acme.example", role=Role.VIEWER, organization="acme")
    await desk.users.change(locked, by=ROOT, is_enabled=False)
    await desk.invitations.invite("invited@acme.example", organization="acme", by=ROOT)
    siege.passwords.checked = 0
    said = await siege.guess(name, password="the wrong one" if name == ANNA else PASSWORD)
    problem = said.json()
    assert (said.status_code, problem["detail"]) == (
        401,
        WRONG,
    )
    assert siege.passwords.checked == 1


@pytest.mark.parametrize(
    "characters, field", [(2_000, "password"), (1_000_000, "authorization")], ids=["long", "huge"]
)
async def test_a_password_that_nobody_has_is_not_hashed(siege: Besieged, characters: int, field: str) -> None:
    """What is huge is not even read from somebody who has not said who they are."""
    said = await siege.guess(password="x" * characters)
    assert (said.status_code in {401, 422}, said.json()["field"]) == (True, field)
    assert siege.passwords.checked == 0


async def test_nobody_s_mailbox_is_filled_with_links() -> None:
    """By a thousand machines, each asking once."""
    async with account_house(public_url="https://eilbote.example") as house:
        await house.person(ANNA, role=Role.VIEWER, organization="acme")
        for number in range(100):
            browser = house.browser(address=f"198.51.100.{number}")
            assert (await browser.ask("POST", "/recovery", {"address": ANNA})).status_code == 202
        assert len(house.mail.told) == 3
        codes = {
            (await house.browser().ask("POST", "/recovery", {"address": f"p{number}@x.example"})).status_code
            for number in range(40)
        }
        assert codes == {202, 429}
