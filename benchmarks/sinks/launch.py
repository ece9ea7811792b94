"""Starts a sink: the fast one (C where a compiler is, else Python) or Postfix's smtp-sink."""

import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from benchmarks.processes import Cores, on_cores, server

HERE = Path(__file__).resolve().parent
BUILT = HERE.parent / ".peers" / "fast_sink"
SMTP_SINK = shutil.which("smtp-sink", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")
START_ATTEMPTS = 200
START_PAUSE = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class Sink:
    """A running sink."""

    port: int
    name: str
    counts: bool
    """Whether it tells how many messages it took."""

    def messages(self) -> int | None:
        """Ask how many messages were taken so far; None when the sink does not tell."""
        if not self.counts:
            return None
        with socket.create_connection(("127.0.0.1", self.port)) as connection:
            lines = connection.makefile("rwb")
            lines.readline()
            lines.write(b"XCOUNT\r\n")
            lines.flush()
            return int(lines.readline().split()[1])


def fast_sink_command() -> list[str]:
    """Build the C sink if that is possible and due; return what to run."""
    source = HERE / "fast_sink.c"
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        return [sys.executable, "-m", "benchmarks.sinks.fast_sink"]
    if not BUILT.exists() or BUILT.stat().st_mtime < source.stat().st_mtime:
        BUILT.parent.mkdir(exist_ok=True)
        subprocess.run([compiler, "-O2", "-o", BUILT, source], check=True)
    return [str(BUILT)]


@contextmanager
def fast_sink(cores: Cores, *, chunking: bool = False) -> Iterator[Sink]:
    """Run the fast sink, with CHUNKING announced or not."""
    command = fast_sink_command()
    name = "fast sink (C)" if command == [str(BUILT)] else "fast sink (Python)"
    if chunking:
        command.append("--chunking")
        name += " with CHUNKING"
    with server(command, cores.serving) as port:
        yield Sink(port=port, name=name, counts=True)


@contextmanager
def smtp_sink(cores: Cores) -> Iterator[Sink]:
    """Run Postfix's smtp-sink, which wants to be told its port and counts for itself alone."""
    assert SMTP_SINK is not None
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    command = [SMTP_SINK, "-u", "nobody", f"127.0.0.1:{port}", "1024"]
    with on_cores(cores.serving):
        process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        _wait_until_listening(process, port)
        yield Sink(port=port, name="smtp-sink", counts=False)
    finally:
        process.terminate()
        process.wait()


def _wait_until_listening(process: subprocess.Popen[bytes], port: int) -> None:
    for _ in range(START_ATTEMPTS):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except ConnectionRefusedError:
            with suppress(subprocess.TimeoutExpired):
                process.wait(START_PAUSE)
        else:
            return
    raise RuntimeError("smtp-sink does not listen; run it by hand to see why")


@contextmanager
def delayed(sink: Sink, cores: Cores) -> Iterator[Sink]:
    """Put a link of 50 ms round trip before a running sink."""
    command = [sys.executable, "-m", "benchmarks.sinks.delay_proxy", str(sink.port)]
    with server(command, cores.serving) as port:
        yield Sink(port=port, name=f"{sink.name} behind 50 ms", counts=sink.counts)
