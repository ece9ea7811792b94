"""One database for several: opened once by the first who asks, closed by the last who goes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import TypeVar

import pytest

from eilbote.errors import OutboxUnavailableError
from eilbote.store.record_database import Statements
from eilbote.store.shared_database import SharedDatabase

pytestmark = pytest.mark.asyncio

T = TypeVar("T")


class NoStatements:
    """A connection that answers nothing."""

    async def fetch(self, sql: str, /, *values: object) -> Sequence[Sequence[object]]:
        return [(sql, *values)]

    async def fetchval(self, sql: str, /, *values: object) -> object:
        return (sql, *values)

    async def execute(self, sql: str, /, *values: object) -> str:
        return f"{sql} {len(values)}"


class Noted:
    """A database that notes what is done to it."""

    where = "here"

    def __init__(self, said: list[str], *, faults: list[Exception]) -> None:
        self._said = said
        self._faults = faults

    async def open(self) -> None:
        await asyncio.sleep(0)  # others come in between
        if self._faults:
            raise self._faults.pop()
        self._said.append("open")

    async def close(self) -> None:
        await asyncio.sleep(0)
        self._said.append("close")

    async def read(self, question: Callable[[Statements], Awaitable[T]]) -> T:
        self._said.append("read")
        return await question(NoStatements())

    async def transact(self, work: Callable[[Statements], Awaitable[T]]) -> T:
        self._said.append("transact")
        return await work(NoStatements())

    @asynccontextmanager
    async def exclusive(self, name: str) -> AsyncGenerator[None]:
        self._said.append(name)
        yield


def shared(said: list[str], *faults: Exception) -> SharedDatabase:
    left = list(faults)
    return SharedDatabase(lambda: Noted(said, faults=left))


async def ask(db: Statements) -> object:
    return await db.fetchval("?")


async def test_nothing_is_opened_before_somebody_asks() -> None:
    said: list[str] = []
    handle = shared(said).handle()
    await handle.close()
    assert (said, handle.where) == ([], "the database")


async def test_it_is_opened_once_and_closed_with_the_last_handle() -> None:
    said: list[str] = []
    database = shared(said)
    one, two = database.handle(), database.handle()
    assert await asyncio.gather(*(each.read(ask) for each in (one, two, one, two))) == [("?",)] * 4
    await two.transact(ask)
    async with one.exclusive("lock"):
        pass
    await one.close()
    await one.close()
    assert said == ["open", "read", "read", "read", "read", "transact", "lock"]
    assert two.where == "here"
    await two.close()
    assert said[-1] == "close"


async def test_it_is_opened_again_when_somebody_asks_again() -> None:
    said: list[str] = []
    handle = shared(said).handle()
    for _ in range(2):
        await handle.open()
        await handle.close()
    assert said == ["open", "close"] * 2


async def test_who_comes_while_it_is_closed_opens_it_anew() -> None:
    said: list[str] = []
    database = shared(said)
    one, two = database.handle(), database.handle()
    await one.open()
    await asyncio.gather(one.close(), two.read(ask), two.read(ask))
    await two.close()
    assert said == ["open", "close", "open", "read", "read", "close"]


async def test_a_fault_is_told_and_tried_again() -> None:
    said: list[str] = []
    database = shared(said, OutboxUnavailableError("not now"))
    handle = database.handle()
    with pytest.raises(OutboxUnavailableError, match="not now"):
        await handle.open()
    await handle.open()
    await handle.close()
    assert said == ["open", "close"]
