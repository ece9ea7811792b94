"""The process that is killed while it works instances: begins some, works them and delivers their mail, until all have ended.

Every instance that is begun is written to a file first thing; whatever was not is begun again by the next child under the same id, as
a client does that has heard nothing.
"""

import argparse
import asyncio
import os
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import cast

import yaml
from tests.torture.killing_store import Fate, KillingStore, NamelessStore

from eilbote import Bundle, Eilbote, EntryFilter, EntryState, InstanceFilter, InstanceStatus, ProcessError
from eilbote.app import everybody_for
from eilbote.author.process.store import ProcessStore
from eilbote.config.reading import read_config
from eilbote.outbox.store import OutboxStore
from eilbote.store.blob_files import BlobFiles
from eilbote.store.sqlite_outbox import SqliteOutbox

ROUTE = """
message_name: torture
attributes:
  - {name: To, system_name: To, type: account, required: true}
  - {name: Subject, system_name: Subject, type: text, required: true}
properties: {from_address: torture@example.org, to: "{To}", subject: "{Subject}", message: "Hello"}
"""
_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="https://example.org/torture">
<message id="m_echo" name="echo"/><message id="m_ping" name="ping"/>"""
TORTURE = f"""{_HEAD}
<process id="torture" isExecutable="true">
  <startEvent id="start"/><sequenceFlow id="f1" sourceRef="start" targetRef="first"/>
  <intermediateThrowEvent id="first"><messageEventDefinition/></intermediateThrowEvent>
  <sequenceFlow id="f2" sourceRef="first" targetRef="pause"/>
  <intermediateCatchEvent id="pause"><timerEventDefinition><timeDuration>PT1S</timeDuration></timerEventDefinition></intermediateCatchEvent>
  <sequenceFlow id="f3" sourceRef="pause" targetRef="fork"/>
  <parallelGateway id="fork"/>
  <sequenceFlow id="f4" sourceRef="fork" targetRef="hears"/>
  <receiveTask id="hears" messageRef="m_ping"/><sequenceFlow id="f5" sourceRef="hears" targetRef="join"/>
  <sequenceFlow id="f6" sourceRef="fork" targetRef="pings"/>
  <intermediateThrowEvent id="pings"><messageEventDefinition/></intermediateThrowEvent>
  <sequenceFlow id="f7" sourceRef="pings" targetRef="join"/>
  <sequenceFlow id="f8" sourceRef="fork" targetRef="each"/>
  <sendTask id="each"><multiInstanceLoopCharacteristics/></sendTask>
  <sequenceFlow id="f9" sourceRef="each" targetRef="join"/>
  <parallelGateway id="join"/><sequenceFlow id="f10" sourceRef="join" targetRef="echoes"/>
  <intermediateThrowEvent id="echoes"><messageEventDefinition/></intermediateThrowEvent>
  <sequenceFlow id="f11" sourceRef="echoes" targetRef="last"/>
  <endEvent id="last"><messageEventDefinition/></endEvent>
</process></definitions>"""
ECHO = f"""{_HEAD}
<process id="echo" isExecutable="true">
  <startEvent id="start"><messageEventDefinition messageRef="m_echo"/></startEvent>
  <sequenceFlow id="f1" sourceRef="start" targetRef="answer"/>
  <endEvent id="answer"><messageEventDefinition/></endEvent>
</process></definitions>"""


def _mail(name: str, to: str, subject: str, **more: object) -> dict[str, object]:
    mapping = {"To": to, "Subject": subject}
    return {"system_name": name, "state": name, "route": "torture", "mapping": mapping} | more


SETTINGS: dict[str, dict[str, object]] = {
    "torture": {
        "process": "torture",
        "correlation": "{{ number }}",
        "elements": {
            "first": _mail("first", "a{{ number }}@example.org", "first {{ number }}"),
            "each": _mail(
                "each",
                "{{ name }}{{ number }}@example.org",
                "to {{ name }} {{ number }}",
                on_failure="incident",
            )
            | {"loop": {"collection": "names", "item": "name"}},
            "pings": {
                "system_name": "pings",
                "state": "pinged",
                "destination": "intermediate",
                "message": "ping",
                "correlation": "{{ number }}",
            },
            "echoes": {
                "system_name": "echoes",
                "state": "echoed",
                "destination": "start",
                "message": "echo",
                "mapping": {"number": "{{ number }}"},
            },
            "last": _mail("last", "z{{ number }}@example.org", "last {{ number }}", on_failure="error"),
        },
    },
    "echo": {
        "process": "echo",
        "elements": {"answer": _mail("answer", "e{{ number }}@example.org", "echo {{ number }}")},
    },
}
_TO_DELIVER = EntryFilter(states=(EntryState.QUEUED, EntryState.ACTIVE, EntryState.DEFERRED))
SUBJECTS = ("first", "to b", "to c", "echo", "last")
"""Of the messages of each instance and of the one it begins, each followed by its number: one for each element and iteration."""


def instance_id(number: int) -> str:
    return f"instance-{number}"


async def publish(eilbote: Eilbote) -> None:
    """Keep and publish both processes."""
    await eilbote.routes.save(ROUTE)
    for bpmn in (ECHO, TORTURE):
        name = "echo" if bpmn is ECHO else "torture"
        await eilbote.processes.save(Bundle(bpmn=bpmn, settings=yaml.safe_dump(SETTINGS[name])))
        await eilbote.processes.publish(name)


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--uri", required=True)
    parser.add_argument("--acks", type=Path, required=True)
    parser.add_argument("--upto", type=int, default=0, help="begin every number below that is not begun")
    parser.add_argument("--die", type=Fate.read)
    parser.add_argument("--nameless", action="store_true", help="hand in messages without their names")
    return parser.parse_args()


async def main(options: argparse.Namespace) -> None:
    config = read_config(data_dir=options.data)
    config = replace(config, courier=replace(config.courier, lease_seconds=1.0))
    outbox: OutboxStore = SqliteOutbox(options.data / "eilbote.db")
    if options.nameless:
        outbox = cast("OutboxStore", NamelessStore(outbox))
    if options.die is not None:
        outbox = cast("OutboxStore", KillingStore(outbox, options.die))
    eilbote = Eilbote(
        config=config,
        connections={"default": options.uri},
        store=outbox,
        blobs=BlobFiles(options.data / "blobs"),
    )
    beside = eilbote._beside  # noqa: SLF001 - the same database as the program's own, in other hands
    if options.die is not None:
        beside._processes = cast("ProcessStore", KillingStore(beside.processes, options.die))  # noqa: SLF001
    async with eilbote:
        os.write(1, b"ready\n")
        everybody = everybody_for(eilbote)
        working = asyncio.create_task(everybody.run())
        await begin(eilbote, options)
        while await is_busy(eilbote):
            await asyncio.sleep(0.1)
            await decide(eilbote)
        everybody.stop()
        await working


async def is_busy(eilbote: Eilbote) -> bool:
    """Tell whether an instance runs, or a message that none waits for is still to be delivered."""
    running = InstanceFilter(status=InstanceStatus.RUNNING)
    return bool(
        await eilbote.processes.instances(running, limit=1) or await eilbote.entries(_TO_DELIVER, limit=1)
    )


async def decide(eilbote: Eilbote) -> None:
    """Have sent again what is in doubt, as somebody does who has asked the recipient."""
    for found in await eilbote.processes.instances(InstanceFilter(has_incident=True), limit=1000):
        instance = await eilbote.processes.get(found.id)
        for incident in instance.incidents:
            if incident.in_doubt:
                with suppress(ProcessError):  # somebody else was faster
                    await eilbote.processes.retry(instance.id, incident.key)


async def begin(eilbote: Eilbote, options: argparse.Namespace) -> None:
    """Begin what is not acknowledged yet, some at a time."""
    known = {int(line.split()[0]) for line in options.acks.read_text().splitlines() if line.endswith(".")}
    numbers = iter([number for number in range(options.upto) if number not in known])
    acks = os.open(options.acks, os.O_WRONLY | os.O_APPEND)

    async def some() -> None:
        for number in numbers:
            data = {"number": number, "names": ["b", "c"]}
            begun = await eilbote.processes.start("torture", data, instance_id=instance_id(number))
            os.write(acks, f"{number} {begun.id} .\n".encode())

    await asyncio.gather(*(some() for _ in range(4)))


if __name__ == "__main__":
    asyncio.run(main(read_options()))
