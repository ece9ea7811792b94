"""aiosmtplib on plain asyncio: a task and a session each."""

import asyncio
from importlib.metadata import version

import aiosmtplib

from benchmarks.peers.contract import Options, Usage, measured, read_options, report, resident_kib
from benchmarks.peers.email_message import compose


async def send(session: aiosmtplib.SMTP, options: Options, numbers: range) -> None:
    for number in numbers:
        await session.send_message(compose(options.shape, number, options.attachment))


async def main() -> None:
    options = read_options()
    usage = Usage(
        messages=options.count,
        version=f"aiosmtplib {version('aiosmtplib')}",
        idle_rss_kib=resident_kib("VmRSS"),
    )
    sessions = [
        aiosmtplib.SMTP(hostname=options.host, port=options.port, start_tls=False)
        for _ in range(options.sessions)
    ]
    for session in sessions:
        await session.connect()

    async def run(first: int, count: int) -> None:
        async with asyncio.TaskGroup() as tasks:
            for nth, session in enumerate(sessions):
                numbers = range(first + nth, first + count, len(sessions))
                tasks.create_task(send(session, options, numbers))

    await run(options.count, options.warmup)
    with measured(usage):
        await run(0, options.count)
    for session in sessions:
        await session.quit()
    report(usage)


if __name__ == "__main__":
    asyncio.run(main())
