"""The locks by which processes know that a file is in use.

POSIX takes all locks that a process has on a file away as soon as it closes any descriptor of that file. Connections and
settings lie in the outbox's own file, which one process therefore opens more than once. A file that was opened and closed in
passing looked unused to others: the next one to leave it deleted its log, into which the first went on writing, and what had
been noted as on its way was forgotten.
"""

from __future__ import annotations

import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from eilbote.store.key_ring import KeyRing
from eilbote.store.sqlite_file import open_file
from eilbote.store.sqlite_records import SqliteRecords

_COMES_AND_GOES = """
import sqlite3, sys
database = sqlite3.connect(sys.argv[1])
print(database.execute("SELECT count(*) FROM meta WHERE key LIKE 'test%'").fetchone()[0])
database.close()
"""


def another_process_sees(file: Path) -> int:
    """Tell how many rows of this test another process sees, which opens the file and closes it again."""
    ended = subprocess.run(
        [sys.executable, "-c", _COMES_AND_GOES, file], capture_output=True, text=True, check=True
    )
    return int(ended.stdout)


@pytest.mark.asyncio
async def test_opening_the_file_once_more_keeps_what_is_written_afterwards(tmp_path: Path) -> None:
    file = tmp_path / "eilbote.db"
    with closing(open_file(file, busy_seconds=1)) as database:
        records = SqliteRecords(file, key_ring=KeyRing(tmp_path / "secret.keys"))
        await records.open()
        for number in range(3):
            database.execute("INSERT INTO meta (key, value) VALUES (?, '')", (f"test {number}",))
            assert another_process_sees(file) == number + 1
        await records.close()
        database.execute("INSERT INTO meta (key, value) VALUES ('test 3', '')")
        assert another_process_sees(file) == 4
    assert another_process_sees(file) == 4


def test_a_new_file_is_its_owners_alone_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    file = tmp_path / "folder" / "eilbote.db"
    open_file(file, busy_seconds=1).close()
    assert file.stat().st_mode & 0o777 == 0o600
    assert [one.name for one in file.parent.iterdir()] == ["eilbote.db"]
