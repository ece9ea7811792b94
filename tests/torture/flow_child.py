"""The process that is killed while it works flows: begins runs, works them and delivers their mail, until all have ended.

Every run that is begun is written to a file first thing; whatever was not is begun again by the next child under the same id, as a
client does that has heard nothing.
"""

import argparse
import asyncio
import os
from dataclasses import replace
from pathlib import Path
from typing import cast

from tests.torture.killing_store import Fate, KillingStore, NamelessStore

from eilbote import Eilbote, RunFilter, RunStatus
from eilbote.app import everybody_for
from eilbote.author.flow.store import FlowStore
from eilbote.config.reading import read_config
from eilbote.outbox.store import OutboxStore
from eilbote.store.blob_files import BlobFiles
from eilbote.store.sqlite_outbox import SqliteOutbox

FLOW = """
name: torture
nodes:
  - id: first
    kind: send_smtp_email
    to: "a{{ input.number }}@example.org"
    subject: first
    content: "<p>{{ 'now' | date: '%H:%M:%S' }}</p>"
    store_result: input
    store_as: first
  - {id: note, kind: set_value, values: {context.seen: "{{ input.first.status }}"}}
  - {id: pause, kind: wait, for: 1s}
  - {id: each, kind: for_each, items: "{{ input.names }}", as: name, do: late, next: fine}
  - id: late
    kind: send_smtp_email
    to: "{{ name }}{{ input.number }}@example.org"
    subject: "late to {{ name }}"
    asynchronous: true
    store_result: input
    store_as: late
    next: end
  - {id: fine, kind: branch, if: "context.seen == 'accepted'", then: last, else: end}
  - id: last
    kind: send_smtp_email
    to: "z{{ input.number }}@example.org"
    subject: last
    stop_on_error: true
    next: end
"""
SUBJECTS = ("first", "late to b", "late to c", "last")
"""Of the messages of each run, one for each visit that sends one."""


def run_id(number: int) -> str:
    return f"run-{number}"


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
        beside._flows = cast("FlowStore", KillingStore(beside.flows, options.die))  # noqa: SLF001
    async with eilbote:
        os.write(1, b"ready\n")
        everybody = everybody_for(eilbote)
        working = asyncio.create_task(everybody.run())
        await begin(eilbote, options)
        while await is_busy(eilbote):  # noqa: ASYNC110 - what it waits for is in a database
            await asyncio.sleep(0.1)
        everybody.stop()
        await working


async def is_busy(eilbote: Eilbote) -> bool:
    store = eilbote.flows.store
    return bool(
        await store.runs(RunFilter(status=RunStatus.RUNNING), limit=1) or await store.awaited(limit=1)
    )


async def begin(eilbote: Eilbote, options: argparse.Namespace) -> None:
    """Begin what is not acknowledged yet, some at a time."""
    known = {int(line.split()[0]) for line in options.acks.read_text().splitlines() if line.endswith(".")}
    numbers = iter([number for number in range(options.upto) if number not in known])
    acks = os.open(options.acks, os.O_WRONLY | os.O_APPEND)

    async def some() -> None:
        for number in numbers:
            given = {"number": number, "names": ["b", "c"]}
            run = await eilbote.flows.begin(FLOW, given, run_id=run_id(number), session=f"s{number % 3}")
            os.write(acks, f"{number} {run.id} .\n".encode())

    await asyncio.gather(*(some() for _ in range(4)))


if __name__ == "__main__":
    asyncio.run(main(read_options()))
