"""The process that is killed: submits messages and delivers them, until it is told to stop or everything is done.

Every number that is acknowledged is written to a file first thing; whatever was not is submitted again by the next
child under the same key, as a client does that has heard nothing.
"""

import argparse
import asyncio
import logging
import os
import signal
from pathlib import Path
from typing import cast

from tests.torture.killing_store import Fate, ForgetfulStore, KillingStore

from eilbote import Attachment, Draft, Eilbote
from eilbote.engine.courier import Courier
from eilbote.engine.courier_options import CourierOptions
from eilbote.engine.random_ids import RandomIds
from eilbote.engine.system_clock import SystemClock
from eilbote.engine.transports import Transports
from eilbote.outbox.store import OutboxStore
from eilbote.record.log import EventLog
from eilbote.store.blob_files import BlobFiles
from eilbote.store.sqlite_outbox import SqliteOutbox

_SUBMITTERS = 4
_LARGE = b"0123456789abcdef" * 20_000


def draft(number: int, *, is_small: bool) -> Draft:
    """Make the message of a number: one to three recipients, every seventh with a large attachment if it may."""
    names = "abc"[: 1 + number % 3]
    return Draft(
        from_="torture@example.org",
        to=tuple(f"{name}{number}@example.org" for name in names),
        subject=f"number {number}",
        text=f"This is number {number}.\n" * 5,
        attachments=(Attachment.from_bytes(_LARGE, filename="data.bin"),)
        if number % 7 == 0 and not is_small
        else (),
    )


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--uri", required=True)
    parser.add_argument("--acks", type=Path, required=True)
    parser.add_argument(
        "--upto", type=int, default=0, help="submit every number below that is not acknowledged"
    )
    parser.add_argument("--die", type=Fate.read)
    parser.add_argument("--lease", type=float, default=30.0)
    parser.add_argument("--grace", type=float, default=30.0)
    parser.add_argument("--forgetful", action="store_true", help="do not note what is on its way")
    parser.add_argument("--small", action="store_true", help="no large attachments")
    parser.add_argument("--until-stopped", action="store_true")
    return parser.parse_args()


async def main(options: argparse.Namespace) -> None:
    store: OutboxStore = SqliteOutbox(options.data / "eilbote.db")
    if options.die is not None:
        store = cast("OutboxStore", KillingStore(store, options.die))
    if options.forgetful:
        store = cast("OutboxStore", ForgetfulStore(store))
    blobs = BlobFiles(options.data / "blobs")
    clock, ids = SystemClock(), RandomIds()
    async with Eilbote(
        data_dir=options.data, connections={"office": options.uri}, store=store, blobs=blobs
    ) as eilbote:
        courier = Courier(
            store=store,
            blobs=blobs,
            transports=Transports(clock=clock),
            connections=eilbote.connections,
            clock=clock,
            ids=ids,
            report=EventLog(),
            options=CourierOptions(lease_seconds=options.lease, grace_seconds=options.grace),
        )
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, courier.stop)
        os.write(1, b"ready\n")
        if options.until_stopped:
            submitting = loop.create_task(submit(eilbote, courier, options))
            await courier.run()
            submitting.cancel()
            await asyncio.gather(submitting, return_exceptions=True)
        else:
            submitting = loop.create_task(submit(eilbote, courier, options))
            delivering = loop.create_task(courier.run(once=True))
            await submitting
            await delivering
            await courier.run(once=True)


async def submit(eilbote: Eilbote, courier: Courier, options: argparse.Namespace) -> None:
    """Submit what is not acknowledged yet, some at a time."""
    known = {int(line.split()[0]) for line in options.acks.read_text().splitlines() if line.endswith(".")}
    numbers = iter([number for number in range(options.upto) if number not in known])
    acks = os.open(options.acks, os.O_WRONLY | os.O_APPEND)

    async def some() -> None:
        for number in numbers:
            submission = await eilbote.submit(
                draft(number, is_small=options.small),
                connections=("office",),
                idempotency_key=f"number-{number}",
            )
            os.write(acks, f"{number} {submission.id} {submission.message_id} .\n".encode())
            courier.nudge()

    await asyncio.gather(*(some() for _ in range(_SUBMITTERS)))


if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING)
    asyncio.run(main(read_options()))
