"""eilbote as a durable relay: submitted to the outbox, delivered by a courier of the same process.

Counted is what is done in every sense: taken by the sink, and written down as such on the disk. The garbage collector is
spared what is there when work begins, as `eilbote courier` and `eilbote serve` spare it.
"""

import asyncio
import gc
import tempfile
from collections.abc import Sequence
from contextlib import aclosing
from pathlib import Path

import eilbote
from benchmarks.peers.contract import Options, Usage, measured, read_options, report, resident_kib
from benchmarks.peers.eilbote_content import draft
from benchmarks.peers.eilbote_peer import connection, loop_factory
from eilbote import Eilbote
from eilbote.app import courier_for
from eilbote.model.attempt import Event, EventKind
from eilbote.record.notice import Notice, NoticeKind

ROOT = Path(__file__).resolve().parents[2]


class Counted:
    """Counts what was accepted, and says when it is enough."""

    def __init__(self) -> None:
        self.accepted = 0
        self._wanted = 0
        self._enough = asyncio.Event()

    def happened(self, events: Sequence[Event]) -> None:
        """Hear that messages were taken."""
        for event in events:
            if event.kind is not EventKind.ACCEPTED:
                raise SystemExit(f"{event.kind}: {event.text}")
        self.accepted += len(events)
        if self.accepted >= self._wanted:
            self._enough.set()

    def noticed(self, notice: Notice) -> None:
        """End where the courier has trouble of its own: a figure that hides it is none."""
        if notice.kind in {NoticeKind.OUTBOX_UNAVAILABLE, NoticeKind.UNFORESEEN, NoticeKind.LEASE_LOST}:
            raise SystemExit(f"{notice.kind}: {notice.text}")

    async def until(self, wanted: int) -> None:
        """Wait for so many in all."""
        self._wanted = wanted
        self._enough.clear()
        if self.accepted < wanted:
            await self._enough.wait()


async def relay(outbox: Eilbote, counted: Counted, options: Options, numbers: range) -> None:
    """Submit messages of these numbers, and wait until they are delivered."""
    wanted = counted.accepted + len(numbers)
    drafts = (draft(options.shape, number, options.attachment) for number in numbers)
    async with aclosing(outbox.submit_many(drafts)) as results:
        async for result in results:
            if result.error is not None:
                raise SystemExit(f"message {result.index} was not accepted: {result.error}")
    await counted.until(wanted)


async def main(options: Options) -> None:
    usage = Usage(
        messages=options.count,
        version=f"eilbote {eilbote.__version__}",
        idle_rss_kib=resident_kib("VmRSS"),
    )
    counted = Counted()
    # Not where the system keeps temporary files: that may be memory, and memory promises nothing.
    with tempfile.TemporaryDirectory(prefix=".bench-", dir=ROOT) as folder:
        async with Eilbote(data_dir=folder, connections=connection(options)) as outbox:
            courier = courier_for(outbox, report=counted)
            running = asyncio.get_running_loop().create_task(courier.run())
            await relay(outbox, counted, options, range(options.count, options.count + options.warmup))
            gc.collect()
            gc.freeze()
            with measured(usage):
                await relay(outbox, counted, options, range(options.count))
            courier.stop()
            await running
    report(usage)


if __name__ == "__main__":
    asked = read_options(loop=("uvloop", "asyncio"), window=("1", "32"))
    with asyncio.Runner(loop_factory=loop_factory(asked.extra["loop"])) as runner:
        runner.run(main(asked))
