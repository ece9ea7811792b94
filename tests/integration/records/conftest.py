"""Each test of records runs on both databases."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.integration.records.record_places import RecordPlace
from tests.postgres_server import PostgresServer

from eilbote.store.key_ring import KeyRing
from eilbote.store.postgres_records import PostgresRecords


async def _make_tables(url: str) -> None:
    records = PostgresRecords(url, key_ring=KeyRing(text=""))
    await records.open()
    await records.close()


@pytest.fixture(scope="session")
def made_database(postgres: PostgresServer) -> str:
    """The name of a database that has the tables already, to be copied."""
    name = postgres.new_database()
    asyncio.run(_make_tables(postgres.url(name)))
    return name


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[RecordPlace]:
    """A place in which nothing is kept yet."""
    if request.param == "sqlite":
        yield RecordPlace(f"sqlite:///{tmp_path}/eilbote.db", tmp_path)
        return
    postgres = request.getfixturevalue("postgres")
    name = postgres.new_database(template=request.getfixturevalue("made_database"))
    yield RecordPlace(postgres.url(name), tmp_path)
    postgres.drop_database(name)
