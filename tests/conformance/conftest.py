"""Databases that have the tables already and keep nothing, to be copied for each test of a store."""

import asyncio
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.postgres_server import PostgresServer

from eilbote.store.open_flows import share_database


def make(url: str) -> None:
    async def make() -> None:
        handle = share_database(url).handle()
        await handle.open()
        await handle.close()

    asyncio.run(make())


@pytest.fixture(scope="session")
def made_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file that has the tables already, to be copied."""
    file = tmp_path_factory.mktemp("made") / "eilbote.db"
    make(f"sqlite:///{file}")
    return file


@pytest.fixture
def empty_file(made_file: Path, tmp_path: Path) -> str:
    """The URL of a file in which nothing is kept."""
    file = tmp_path / "eilbote.db"
    shutil.copyfile(made_file, file)
    return f"sqlite:///{file}"


@pytest.fixture(scope="session")
def made_database(postgres: PostgresServer) -> str:
    """The name of a database that has the tables already, to be copied."""
    name = postgres.new_database()
    make(postgres.url(name))
    return name


@pytest.fixture
def empty_database(postgres: PostgresServer, made_database: str) -> Iterator[str]:
    """The URL of a database in which nothing is kept."""
    name = postgres.new_database(template=made_database)
    yield postgres.url(name)
    postgres.drop_database(name)
