"""Runs one case: every client in turn, round after round, and what follows from the numbers."""

import json
import statistics
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import TypedDict, cast

from benchmarks.cases import Case, Receiver
from benchmarks.clients import Client
from benchmarks.processes import ROOT, Cores, on_cores
from benchmarks.sinks.launch import SMTP_SINK, Sink, delayed, fast_sink, smtp_sink

WARMUP_SECONDS = 1.0
"""What every run sends unmeasured: a just-in-time compiler needs a thousand messages to warm up."""
RUN_TIMEOUT = 300.0


class Said(TypedDict):
    """The line of JSON a client prints; see `benchmarks.peers.contract.Usage`."""

    messages: int
    version: str
    seconds: float
    cpu_seconds: float
    idle_rss_kib: int | None
    peak_rss_kib: int | None


class ClientFailedError(Exception):
    """A client ended with an error, or the sink counted other messages than it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What one run of one client said."""

    rate: float
    """Messages a second."""
    cpu_per_1000: float
    """Seconds of processor time, user and system, for 1,000 messages."""
    idle_rss_kib: int | None
    peak_rss_kib: int | None


@dataclass(frozen=True, slots=True)
class Spread:
    """A median with what it lies between."""

    median: float
    lowest: float
    highest: float

    @classmethod
    def of(cls, values: list[float]) -> "Spread":
        """Sum up."""
        return cls(statistics.median(values), min(values), max(values))


@dataclass(slots=True, kw_only=True)
class Measurement:
    """One client's runs in one case."""

    client: Client
    version: str = ""
    runs: list[Run] = field(default_factory=list)

    @property
    def rate(self) -> Spread:
        """Messages a second."""
        return Spread.of([run.rate for run in self.runs])

    @property
    def cpu_per_1000(self) -> float:
        """Median of processor seconds for 1,000 messages."""
        return statistics.median(run.cpu_per_1000 for run in self.runs)

    @property
    def peak_rss_kib(self) -> float | None:
        """Median of the peak; None for a client that cannot tell."""
        peaks = [run.peak_rss_kib for run in self.runs if run.peak_rss_kib is not None]
        return statistics.median(peaks) if peaks else None

    def ratio_to(self, peer: "Measurement") -> Spread:
        """Compare round by round: what ran one after the other saw the same machine."""
        return Spread.of([own.rate / other.rate for own, other in zip(self.runs, peer.runs, strict=True)])


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a case came to."""

    case: Case
    receiver: str
    measurements: list[Measurement]
    notes: list[str]
    """Who did not take part, and why."""

    def of(self, client: Client) -> Measurement | None:
        """Find a client's runs."""
        return next((one for one in self.measurements if one.client == client), None)


@contextmanager
def receiving(case: Case, cores: Cores) -> Iterator[Sink | None]:
    """Run the sink a case asks for; the fast one stands in where smtp-sink is missing."""
    with ExitStack() as stack:
        match case.receiver:
            case Receiver.NOBODY:
                yield None
                return
            case Receiver.SMTP_SINK if SMTP_SINK is not None:
                sink = stack.enter_context(smtp_sink(cores))
            case _:
                chunking = case.receiver is Receiver.CHUNKING
                sink = stack.enter_context(fast_sink(cores, chunking=chunking))
        yield stack.enter_context(delayed(sink, cores)) if case.delayed else sink


@dataclass(frozen=True, slots=True)
class Track:
    """A case made ready: the sink runs."""

    case: Case
    sink: Sink | None
    cores: Cores

    def run(self, client: Client, *, warmup: int, count: int) -> tuple[Run, str]:
        """Run a client once; give its numbers and its version.

        Raises:
            ClientFailedError: It ended with an error, or the sink took another number of messages.
        """
        warmup, count = max(warmup, self.case.sessions), max(count, 2 * self.case.sessions)
        options: dict[str, object] = {
            "shape": self.case.shape,
            "sessions": self.case.sessions,
            "warmup": warmup,
            "count": count,
        }
        if self.sink is not None:
            options |= {"host": "127.0.0.1", "port": self.sink.port}
        before = self._taken()
        said = run_process(client, options, self.cores.shared() if self.case.every_core else self.cores)
        after = self._taken()
        if before is not None and after is not None and after - before != warmup + count:
            raise ClientFailedError(f"sent {warmup + count} messages, the sink took {after - before}")
        run = Run(
            rate=said["messages"] / said["seconds"],
            cpu_per_1000=said["cpu_seconds"] / said["messages"] * 1000,
            idle_rss_kib=said["idle_rss_kib"],
            peak_rss_kib=said["peak_rss_kib"],
        )
        return run, said["version"]

    def _taken(self) -> int | None:
        return self.sink.messages() if self.sink is not None else None


def run_case(case: Case, cores: Cores, *, rounds: int, seconds: float) -> Outcome:
    """Run every client once and discard it, then `rounds` times in turn, about `seconds` each."""
    notes = [f"{client.name}: {client.missing}" for client in case.clients if client.missing]
    rates: dict[Client, float] = {}
    measurements: dict[Client, Measurement] = {}
    with receiving(case, cores) as sink:
        track = Track(case, sink, cores)
        for client in case.clients:
            if client.missing:
                continue
            try:
                first, version = track.run(client, warmup=case.first_count, count=case.first_count)
            except ClientFailedError as exc:
                notes.append(f"{client.name}: {exc}")
                continue
            rates[client] = first.rate
            measurements[client] = Measurement(client=client, version=version)
        for _ in range(rounds):
            for client, rate in rates.items():
                run, _version = track.run(
                    client, warmup=round(rate * WARMUP_SECONDS), count=round(rate * seconds)
                )
                measurements[client].runs.append(run)
        name = sink.name if sink is not None else case.receiver.value
    return Outcome(case=case, receiver=name, measurements=list(measurements.values()), notes=notes)


def run_process(client: Client, options: Mapping[str, object], cores: Cores) -> Said:
    """Start a client with its options on the sending core, wait, read its line."""
    command = list(client.program)
    for name, value in options.items():
        command += [f"--{name}", str(value)]
    with on_cores(cores.sending):
        process = subprocess.Popen(
            command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
    try:
        printed, complaint = process.communicate(timeout=RUN_TIMEOUT)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        raise ClientFailedError(f"did not end within {RUN_TIMEOUT:.0f} s") from None
    if process.returncode:
        last = complaint.strip().splitlines()[-1:] or [f"exit status {process.returncode}"]
        raise ClientFailedError(last[0])
    return cast("Said", json.loads(printed.splitlines()[-1]))
