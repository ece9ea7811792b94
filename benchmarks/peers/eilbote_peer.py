"""eilbote through its public API: `Mailer.send_all` with a draft each, or `send_many` with one for all.

The garbage collector is spared what is imported, as docs/howto/send.md advises whoever sends in bulk.
"""

import asyncio
import gc
from collections.abc import AsyncIterator, Callable

import eilbote
from benchmarks.peers.contract import Options, Usage, measured, read_options, report, resident_kib
from benchmarks.peers.eilbote_content import draft, pattern, recipients
from eilbote import Connection, Limits, Mailer, Receipt

UNLIMITED = 10_000_000


def connection(options: Options) -> Connection:
    """Describe the sink: as many sessions as asked for, never renewed."""
    return Connection(
        host=options.host,
        port=options.port,
        security="none",
        chunking_window=int(options.extra["window"]),
        limits=Limits(
            max_sessions=options.sessions, max_messages_per_session=UNLIMITED, max_age_seconds=86_400
        ),
    )


def send(mailer: Mailer, options: Options, numbers: range) -> AsyncIterator[Receipt]:
    """Send messages of these numbers."""
    if options.extra["call"] == "send_many":
        return mailer.send_many(pattern(options.shape, options.attachment), recipients(numbers))
    return mailer.send_all(draft(options.shape, number, options.attachment) for number in numbers)


async def check(receipts: AsyncIterator[Receipt]) -> None:
    """Wait for all of them; each has to say that its recipient was accepted."""
    async for receipt in receipts:
        if not receipt.ok or receipt.error is not None:
            raise SystemExit(f"message {receipt.index} was not accepted: {receipt.error or receipt.results}")


async def main(options: Options) -> None:
    usage = Usage(
        messages=options.count,
        version=f"eilbote {eilbote.__version__}",
        idle_rss_kib=resident_kib("VmRSS"),
    )
    async with Mailer(connection(options)) as mailer:
        await check(send(mailer, options, range(options.count, options.count + options.warmup)))
        gc.collect()
        gc.freeze()
        with measured(usage):
            await check(send(mailer, options, range(options.count)))
    report(usage)


def loop_factory(name: str) -> Callable[[], asyncio.AbstractEventLoop]:
    if name == "asyncio":
        return asyncio.new_event_loop
    import uvloop

    return uvloop.new_event_loop


if __name__ == "__main__":
    asked = read_options(loop=("uvloop", "asyncio"), call=("send_all", "send_many"), window=("1", "32"))
    with asyncio.Runner(loop_factory=loop_factory(asked.extra["loop"])) as runner:
        runner.run(main(asked))
