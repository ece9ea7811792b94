"""Signing in: what ends a session, what makes wait, and what is written down."""

from __future__ import annotations

import argon2
import pytest
from tests.unit.engine.accounts.account_scene import (
    ANOTHER,
    HERE,
    PASSWORD,
    ROOT,
    THERE,
    AccountScene,
    acting,
    cheap,
)

from eilbote.accounts.role import Role
from eilbote.accounts.throttle import SOMEBODY
from eilbote.accounts.user import User
from eilbote.engine.accounts.passwords import Passwords
from eilbote.engine.accounts.sessions import session_id
from eilbote.errors import (
    NotFoundError,
    OutboxUnavailableError,
    SettingsError,
    SignInError,
    ThrottledError,
)

pytestmark = pytest.mark.asyncio


@pytest.fixture
def scene() -> AccountScene:
    return AccountScene()


async def enter(scene: AccountScene, user: User, password: str = PASSWORD) -> str:
    return (await scene.desk.sign_in.by_password(user.address, password, origin=HERE)).token


async def is_out(scene: AccountScene, token: str) -> bool:
    try:
        await scene.desk.doorkeeper.by_session(token, origin=HERE)
    except SignInError:
        return True
    return False


async def test_each_sign_in_has_a_token_of_its_own(scene: AccountScene) -> None:
    user = await scene.person()
    first, second = await enter(scene, user), await enter(scene, user)
    assert first != second
    assert not await is_out(scene, first)
    assert first not in {each.digest for each in await scene.desk.sessions.of(user.id)}


async def test_the_address_is_known_in_any_letter_case(scene: AccountScene) -> None:
    await scene.person("anna@acme.example")
    assert await scene.desk.sign_in.by_password(" Anna@ACME.example ", PASSWORD, origin=HERE)


async def test_signing_out_ends_it_on_the_server(scene: AccountScene) -> None:
    user = await scene.person()
    token = await enter(scene, user)
    await scene.desk.sessions.end(token)
    assert await is_out(scene, token)


async def test_a_session_ends_after_twelve_hours_however_busy_it_is(scene: AccountScene) -> None:
    user = await scene.person()
    token = await enter(scene, user)
    for _ in range(11):
        scene.clock.advance(3600)
        assert not await is_out(scene, token)
    scene.clock.advance(3600)
    assert await is_out(scene, token)


async def test_nothing_for_eight_hours_ends_it(scene: AccountScene) -> None:
    user = await scene.person()
    token = await enter(scene, user)
    scene.clock.advance(8 * 3600)
    assert await is_out(scene, token)


@pytest.mark.parametrize(
    "change", [{"role": "author"}, {"is_enabled": False}, {"address": "other@acme.example"}]
)
async def test_a_new_role_or_address_and_being_locked_out_end_it_at_once(
    scene: AccountScene, change: dict[str, object]
) -> None:
    user = await scene.person()
    token = await enter(scene, user)
    await scene.desk.users.change(await scene.again(user), by=ROOT, **change)
    assert await is_out(scene, token)


async def test_another_name_ends_nothing(scene: AccountScene) -> None:
    user = await scene.person()
    token = await enter(scene, user)
    await scene.desk.users.change(await scene.again(user), by=ROOT, name="Anna")
    assert not await is_out(scene, token)


async def test_another_password_ends_all_sessions_and_begins_one(scene: AccountScene) -> None:
    user = await scene.person()
    tokens = [await enter(scene, user), await enter(scene, user)]
    signed = await scene.desk.recovery.change(await scene.again(user), PASSWORD, ANOTHER, origin=HERE)
    assert [await is_out(scene, each) for each in tokens] == [True, True]
    assert not await is_out(scene, signed.token)
    with pytest.raises(SignInError):
        await enter(scene, user)


async def test_another_password_needs_the_present_one(scene: AccountScene) -> None:
    user = await scene.person()
    with pytest.raises(SettingsError) as wrong:
        await scene.desk.recovery.change(user, "not the present one", ANOTHER, origin=HERE)
    assert wrong.value.field == "current_password"


async def test_an_organization_that_is_switched_off_signs_its_people_out(scene: AccountScene) -> None:
    user = await scene.person()
    token = await enter(scene, user)
    await scene.desk.organizations.change("acme", is_enabled=False)
    assert await is_out(scene, token)
    with pytest.raises(SignInError):
        await enter(scene, user)
    await scene.desk.organizations.change("acme", is_enabled=True)
    assert await is_out(scene, token)


async def test_whatever_is_wrong_the_words_are_the_same(scene: AccountScene) -> None:
    anna = await scene.person()
    await scene.person("locked@acme.example")
    await scene.desk.users.change(await scene.desk.users.at("locked@acme.example"), by=ROOT, is_enabled=False)
    await scene.desk.invitations.invite("new@acme.example", organization="acme", by=ROOT)
    words = set()
    for address, password in [
        (anna.address, "wrong"),
        ("nobody@acme.example", PASSWORD),
        ("locked@acme.example", PASSWORD),
        ("new@acme.example", ""),
        ("\ud800", "\ud800"),
        ("", ""),
        ("x" * 5000, "y" * 5000),
    ]:
        with pytest.raises(SignInError) as wrong:
            await scene.desk.sign_in.by_password(address, password, origin=HERE)
        words.add(str(wrong.value))
    assert len(words) == 1


class Counting:
    """Notes with which parameters hashes were checked."""

    def __init__(self, hasher: argon2.PasswordHasher) -> None:
        self._hasher = hasher
        self.parameters: list[argon2.Parameters] = []

    def verify(self, kept: str, octets: bytes) -> bool:
        self.parameters.append(argon2.extract_parameters(kept))
        return self._hasher.verify(kept, octets)


async def test_an_unknown_name_costs_a_hash_like_a_known_one(scene: AccountScene) -> None:
    """Otherwise the time tells who has an account."""
    user = await scene.person()
    passwords = scene.desk.sign_in._passwords  # noqa: SLF001 - what is counted has no other door
    passwords._hasher = counting = Counting(passwords._hasher)  # noqa: SLF001
    for address in (user.address, "nobody@acme.example"):
        with pytest.raises(SignInError):
            await scene.desk.sign_in.by_password(address, "wrong", origin=HERE)
    assert len(counting.parameters) == 2
    assert counting.parameters[0] == counting.parameters[1]


async def test_wrong_passwords_make_wait_there_and_not_elsewhere(scene: AccountScene) -> None:
    user = await scene.person()
    for _ in range(SOMEBODY.free):
        with pytest.raises(SignInError):
            await scene.desk.sign_in.by_password(user.address, "wrong", origin=HERE)
    with pytest.raises(ThrottledError) as waiting:
        await enter(scene, user)
    assert waiting.value.retry_after == 1.0
    assert await scene.desk.sign_in.by_password(user.address, PASSWORD, origin=THERE)
    scene.clock.advance(1)
    assert await enter(scene, user)


async def test_what_happens_is_written_down(scene: AccountScene) -> None:
    user = await scene.person()
    await enter(scene, user)
    with pytest.raises(SignInError):
        await enter(scene, user, "wrong")
    with pytest.raises(SignInError):
        await scene.desk.sign_in.by_password("my secret password", "", origin=HERE)
    done = await scene.deeds("user.sign_in")
    assert [(deed.action, deed.who, deed.organization) for deed in done[-3:]] == [
        ("user.sign_in", user.id, "acme"),
        ("user.sign_in_failed", "", "acme"),
        ("user.sign_in_failed", "", ""),
    ]
    assert done[-1].thing == "user:***"
    assert PASSWORD not in repr(done)


async def test_guessing_does_not_fill_the_book(scene: AccountScene) -> None:
    for number in range(200):
        with pytest.raises((SignInError, ThrottledError)):
            await scene.desk.sign_in.by_password(
                "anna@acme.example", "wrong", origin=type(HERE)(door="api", address=f"10.0.0.{number}")
            )
    assert len(await scene.deeds("user.sign_in_failed")) == 30
    scene.clock.advance(61)
    with pytest.raises(SignInError):
        await scene.desk.sign_in.by_password("anna@acme.example", "wrong", origin=THERE)
    assert (await scene.deeds("user.sign_in_failed"))[-1].after["left_out"] == 170


async def test_a_hash_of_yesterday_s_strength_is_made_anew(scene: AccountScene) -> None:
    user = await scene.person()
    stronger = Passwords(passes=2, kibibytes=16, lanes=1)
    scene.desk.sign_in._passwords = stronger  # noqa: SLF001 - the program was updated
    await enter(scene, user)
    assert "m=16,t=2" in (await scene.again(user)).password
    assert await enter(scene, user)


async def test_passwords_are_checked_two_at_a_time_and_others_are_sent_away() -> None:
    import asyncio

    passwords = Passwords(passes=1, kibibytes=8, lanes=1, waiting=3)
    asked = [passwords.verify("", "x") for _ in range(10)]
    said = await asyncio.gather(*asked, return_exceptions=True)
    assert [type(each) for each in said].count(ThrottledError) == 7
    assert await cheap().verify("no hash at all", "x") is False


async def test_one_session_of_one_s_own_is_ended_by_its_id(scene: AccountScene) -> None:
    anna, ben = await scene.person(), await scene.person("ben@acme.example")
    hers, his = await enter(scene, anna), await enter(scene, ben)
    (of_ben,) = await scene.desk.sessions.of(ben.id)
    with pytest.raises(NotFoundError):
        await scene.desk.sessions.end_one(anna.id, session_id(of_ben))
    await scene.desk.sessions.end_one(ben.id, session_id(of_ben))
    assert await is_out(scene, his)
    assert not await is_out(scene, hers)


async def test_there_are_at_most_twenty_browsers(scene: AccountScene) -> None:
    user = await scene.person()
    tokens = []
    for _ in range(21):
        tokens.append(await enter(scene, user))
        scene.clock.advance(1)
    assert await is_out(scene, tokens[0])
    assert not await is_out(scene, tokens[1])


async def test_the_principal_of_a_person_of_an_organization_has_nothing_of_the_host(
    scene: AccountScene,
) -> None:
    user = await scene.person(role=Role.ORGANIZATION_ADMINISTRATOR)
    assert not acting(user).is_host


async def test_a_database_that_does_not_answer_is_no_wrong_password(
    scene: AccountScene, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def gone(_: str) -> User | None:
        raise OutboxUnavailableError("the database does not answer")

    user = await scene.person()
    for name in ("user_at", "organization"):  # the first and the last that is looked up
        with monkeypatch.context() as broken:
            broken.setattr(scene.store, name, gone)
            for _ in range(SOMEBODY.free * 10):
                with pytest.raises(OutboxUnavailableError):
                    await enter(scene, user)
    assert await enter(scene, user)
    assert await scene.deeds("user.sign_in_failed") == []
