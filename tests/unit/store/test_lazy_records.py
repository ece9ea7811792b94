"""Records that nobody asks are never opened; those that somebody asks are opened once."""

import asyncio

import pytest

from eilbote.connections.stored import StoredConnection
from eilbote.errors import OutboxUnavailableError, SecretKeyError
from eilbote.model.moment import Moment
from eilbote.oauth2.token import TokenKey, TokenRecord
from eilbote.settings.scope import ScopeSettings
from eilbote.store.lazy_records import LazyRecords
from eilbote.store.memory_records import MemoryRecords

NOW = Moment(1_700_000_000_000)
KEY = TokenKey("k")


class Opened(MemoryRecords):
    """Records that count how often they are opened, and cannot be at first when told so."""

    made = 0

    def __init__(self, *, faults: int = 0) -> None:
        super().__init__()
        self.faults = faults
        self.opened = 0
        self.closed = 0

    async def open(self, *, check_keys: bool = True) -> None:
        await asyncio.sleep(0)  # others come in between
        if self.faults:
            self.faults -= 1
            raise OutboxUnavailableError("the database does not answer")
        self.opened += 1
        await super().open(check_keys=check_keys)

    async def close(self) -> None:
        self.closed += 1
        await super().close()


@pytest.mark.asyncio
async def test_who_is_not_asked_is_not_opened() -> None:
    records = Opened()
    lazy = LazyRecords(lambda: records)

    await lazy.close()

    assert (records.opened, records.closed) == (0, 0)


@pytest.mark.asyncio
async def test_many_who_ask_at_once_open_them_once() -> None:
    records = Opened()
    lazy = LazyRecords(lambda: records)

    await asyncio.gather(*(lazy.connections.revision() for _ in range(20)), lazy.tokens.read(KEY))
    await lazy.close()

    assert (records.opened, records.closed) == (1, 1)


@pytest.mark.asyncio
async def test_a_fault_is_told_and_the_next_question_tries_again() -> None:
    records = Opened(faults=1)
    lazy = LazyRecords(lambda: records)

    with pytest.raises(OutboxUnavailableError):
        await lazy.connections.revision()
    assert await lazy.connections.revision() == 0


@pytest.mark.asyncio
async def test_closed_they_are_opened_again_by_the_next_question() -> None:
    records = Opened()
    lazy = LazyRecords(lambda: records)
    await lazy.open()
    await lazy.close()

    assert await lazy.connections.revision() == 0
    assert records.opened == 2


@pytest.mark.asyncio
async def test_every_question_gets_through() -> None:
    lazy = LazyRecords(MemoryRecords)

    kept = await lazy.connections.keep(StoredConnection(name="office"), now=NOW)
    assert await lazy.connections.find("", "office") == kept
    assert await lazy.connections.connections("") == (kept,)
    assert await lazy.connections.drop("", "office") is True
    written = await lazy.settings.write(ScopeSettings(organization="acme", plain={"port": 25}), now=NOW)
    assert await lazy.settings.read("acme") == written
    assert await lazy.settings.organizations() == ("acme",)
    async with lazy.tokens.exclusive(KEY):
        await lazy.tokens.write(KEY, TokenRecord(failures=2))
    assert await lazy.tokens.read(KEY) == TokenRecord(failures=2)
    assert await lazy.tokens.forget() == 1
    assert await lazy.keys.keys() == ()
    with pytest.raises(SecretKeyError):
        await lazy.keys.rotate()
