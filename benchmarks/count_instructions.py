"""Counts the processor's instructions a message: `python -m benchmarks.count_instructions [--window 32]`.

Steps of the interpreter (`count_steps`) are not alike: one adds two numbers, another searches 30 KB, and the garbage
collector takes none at all. Instructions tell all that, and are the same on a busy machine to a part in a thousand; what the
kernel takes is not among them. The program runs twice under valgrind, the second time with more messages; what is
divided by the number of messages is the difference, so starting is not counted. Sink and event loop are those of `count_steps`.
"""

import argparse
import asyncio
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.count_steps import check, mailer
from benchmarks.peers.eilbote_content import draft, pattern, recipients

FEW, MORE = 2_000, 6_000
SHAPES = "SM"


async def send(call: str, sessions: int, window: int, shape: str, count: int) -> None:
    """Send so many messages to a sink that answers at once."""
    async with mailer(sessions, window) as sender:
        if call == "send_many":
            await check(sender.send_many(pattern(shape), recipients(range(count))))
        else:
            await check(sender.send_all(draft(shape, number) for number in range(count)))


def instructions(options: list[str], count: int) -> int:
    """Run this program under valgrind, and give what it counted."""
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [
                *("valgrind", "--tool=callgrind", f"--callgrind-out-file={Path(folder) / 'counted'}"),
                *(sys.executable, "-m", "benchmarks.count_instructions", *options, "--only", str(count)),
            ],
            check=True,
            capture_output=True,
            text=True,
            env=os.environ | {"PYTHONHASHSEED": "0"},
        )
    found = re.search(r"Collected : (\d+)", done.stderr)
    if found is None:
        raise SystemExit(f"valgrind counted nothing:\n{done.stderr}")
    return int(found[1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--call", choices=("send_all", "send_many"), default="send_all")
    parser.add_argument("--sessions", type=int, default=16)
    parser.add_argument("--window", type=int, default=1, help="above 1: by CHUNKING, so many ahead")
    parser.add_argument("--shape", choices=SHAPES, default="S")
    parser.add_argument("--only", type=int, help="send so many and count nothing: for valgrind")
    options = parser.parse_args()
    if options.only:
        asyncio.run(send(options.call, options.sessions, options.window, options.shape, options.only))
        return
    if shutil.which("valgrind") is None:
        raise SystemExit("valgrind is not installed: it comes with Debian's package valgrind")
    counted = instructions(sys.argv[1:], FEW + MORE) - instructions(sys.argv[1:], FEW)
    print(f"{counted / MORE:,.0f} instructions a message")


if __name__ == "__main__":
    main()
