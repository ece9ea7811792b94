"""Two who write their first secret at the same time: one makes the key, and the other finds it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from tests.integration.records.filled_records import fill, see_everything
from tests.integration.records.record_places import RecordPlace

from eilbote.errors import SecretKeyError
from eilbote.settings.records import KeptKey
from eilbote.store.cipher import Key
from eilbote.store.key_ring import KeyRing
from eilbote.testing.records_exercises.scene import NOW, office, opened

pytestmark = pytest.mark.asyncio


class OvertakenRing(KeyRing):
    """A ring whose reader is overtaken once: something happens after it has looked, and before it does anything with that.

    Attributes:
        meanwhile: What happens; ``None`` when it has, or as long as nothing is to.
    """

    meanwhile: Callable[[], None] | None = None

    def known(self) -> tuple[Key, ...]:
        keys = super().known()
        happening, self.meanwhile = self.meanwhile, None
        if happening is not None:
            happening()
        return keys


def filled_by_somebody_else(place: RecordPlace) -> Callable[[], None]:
    """Give what another program does that makes the first key and writes secrets with it, from beginning to end."""

    async def work() -> None:
        async with opened(place.records) as records:
            await fill(records)

    def apart() -> None:  # in a thread that no loop runs in
        asyncio.run(work())

    return apart


async def test_who_finds_no_key_and_then_secrets_looks_for_their_key_again(place: RecordPlace) -> None:
    ring = OvertakenRing(place.folder / "secret.keys")
    async with opened(lambda: place.records(ring)) as records:
        ring.meanwhile = filled_by_somebody_else(place)

        await records.connections.keep(office(name="second"), now=NOW)

        assert ring.meanwhile is None, "it was overtaken"
        [key] = place.ring.known()
        assert await records.keys.keys() == (
            KeptKey(id=key.id, place=place.ring.place, secrets=5, encrypts=True),
        )
        await see_everything(records)


async def test_a_key_of_another_machine_is_still_missing_after_looking_again(place: RecordPlace) -> None:
    """And none is made in its place."""
    ring = OvertakenRing(place.folder / "of another machine" / "secret.keys")
    async with opened(lambda: place.records(ring)) as records:
        ring.meanwhile = filled_by_somebody_else(place)

        with pytest.raises(SecretKeyError) as told:
            await records.connections.keep(office(name="second"), now=NOW)

        [key] = place.ring.known()
        assert repr(key.id) in str(told.value)
        assert told.value.cause == "No key is there at all"
        assert ring.known() == ()


async def test_a_list_of_keys_does_not_miss_one_that_is_made_meanwhile(place: RecordPlace) -> None:
    ring = OvertakenRing(place.folder / "secret.keys")
    async with opened(lambda: place.records(ring)) as records:
        ring.meanwhile = filled_by_somebody_else(place)

        listed = await records.keys.keys()

        assert ring.meanwhile is None, "it was overtaken"
        assert [key for key in listed if not key.place] == []
