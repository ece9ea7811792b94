"""A courier whose time runs faster, so that ten minutes of an outage take as many seconds.

Everything is real but the clock: the outbox, the sessions, the process. It says how far its time has come.
"""

import argparse
import asyncio
import logging
import os
import signal
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from eilbote import Eilbote
from eilbote.engine.courier import Courier
from eilbote.engine.courier_options import CourierOptions
from eilbote.engine.random_ids import RandomIds
from eilbote.engine.transports import Transports
from eilbote.record.log import EventLog

_REPORT_SECONDS = 60.0


class HurriedClock:
    """Tells a time that runs faster than the machine's.

    Args:
        speed: How many seconds pass in one.
    """

    def __init__(self, speed: float) -> None:
        self._speed = speed
        self._began = time.monotonic()
        self._start = datetime.now(UTC)

    def now(self) -> datetime:
        return self._start + timedelta(seconds=self.monotonic())

    def monotonic(self) -> float:
        return (time.monotonic() - self._began) * self._speed

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds / self._speed)


async def main(options: argparse.Namespace) -> None:
    clock = HurriedClock(options.speed)
    connections = dict(one.split("=", 1) for one in options.connection)
    async with Eilbote(data_dir=options.data, connections=connections, clock=clock) as eilbote:
        courier = Courier(
            store=eilbote.store,
            blobs=eilbote.blobs,
            transports=Transports(clock=clock),
            connections=eilbote.connections,
            clock=clock,
            ids=RandomIds(),
            report=EventLog(),
            options=CourierOptions(lease_seconds=30.0 * max(1.0, options.speed / 3)),
            sleep=clock.sleep,
        )
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, courier.stop)
        telling = asyncio.get_running_loop().create_task(tell(clock))
        await courier.run()
        telling.cancel()


async def tell(clock: HurriedClock) -> None:
    """Say each minute that has passed."""
    minutes = 0
    while True:
        os.write(1, f"{minutes}\n".encode())
        await clock.sleep(_REPORT_SECONDS)
        minutes += 1


if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING)
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--connection", action="append", required=True, help="NAME=URI")
    parser.add_argument("--speed", type=float, default=1.0)
    asyncio.run(main(parser.parse_args()))
