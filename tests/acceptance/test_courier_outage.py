"""A hundred thousand messages wait for a provider that is down for ten minutes, then back.

The outbox, the processes and the SMTP servers are real; only the courier's clock runs faster than the machine's. What
is measured is also said (pytest -s).
"""

import asyncio
import os
import re
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from tests.torture.scripted_server import ScriptedServer

from eilbote.engine.system_clock import SystemClock
from eilbote.model.envelope import Envelope
from eilbote.model.ids import MessageId
from eilbote.model.message import Message
from eilbote.model.moment import later, moment_of
from eilbote.model.status import RecipientKind
from eilbote.model.submission import InDoubtPolicy, PartialPolicy
from eilbote.outbox.entry import NewEntry, NewRecipient
from eilbote.outbox.frozen import freeze
from eilbote.store.sqlite_outbox import SqliteOutbox

_QUEUED = 100_000
_OTHERS = 200
_BATCH = 2_000
_DRAINED = 2_000
_MINUTES = 10
_SPEED = 60.0
_SESSIONS = 4
_MOST_MIB = 300


def entry(connection: str, number: int) -> NewEntry:
    now = moment_of(SystemClock().now())
    message_id = f"<{connection}-{number}@example.org>"
    octets = f"Message-ID: {message_id}\r\nSubject: {number}\r\n\r\nHello\r\n".encode()
    address = f"r{number}@example.org"
    envelope = Envelope(reverse_path="a@example.org", forward_paths=(address,))
    message = Message(message_id=message_id, segments=(octets,), size=len(octets))
    return NewEntry(
        organization="",
        connections=(connection,),
        message_id=MessageId(message_id),
        subject=str(number),
        frozen=freeze(envelope, message),
        blobs=(),
        size=len(octets),
        recipients=(NewRecipient(address, RecipientKind.TO),),
        urgency=1,
        due=now,
        expires=later(now, 345_600.0),
        accepted=now,
        on_in_doubt=InDoubtPolicy.RETRY,
        on_partial=PartialPolicy.RETRY_REST,
    )


async def fill(data: Path) -> None:
    store = SqliteOutbox(data / "eilbote.db")
    await store.open()
    try:
        for first in range(0, _QUEUED, _BATCH):
            await store.accept([entry("office", number) for number in range(first, first + _BATCH)])
        await store.accept([entry("shop", number) for number in range(_OTHERS)])
    finally:
        await store.close()


@asynccontextmanager
async def courier(
    data: Path, *servers: tuple[str, ScriptedServer], speed: float
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run a courier, and stop it at the end; it has to end well."""
    connections = [part for name, server in servers for part in ("--connection", f"{name}={server.uri}")]
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.torture.hurried_child", "--data", str(data), "--speed", str(speed)),
        *connections,
        stdout=asyncio.subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])},
    )
    try:
        yield process
        process.terminate()
        await process.communicate()
        assert process.returncode == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()


async def minutes_pass(process: asyncio.subprocess.Process, minutes: int) -> None:
    """Wait until a courier's clock has gone so far."""
    assert process.stdout is not None
    while int(await process.stdout.readline() or b"0") < minutes:
        assert process.returncode is None


def peak_mib(process: asyncio.subprocess.Process) -> float:
    found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{process.pid}/status").read_text())
    assert found is not None
    return int(found[1]) / 1024


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.asyncio
async def test_an_outage_with_a_hundred_thousand_waiting(tmp_path: Path) -> None:
    await fill(tmp_path)
    async with (
        ScriptedServer(tmp_path / "office-journal") as office,
        ScriptedServer(tmp_path / "shop-journal") as shop,
    ):
        office.is_open = False
        office.sessions_at_most = _SESSIONS
        async with courier(tmp_path, ("office", office), ("shop", shop), speed=_SPEED) as process:
            # Another connection is not held up by it.
            await shop.until(lambda: len(shop.taken) == _OTHERS)
            await minutes_pass(process, _MINUTES)
            tried = office.connections
            assert 5 <= tried <= 60
            assert office.taken == []
            office.is_open = True
            await office.until(lambda: len(office.taken) >= _DRAINED, within=120.0)
            peak = peak_mib(process)
        # Back again it is not overrun: never more sessions than agreed, nobody turned away, nothing twice.
        assert office.most_at_once <= _SESSIONS
        assert office.turned_away == 0
        assert len(set(office.taken)) == len(office.taken)
        assert peak < _MOST_MIB
        began, before = time.monotonic(), len(office.taken)
        async with courier(tmp_path, ("office", office), speed=1.0):
            await office.until(lambda: len(office.taken) > before)
            first = time.monotonic() - began
        assert len(set(office.taken)) == len(office.taken)
    numbers = [int(one.message_id.removeprefix("<office-").split("@")[0]) for one in office.taken]
    # Who waited longest goes first; the few that stood in front when it broke come a breath later.
    assert max(numbers) < 2 * len(numbers)
    sys.stdout.write(f"{tried} attempts to connect in {_MINUTES} minutes, {peak:.0f} MiB at most, ")
    sys.stdout.write(f"{first:.1f} s from start to first message with {_QUEUED - before:,} queued\n")
