"""A program that uses an outbox, for tests that kill it, hold it up or run two of it: ``outbox_program.py WHAT PATH ...``.

Each line on its standard output is written at once and says what was acknowledged.
"""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from itertools import count
from pathlib import Path

from tests.integration.held_flushes import fail_flushes, hold_flushes

from eilbote.errors import OutboxUnavailableError
from eilbote.model.ids import CourierId
from eilbote.model.status import RecipientStatus
from eilbote.store.sqlite_outbox import SqliteOutbox
from eilbote.testing.outbox_exercises.scene import NOW, OFFICE, new_entry, opened, settlement


def say(*words: object) -> None:
    os.write(1, (" ".join(map(str, words)) + "\n").encode())


async def submit_for_ever(path: Path, submitters: str) -> None:
    """Submit under keys of their own until somebody kills this program."""
    numbers = count()
    async with opened(lambda: SqliteOutbox(path)) as store:

        async def submit() -> None:
            for number in numbers:
                key = f"{os.getpid()}-{number}"
                (acceptance,) = await store.accept([new_entry(key, key=key)])
                say(acceptance.id, key)

        await asyncio.gather(*(submit() for _ in range(int(submitters))))


async def submit_known(path: Path, keys: str) -> None:
    """Submit the same keys as others do."""
    async with opened(lambda: SqliteOutbox(path)) as store:

        async def submit(number: int) -> None:
            (acceptance,) = await store.accept([new_entry(f"k{number}", key=f"k{number}")])
            say(acceptance.id, acceptance.is_new)

        await asyncio.gather(*(submit(number) for number in range(int(keys))))


async def drain(path: Path, name: str) -> None:
    """Claim, transmit and settle until nothing is left."""
    async with opened(lambda: SqliteOutbox(path)) as store:
        await store.begin_courier(CourierId(name), host="host", process=os.getpid(), now=NOW)
        while claims := await store.claim(CourierId(name), OFFICE, limit=20, now=NOW):
            if not all(await store.transmit([(claim.id, claim.epoch) for claim in claims])):
                say("lost", name)
            settlements = [settlement(CourierId(name), claim, RecipientStatus.ACCEPTED) for claim in claims]
            if not all(await store.settle(settlements)):
                say("lost", name)
            for claim in claims:
                say(claim.id, name)
        await store.end_courier(CourierId(name), now=NOW)


async def live(path: Path, name: str) -> None:
    """Begin a courier, and be there until somebody closes the standard input."""
    async with opened(lambda: SqliteOutbox(path)) as store:
        await store.begin_courier(CourierId(name), host="host", process=os.getpid(), now=NOW)
        claims = await store.claim(CourierId(name), OFFICE, limit=20, now=NOW)
        say("begun", len(claims))
        await asyncio.to_thread(sys.stdin.read)


async def submit_to_a_dying_disk(path: Path, _: str) -> None:
    """Submit while every flush fails; says whether it was acknowledged all the same."""
    fail_flushes()
    async with opened(lambda: SqliteOutbox(path, busy_seconds=0.2)) as store:
        try:
            say("acknowledged", (await store.accept([new_entry("b")]))[0].id)
        except OutboxUnavailableError as error:
            say("refused:", error)


async def submit_while_flushes_are_held(path: Path, _: str) -> None:
    """Submit, and look while a flush is held back whether anything was acknowledged."""
    hold_flushes(_on_flush)
    async with opened(lambda: SqliteOutbox(path)) as store:
        _HELD.clear()
        _HOLDING.set()
        accepting = asyncio.ensure_future(store.accept([new_entry("slow")]))
        held = asyncio.ensure_future(asyncio.to_thread(_HELD.wait))
        await asyncio.wait({accepting, held}, return_when=asyncio.FIRST_COMPLETED)
        for _ in range(1000):
            await asyncio.sleep(0)
        say("while held:", accepting.done())
        _HOLDING.clear()
        _LET_GO.set()
        _HELD.set()
        await accepting
        say("then:", accepting.done())


_HOLDING, _HELD, _LET_GO = threading.Event(), threading.Event(), threading.Event()


def _on_flush() -> None:
    if _HOLDING.is_set():
        _HELD.set()
        _LET_GO.wait()


WHAT = {
    "submit": submit_for_ever,
    "submit-known": submit_known,
    "drain": drain,
    "live": live,
    "dying-disk": submit_to_a_dying_disk,
    "held": submit_while_flushes_are_held,
}

if __name__ == "__main__":
    asyncio.run(WHAT[sys.argv[1]](Path(sys.argv[2]), sys.argv[3]))
