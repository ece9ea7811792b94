"""What it costs to hand a message to the outbox: how long one waits for the disk, and how long many take.

It stands beside what the disk itself needs for a page and its flush, in the same folder: where that takes next to nothing,
the disk promises what it does not keep, or there is none. The garbage collector is spared what is there when work begins, as
`eilbote serve` spares it: a full collection takes a tenth of a second on this kind of machine, and finds nothing.
"""

import asyncio
import gc
import os
import statistics
import tempfile
import time
from collections.abc import Sequence
from contextlib import aclosing
from pathlib import Path

from benchmarks.peers.eilbote_content import draft, pattern, recipients
from benchmarks.processes import ROOT, Cores, on_cores
from benchmarks.resources import Cost
from eilbote import Eilbote

NOWHERE = "smtp://127.0.0.1:1"
SUBMITTERS = 50
EACH = 60
SINGLE = 200
BATCH = 5000
P50_TARGET_MS = 4.0
P99_TARGET_MS = 40.0


def submitting(cores: Cores, *, rounds: int) -> tuple[list[Cost], list[str]]:
    """Submit small messages one by one, by fifty at a time, and by the thousand; nothing is delivered."""
    with (
        on_cores(cores.sending | cores.serving),
        tempfile.TemporaryDirectory(prefix=".bench-", dir=ROOT) as directory,
    ):
        folders = [Path(directory, str(number)) for number in range(rounds + 1)]
        for folder in folders:
            folder.mkdir()
        runs = [asyncio.run(_round(folder)) for folder in folders][
            1:
        ]  # the first one loads what is loaded once
    names = ("a page and its flush, without eilbote", "one after the other, p50")
    names += (f"{SUBMITTERS} at a time, p50", f"{SUBMITTERS} at a time, p99", f"{SUBMITTERS} at a time, each")
    names += ("by the thousand, each", "one draft for many, each")
    targets = (None, None, P50_TARGET_MS, P99_TARGET_MS, None, None, None)
    return [
        Cost(name=name, unit="ms", value=statistics.median(values), target=target)
        for name, values, target in zip(names, zip(*runs, strict=True), targets, strict=True)
    ], []


async def _round(folder: Path) -> tuple[float, ...]:
    flush = _quantile([_flush(folder) for _ in range(50)], 0.5)
    async with Eilbote(data_dir=folder, connections=NOWHERE) as eilbote:
        for number in range(50):
            await eilbote.submit(draft("S", number))
        gc.collect()
        gc.freeze()
        single = [await _timed(eilbote, number) for number in range(SINGLE)]
        before = time.perf_counter()
        crowd = await asyncio.gather(*(_submitter(eilbote, number) for number in range(SUBMITTERS)))
        crowd_took = time.perf_counter() - before
        waits = [wait for waits in crowd for wait in waits]
        before = time.perf_counter()
        async with aclosing(eilbote.submit_many(draft("S", number) for number in range(BATCH))) as results:
            assert [result.error async for result in results] == [None] * BATCH
        many_took = time.perf_counter() - before
        before = time.perf_counter()
        async with aclosing(eilbote.submit_many(pattern("S"), recipients(range(BATCH)))) as results:
            assert [result.error async for result in results] == [None] * BATCH
        series_took = time.perf_counter() - before
    return (
        flush,
        _quantile(single, 0.5),
        _quantile(waits, 0.5),
        _quantile(waits, 0.99),
        crowd_took / len(waits) * 1000,
        many_took / BATCH * 1000,
        series_took / BATCH * 1000,
    )


async def _submitter(eilbote: Eilbote, number: int) -> list[float]:
    return [await _timed(eilbote, number * EACH + nth) for nth in range(EACH)]


async def _timed(eilbote: Eilbote, number: int) -> float:
    message = draft("S", number)
    before = time.perf_counter()
    await eilbote.submit(message)
    return (time.perf_counter() - before) * 1000


def _flush(folder: Path) -> float:
    handle = os.open(folder / "page", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    try:
        before = time.perf_counter()
        os.write(handle, bytes(4096))
        os.fdatasync(handle)
        return (time.perf_counter() - before) * 1000
    finally:
        os.close(handle)


def _quantile(values: Sequence[float], part: float) -> float:
    return sorted(values)[int(len(values) * part)]
