"""Keys that are missing, wrong or lost; rows that somebody moved or damaged."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.integration.records.filled_records import (
    ONE,
    TWO,
    USES,
    fill,
    filled,
    opened_unchecked,
    see_everything,
)
from tests.integration.records.record_places import RecordPlace

from eilbote.errors import SecretKeyError, SettingsError
from eilbote.model.secret import Secret
from eilbote.settings.records import KeptKey
from eilbote.settings.scope import ScopeSettings
from eilbote.store.key_ring import KeyRing
from eilbote.testing.records_exercises.scene import KEY, NOW, office, opened, token_record

pytestmark = pytest.mark.asyncio

# -- at the start ----------------------------------------------------------------------------------------------------


async def test_a_key_is_made_with_the_first_secret(place: RecordPlace) -> None:
    async with opened(place.records) as records:
        await records.connections.keep(office(password=""), now=NOW)
        await records.settings.write(ScopeSettings(plain={"host": "mail.example.org"}), now=NOW)
        assert place.ring.known() == ()
        assert await records.keys.keys() == ()

        await records.connections.keep(office(name="second"), now=NOW)
        [key] = place.ring.known()
        assert await records.keys.keys() == (
            KeptKey(id=key.id, place=place.ring.place, secrets=1, encrypts=True),
        )


async def test_a_key_that_is_missing_is_an_error_at_the_start(place: RecordPlace) -> None:
    """Never blanks in place of secrets, and never a new key that would hide it."""
    key_id = await filled(place)
    (place.folder / "secret.keys").rename(place.folder / "elsewhere")

    with pytest.raises(SecretKeyError) as told:
        await place.records().open()
    assert repr(key_id) in str(told.value)
    assert str(place.folder / "secret.keys") in str(told.value)
    async with opened_unchecked(place) as records:
        with pytest.raises(SecretKeyError, match=key_id):
            await records.connections.find("", "office")
        with pytest.raises(SecretKeyError, match=key_id):
            await records.connections.keep(office(name="other"), now=NOW)
        assert await records.connections.find("", "other") is None
        assert await records.keys.keys() == (KeptKey(id=key_id, place="", secrets=4, encrypts=True),)
    assert not (place.folder / "secret.keys").exists()

    (place.folder / "elsewhere").rename(place.folder / "secret.keys")
    async with opened(place.records) as records:
        await see_everything(records)


async def test_another_key_under_the_same_id_is_an_error_at_the_start(place: RecordPlace) -> None:
    key_id = await filled(place)
    for ring in (KeyRing(text=f"{key_id} {ONE}"), KeyRing(text=f"k1 {ONE},{key_id} {TWO}")):
        with pytest.raises(SecretKeyError) as told:
            await place.records(ring).open()
        assert f"the key {key_id!r} in EILBOTE_SECRET_KEYS is not the one" in str(told.value)


async def test_a_second_machine_with_a_key_of_its_own_writes_nothing_that_the_first_cannot_read(
    place: RecordPlace,
) -> None:
    """Both begin at once, each with its own folder: the database has one key that encrypts, the other machine is told."""
    own = KeyRing(place.folder / "of another machine" / "secret.keys")
    async with opened(place.records) as one, opened(lambda: place.records(own)) as two:
        own.make_first()
        await fill(one)
        [key] = place.ring.known()
        with pytest.raises(SecretKeyError, match=key.id):
            await two.connections.keep(office(name="second"), now=NOW)
        with pytest.raises(SecretKeyError, match=key.id):
            await two.settings.read()
        await see_everything(one)
        assert await place.sql(USES) == [(key.id, 4)]


async def test_a_key_of_which_no_secret_is_left_is_not_missed(place: RecordPlace) -> None:
    async with opened(place.records) as records:
        await records.connections.keep(office(), now=NOW)
        await records.connections.drop("", "office")
    (place.folder / "secret.keys").unlink()

    async with opened(place.records) as records:
        await fill(records)
        await see_everything(records)


# -- rows that were moved ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE secret SET owner = 'spy' WHERE kind = 'connection'",
        "UPDATE secret SET organization = 'acme' WHERE kind = 'connection'",
        "UPDATE secret SET kind = 'connection', organization = 'acme', owner = 'spy' WHERE kind = 'settings'",
        "UPDATE secret SET kind = 'connection', owner = 'spy', field = 'password' WHERE field = 'refresh_token'",
        "UPDATE secret SET field = 'private_key' WHERE kind = 'connection'",
    ],
)
async def test_a_secret_that_somebody_moved_does_not_open(place: RecordPlace, change: str) -> None:
    """Whoever can write to the database cannot have the engine send a password to a server of his own."""
    async with opened(place.records) as records:
        await fill(records)
        for organization, name in (("", "spy"), ("acme", "spy"), ("acme", "office")):
            await records.connections.keep(office(organization, name, password=""), now=NOW)
        await place.sql(change)

        with pytest.raises(
            SecretKeyError, match=r"(password|private_key) of the connection .* cannot be decrypted"
        ):
            await records.connections.connections()


# -- what is lost ---------------------------------------------------------------------------------------------------


async def test_the_secrets_of_a_lost_key_can_be_given_up(place: RecordPlace) -> None:
    """What they belong to stays; secrets are entered again, under a new key."""
    lost = await filled(place)
    async with opened(place.records) as records:
        with pytest.raises(SettingsError, match="is not lost"):
            await records.keys.abandon(lost)
        revision = await records.connections.revision()
    (place.folder / "secret.keys").unlink()
    async with opened_unchecked(place) as records:
        with pytest.raises(SettingsError, match="no secret is encrypted with"):
            await records.keys.abandon("k-other")
        assert await records.keys.abandon(lost) == 4

    async with opened(place.records) as records:
        found = await records.connections.find("", "office")
        assert found is not None
        assert (found.plain["host"], dict(found.secrets)) == ("mail.example.org", {})
        assert await records.connections.revision() > revision
        await records.connections.keep(replace(found, secrets={"password": Secret("again")}), now=NOW)
        [key] = place.ring.known()
        assert key.id != lost
        assert [(one.id, one.secrets) for one in await records.keys.keys()] == [(key.id, 1)]


async def test_a_damaged_secret_is_given_up_alone(place: RecordPlace) -> None:
    """One bad row must be a nuisance with a way out, not the end of everything that is kept."""
    key_id = await filled(place)
    await place.sql("UPDATE secret SET field = 'moved' WHERE kind = 'connection'")
    async with opened(place.records) as records:
        with pytest.raises(SecretKeyError, match=f"eilbote keys abandon {key_id}"):
            await records.connections.connections()
        with pytest.raises(SecretKeyError):
            await records.keys.rotate()

        assert await records.keys.abandon(key_id) == 1
        [found] = await records.connections.connections()
        assert dict(found.secrets) == {}
        assert (await records.settings.read()).secrets["password"].reveal() == "of the host"
        assert await records.tokens.read(KEY) == token_record("access", "refresh")
        assert (await records.keys.rotate()).secrets == 3
        with pytest.raises(SettingsError, match="no secret is encrypted with"):
            await records.keys.abandon(key_id)


@pytest.mark.parametrize(
    "table, column", [("stored_connection", "plain"), ("setting_scope", "plain"), ("setting_scope", "locked")]
)
@pytest.mark.parametrize("text", ["", "not JSON", "7"])
async def test_a_row_that_means_nothing_is_told(
    place: RecordPlace, table: str, column: str, text: str
) -> None:
    await filled(place)
    await place.sql(f"UPDATE {table} SET {column} = '{text}'")  # noqa: S608 - names of ours
    async with opened(place.records) as records:
        with pytest.raises(
            SettingsError, match=r"what is stored of the (connection 'office'|settings of the host)"
        ):
            await (records.settings.read() if table == "setting_scope" else records.connections.connections())
