"""Tokens of stored connections go with the credentials they belong to, and no sooner."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
import pytest_asyncio

from eilbote.connections.stored_book import StoredBook
from eilbote.model.oauth2 import OAuth2
from eilbote.model.secret import Secret
from eilbote.oauth2.token import Token, TokenKey, TokenRecord, token_key
from eilbote.store.memory_records import MemoryRecords
from eilbote.testing import ManualClock

pytestmark = pytest.mark.asyncio
FIELDS: Mapping[str, object] = {
    "service": "Outlook365",
    "user": "orders@acme.example",
    "client_id": "app-1",
    "refresh_token": "rt-1",
}
FETCHED = TokenRecord(token=Token(access_token=Secret("at-1"), refresh_token=Secret("rt-2")))


class Scene:
    """A connection that signs in with a token, which was fetched."""

    def __init__(self) -> None:
        self.records = MemoryRecords()
        self.book = StoredBook(self.records.connections, clock=ManualClock(), tokens=self.records.tokens)

    async def key(self, name: str = "office") -> TokenKey:
        credentials = (await self.book.get(name)).credentials
        assert isinstance(credentials, OAuth2)
        return token_key(credentials)


@pytest_asyncio.fixture
async def scene() -> Scene:
    made = Scene()
    await made.records.open()
    await made.book.add("office", FIELDS)
    await made.records.tokens.write(await made.key(), FETCHED)
    return made


async def test_credentials_that_are_changed_take_their_token_along(scene: Scene) -> None:
    former = await scene.key()
    await scene.book.change("office", {"refresh_token": "rt-9"})

    assert await scene.key() != former
    assert await scene.records.tokens.read(former) is None


async def test_a_connection_that_is_removed_takes_its_token_along(scene: Scene) -> None:
    former = await scene.key()
    await scene.book.remove("office")

    assert await scene.records.tokens.read(former) is None


async def test_what_else_is_changed_leaves_the_token_alone(scene: Scene) -> None:
    known = await scene.key()
    await scene.book.change("office", {"timeout": 5})
    await scene.book.switch("office", enabled=False)

    assert await scene.records.tokens.read(known) == FETCHED


async def test_a_token_that_another_connection_uses_as_well_stays(scene: Scene) -> None:
    former = await scene.key()
    await scene.book.add("acme/office", FIELDS)
    await scene.book.remove("office")
    assert await scene.records.tokens.read(former) == FETCHED

    await scene.book.remove("acme/office")
    assert await scene.records.tokens.read(former) is None
