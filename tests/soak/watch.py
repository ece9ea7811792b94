"""What a process takes of the machine, looked at once a second: memory, open files, threads, and what its database has grown to."""

import asyncio
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

EVERY_SECONDS = 1.0
_PAGE = os.sysconf("SC_PAGE_SIZE")
_MEBIBYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Sample:
    """One look.

    Attributes:
        at: Seconds since the first.
        memory: Resident memory in octets.
        files: Open files and connections.
        threads: Threads.
        database: Octets of the database, without what is yet to be written into it.
        log: Octets of that.
    """

    at: float
    memory: int
    files: int
    threads: int
    database: int
    log: int


class Watch:
    """Looks at a process and its database.

    Args:
        process: Its number.
        database: The file.

    Attributes:
        samples: What was seen.
    """

    def __init__(self, process: int, database: Path) -> None:
        self.samples: list[Sample] = []
        self._folder = Path("/proc", str(process))
        self._database = database

    async def look(self, is_over: Callable[[], bool]) -> None:
        """Look until it is over."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        while not is_over():
            self.samples.append(self._sample(loop.time() - began))
            await asyncio.sleep(EVERY_SECONDS)

    def _sample(self, at: float) -> Sample:
        return Sample(
            at=at,
            memory=int((self._folder / "statm").read_text().split()[1]) * _PAGE,
            files=sum(1 for _ in (self._folder / "fd").iterdir()),
            threads=sum(1 for _ in (self._folder / "task").iterdir()),
            database=_size(self._database),
            log=_size(self._database.with_name(self._database.name + "-wal")),
        )


def growth_per_hour(samples: Sequence[Sample]) -> float:
    """Give by how many MiB an hour memory grew: between the middles of the second and the last quarter.

    The first quarter is left out: what is loaded once and kept warm is no leak.
    """
    quarter = len(samples) // 4
    earlier, later = samples[quarter : 2 * quarter], samples[-quarter:]
    if not earlier or not later:
        return 0.0
    apart = median(each.at for each in later) - median(each.at for each in earlier)
    grown = median(each.memory for each in later) - median(each.memory for each in earlier)
    return grown / _MEBIBYTE / apart * 3600 if apart > 0 else 0.0


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except FileNotFoundError:
        return 0
