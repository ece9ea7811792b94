"""Child processes that are to be killed: started, waited for, and never left behind."""

import asyncio
import os
import random
import signal
import sys
from pathlib import Path
from types import TracebackType
from typing import Self

CYCLE_SECONDS = 60.0
"""A process that is not done by then hangs."""


class Victims:
    """Starts processes and sees to their ends; use it as a context manager.

    Args:
        chance: Decides when a process dies that dies at random.
        longest_life: Of such a process, in seconds; most are through with their work by then.
        complaints: Takes what went wrong in a process beside being killed.
    """

    def __init__(self, chance: random.Random, *, longest_life: float, complaints: list[str]) -> None:
        self._chance = chance
        self._longest_life = longest_life
        self._complaints = complaints
        self._processes: list[asyncio.subprocess.Process] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave no process behind, whatever has happened."""
        for process in self._processes:
            if process.returncode is None:
                process.kill()
                await process.communicate()

    async def spawn(self, module: str, *options: str) -> asyncio.subprocess.Process:
        """Start a module of this package."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", f"tests.torture.{module}"),
            *options,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])},
        )
        self._processes.append(process)
        return process

    async def kill_at_random(self, process: asyncio.subprocess.Process) -> None:
        """Kill a process at any moment after it has begun to work, unless it is through before."""
        assert process.stdout is not None
        await process.stdout.readline()  # its imports are done
        try:
            await asyncio.wait_for(process.wait(), self._chance.uniform(0.0, self._longest_life))
        except TimeoutError:
            process.kill()

    async def end_of(
        self, process: asyncio.subprocess.Process, point: str, *, seconds: float = CYCLE_SECONDS
    ) -> int:
        """Wait for a process, note what it complained about, and give its status."""
        try:
            async with asyncio.timeout(seconds):
                _, said = await process.communicate()
        except TimeoutError:
            process.kill()
            _, said = await process.communicate()
            self._complaints.append(f"{point}: not finished within {seconds:.0f} s")
        status = process.returncode
        assert status is not None
        if status not in {0, -signal.SIGKILL} or b"Traceback" in said or b"unforeseen" in said:
            self._complaints.append(f"{point}: status {status}: {said.decode()[-2000:]}")
        return status
