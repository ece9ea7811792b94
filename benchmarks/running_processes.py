"""What it costs to run a process, beside its e-mail: an instance with a gateway and a send event, and a thousand that wait for timers.

`python -m benchmarks.running_processes CASE FOLDER URI` measures one case in a process of its own and prints it as JSON.
"""

import asyncio
import gc
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

import yaml

from benchmarks.processes import ROOT, Cores, on_cores
from benchmarks.resources import Cost
from benchmarks.sinks.launch import fast_sink
from eilbote import Bundle, Eilbote, InstanceFilter, InstanceStatus

INSTANCE_TARGET_MS = 10.0
INSTANCES = 1000
IN_A_ROW = 200
LONGEST = 600.0

ROUTE = """
message_name: bench
attributes:
  - {name: To, system_name: To, type: account, required: true}
  - {name: Number, system_name: Number, type: number}
properties: {from_address: bench@example.org, to: "{To}", subject: "Order {Number}", message: "It is ready."}
"""
_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="https://example.org/bench">"""
GATEWAY = f"""{_HEAD}
<process id="gateway" isExecutable="true">
  <startEvent id="start"/><sequenceFlow id="f1" sourceRef="start" targetRef="which"/>
  <exclusiveGateway id="which" default="other"/>
  <sequenceFlow id="large" sourceRef="which" targetRef="ready"/>
  <sequenceFlow id="other" sourceRef="which" targetRef="end"/>
  <intermediateThrowEvent id="ready"><messageEventDefinition/></intermediateThrowEvent>
  <sequenceFlow id="f2" sourceRef="ready" targetRef="end"/><endEvent id="end"/>
</process></definitions>"""
SENDS = {
    "system_name": "ready",
    "state": "Ready",
    "route": "bench",
    "mapping": {"To": "a{{ number }}@example.org", "Number": "{{ number }}"},
}
TIMER = f"""{_HEAD}
<process id="timer" isExecutable="true">
  <startEvent id="start"/><sequenceFlow id="f1" sourceRef="start" targetRef="pause"/>
  <intermediateCatchEvent id="pause"><timerEventDefinition><timeDuration>PT3S</timeDuration></timerEventDefinition></intermediateCatchEvent>
  <sequenceFlow id="f2" sourceRef="pause" targetRef="end"/><endEvent id="end"/>
</process></definitions>"""


def running_processes(cores: Cores, *, rounds: int) -> tuple[list[Cost], list[str]]:
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
            (sys.executable, "-m", "benchmarks.running_processes", case, folder, uri),
            check=True,
            capture_output=True,
            timeout=LONGEST,
            cwd=ROOT,
        ).stdout
    rows: dict[str, list[object]] = json.loads(said)
    return {name: (str(unit), target, float(str(value))) for name, (unit, target, value) in rows.items()}  # type: ignore[misc]


# -- in the process that is measured -------------------------------------------------------------------------


async def publish(eilbote: Eilbote) -> None:
    """Publish what is run."""
    await eilbote.routes.save(ROUTE)
    for name, bpmn in (("gateway", GATEWAY), ("timer", TIMER)):
        settings: dict[str, object] = {"process": name}
        if name == "gateway":
            settings |= {"elements": {"ready": SENDS}, "conditions": {"large": "number >= 0"}}
        await eilbote.processes.save(Bundle(bpmn=bpmn, settings=yaml.safe_dump(settings)))
        await eilbote.processes.publish(name)


async def instances(eilbote: Eilbote, _uri: str) -> dict[str, Row]:
    """Run instances one after another, then a thousand at the same time: until the message is in the outbox, on the disk."""
    desk = eilbote.processes
    await desk.start("gateway", {"number": 0})
    async with desk.engaged() as worker:
        await worker.run(once=True)
    took: list[float] = []
    async with desk.engaged() as worker:
        working = asyncio.create_task(worker.run())
        for number in range(IN_A_ROW):
            began = time.perf_counter()
            instance = await desk.start("gateway", {"number": number}, wait_seconds=10)
            took.append(time.perf_counter() - began)
            assert instance.status is InstanceStatus.COMPLETED, instance
        worker.stop()
        await working

    async def begin(number: int) -> None:
        await desk.start("gateway", {"number": number})

    await _some_at_a_time(begin, INSTANCES)
    began, began_working = time.perf_counter(), time.process_time()
    async with desk.engaged() as worker:
        worked = await worker.run(once=True)
    all_took, worked_for = time.perf_counter() - began, time.process_time() - began_working
    assert len(worked) == INSTANCES
    assert not await desk.instances(InstanceFilter(status=InstanceStatus.RUNNING), limit=1)
    return {
        "an instance alone, gateway and send event, begun to ended, p50": (
            "ms",
            INSTANCE_TARGET_MS,
            statistics.median(took) * 1000,
        ),
        f"one of {INSTANCES:,}, from its turn to its end": (
            "ms",
            INSTANCE_TARGET_MS,
            all_took / INSTANCES * 1000,
        ),
        "the same, processor time": ("ms", None, worked_for / INSTANCES * 1000),
    }


async def timers(eilbote: Eilbote, _uri: str) -> dict[str, Row]:
    """Let a thousand instances wait for a timer at the same time; take the peak above the process with one behind it."""
    desk = eilbote.processes
    await desk.start("gateway", {"number": 0})
    async with desk.engaged() as worker:
        await worker.run(once=True)
        gc.collect()
        idle = _peak_mib()
        working = asyncio.create_task(worker.run())

        async def begin(_number: int) -> None:
            await desk.start("timer", {})

        began = time.perf_counter()
        await _some_at_a_time(begin, INSTANCES)
        while await desk.instances(InstanceFilter(status=InstanceStatus.RUNNING), limit=1):  # noqa: ASYNC110
            await asyncio.sleep(0.05)
        took = time.perf_counter() - began
        worker.stop()
        await working
    done = InstanceFilter(process="timer", status=InstanceStatus.COMPLETED)
    assert len(await desk.instances(done, limit=INSTANCES + 1)) == INSTANCES
    return {
        f"peak of {INSTANCES:,} instances with timers, above an idle process": (
            "MiB",
            None,
            _peak_mib() - idle,
        ),
        f"{INSTANCES:,} instances with a timer of 3 s, begun to ended": ("s", None, took),
    }


CASES: dict[str, Callable[[Eilbote, str], Awaitable[dict[str, Row]]]] = {
    "instances": instances,
    "timers": timers,
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
        await publish(eilbote)
        rows = await CASES[case](eilbote, uri)
    sys.stdout.write(json.dumps(rows))


if __name__ == "__main__":
    logging.getLogger("eilbote").setLevel(logging.ERROR)
    os.environ.pop("EILBOTE_DATABASE_URL", None)
    asyncio.run(main(sys.argv[1], Path(sys.argv[2]), sys.argv[3]))
