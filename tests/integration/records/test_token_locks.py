"""Who may renew a token, among processes: one at a time, and nobody waits for a process that is gone."""

from __future__ import annotations

import asyncio
import fcntl
import os
import signal
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from tests.integration.records.record_places import RecordPlace

from eilbote.errors import OutboxUnavailableError
from eilbote.oauth2.token import TokenKey
from eilbote.store.token_locks import TokenLocks
from eilbote.testing.records_exercises.scene import KEY, opened, token_record

pytestmark = pytest.mark.asyncio

_HOLD = """
import asyncio, pathlib, sys
from eilbote.oauth2.token import TokenKey
from eilbote.store.key_ring import KeyRing
from eilbote.store.open_records import open_records
from eilbote.testing.records_exercises.scene import token_record

async def hold(url, keys, key):
    records = open_records(url, key_ring=KeyRing(pathlib.Path(keys)))
    await records.open()
    async with records.tokens.exclusive(TokenKey(key)):
        await records.tokens.write(TokenKey(key), token_record("of the child", "rotated"))
        print("held", flush=True)
        await asyncio.to_thread(sys.stdin.read)
    await records.close()

asyncio.run(hold(*sys.argv[1:]))
"""


@asynccontextmanager
async def held_by_a_child(place: RecordPlace, key: TokenKey) -> AsyncGenerator[asyncio.subprocess.Process]:
    """Have another process hold the lock of a token, after it has written one."""
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _HOLD, place.url, str(place.folder / "secret.keys"), key,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        assert child.stdout is not None
        assert await child.stdout.readline() == b"held\n"
        yield child
    finally:
        if child.returncode is None:
            child.kill()
        await child.communicate()


async def test_another_process_waits(place: RecordPlace) -> None:
    async with opened(place.records) as records, held_by_a_child(place, KEY) as child:
        order: list[str] = []

        async def renew() -> None:
            async with records.tokens.exclusive(KEY):
                order.append("renewed")

        waiting = asyncio.ensure_future(renew())
        async with records.tokens.exclusive(TokenKey("f" * 64)):
            order.append("another token")
        await records.tokens.read(KEY)
        order.append("read meanwhile")
        assert child.stdin is not None
        child.stdin.close()
        await child.wait()
        order.append("ended")
        await waiting
        assert sorted(order[:2]) == ["another token", "read meanwhile"]
        assert set(order[2:]) == {"ended", "renewed"}


async def test_a_process_that_is_killed_lets_go(place: RecordPlace) -> None:
    """And what it had written before is there: a refresh token that a server has handed out is never lost."""
    async with opened(place.records) as records, held_by_a_child(place, KEY) as child:
        child.send_signal(signal.SIGKILL)
        await child.wait()
        async with records.tokens.exclusive(KEY):
            assert await records.tokens.read(KEY) == token_record("of the child", "rotated")


async def test_many_wait_without_standing_in_each_others_way(place: RecordPlace) -> None:
    """More tokens at once than a server would like connections, each asked for twice."""
    async with opened(place.records) as records:

        async def renew(key: TokenKey) -> None:
            async with records.tokens.exclusive(key):
                await records.tokens.write(key, token_record(key))

        keys = [TokenKey(f"{number:064x}") for number in range(20)]
        async with asyncio.timeout(30):
            await asyncio.gather(*(renew(key) for key in keys * 2))
        assert await records.tokens.forget() == len(keys)


async def test_no_file_is_left_behind(tmp_path: Path) -> None:
    """And one that a killed process has left is in nobody's way."""
    place = RecordPlace(f"sqlite:///{tmp_path}/eilbote.db", tmp_path)
    folder = tmp_path / "tokens"
    async with opened(place.records) as records:
        async with held_by_a_child(place, KEY) as child:
            child.kill()
            await child.wait()
        assert [one.name for one in folder.iterdir()] == [f"{KEY}.lock"]
        async with records.tokens.exclusive(KEY):
            [file] = folder.iterdir()
            assert file.stat().st_mode & 0o777 == 0o600
        assert list(folder.iterdir()) == []
        assert folder.stat().st_mode & 0o777 == 0o700


async def test_a_lock_on_a_file_that_was_deleted_is_no_lock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who waited has opened the file before its holder deleted it, and a third has made it anew meanwhile."""
    locks = TokenLocks(tmp_path)
    file = tmp_path / "name.lock"
    third: list[int] = []
    flock = fcntl.flock

    def overtaken(descriptor: int, operation: int) -> None:
        if not third:
            file.unlink()
            third.append(os.open(file, os.O_RDWR | os.O_CREAT))
            flock(third[0], fcntl.LOCK_EX)
        flock(descriptor, operation)

    async def wait() -> None:
        async with locks.held("name"):
            entered.set()

    monkeypatch.setattr(fcntl, "flock", overtaken)
    entered = asyncio.Event()
    waiting = asyncio.ensure_future(wait())
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1):
            await entered.wait()
    os.close(third[0])
    await waiting
    assert entered.is_set()


async def test_one_file_by_two_names_has_one_lock(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "other").symlink_to(tmp_path / "real")
    one, two = (
        RecordPlace(f"sqlite:///{tmp_path}/{name}/eilbote.db", tmp_path) for name in ("real", "other")
    )
    async with opened(one.records) as first, opened(two.records) as second:
        async with first.tokens.exclusive(KEY):
            waiting = asyncio.ensure_future(second.tokens.exclusive(KEY).__aenter__())
            done, _ = await asyncio.wait([waiting], timeout=0.1)
            assert not done
        await waiting


async def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    place = RecordPlace(f"sqlite:///{tmp_path}/eilbote.db", tmp_path)
    async with opened(place.records) as records:
        (tmp_path / "tokens").write_text("in the way")
        with pytest.raises(OutboxUnavailableError, match=r"tokens/.*cannot be locked"):
            async with records.tokens.exclusive(KEY):
                pass
