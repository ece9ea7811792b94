"""The care of the database from a shell: copied while in use, restored without sending twice, upgraded, looked over."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from tests.acceptance.in_process import run

from eilbote.testing import CatcherThread, catching

MESSAGE = ("send", "--queue", "-f", "a@x.example", "-t", "b@y.example", "--text", "hi")


@pytest.fixture
def server() -> Iterator[CatcherThread]:
    with catching() as catcher:
        yield catcher


def change(folder: Path, *statements: str) -> None:
    with closing(sqlite3.connect(folder / "eilbote.db")) as db:
        for statement in statements:
            db.execute(statement)
        db.commit()


def make(folder: Path) -> dict[str, str]:
    """Make an outbox with one message for later, and give what names it."""
    where = {"EILBOTE_DATA_DIR": str(folder)}
    ended = run(*MESSAGE, "--via", "smtp://127.0.0.1:9", "--send-at", "1d", **where)
    assert ended.code == 0, ended.err
    return where


def test_a_restored_copy_sends_nothing_twice(server: CatcherThread, tmp_path: Path) -> None:
    """The copy is made before the courier has come, and restored after it has delivered."""
    live, copy, back = tmp_path / "live", tmp_path / "copy", tmp_path / "back"
    (tmp_path / "big.txt").write_text("x" * 100_000)
    where = {"EILBOTE_DATA_DIR": str(live)}
    queued = run(*MESSAGE, "-a", str(tmp_path / "big.txt"), "--via", server.uri, **where)
    assert queued.code == 0, queued.err
    copied = run("db", "backup", str(copy), **where)
    assert copied.code == 0, copied.err
    assert (copied.data["entries"], copied.data["waiting"], copied.data["blobs"]) == (1, 1, 1)
    assert run("courier", "--once", **where).data["accepted"] == 1

    again = {"EILBOTE_DATA_DIR": str(back)}
    restored = run("db", "restore", str(copy), **again)
    assert restored.code == 0, restored.err
    assert restored.data["held"] == 1
    assert "outbox release" in restored.err
    assert run("courier", "--once", **again).data["accepted"] == 0
    assert len(server.messages) == 1
    assert "restored from the copy" in run("outbox", "list", "--no-json", **again).out
    assert run("db", "check", **again).data == {"ok": True, "entries": 1, "blobs": 1, "faults": []}

    assert run("outbox", "release", "--all", **again).data["done"] == 1
    assert run("courier", "--once", **again).data["accepted"] == 1
    first, second = server.messages
    assert first.octets == second.octets


def test_a_copy_overwrites_nothing_and_neither_does_its_return(tmp_path: Path) -> None:
    where = make(tmp_path / "live")
    copy = tmp_path / "copy"
    assert run("db", "backup", str(copy), **where).code == 0
    for arguments, words in (
        (("backup", str(copy)), "is there already"),
        (("restore", str(copy)), "there is an outbox in"),
    ):
        ended = run("db", *arguments, **where)
        assert ended.code == 1
        assert words in ended.told


def test_a_copy_that_was_touched_is_not_restored(tmp_path: Path) -> None:
    where = make(tmp_path / "live")
    assert run("db", "backup", str(tmp_path / "copy"), **where).code == 0
    change(tmp_path / "copy", "UPDATE entry SET subject = 'other'")
    ended = run("db", "restore", str(tmp_path / "copy"), "--data-dir", str(tmp_path / "back"))
    assert (ended.code, "is damaged" in ended.told) == (1, True)
    assert not (tmp_path / "back" / "eilbote.db").exists()


def test_an_older_database_says_what_to_run_and_then_works(tmp_path: Path) -> None:
    where = make(tmp_path)
    with closing(sqlite3.connect(tmp_path / "eilbote.db")) as db:
        tables = [name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    kept = {"alembic_version", "sqlite_sequence"}
    change(
        tmp_path,
        *(f"DROP TABLE {name}" for name in tables if name not in kept),
        "DELETE FROM alembic_version",
    )
    for arguments in (("outbox", "list"), MESSAGE):
        refused = run(*arguments, **where)
        assert refused.code == 1
        assert "eilbote db upgrade" in refused.err
    upgraded = run("db", "upgrade", **where)
    assert upgraded.code == 0, upgraded.err
    assert upgraded.data["changed"] is True
    assert run("db", "upgrade", **where).data["changed"] is False
    assert run("db", "check", **where).data["ok"] is True


def test_a_newer_database_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    where = make(tmp_path)
    change(tmp_path, "UPDATE alembic_version SET version_num = '9999'")
    before = (tmp_path / "eilbote.db").read_bytes()
    for arguments in (("outbox", "list"), ("db", "upgrade"), MESSAGE):
        refused = run(*arguments, **where)
        assert refused.code == 1, refused.err
        assert "9999" in refused.err
        assert "newer" in refused.err
    assert (tmp_path / "eilbote.db").read_bytes() == before


def test_damage_is_found_and_named(tmp_path: Path) -> None:
    where = make(tmp_path)
    change(tmp_path, "UPDATE body SET crc = crc + 1")
    found = run("db", "check", "--no-json", **where)
    assert found.code == 1
    assert "have changed since it was accepted" in found.out
    assert "db restore" in found.err


def test_an_outbox_moves_to_a_database_server_and_back(tmp_path: Path, postgres_database: str) -> None:
    file = make(tmp_path / "file")
    served = {"EILBOTE_DATA_DIR": str(tmp_path / "served"), "EILBOTE_DATABASE_URL": postgres_database}
    assert run("db", "backup", str(tmp_path / "there"), **file).code == 0
    restored = run("db", "restore", str(tmp_path / "there"), **served)
    assert (restored.code, restored.data["held"]) == (0, 1), restored.err
    assert run("db", "check", **served).data == {"ok": True, "entries": 1, "blobs": 0, "faults": []}
    again = run("db", "restore", str(tmp_path / "there"), **served)
    assert (again.code, "there is an outbox in" in again.told) == (1, True)

    copied = run("db", "backup", str(tmp_path / "back"), **served)
    assert (copied.code, copied.data["entries"]) == (0, 1), copied.err
    home = {"EILBOTE_DATA_DIR": str(tmp_path / "home")}
    assert run("db", "restore", str(tmp_path / "back"), **home).code == 0
    assert run("outbox", "list", **home).data["state"] == "held"


def test_a_database_server_that_is_not_there_may_be_there_later(tmp_path: Path) -> None:
    where = {"EILBOTE_DATA_DIR": str(tmp_path), "EILBOTE_DATABASE_URL": "postgresql://u:s3cret@127.0.0.1:1/d"}
    for arguments in (("backup", str(tmp_path / "copy")), ("check",)):
        ended = run("db", *arguments, **where)
        assert ended.code == 4
        assert "127.0.0.1:1/d" in ended.told
        assert "s3cret" not in ended.err
    assert not (tmp_path / "copy").exists()


def test_what_runs_before_every_start_finds_nothing_to_upgrade(tmp_path: Path) -> None:
    where = {"EILBOTE_DATA_DIR": str(tmp_path / "data")}
    assert run("db", "upgrade", **where).code == 1
    ended = run("db", "upgrade", "--if-any", **where)
    assert (ended.code, ended.data["changed"]) == (0, False)
    assert not (tmp_path / "data").exists()
    assert run("db", "upgrade", "--if-any", **make(tmp_path / "made")).data["changed"] is False
