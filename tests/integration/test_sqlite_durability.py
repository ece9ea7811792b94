"""What was acknowledged is on the disk: real processes, killed, held up, and side by side."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from eilbote.model.ids import CourierId, EntryId
from eilbote.model.status import EntryState
from eilbote.outbox.store import EntryFilter
from eilbote.store.check import check
from eilbote.store.sqlite_outbox import SqliteOutbox
from eilbote.testing.outbox_exercises.scene import NOW, OFFICE, accept, courier, new_entry, opened

ROOT = Path(__file__).parents[2]
PROGRAM = Path(__file__).with_name("outbox_program.py")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "eilbote.db"


def start(what: str, path: Path, argument: object = "") -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, PROGRAM, what, path, str(argument)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )


def said_by(*programs: subprocess.Popen[bytes]) -> list[str]:
    """Let programs come to their end; give the lines they have said."""
    said = [program.communicate(timeout=50)[0].decode() for program in programs]
    assert [program.returncode for program in programs] == [0] * len(programs)
    return [line for text in said for line in text.splitlines()]


async def make(path: Path, entries: int) -> None:
    async with opened(lambda: SqliteOutbox(path)) as store:
        if entries:
            await accept(store, *(new_entry(f"n{number}") for number in range(entries)))


# -- flushed before it is acknowledged -----------------------------------------------------------------------------


def test_nothing_is_acknowledged_while_a_flush_is_held_back(path: Path) -> None:
    """The kernel stops the flush; a thousand turns of the event loop later the submitter still waits."""
    said = said_by(start("held", path))

    assert said == ["while held: False", "then: True"]


def test_nothing_is_acknowledged_when_the_flush_fails(path: Path) -> None:
    """Without a flush there would be nothing to fail."""
    asyncio.run(make(path, 1))

    (said,) = said_by(start("dying-disk", path))

    assert said.startswith("refused: ")
    assert "nothing was stored" in said
    assert "disk I/O error" in said
    report = asyncio.run(check(path, path.parent / "blobs"))
    assert (report.entries, report.faults) == (1, ())


# -- killed ----------------------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("submitters", [1, 50, 500])
def test_what_was_acknowledged_survives_a_kill(path: Path, submitters: int) -> None:
    """Killed with -9 in the middle of commits, three times on one file: every acknowledged entry is whole."""
    acknowledged: dict[str, str] = {}
    for _ in range(3):
        program = start("submit", path, submitters)
        assert program.stdout is not None
        lines = [program.stdout.readline() for _ in range(max(submitters * 2, 20))]
        program.kill()
        lines += program.stdout.readlines()
        program.communicate()
        acknowledged |= dict(line.decode().split() for line in lines if line.endswith(b"\n"))

    async def look() -> dict[str, str | None]:
        async with opened(lambda: SqliteOutbox(path)) as store:
            everything = await store.entries(EntryFilter(), limit=10**6)
            assert all(entry.state is EntryState.QUEUED and entry.recipients for entry in everything)
            return {str(entry.id): entry.idempotency_key for entry in everything}

    kept = asyncio.run(look())
    assert acknowledged.items() <= kept.items()
    assert asyncio.run(check(path, path.parent / "blobs")).faults == ()


# -- side by side ----------------------------------------------------------------------------------------------------


def test_two_processes_never_claim_the_same(path: Path) -> None:
    asyncio.run(make(path, 1000))

    said = said_by(start("drain", path, "one"), start("drain", path, "two"))

    claims = Counter(line.split()[0] for line in said)
    assert len(claims) == 1000
    assert set(claims.values()) == {1}


def test_two_processes_accept_a_key_once(path: Path) -> None:
    asyncio.run(make(path, 0))

    said = said_by(start("submit-known", path, 300), start("submit-known", path, 300))

    assert Counter(line.split()[1] for line in said) == {"True": 300, "False": 300}
    assert set(Counter(line.split()[0] for line in said).values()) == {2}


def test_the_end_of_a_process_is_known_at_once(path: Path) -> None:
    """No lease is waited for: the kernel lets go of a dead process's lock."""
    asyncio.run(make(path, 5))
    program = start("live", path, "killed")
    assert program.stdout is not None
    assert program.stdout.readline() == b"begun 5\n"

    async def look() -> None:
        async with opened(lambda: SqliteOutbox(path)) as store:
            await courier(store, "looking")
            assert (CourierId("killed"), 0, False) in await store.couriers()
            program.kill()
            program.communicate()

            assert (CourierId("killed"), 0, True) in await store.couriers()
            assert await store.end_courier(CourierId("killed"), now=NOW) == 5
            assert await store.couriers() == [(CourierId("looking"), 0, False)]
            assert len(await store.claim(CourierId("looking"), OFFICE, limit=9, now=NOW)) == 5

    asyncio.run(look())
    assert [one.name for one in (path.parent / "couriers").iterdir()] == ["looking.lock"]


def test_numbers_grow_over_processes_and_clocks_that_were_set_back(path: Path) -> None:
    async def submit(accepted: int) -> list[EntryId]:
        async with opened(lambda: SqliteOutbox(path)) as store:
            return await accept(store, *(new_entry(accepted=type(NOW)(accepted)) for _ in range(3)))

    ids = [number for accepted in (NOW, NOW - 10**6, NOW + 1) for number in asyncio.run(submit(accepted))]

    assert ids == sorted(set(ids))
    assert ids[0] == NOW << 20
