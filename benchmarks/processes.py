"""Starts the benchmark's processes, each on its own core where the machine has two.

The sink shares a core with nothing that is measured: otherwise a fast client is slowed down by
the sink it keeps busy, and a slow one is not.
"""

import os
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Cores:
    """Which core serves (sinks, proxy) and which sends (the client measured)."""

    serving: frozenset[int]
    sending: frozenset[int]

    @property
    def apart(self) -> bool:
        """Whether sink and client run on different cores."""
        return self.serving.isdisjoint(self.sending)

    def shared(self) -> "Cores":
        """Let both run on every core."""
        both = self.serving | self.sending
        return Cores(serving=both, sending=both)


def available_cores(*, pinned: bool = True) -> Cores:
    """Share out the cores this process may use; a single one does both."""
    usable = sorted(os.sched_getaffinity(0))
    if len(usable) < 2 or not pinned:
        return Cores(serving=frozenset(usable), sending=frozenset(usable))
    return Cores(serving=frozenset(usable[:1]), sending=frozenset(usable[1:2]))


@contextmanager
def on_cores(cores: frozenset[int]) -> Iterator[None]:
    """Run what is started inside on `cores`: a child, with all its threads, inherits them."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


@contextmanager
def server(command: Sequence[str], cores: frozenset[int]) -> Iterator[int]:
    """Start a server that prints its port, yield the port, end it afterwards."""
    with on_cores(cores):
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        if not line:
            raise RuntimeError(f"{command[0]} ended before it printed a port")
        yield int(line)
    finally:
        process.terminate()
        process.wait()
        process.stdout.close()
