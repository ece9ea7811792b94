"""The outbox's file: how it is made, and which files are not opened."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine

from eilbote.errors import OutboxError, OutboxSchemaError, OutboxUnavailableError, SettingsError
from eilbote.store.check import check
from eilbote.store.open_store import sqlite_path
from eilbote.store.schema import metadata
from eilbote.store.sqlite_file import APPLICATION_ID, migrating
from eilbote.store.sqlite_outbox import SqliteOutbox
from eilbote.store.upgrade import upgrade_database
from eilbote.testing.outbox_exercises.scene import accept, new_entry, opened


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "eilbote.db"


async def make(path: Path, *, entries: int = 1) -> None:
    async with opened(lambda: SqliteOutbox(path)) as store:
        await accept(store, *(new_entry(f"n{number}") for number in range(entries)))


def octets_of(path: Path) -> bytes:
    return path.read_bytes()


def list_of(folder: Path) -> list[Path]:
    return list(folder.iterdir()) if folder.exists() else []


def put(path: Path, octets: bytes) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(octets)


def change(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path)) as db, db:
        db.execute(statement)


# -- making --------------------------------------------------------------------------------------------------------


@pytest.mark.asyncio
async def test_a_new_file_is_its_owners_alone(path: Path) -> None:
    """It holds everybody's mail; SQLite by itself makes what the umask lets it make."""
    async with opened(lambda: SqliteOutbox(path)) as store:
        await accept(store, new_entry())
        modes = {one.name: stat.S_IMODE(one.stat().st_mode) for one in path.parent.iterdir()}

    assert modes == {"eilbote.db": 0o600, "eilbote.db-wal": 0o600, "eilbote.db-shm": 0o600}
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


@pytest.mark.asyncio
async def test_a_new_file_says_whose_it_is(path: Path) -> None:
    await make(path)

    with closing(sqlite3.connect(path)) as db:
        assert db.execute("PRAGMA application_id").fetchone() == (APPLICATION_ID,)
        assert db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert [key for (key,) in db.execute("SELECT key FROM meta ORDER BY key")] == ["database", "made_by"]
    assert octets_of(path)[68:72] == b"EILB"


@pytest.mark.asyncio
async def test_many_who_make_it_at_once_make_one(path: Path) -> None:
    stores = [SqliteOutbox(path) for _ in range(8)]

    await asyncio.gather(*(store.open() for store in stores))
    for number, store in enumerate(stores):
        await accept(store, new_entry(f"n{number}"))
    await asyncio.gather(*(store.close() for store in stores))

    with closing(sqlite3.connect(path)) as db:
        assert db.execute("SELECT count(*) FROM entry").fetchone() == (8,)
        assert db.execute("SELECT count(*) FROM meta").fetchone() == (2,)


def differs(*names: object) -> bool:
    """Compare defaults as they are written, quotation marks and brackets aside: SQLite adds its own."""
    _, _, _, in_the_file, _, in_the_schema = names
    return str(in_the_file).strip("()'") != str(in_the_schema).strip("()'")


@pytest.mark.asyncio
async def test_the_migrations_make_what_the_schema_says(path: Path) -> None:
    await make(path)
    engine = create_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": differs}
        )
        differences = compare_metadata(context, metadata)
    engine.dispose()

    assert differences == []


@pytest.mark.asyncio
async def test_a_difference_between_migrations_and_schema_would_be_seen(path: Path) -> None:
    await make(path)
    change(path, "DROP INDEX entry_ready")
    change(path, "ALTER TABLE entry DROP COLUMN reason")
    engine = create_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), metadata)
    engine.dispose()

    assert sorted(difference[0] for difference in differences) == ["add_column", "add_index"]


# -- other forms ---------------------------------------------------------------------------------------------------


@pytest.mark.asyncio
@pytest.mark.parametrize("stamp", ["DELETE FROM alembic_version", "DROP TABLE alembic_version"])
async def test_an_older_form_is_not_opened_but_can_be_upgraded(path: Path, stamp: str) -> None:
    await make(path)
    with closing(sqlite3.connect(path)) as db, db:
        tables = [name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for name in tables:
            if name not in {"alembic_version", "sqlite_sequence"}:
                db.execute(f"DROP TABLE {name}")
    change(path, "CREATE TABLE something_older (id INTEGER)")
    change(path, stamp)

    with pytest.raises(OutboxSchemaError, match="run `eilbote db upgrade`"):
        await SqliteOutbox(path).open()
    upgrade = await upgrade_database(f"sqlite:///{path}")

    assert upgrade.changed
    await make(path)
    assert not (await upgrade_database(f"sqlite:///{path}")).changed


@pytest.mark.asyncio
async def test_a_newer_form_is_neither_opened_nor_upgraded(path: Path) -> None:
    await make(path)
    change(path, "UPDATE alembic_version SET version_num = '9999'")
    before = octets_of(path)

    with pytest.raises(OutboxSchemaError, match="Install that version of eilbote"):
        await SqliteOutbox(path).open()
    with pytest.raises(OutboxSchemaError, match="Install that version of eilbote"):
        await upgrade_database(f"sqlite:///{path}")

    assert octets_of(path) == before


@pytest.mark.asyncio
async def test_an_upgrade_that_fails_changes_nothing(path: Path) -> None:
    """The whole upgrade is one transaction: a crash or an error in the middle leaves what was there."""
    await make(path)
    change(path, "DELETE FROM alembic_version")  # so that it tries to make tables that are there already

    with pytest.raises(OutboxError):
        await upgrade_database(f"sqlite:///{path}")

    with closing(sqlite3.connect(path)) as db:
        assert db.execute("SELECT count(*) FROM entry").fetchone() == (1,)
        assert db.execute("SELECT count(*) FROM alembic_version").fetchone() == (0,)


@pytest.mark.asyncio
async def test_there_is_nothing_to_upgrade_where_nothing_is(path: Path) -> None:
    with pytest.raises(OutboxError, match="there is no outbox"):
        await upgrade_database(f"sqlite:///{path}")

    assert not list_of(path.parent)


@pytest.mark.asyncio
async def test_somebody_elses_database_is_left_alone(path: Path) -> None:
    path.parent.mkdir()
    change(path, "CREATE TABLE entry (id INTEGER)")
    before = octets_of(path)

    with pytest.raises(OutboxSchemaError, match="not an outbox of eilbote"):
        await SqliteOutbox(path).open()

    assert octets_of(path) == before


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "url",
    [
        "sqlite://",
        "sqlite:///",
        "sqlite:///:memory:",
        "sqlite://host/path",
        "sqlite:////a.db?mode=ro",
        "sqlite:a.db#b",
    ],
)
async def test_a_url_names_a_file(url: str) -> None:
    with pytest.raises(SettingsError, match="three slashes"):
        sqlite_path(url)


def test_a_url_may_name_any_file() -> None:
    assert sqlite_path("sqlite:////var/lib/eil%20bote/a%3Fb.db") == Path("/var/lib/eil bote/a?b.db")
    assert sqlite_path("sqlite:///beside.db") == Path("beside.db")


@pytest.mark.asyncio
async def test_any_name_can_be_a_files(tmp_path: Path) -> None:
    """Spaces, percent signs and question marks mean nothing in a name, whatever they mean in a URL."""
    path = tmp_path / "100% mail? #1" / "eil bote.db"

    await make(path)

    assert (await check(path, path.parent / "blobs")).entries == 1


# -- damage --------------------------------------------------------------------------------------------------------


@pytest.mark.asyncio
async def test_a_file_that_is_no_database_is_refused(path: Path) -> None:
    put(path, b"Dear Sir or Madam, " * 1000)

    with pytest.raises(OutboxError, match=r"is damaged.*eilbote db check.*eilbote db restore"):
        await SqliteOutbox(path).open()


@pytest.mark.asyncio
async def test_a_damaged_page_is_found_at_the_opening(path: Path) -> None:
    await make(path, entries=500)
    octets = bytearray(octets_of(path))
    page = octets[16] << 8 | octets[17]
    leaf = next(begin for begin in range(page * 30, len(octets), page) if octets[begin] == 13)
    octets[leaf + 3 : leaf + 40] = b"\xff" * 37
    put(path, octets)

    with pytest.raises(OutboxError, match="is damaged"):
        await SqliteOutbox(path).open()
    report = await check(path, path.parent / "blobs")

    assert report.faults
    assert octets_of(path) == bytes(octets), "what is damaged is left as it is"


@pytest.mark.asyncio
async def test_a_log_that_was_cut_off_loses_no_more_than_was_cut_off(path: Path, tmp_path: Path) -> None:
    """The log's frames have checksums: SQLite takes them up to the last whole commit, and the file stays sound."""
    async with opened(lambda: SqliteOutbox(path)) as store:
        first = await accept(store, new_entry("first"))
        whole = path.with_name("eilbote.db-wal").stat().st_size
        await accept(store, new_entry("second"))
        copy = tmp_path / "copy" / "eilbote.db"
        copy.parent.mkdir()
        for ending in ("", "-wal"):
            shutil.copyfile(f"{path}{ending}", f"{copy}{ending}")
    wal = copy.with_name("eilbote.db-wal")
    wal.write_bytes(wal.read_bytes()[: whole + 1000])

    async with opened(lambda: SqliteOutbox(copy)) as store:
        assert (await store.history(first[0])).entry.subject == "Subject first"
    assert (await check(copy, path.parent / "blobs")).faults == ()


@pytest.mark.asyncio
async def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(OutboxUnavailableError, match=r"cannot be opened.*EILBOTE_DATA_DIR") as told:
        await SqliteOutbox(tmp_path / "file" / "eilbote.db").open()
    assert told.value.cause in {
        "Not a directory",
        "File exists",
    }  # in words, without the number of the system


def test_opening_and_looking_need_no_toolkit_for_databases(tmp_path: Path) -> None:
    """Alembic and SQLAlchemy are loaded to make a file, not to read one: they take longer than everything else together."""
    path = tmp_path / "eilbote.db"
    asyncio.run(make(path))
    program = (
        "import asyncio, sys, pathlib\n"
        "from eilbote.outbox.store import EntryFilter\n"
        "from eilbote.store.sqlite_outbox import SqliteOutbox\n"
        "async def look():\n"
        "    outbox = SqliteOutbox(pathlib.Path(sys.argv[1]))\n"
        "    await outbox.open()\n"
        "    await outbox.entries(EntryFilter(), limit=1)\n"
        "    await outbox.figures(0)\n"
        "    await outbox.close()\n"
        "asyncio.run(look())\n"
        "sys.exit(bool({'alembic', 'sqlalchemy'} & set(sys.modules)))\n"
    )

    subprocess.run([sys.executable, "-c", program, path], check=True)


def test_a_transaction_that_is_lent_is_undone_by_an_error() -> None:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as db:

        def fail_late() -> None:
            with migrating(db) as connection:
                connection.exec_driver_sql("CREATE TABLE a (id INTEGER)")
                connection.exec_driver_sql("nonsense")

        with pytest.raises(sqlite3.OperationalError):
            fail_late()

        assert db.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,)
