"""What eilbote costs besides time per message: memory for a large file, time to start."""

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks import clients
from benchmarks.measure import ClientFailedError, run_process
from benchmarks.processes import ROOT, Cores, on_cores
from benchmarks.sinks.launch import fast_sink

FILE_MIB = 25
MEMORY_TARGET_MIB = 16.0
IMPORT_TARGET_MS = 60.0
HELP_TARGET_MS = 250.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """One figure where less is better."""

    name: str
    unit: str
    value: float
    target: float | None = None


def memory(cores: Cores, *, rounds: int) -> tuple[list[Cost], list[str]]:
    """Send a file of 25 MB from disk once; take the peak above the process before it sends."""
    costs, notes = [], []
    with tempfile.TemporaryDirectory() as directory, fast_sink(cores) as sink:
        path = Path(directory) / "report.bin"
        path.write_bytes(bytes(range(256)) * 4096 * FILE_MIB)
        options = {"host": "127.0.0.1", "port": sink.port, "shape": "F", "attachment": path}
        for client in (clients.EILBOTE, clients.EILBOTE_ASYNCIO, clients.NODEMAILER, clients.SMTPLIB):
            try:
                runs = [run_process(client, options, cores) for _ in range(rounds)]
            except ClientFailedError as exc:
                notes.append(f"{client.name}: {exc}")
                continue
            above = [(run["peak_rss_kib"] or 0) - (run["idle_rss_kib"] or 0) for run in runs]
            costs.append(
                Cost(
                    name=client.name,
                    unit="MiB",
                    value=statistics.median(above) / 1024,
                    target=MEMORY_TARGET_MIB if client.is_eilbote else None,
                )
            )
    return costs, notes


def start_up(cores: Cores, *, rounds: int) -> tuple[list[Cost], list[str]]:
    """Start Python bare, with `import eilbote`, and as `eilbote --help`; take what comes on top."""
    bare = (sys.executable, "-c", "pass")
    program = str(Path(sys.executable).with_name("eilbote"))
    costs, notes = [], []
    for name, command, target in (
        ("import eilbote", (sys.executable, "-c", "import eilbote"), IMPORT_TARGET_MS),
        ("eilbote --help", (program, "--help"), HELP_TARGET_MS),
    ):
        try:
            with on_cores(cores.sending):
                above = [_milliseconds(command) - _milliseconds(bare) for _ in range(rounds + 1)][1:]
        except (OSError, subprocess.CalledProcessError) as exc:
            notes.append(f"{name}: {exc}")
            continue
        costs.append(Cost(name=name, unit="ms", value=statistics.median(above), target=target))
    return costs, notes


def _milliseconds(command: Sequence[str]) -> float:
    before = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True, cwd=ROOT)
    return (time.perf_counter() - before) * 1000
