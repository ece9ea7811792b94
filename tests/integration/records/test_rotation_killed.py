"""A rotation that is killed, at every step there is, loses nothing and is finished by the next one."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator

import pytest
from tests.integration.records.filled_records import USES, fill, see_everything
from tests.integration.records.record_places import RecordPlace

from eilbote.testing.records_exercises.scene import opened

# Each step is a process of its own.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

_PROGRAM = """
import asyncio, os, pathlib, signal, sys
from eilbote.store import cipher, key_ring, key_rows, postgres_link, postgres_records, sqlite_records, sqlite_session
from eilbote.store.open_records import open_records

def step(what):
    global left
    left -= 1
    if not left:
        os.write(1, what.encode())
        os.kill(os.getpid(), signal.SIGKILL)

def before_and_after(owner, name):
    function = getattr(owner, name)
    def call(*arguments, **named):
        step(f"before {name}")
        result = function(*arguments, **named)
        step(f"after {name}")
        return result
    setattr(owner, name, call)

def before_and_after_awaiting(owner, name):
    function = getattr(owner, name)
    async def call(*arguments, **named):
        step(f"before {name}")
        result = await function(*arguments, **named)
        step(f"after {name}")
        return result
    setattr(owner, name, call)

async def rotate(url, keys):
    records = open_records(url, key_ring=key_ring.KeyRing(pathlib.Path(keys)))
    await records.open()
    key_rows._AT_ONCE = 1
    before_and_after(os, "rename")
    before_and_after(key_rows, "seal")
    before_and_after(sqlite_session.SqliteSession, "commit")
    before_and_after_awaiting(postgres_link, "_commit")
    before_and_after_awaiting(key_rows, "set_current")
    await records.keys.rotate()
    await records.close()

cipher.seal(cipher.Key(id="k", octets=bytes(32)), cipher.Place(kind=cipher.SecretKind.KEY, field="f"), cipher.Secret(""))
for line in sys.stdin:  # one process learns the program, and each of its children plays it once
    url, keys, number = line.split()
    left = int(number)
    child = os.fork()
    if not child:
        asyncio.run(rotate(url, keys))
        os._exit(0)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert code in (0, -signal.SIGKILL), code
    print(" killed" if code else "done", flush=True)
"""


@pytest.fixture(scope="module")
def program() -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "-c", _PROGRAM], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield process


def rotate_in_a_child(program: subprocess.Popen[str], place: RecordPlace, last: int) -> str:
    """Rotate until a step; gives where the child was killed, ``done`` when there are not so many steps."""
    assert program.stdin is not None
    assert program.stdout is not None
    program.stdin.write(f"{place.url} {place.folder / 'secret.keys'} {last}\n")
    program.stdin.flush()
    return program.stdout.readline().strip().removesuffix(" killed")


async def everything_is_there(place: RecordPlace) -> None:
    async with opened(place.records) as records:
        await see_everything(records)


async def finished(place: RecordPlace) -> None:
    """Finish what was begun: afterwards one key has everything, and the former ones can be thrown away."""
    async with opened(place.records) as records:
        await records.keys.rotate()
        current, *former = place.ring.known()
        assert await place.sql(USES) == [(current.id, 4)]
        assert len(former) in {1, 2}
        for key in former:
            await records.keys.retire(key.id)
        await see_everything(records)


async def filled(place: RecordPlace) -> None:
    async with opened(place.records) as records:
        await fill(records)


def test_killed_at_every_step(place: RecordPlace, program: subprocess.Popen[str]) -> None:
    """After each kill everything can be read; after the next rotation nothing needs a former key."""
    asyncio.run(filled(place))
    seen: list[str] = []
    while (said := rotate_in_a_child(program, place, len(seen) + 1)) != "done":
        seen.append(said)
        asyncio.run(everything_is_there(place))
        asyncio.run(finished(place))
    commit = "_commit" if "postgres" in place.url else "commit"
    assert seen == [
        f"before {commit}", f"after {commit}",  # looking which key encrypts
        "before rename", "after rename",
        "before set_current", "after set_current", f"before {commit}", f"after {commit}",
        *4 * ["before seal", "after seal", f"before {commit}", f"after {commit}"],
        f"before {commit}", f"after {commit}",
    ]  # fmt: skip


def test_killed_again_and_again_it_makes_one_key(place: RecordPlace, program: subprocess.Popen[str]) -> None:
    """Each attempt is killed a little later than the one before; they all work towards the same key."""
    asyncio.run(filled(place))
    [former] = place.ring.known()
    for last in (3, 4, 6, 8, 9, 10, 11, 12, 6, 5, 99):
        rotate_in_a_child(program, place, last)
        asyncio.run(everything_is_there(place))
        uses = dict(asyncio.run(place.sql(USES)))
        assert len(place.ring.known()) == (1 if last == 3 else 2)
        if former.id not in uses:
            break
    else:
        pytest.fail("it was never done")
    assert list(uses) == [place.ring.first().id]
