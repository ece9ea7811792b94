"""Postfix's smtp-source: C, one ready-made text for all messages, a new recipient for each.

It composes nothing: what it reaches is what a client without pipelining can reach at all.
"""

import shutil
import subprocess

from benchmarks.peers.contract import Options, Usage, measured, read_options, report

PATH = "/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin"
LENGTHS = {"S": 1_300, "M": 33_000, "L": 1_400_000}
"""Octets of content without the header, so that the whole is as long as the others' messages."""


def run(program: str, options: Options, count: int) -> None:
    subprocess.run(
        [
            program,
            *("-d", "-N", "-s", str(options.sessions), "-m", str(count)),
            *("-l", str(LENGTHS[options.shape])),
            *("-f", "orders@shop.example", "-t", "recipient@customer.example"),
            f"{options.host}:{options.port}",
        ],
        check=True,
    )


def installed_version() -> str:
    asked = subprocess.run(
        ["postconf", "-d", "-h", "mail_version"], check=True, capture_output=True, text=True
    )
    return f"smtp-source of Postfix {asked.stdout.strip()}"


def main() -> None:
    options = read_options()
    program = shutil.which("smtp-source", path=PATH)
    if program is None:
        raise SystemExit("smtp-source is not installed: it comes with Debian's package postfix")
    usage = Usage(messages=options.count, version=installed_version())
    if options.warmup:
        run(program, options, options.warmup)
    with measured(usage):
        run(program, options, options.count)
    report(usage)


if __name__ == "__main__":
    main()
