"""Keys that are missing, wrong, changed, thrown away or lost; rows that somebody moved."""

from __future__ import annotations

import asyncio
import base64
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from tests.integration.records.record_places import RecordPlace

from eilbote.errors import OutboxError, SecretKeyError, SettingsError
from eilbote.model.secret import Secret
from eilbote.settings.records import KeptKey, Records
from eilbote.settings.scope import ScopeSettings
from eilbote.store.cipher import Key
from eilbote.store.key_ring import KeyRing
from eilbote.testing.records_exercises.scene import KEY, NOW, office, opened, token_record

pytestmark = pytest.mark.asyncio

ONE, TWO = (base64.b64encode(bytes([number]) * 32).decode() for number in (1, 2))
USES = "SELECT key_id, count(*) FROM secret WHERE kind <> 'key' GROUP BY key_id ORDER BY key_id"


async def fill(records: Records) -> None:
    """Keep a secret of each kind: four of them."""
    await records.connections.keep(office(), now=NOW)
    await records.settings.write(ScopeSettings(secrets={"password": Secret("of the host")}), now=NOW)
    await records.tokens.write(KEY, token_record("access", "refresh"))


async def see_everything(records: Records) -> None:
    """See that every secret of :func:`fill` is there."""
    found = await records.connections.find("", "office")
    assert found is not None
    assert found.secrets["password"].reveal() == "a password"
    assert (await records.settings.read()).secrets["password"].reveal() == "of the host"
    assert await records.tokens.read(KEY) == token_record("access", "refresh")


async def filled(place: RecordPlace) -> str:
    """Keep a secret of each kind; gives the id of the key."""
    async with opened(place.records) as records:
        await fill(records)
    [key] = place.ring.known()
    return key.id


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


# -- changes of keys -----------------------------------------------------------------------------------------------


async def test_a_rotation_encrypts_everything_anew(place: RecordPlace) -> None:
    former = await filled(place)
    async with opened(place.records) as records, opened(place.records) as others:
        before = await place.sql("SELECT sealed FROM secret WHERE kind <> 'key'")
        rotation = await records.keys.rotate()

        new, old = place.ring.known()
        assert old.id == former
        assert (rotation.key_id, rotation.secrets, rotation.former, rotation.resumed) == (
            new.id, 4, (former,), False,
        )  # fmt: skip
        assert await place.sql(USES) == [(new.id, 4)]
        assert not set(before) & set(await place.sql("SELECT sealed FROM secret WHERE kind <> 'key'"))
        await see_everything(others)
        assert [(key.id, key.secrets, key.encrypts) for key in await others.keys.keys()] == [
            (new.id, 4, True),
            (former, 0, False),
        ]

        assert await records.keys.retire(former)
        assert place.ring.known() == (new,)
        assert await place.sql(USES) == [(new.id, 4)]
    async with opened(place.records) as records:
        await see_everything(records)


async def test_more_secrets_than_one_step_takes_are_encrypted_anew(place: RecordPlace) -> None:
    async with opened(place.records) as records:
        for number in range(120):
            await records.tokens.write(KEY.replace("0", f"{number:x}"), token_record(f"t{number}"))
        assert (await records.keys.rotate()).secrets == 120


async def test_who_writes_while_keys_change_writes_with_the_new_one(place: RecordPlace) -> None:
    """Three programs write, two change the key: in the end nothing needs a former key, and nothing is lost."""
    async with opened(place.records) as records:
        handles = [place.records() for _ in range(3)]
        for handle in handles:
            await handle.open()

        async def write(number: int) -> None:
            store = handles[number].connections
            connection = await store.keep(office(name=f"n{number}", password="0"), now=NOW)
            for count in range(1, 15):
                connection = await store.keep(
                    replace(connection, secrets={"password": Secret(str(count))}), now=NOW
                )

        async def change() -> None:
            for _ in range(3):
                await records.keys.rotate()

        try:
            await asyncio.gather(write(0), write(1), write(2), change(), handles[0].keys.rotate())
        finally:
            for handle in handles:
                await handle.close()

        current = place.ring.known()[0]
        assert await place.sql(USES) == [(current.id, 3)]
        for key in place.ring.known()[1:]:
            await records.keys.retire(key.id)
        every = await records.connections.connections()
        assert [one.secrets["password"].reveal() for one in every] == ["14"] * 3


class LateRing(KeyRing):
    """Makes the next key, and then is held up."""

    def __init__(self, file: Path) -> None:
        super().__init__(file)
        self.made = threading.Event()
        self.goes_on = threading.Event()

    def make_next(self, after: str) -> Key:
        key = super().make_next(after)
        self.made.set()
        self.goes_on.wait(timeout=30)
        return key


async def test_who_comes_late_puts_no_former_key_to_use(place: RecordPlace) -> None:
    """While he was held up, others have put his key to use, and then one after it."""
    late = LateRing(place.folder / "secret.keys")
    async with opened(place.records) as records, opened(lambda: place.records(late)) as later:
        await fill(records)
        changing = asyncio.ensure_future(later.keys.rotate())
        await asyncio.to_thread(late.made.wait, 30)
        first = await records.keys.rotate()
        assert (first.key_id, first.resumed) == (late.known()[0].id, True)
        second = await records.keys.rotate()
        late.goes_on.set()

        assert (await changing).key_id == second.key_id
        assert await place.sql(USES) == [(second.key_id, 4)]
        assert [key.id for key in await records.keys.keys() if key.encrypts] == [second.key_id]


async def test_many_who_change_the_key_at_once_come_to_an_end(place: RecordPlace) -> None:
    """None of them undoes what another has done, over and over."""
    async with opened(place.records) as records:
        await fill(records)
        handles = [place.records() for _ in range(4)]
        for handle in handles:
            await handle.open()

        async def change(handle: Records) -> None:
            for _ in range(3):
                await handle.keys.rotate()

        try:
            async with asyncio.timeout(30):
                await asyncio.gather(*map(change, handles))
        finally:
            for handle in handles:
                await handle.close()
        [encrypts] = [key for key in await records.keys.keys() if key.encrypts]
        assert encrypts.secrets == 4
        await see_everything(records)


async def test_an_older_copy_of_the_keys_is_enough_where_the_newest_has_encrypted_nothing(
    place: RecordPlace,
) -> None:
    """A rotation was killed when it had put its key to use, and then the file was restored from a copy."""
    former = await filled(place)
    copy = (place.folder / "secret.keys").read_bytes()
    new = place.ring.make_next(former)
    await place.sql(f"UPDATE meta SET value = '{new.id}' WHERE key = 'secret_key'")  # noqa: S608 - an id of our own
    (place.folder / "secret.keys").write_bytes(copy)

    async with opened(place.records) as records:
        await see_everything(records)
        assert (await records.keys.rotate()).secrets == 4
        await see_everything(records)


async def test_a_key_that_is_needed_is_not_thrown_away(place: RecordPlace) -> None:
    former = await filled(place)
    async with opened(place.records) as records:
        for key_id, words in ((former, "is the key that encrypts"), ("k-other", "there is no key called")):
            with pytest.raises(SettingsError, match=words):
                await records.keys.retire(key_id)
        new = place.ring.make_next(former)
        await place.sql(f"UPDATE meta SET value = '{new.id}' WHERE key = 'secret_key'")  # noqa: S608 - an id of our own
        with pytest.raises(SettingsError, match="4 secrets are encrypted with it"):
            await records.keys.retire(former)
        assert len(place.ring.known()) == 2
        await see_everything(records)


async def test_keys_that_are_handed_in_are_changed_by_whoever_hands_them_in(place: RecordPlace) -> None:
    """The new key is handed to every machine first; nothing uses it until the rotation."""
    first = KeyRing(text=f"k1 {ONE}")
    async with opened(lambda: place.records(first)) as records:
        await fill(records)
        with pytest.raises(SecretKeyError, match=r"openssl rand"):
            await records.keys.rotate()
        await see_everything(records)

    both = KeyRing(text=f"k2 {TWO}\nk1 {ONE}")
    async with opened(lambda: place.records(first)) as old, opened(lambda: place.records(both)) as new:
        await new.connections.keep(office(name="new"), now=NOW)
        assert await old.connections.find("", "new"), "a machine that has not heard of the new key reads on"
        assert (await new.keys.rotate()).secrets == 5
        assert await place.sql(USES) == [("k2", 5)]
        assert not await new.keys.retire("k1"), "the line is not ours to delete"
        with pytest.raises(SecretKeyError, match="'k2', which is not in EILBOTE_SECRET_KEYS"):
            await old.settings.read()
    async with opened(lambda: place.records(KeyRing(text=f"k2 {TWO}"))) as records:
        await see_everything(records)
    assert not (place.folder / "secret.keys").exists()


async def test_the_first_rotation_of_all_makes_a_key(place: RecordPlace) -> None:
    async with opened(place.records) as records:
        rotation = await records.keys.rotate()
        assert (rotation.secrets, rotation.former, rotation.resumed) == (0, (), False)
        assert [key.id for key in place.ring.known()] == [rotation.key_id]


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
            OutboxError, match=r"what is stored of the (connection 'office'|settings of the host)"
        ):
            await (records.settings.read() if table == "setting_scope" else records.connections.connections())


class opened_unchecked:  # noqa: N801 - used as a function
    """Open records as somebody does who puts the keys in order."""

    def __init__(self, place: RecordPlace) -> None:
        self._records = place.records()

    async def __aenter__(self) -> Records:
        await self._records.open(check_keys=False)
        return self._records

    async def __aexit__(self, *_: object) -> None:
        await self._records.close()
