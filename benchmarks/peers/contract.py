"""What every client measured has in common: its options, its clock, the line it prints."""

import argparse
import json
import re
import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path


@dataclass(slots=True, kw_only=True)
class Usage:
    """The line of JSON a client prints."""

    messages: int
    version: str
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    idle_rss_kib: int | None = None
    """Resident memory after the imports, before anything is sent."""
    peak_rss_kib: int | None = None


@dataclass(slots=True, kw_only=True)
class Options:
    """What a client is asked to do."""

    host: str
    port: int
    shape: str
    count: int
    sessions: int
    warmup: int
    attachment: Path | None
    extra: dict[str, str] = field(default_factory=dict)


def read_options(**extra: tuple[str, ...]) -> Options:
    """Read the command line; `extra` names options of one client's own and their choices."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--shape", choices="SMLF", default="S")
    parser.add_argument("--count", type=int, default=1)
    parser.add_argument("--sessions", type=int, default=1)
    parser.add_argument("--warmup", type=int, default=0)
    parser.add_argument("--attachment", type=Path)
    for name, choices in extra.items():
        parser.add_argument(f"--{name}", choices=choices, default=choices[0])
    values = vars(parser.parse_args())
    return Options(extra={name: values.pop(name) for name in extra}, **values)


@contextmanager
def measured(usage: Usage) -> Iterator[None]:
    """Take time and processor time (user and system, children included) of what runs inside."""
    cpu_before, before = _cpu_seconds(), time.perf_counter()
    yield
    usage.seconds = time.perf_counter() - before
    usage.cpu_seconds = _cpu_seconds() - cpu_before


def report(usage: Usage) -> None:
    """Print the line."""
    usage.peak_rss_kib = resident_kib("VmHWM")
    print(json.dumps(asdict(usage)))


def resident_kib(which: str) -> int:
    """Read `VmRSS` or `VmHWM`: ru_maxrss would count the parent's memory before exec as well."""
    found = re.search(rf"{which}:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert found is not None
    return int(found[1])


def _cpu_seconds() -> float:
    own = resource.getrusage(resource.RUSAGE_SELF)
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime
