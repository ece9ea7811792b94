"""Composition alone, with the standard library's `email.message`."""

import platform

from benchmarks.peers.contract import Usage, measured, read_options, report, resident_kib
from benchmarks.peers.email_message import compose


def main() -> None:
    options = read_options()
    usage = Usage(
        messages=options.count,
        version=f"email.message of Python {platform.python_version()}",
        idle_rss_kib=resident_kib("VmRSS"),
    )
    for number in range(options.count, options.count + options.warmup):
        compose(options.shape, number).as_bytes()
    with measured(usage):
        for number in range(options.count):
            compose(options.shape, number).as_bytes()
    report(usage)


if __name__ == "__main__":
    main()
