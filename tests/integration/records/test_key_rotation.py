"""Keys that are changed and thrown away, while others read and write."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from tests.integration.records.filled_records import (
    ONE,
    TWO,
    USES,
    fill,
    filled,
    see_everything,
)
from tests.integration.records.record_places import RecordPlace

from eilbote.errors import SecretKeyError, SettingsError
from eilbote.model.secret import Secret
from eilbote.settings.records import Records
from eilbote.store.cipher import Key
from eilbote.store.key_ring import KeyRing
from eilbote.testing.records_exercises.scene import KEY, NOW, office, opened, token_record

pytestmark = pytest.mark.asyncio


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
