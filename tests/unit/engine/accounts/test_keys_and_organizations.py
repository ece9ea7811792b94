"""Keys and organizations, and what nobody can do with them."""

from __future__ import annotations

import pytest
from tests.unit.engine.accounts.account_scene import HERE, ROOT, AccountScene, acting

from eilbote.accounts.api_key import split_key
from eilbote.accounts.organization import HOST, Quota
from eilbote.accounts.principal import Principal
from eilbote.accounts.role import Permission, Role
from eilbote.engine.accounts.senders import read_senders
from eilbote.errors import ConflictError, ForbiddenError, NotFoundError, SettingsError
from eilbote.model.moment import Moment

pytestmark = pytest.mark.asyncio
SUBMITS = frozenset({Permission.MESSAGES_SUBMIT})


@pytest.fixture
def scene() -> AccountScene:
    return AccountScene()


async def boss(scene: AccountScene) -> Principal:
    return acting(await scene.person("boss@acme.example", role=Role.ORGANIZATION_ADMINISTRATOR))


async def test_a_key_s_text_is_kept_nowhere(scene: AccountScene) -> None:
    await scene.organization()
    made = await scene.desk.keys.create("billing", organization="acme", permissions=SUBMITS, by=ROOT)
    parts = split_key(made.text)
    assert parts is not None
    _, secret = parts
    assert secret not in repr(await scene.store.key(made.key.id))
    assert secret not in repr(made)


async def test_nobody_makes_a_key_that_may_more_than_they(scene: AccountScene) -> None:
    author = acting(await scene.person(role=Role.AUTHOR))
    with pytest.raises(ForbiddenError):
        await scene.desk.keys.create(
            "x", organization="acme", permissions=frozenset({Permission.USERS_WRITE}), by=author
        )


@pytest.mark.parametrize("organization", [HOST, "globex", "nobody"])
async def test_an_organization_makes_keys_for_itself_alone(scene: AccountScene, organization: str) -> None:
    await scene.organization("globex")
    with pytest.raises(NotFoundError):
        await scene.desk.keys.create(
            "x", organization=organization, permissions=SUBMITS, by=await boss(scene)
        )


async def test_what_is_the_host_s_is_in_no_key_of_an_organization(scene: AccountScene) -> None:
    await scene.organization()
    with pytest.raises(SettingsError):
        await scene.desk.keys.create(
            "x", organization="acme", permissions=frozenset({Permission.HOST_OPERATE}), by=ROOT
        )


async def test_whoever_may_less_than_a_key_gets_no_secret_of_it_but_may_revoke_it(
    scene: AccountScene,
) -> None:
    await scene.organization()
    made = await scene.desk.keys.create(
        "strong", organization="acme", permissions=SUBMITS | {Permission.USERS_WRITE}, by=ROOT
    )
    weak = await scene.desk.keys.create(
        "weak", organization="acme", permissions=frozenset({Permission.KEYS_WRITE}), by=ROOT
    )
    by = await scene.desk.doorkeeper.by_key(weak.text, origin=HERE)
    with pytest.raises(ForbiddenError):
        await scene.desk.keys.rotate(made.key, by=by)
    with pytest.raises(ForbiddenError):
        await scene.desk.keys.change(made.key, by=by, name="mine")
    assert (await scene.desk.keys.revoke(made.key)).is_revoked


async def test_a_revoked_key_stays_revoked(scene: AccountScene) -> None:
    await scene.organization()
    made = await scene.desk.keys.create("x", organization="acme", permissions=SUBMITS, by=ROOT)
    revoked = await scene.desk.keys.revoke(made.key)
    with pytest.raises(ConflictError):
        await scene.desk.keys.rotate(revoked, by=ROOT)
    with pytest.raises(ConflictError):
        await scene.desk.keys.change(revoked, by=ROOT, name="y")


async def test_a_key_that_ends_in_the_past_is_refused(scene: AccountScene) -> None:
    await scene.organization()
    with pytest.raises(SettingsError):
        await scene.desk.keys.create(
            "x", organization="acme", permissions=SUBMITS, by=ROOT, expires=Moment(1)
        )


async def test_senders_have_one_form() -> None:
    given = ["Orders@ACME.example", "@acme.example", "acme.example", "bücher.example"]
    assert read_senders(given) == ("Orders@acme.example", "acme.example", "xn--bcher-kva.example")


@pytest.mark.parametrize("text", ["", "a b", "a@b@c", "Anna <a@b.example>, c@d.example", "*", "\ud800"])
async def test_a_sender_that_is_none(text: str) -> None:
    with pytest.raises(SettingsError):
        read_senders([text])


async def test_organizations_have_names_that_stand_in_addresses(scene: AccountScene) -> None:
    made = await scene.desk.organizations.create("Acme-1", title="Acme")
    assert made.name == "acme-1"
    with pytest.raises(ConflictError):
        await scene.desk.organizations.create("acme-1")
    for name in ("", "a b", "-a", "a/b", "..", "*", "\ud800", "x" * 64):
        with pytest.raises(SettingsError):
            await scene.desk.organizations.create(name)
        with pytest.raises(NotFoundError):
            await scene.desk.organizations.get(name)


async def test_an_organization_is_switched_off_before_it_is_forgotten(scene: AccountScene) -> None:
    user = await scene.person()
    key = await scene.desk.keys.create("x", organization="acme", permissions=SUBMITS, by=ROOT)
    with pytest.raises(ConflictError):
        await scene.desk.organizations.delete("acme")
    await scene.desk.organizations.change("acme", is_enabled=False)
    await scene.desk.organizations.delete("acme")
    with pytest.raises(NotFoundError):
        await scene.desk.users.get(user.id)
    with pytest.raises(NotFoundError):
        await scene.desk.keys.get(key.key.id)


async def test_quotas_are_numbers_that_every_program_reads(scene: AccountScene) -> None:
    await scene.organization()
    for number in (-1, 2**53):
        with pytest.raises(SettingsError) as wrong:
            await scene.desk.organizations.change("acme", quota=Quota(waiting=number))
        assert wrong.value.field == "quota.waiting"
