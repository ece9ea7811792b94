"""The standard library's smtplib: a thread and a session each."""

import platform
import smtplib
from concurrent.futures import ThreadPoolExecutor

from benchmarks.peers.contract import Options, Usage, measured, read_options, report, resident_kib
from benchmarks.peers.email_message import compose


def send(session: smtplib.SMTP, options: Options, numbers: range) -> None:
    for number in numbers:
        session.send_message(compose(options.shape, number, options.attachment))


def main() -> None:
    options = read_options()
    usage = Usage(
        messages=options.count,
        version=f"smtplib of Python {platform.python_version()}",
        idle_rss_kib=resident_kib("VmRSS"),
    )
    sessions = [smtplib.SMTP(options.host, options.port) for _ in range(options.sessions)]

    def run(first: int, count: int) -> None:
        shares = [range(first + nth, first + count, len(sessions)) for nth in range(len(sessions))]
        with ThreadPoolExecutor(len(sessions)) as threads:
            for _ in threads.map(send, sessions, [options] * len(sessions), shares):
                pass

    run(options.count, options.warmup)
    with measured(usage):
        run(0, options.count)
    for session in sessions:
        session.quit()
    report(usage)


if __name__ == "__main__":
    main()
