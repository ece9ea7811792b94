"""Records with a secret of each kind, and how to open them when their keys are in disorder."""

from __future__ import annotations

import base64

from tests.integration.records.record_places import RecordPlace

from eilbote.model.secret import Secret
from eilbote.settings.records import Records
from eilbote.settings.scope import ScopeSettings
from eilbote.testing.records_exercises.scene import KEY, NOW, office, opened, token_record

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


class opened_unchecked:  # noqa: N801 - used as a function
    """Open records as somebody does who puts the keys in order."""

    def __init__(self, place: RecordPlace) -> None:
        self._records = place.records()

    async def __aenter__(self) -> Records:
        await self._records.open(check_keys=False)
        return self._records

    async def __aexit__(self, *_: object) -> None:
        await self._records.close()
