"""What it costs to run a flow, beside its e-mail: each node, each run, and the memory that a thousand runs at the same time take.

`python -m benchmarks.running_flows CASE FOLDER URI` measures one case in a process of its own and prints it as JSON.
"""

import asyncio
import json
import logging
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from benchmarks.processes import ROOT, Cores, on_cores
from benchmarks.resources import Cost
from benchmarks.sinks.launch import fast_sink
from eilbote import Eilbote, RunFilter, RunStatus

NODE_TARGET_MS = 0.3
TURNS = 1000
RUNS = 1000
NODES = 20
MAILS = 2
LONGEST = 600.0

LOOP = """
name: loop
nodes:
  - {id: each, kind: for_each, items: "{{ input.items }}", as: item, do: note, next: end}
  - {id: note, kind: set_value, values: {input.last: "{{ item }} of {{ input.items.size }}"}}
  - {id: ask, kind: branch, if: "item > 500", then: end, else: end}
"""
ROW = "name: row\nnodes:\n" + "".join(
    f'  - {{id: n{number}, kind: set_value, values: {{input.v{number}: "{{{{ input.name }}}} {number}"}}}}\n'
    for number in range(NODES)
)
MAIL = """
name: mails
nodes:
  - id: first
    kind: send_smtp_email
    to: "a{{ input.number }}@example.org"
    subject: "First"
    content: "<p>Hello {{ input.name }}</p>"
    store_result: input
    store_as: first
  - {id: note, kind: set_value, values: {input.status: "{{ input.first.status }}"}}
  - id: second
    kind: send_smtp_email
    to: "b{{ input.number }}@example.org"
    subject: "Second"
    content: "<p>Hello again</p>"
"""


def running_flows(cores: Cores, *, rounds: int) -> tuple[list[Cost], list[str]]:
    """Run each case in a process of its own, some times over."""
    costs: list[Cost] = []
    with on_cores(cores.sending | cores.serving), fast_sink(cores) as sink:
        uri = f"smtp://127.0.0.1:{sink.port}?from=bench@example.org"
        for case in CASES:
            found = [_measured(case, uri) for _ in range(rounds)]
            for name, (unit, target, _) in found[0].items():
                value = statistics.median(each[name][2] for each in found)
                costs.append(Cost(name=name, unit=unit, value=value, target=target))
    return costs, []


Row = tuple[str, float | None, float]
"""Unit, target, value."""


def _measured(case: str, uri: str) -> dict[str, Row]:
    with tempfile.TemporaryDirectory(prefix=".bench-", dir=ROOT) as folder:
        said = subprocess.run(
            (sys.executable, "-m", "benchmarks.running_flows", case, folder, uri),
            check=True,
            capture_output=True,
            timeout=LONGEST,
            cwd=ROOT,
        ).stdout
    rows: dict[str, list[object]] = json.loads(said)
    return {name: (str(unit), target, float(str(value))) for name, (unit, target, value) in rows.items()}  # type: ignore[misc]


# -- in the process that is measured -------------------------------------------------------------------------


async def nodes(eilbote: Eilbote, _uri: str) -> dict[str, Row]:
    """Run one long flow after another: what the interpreter, its templates and the keeping of the run take for each node."""
    given = {"items": list(range(TURNS))}
    visits = 0
    took = 0.0
    for number in range(6):
        began = time.process_time()
        run = await eilbote.flows.run(LOOP, given)
        assert run.status == "done", run.error
        if number:  # the first one loads what is loaded once
            took += time.process_time() - began
            visits += 1 + 2 * TURNS
    return {"a node of a long run, processor time": ("ms", NODE_TARGET_MS, took / visits * 1000)}


async def runs(eilbote: Eilbote, _uri: str) -> dict[str, Row]:
    """Begin a thousand runs of twenty nodes, then work them all: everything that is kept is on the disk."""
    await eilbote.flows.run(ROW, {"name": "warm"})
    waits: list[float] = []

    async def begin(number: int) -> None:
        began = time.perf_counter()
        await eilbote.flows.begin(ROW, {"name": f"number {number}"})
        waits.append(time.perf_counter() - began)

    await _some_at_a_time(begin, RUNS)
    began, began_working = time.perf_counter(), time.process_time()
    async with eilbote.flows.engaged() as worker:
        worked = await worker.run(once=True)
    took, worked_for = time.perf_counter() - began, time.process_time() - began_working
    assert len(worked) == RUNS
    assert not await eilbote.flows.runs(RunFilter(status=RunStatus.RUNNING), limit=1)
    return {
        "to begin a run, 50 at a time, p50": ("ms", None, statistics.median(waits) * 1000),
        f"a run of {NODES} nodes, from its turn to its end": ("ms", None, took / RUNS * 1000),
        "each node of it, processor time": ("ms", NODE_TARGET_MS, worked_for / RUNS / NODES * 1000),
    }


async def memory(eilbote: Eilbote, _uri: str) -> dict[str, Row]:
    """Run a thousand flows with two messages each at the same time; take the peak above the process with one run behind it."""
    async with eilbote.courier():
        warm = await eilbote.flows.run(MAIL, {"number": 0, "name": "warm"}, wait_seconds=30)
        assert warm.status == "done", warm
        idle = _peak_mib()
        began = time.perf_counter()

        async def begin(number: int) -> None:
            await eilbote.flows.begin(MAIL, {"number": number, "name": "Anna"})

        await _some_at_a_time(begin, RUNS)
        while await eilbote.flows.runs(RunFilter(status=RunStatus.RUNNING), limit=1):  # noqa: ASYNC110
            await asyncio.sleep(0.02)
        took = time.perf_counter() - began
        peak = _peak_mib()
        done = await eilbote.flows.runs(RunFilter(status=RunStatus.DONE), limit=RUNS + 10)
        assert len(done) == RUNS + 1
    return {
        f"peak of {RUNS:,} runs at a time, above an idle process": ("MiB", None, peak - idle),
        f"{RUNS:,} runs with {MAILS} messages each, begun to ended": ("s", None, took),
    }


CASES: dict[str, Callable[[Eilbote, str], Awaitable[dict[str, Row]]]] = {
    "nodes": nodes,
    "runs": runs,
    "memory": memory,
}


async def _some_at_a_time(work: Callable[[int], Awaitable[None]], count: int) -> None:
    numbers = iter(range(count))

    async def some() -> None:
        for number in numbers:
            await work(number)

    await asyncio.gather(*(some() for _ in range(50)))


def _peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


async def main(case: str, folder: Path, uri: str) -> None:
    async with Eilbote(data_dir=folder, connections={"default": uri}) as eilbote:
        rows = await CASES[case](eilbote, uri)
    sys.stdout.write(json.dumps(rows))


if __name__ == "__main__":
    logging.getLogger("eilbote").setLevel(logging.ERROR)
    os.environ.pop("EILBOTE_DATABASE_URL", None)
    asyncio.run(main(sys.argv[1], Path(sys.argv[2]), sys.argv[3]))
