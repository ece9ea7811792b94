"""How soon a courier works that is started with a hundred thousand messages waiting."""

import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import aclosing
from pathlib import Path
from threading import Event

from benchmarks.peers.eilbote_content import pattern, recipients
from benchmarks.processes import ROOT, Cores, on_cores
from benchmarks.resources import Cost
from benchmarks.sinks.launch import Sink, fast_sink
from eilbote import Eilbote

QUEUED = 100_000
TARGET_SECONDS = 3.0
PAUSE = 0.005
LONGEST = 60.0


def restarting(cores: Cores, *, rounds: int) -> tuple[list[Cost], list[str]]:
    """Fill an outbox once; start the program on it again and again until the sink has its first message."""
    with (
        tempfile.TemporaryDirectory(prefix=".bench-", dir=ROOT) as folder,
        on_cores(cores.sending | cores.serving),
        fast_sink(cores) as sink,
    ):
        uri = f"smtp://127.0.0.1:{sink.port}"
        asyncio.run(_fill(Path(folder), uri))
        seconds = [_first_message(Path(folder), uri, sink) for _ in range(rounds)]
    name = f"from start to the first message, {QUEUED:,} waiting"
    return [Cost(name=name, unit="s", value=statistics.median(seconds), target=TARGET_SECONDS)], []


async def _fill(folder: Path, uri: str) -> None:
    async with (
        Eilbote(data_dir=folder, connections={"sink": uri}) as eilbote,
        aclosing(
            eilbote.submit_many(pattern("S"), recipients(range(QUEUED)), connections=("sink",))
        ) as results,
    ):
        async for result in results:
            assert result.error is None


def _first_message(folder: Path, uri: str, sink: Sink) -> float:
    program = str(Path(sys.executable).with_name("eilbote"))
    environment = os.environ | {"EILBOTE_DATA_DIR": str(folder), "EILBOTE_CONNECTION_SINK": uri}
    taken = sink.messages()
    began = time.perf_counter()
    process = subprocess.Popen(
        [program, "courier"], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        while sink.messages() == taken:
            if time.perf_counter() - began > LONGEST or process.poll() is not None:
                raise SystemExit("the courier sent nothing")
            Event().wait(PAUSE)
        return time.perf_counter() - began
    finally:
        process.terminate()
        process.wait()
