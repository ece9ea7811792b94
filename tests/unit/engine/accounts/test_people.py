"""Invited, changed, locked out, recovered: and never by somebody who may do less."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest
from tests.unit.engine.accounts.account_scene import (
    ANOTHER,
    HERE,
    PASSWORD,
    ROOT,
    THERE,
    AccountScene,
    acting,
)

from eilbote.accounts.organization import HOST
from eilbote.accounts.role import Role
from eilbote.accounts.user import User, UserState
from eilbote.errors import (
    AddressError,
    ConflictError,
    ForbiddenError,
    NotFoundError,
    SettingsError,
    SignInError,
    ThrottledError,
)

pytestmark = pytest.mark.asyncio


@pytest.fixture
def scene() -> AccountScene:
    return AccountScene()


# -- invitations -------------------------------------------------------------------------------------------------


async def test_an_invitation_goes_to_the_person_in_the_language_of_the_organization(
    scene: AccountScene,
) -> None:
    await scene.organization("acme", title="Acme GmbH", language="de")
    invited = await scene.desk.invitations.invite("anna@acme.example", organization="acme", by=ROOT)
    (told,) = scene.mail.told
    assert (told.event, told.to, told.organization, told.language) == (
        *("account.invitation", "anna@acme.example"),
        *("acme", "de"),
    )
    assert str(told.data["link"]).startswith("https://eilbote.example/invitation/")
    assert invited.path == ""
    signed = await scene.desk.invitations.accept(scene.mail.token, PASSWORD, name="Anna", origin=HERE)
    assert (signed.user.state, signed.user.name) == (UserState.ACTIVE, "Anna")


async def test_without_a_public_address_the_link_is_handed_over() -> None:
    scene = AccountScene(public_url="")
    await scene.organization()
    invited = await scene.desk.invitations.invite("anna@acme.example", organization="acme", by=ROOT)
    assert invited.path.startswith("/invitation/")
    assert not scene.mail.told


async def test_an_invitation_is_good_once_and_for_a_week(scene: AccountScene) -> None:
    await scene.organization()
    for address, seconds in (("anna@acme.example", 7 * 86_400 - 1), ("ben@acme.example", 7 * 86_400)):
        await scene.desk.invitations.invite(address, organization="acme", by=ROOT)
        token = scene.mail.token
        scene.clock.advance(seconds)
        if address.startswith("anna"):
            await scene.desk.invitations.accept(token, PASSWORD, origin=HERE)
        with pytest.raises(NotFoundError):
            await scene.desk.invitations.accept(token, PASSWORD, origin=HERE)


async def test_of_two_who_come_with_one_link_one_gets_in(scene: AccountScene) -> None:
    await scene.organization()
    await scene.desk.invitations.invite("anna@acme.example", organization="acme", by=ROOT)
    coming = [
        scene.desk.invitations.accept(scene.mail.token, password, origin=HERE)
        for password in (PASSWORD, ANOTHER)
    ]
    came = await asyncio.gather(*coming, return_exceptions=True)
    assert sorted(type(each).__name__ for each in came) == ["NotFoundError", "SignedIn"]


async def test_a_bad_password_does_not_use_the_link_up(scene: AccountScene) -> None:
    await scene.organization()
    await scene.desk.invitations.invite("anna@acme.example", organization="acme", by=ROOT)
    for password in ("short", "anna@acme.example"):
        with pytest.raises(SettingsError):
            await scene.desk.invitations.accept(scene.mail.token, password, origin=HERE)
    assert await scene.desk.invitations.accept(scene.mail.token, PASSWORD, origin=HERE)


async def test_inviting_once_more_lets_the_link_before_lapse(scene: AccountScene) -> None:
    await scene.organization()
    invited = await scene.desk.invitations.invite("anna@acme.example", organization="acme", by=ROOT)
    first = scene.mail.token
    await scene.desk.invitations.again(invited.user, by=ROOT)
    with pytest.raises(NotFoundError):
        await scene.desk.invitations.look(first)
    assert (await scene.desk.invitations.look(scene.mail.token)).address == "anna@acme.example"


async def test_a_link_for_one_thing_opens_no_other_and_is_not_used_up_by_trying(scene: AccountScene) -> None:
    user = await scene.person()
    await scene.desk.recovery.send(user, by=ROOT)
    token = scene.mail.token
    with pytest.raises(NotFoundError):
        await scene.desk.invitations.accept(token, PASSWORD, origin=HERE)
    with pytest.raises(NotFoundError):
        await scene.desk.first.accept(token, address="x@x.example", password=PASSWORD, origin=HERE)
    assert await scene.desk.recovery.finish(token, ANOTHER, origin=HERE)


@pytest.mark.parametrize("token", ["", "x", "\ud800", "é", "a" * 5000])
async def test_a_token_that_is_none_leads_nowhere(scene: AccountScene, token: str) -> None:
    with pytest.raises(NotFoundError):
        await scene.desk.invitations.look(token)


@pytest.mark.parametrize(
    "by, role, organization",
    [
        (Role.ORGANIZATION_ADMINISTRATOR, Role.SYSTEM_ADMINISTRATOR, "acme"),
        (Role.ORGANIZATION_ADMINISTRATOR, Role.VIEWER, "globex"),
        (Role.ORGANIZATION_ADMINISTRATOR, Role.VIEWER, HOST),
        (Role.OPERATOR, Role.AUTHOR, "acme"),
        (Role.VIEWER, Role.OPERATOR, "acme"),
    ],
)
async def test_nobody_invites_to_more_than_they_may_or_elsewhere(
    scene: AccountScene, by: Role, role: Role, organization: str
) -> None:
    await scene.organization("globex")
    who = await scene.person("boss@acme.example", role=by)
    with pytest.raises((ForbiddenError, SettingsError, NotFoundError)):
        await scene.desk.invitations.invite(
            "new@acme.example", organization=organization, by=acting(who), role=role.value
        )
    assert await scene.store.user_at("new@acme.example") is None


async def test_another_organization_is_told_of_as_if_there_were_none(scene: AccountScene) -> None:
    await scene.organization("globex")
    boss = acting(await scene.person(role=Role.ORGANIZATION_ADMINISTRATOR))
    words = set()
    for name in ("globex", "nobody"):
        with pytest.raises(NotFoundError) as error:
            await scene.desk.invitations.invite("new@acme.example", organization=name, by=boss)
        words.add(str(error.value).replace(name, "NAME"))
    assert len(words) == 1


async def test_an_address_is_somebody_s_once(scene: AccountScene) -> None:
    await scene.person("anna@acme.example")
    with pytest.raises(ConflictError):
        await scene.desk.invitations.invite("ANNA@acme.example", organization="acme", by=ROOT)
    with pytest.raises(AddressError):
        await scene.desk.invitations.invite("anna", organization="acme", by=ROOT)
    with pytest.raises(SettingsError):
        await scene.desk.invitations.invite("Anna <a@acme.example>", organization="acme", by=ROOT)


# -- changes -----------------------------------------------------------------------------------------------------


async def test_an_organization_administrator_changes_their_own_people_alone(scene: AccountScene) -> None:
    boss = acting(await scene.person("boss@acme.example", role=Role.ORGANIZATION_ADMINISTRATOR))
    hers = await scene.person("anna@acme.example")
    root = await scene.administrator()
    theirs = await scene.person("gus@globex.example", organization="globex")
    assert (await scene.desk.users.change(hers, by=boss, role="author")).role is Role.AUTHOR
    for other in (root, theirs):
        for change in ({"role": "viewer"}, {"is_enabled": False}, {"address": "x@x.example"}):
            with pytest.raises(ForbiddenError):
                await scene.desk.users.change(other, by=boss, **change)
        with pytest.raises(ForbiddenError):
            await scene.desk.users.delete(other, by=boss)
        with pytest.raises(ForbiddenError):
            await scene.desk.recovery.send(other, by=boss)
        with pytest.raises(ForbiddenError):
            await scene.desk.users.sign_out(other, by=boss)
    with pytest.raises(SettingsError):
        await scene.desk.users.change(await scene.again(hers), by=boss, role="system_administrator")


@pytest.mark.parametrize("change", [{"role": "viewer"}, {"is_enabled": False}])
async def test_the_last_system_administrator_stays_one(
    scene: AccountScene, change: dict[str, object]
) -> None:
    root = await scene.administrator()
    with pytest.raises(ConflictError):
        await scene.desk.users.change(root, by=ROOT, **change)
    with pytest.raises(ConflictError):
        await scene.desk.users.delete(root, by=ROOT)
    await scene.desk.invitations.invite(  # somebody who has only been invited cannot help yet
        "second@host.example", organization=HOST, by=ROOT, role="system_administrator"
    )
    with pytest.raises(ConflictError):
        await scene.desk.users.change(root, by=ROOT, **change)
    await scene.desk.invitations.accept(scene.mail.token, PASSWORD, origin=HERE)
    assert await scene.desk.users.change(root, by=ROOT, **change)


async def test_two_administrators_who_lock_each_other_out_do_not_both_succeed(scene: AccountScene) -> None:
    first, second = await scene.administrator(), await scene.administrator("second@host.example")
    users = scene.store.users

    async def slow(*which: str | None, limit: int = 100, after: str = "") -> Sequence[User]:
        found = await users(*which, limit=limit, after=after)
        await asyncio.sleep(0)  # a real database lets others go on meanwhile
        return found

    scene.store.users = slow  # type: ignore[method-assign]
    done = await asyncio.gather(
        scene.desk.users.change(first, by=acting(second), is_enabled=False),
        scene.desk.users.delete(second, by=acting(first)),
        return_exceptions=True,
    )
    assert sum(isinstance(each, ConflictError) for each in done) == 1
    assert await scene.desk.users.has_administrator()


async def test_whoever_has_not_seen_the_latest_changes_nothing(scene: AccountScene) -> None:
    user = await scene.person()
    await scene.desk.users.change(user, by=ROOT, name="Anna")
    with pytest.raises(ConflictError):
        await scene.desk.users.change(await scene.again(user), by=ROOT, revision=user.revision, name="Other")
    with pytest.raises(ConflictError):
        await scene.desk.users.change(user, by=ROOT, name="Other")
    assert (await scene.again(user)).name == "Anna"


async def test_who_is_let_in_again_stands_as_before(scene: AccountScene) -> None:
    await scene.organization()
    invited = (await scene.desk.invitations.invite("a@acme.example", organization="acme", by=ROOT)).user
    came = await scene.person("b@acme.example")
    for user, state in ((invited, UserState.INVITED), (came, UserState.ACTIVE)):
        locked = await scene.desk.users.change(user, by=ROOT, is_enabled=False)
        assert locked.state is UserState.DISABLED
        assert (await scene.desk.users.change(locked, by=ROOT, is_enabled=True)).state is state


@pytest.mark.parametrize(
    "change",
    [
        {"name": "a\nb"},
        {"name": "x" * 201},
        {"language": "klingon"},
        {"time_zone": "Mars/Olympus"},
        {"time_zone": "../../etc/passwd"},
        {"time_zone": "\0"},
        {"role": "king"},
        {"address": "no address"},
    ],
)
async def test_what_cannot_be_is_refused(scene: AccountScene, change: dict[str, str]) -> None:
    user = await scene.person()
    with pytest.raises((SettingsError, AddressError)) as wrong:
        await scene.desk.users.change(user, by=ROOT, **change)
    assert wrong.value.field == next(iter(change))


# -- recovery ----------------------------------------------------------------------------------------------------


async def recover(scene: AccountScene, user: User, password: str = ANOTHER) -> None:
    await scene.desk.recovery.ask(user.address, origin=HERE)
    await scene.desk.recovery.finish(scene.mail.token, password, origin=HERE)


async def test_a_forgotten_password_is_replaced_and_every_session_ends(scene: AccountScene) -> None:
    user = await scene.person()
    await scene.desk.users.change(user, by=ROOT, language="ru")
    signed = await scene.desk.sign_in.by_password(user.address, PASSWORD, origin=HERE)
    await recover(scene, user)
    told, changed = scene.mail.told[-2:]
    assert (changed.event, changed.to) == ("account.password_changed", user.address)
    assert (told.event, told.to, told.language) == ("account.password_recovery", user.address, "ru")
    assert told.data["valid_minutes"] == 60
    with pytest.raises(SignInError):
        await scene.desk.doorkeeper.by_session(signed.token, origin=HERE)
    with pytest.raises(SignInError):
        await scene.desk.sign_in.by_password(user.address, PASSWORD, origin=THERE)
    assert await scene.desk.sign_in.by_password(user.address, ANOTHER, origin=HERE)


async def test_a_link_is_good_once_and_for_an_hour(scene: AccountScene) -> None:
    user = await scene.person()
    await scene.desk.recovery.ask(user.address, origin=HERE)
    token = scene.mail.token
    await scene.desk.recovery.finish(token, ANOTHER, origin=HERE)
    with pytest.raises(NotFoundError):
        await scene.desk.recovery.finish(token, PASSWORD, origin=HERE)
    await scene.desk.recovery.ask(user.address, origin=HERE)
    scene.clock.advance(3600)
    with pytest.raises(NotFoundError):
        await scene.desk.recovery.finish(scene.mail.token, PASSWORD, origin=HERE)


async def test_nobody_is_written_to_who_is_unknown_locked_out_or_not_here_yet(scene: AccountScene) -> None:
    user = await scene.person()
    await scene.desk.users.change(user, by=ROOT, is_enabled=False)
    await scene.desk.invitations.invite("new@acme.example", organization="acme", by=ROOT)
    before = len(scene.mail.told)
    for address in (user.address, "new@acme.example", "nobody@acme.example", "\ud800", ""):
        await scene.desk.recovery.ask(address, origin=HERE)
    assert len(scene.mail.told) == before


async def test_nobody_s_mailbox_is_filled(scene: AccountScene) -> None:
    user = await scene.person()
    for _ in range(20):
        await scene.desk.recovery.ask(user.address, origin=HERE)
    assert len(scene.mail.told) == 3


async def test_whoever_asks_for_many_has_to_wait(scene: AccountScene) -> None:
    for _ in range(20):
        scene.desk.recovery.check_may_ask(origin=HERE)
    with pytest.raises(ThrottledError):
        scene.desk.recovery.check_may_ask(origin=HERE)
    scene.desk.recovery.check_may_ask(origin=THERE)


async def test_a_link_of_somebody_locked_out_meanwhile_leads_nowhere(scene: AccountScene) -> None:
    user = await scene.person()
    await scene.desk.recovery.ask(user.address, origin=HERE)
    await scene.desk.users.change(user, by=ROOT, is_enabled=False)
    with pytest.raises(NotFoundError):
        await scene.desk.recovery.finish(scene.mail.token, ANOTHER, origin=HERE)


# -- the first administrator -------------------------------------------------------------------------------------


async def test_the_first_administrator_comes_by_the_link_and_nobody_after(scene: AccountScene) -> None:
    path = await scene.desk.first.offer()
    assert path.startswith("/start/")
    token = path.rpartition("/")[2]
    for address, password in (("root", PASSWORD), ("root@host.example", "short")):
        with pytest.raises((SettingsError, AddressError)):
            await scene.desk.first.accept(token, address=address, password=password, origin=HERE)
    signed = await scene.desk.first.accept(token, address="root@host.example", password=PASSWORD, origin=HERE)
    assert (signed.user.role, signed.user.organization) == (Role.SYSTEM_ADMINISTRATOR, HOST)
    with pytest.raises(NotFoundError):
        await scene.desk.first.accept(token, address="x@host.example", password=PASSWORD, origin=HERE)
    assert await scene.desk.first.offer() == ""


async def test_a_link_of_an_earlier_start_lapses(scene: AccountScene) -> None:
    first = (await scene.desk.first.offer()).rpartition("/")[2]
    await scene.desk.first.offer()
    with pytest.raises(NotFoundError):
        await scene.desk.first.look(first)


async def test_a_link_lapses_when_there_is_an_administrator_by_other_ways(scene: AccountScene) -> None:
    token = (await scene.desk.first.offer()).rpartition("/")[2]
    await scene.administrator()
    with pytest.raises(NotFoundError):
        await scene.desk.first.accept(token, address="x@host.example", password=PASSWORD, origin=HERE)
