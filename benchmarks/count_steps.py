"""Counts interpreter steps a message, by package: `python -m benchmarks.count_steps [--window 32] [--top 20]`.

A step is one bytecode instruction. Unlike any clock it gives the same number on a busy machine, so it tells whether
a change of some percent is one; not how much time it saves, for a step may be a jump or a search through 30 KB. The
sink is in this process and answers at once; what it and the event loop take is told apart.
"""

import argparse
import asyncio
import sys
from collections import Counter
from collections.abc import AsyncIterator
from functools import partial
from itertools import count
from pathlib import Path
from types import FrameType
from typing import Self

from benchmarks.peers.eilbote_content import draft, pattern, recipients
from eilbote import Connection, Limits, Mailer, Receipt
from eilbote.deliver.client import Client
from eilbote.deliver.smtp_transport import SmtpTransport, client_options
from eilbote.engine.system_clock import SystemClock

SOURCE = Path(__file__).resolve().parent.parent / "src" / "eilbote"
UNLIMITED = 10_000_000
WARM_UP, COUNTED = 2_000, 400
ENVELOPE = b"250 2.1.0 Ok\r\n250 2.1.5 Ok\r\n"
EXTENSIONS = ("PIPELINING", "8BITMIME", "SMTPUTF8", "SIZE 104857600", "ENHANCEDSTATUSCODES")


class Sink:
    """A stream whose other end takes everything; what it is told comes in whole commands."""

    tls_version = ""
    local_address = "127.0.0.1"
    paused = lost = False

    def __init__(self, receiver: Client, *, chunking: bool) -> None:
        self._say = partial(asyncio.get_running_loop().call_soon, receiver.octets_received)
        self._chunking = chunking
        self._numbers = count(1)
        self._say(b"220 sink ESMTP\r\n")

    def write(self, data: bytes) -> None:
        """Answer what was said."""
        if data.startswith(b"EHLO"):
            keywords = (*EXTENSIONS, *(("CHUNKING",) if self._chunking else ()))
            self._say(
                "".join(f"250-{each}\r\n" for each in ("sink", *keywords[:-1])).encode()
                + f"250 {keywords[-1]}\r\n".encode()
            )
        elif data.startswith(b"QUIT"):
            self._say(b"221 2.0.0 Bye\r\n")
        elif self._chunking:
            # What stands before a RCPT says whether a RSET stood before its MAIL.
            before = (b"\n" + data).split(b"RCPT TO:<")[:-1]
            self._say(b"".join(map(self._answer, before)))
        else:
            verdict = b"" if data.startswith(b"MAIL") else self._verdict()
            go_ahead = ENVELOPE + b"354 Go ahead\r\n" if data.endswith(b"DATA\r\n") else b""
            self._say(verdict + go_ahead)

    def _answer(self, before: bytes) -> bytes:
        reset = b"250 2.0.0 Ok\r\n" if b"\nRSET\r\nMAIL" in before else b""
        return reset + ENVELOPE + self._verdict()

    def _verdict(self) -> bytes:
        return b"250 2.0.0 Ok: queued as %X\r\n" % next(self._numbers)

    def close(self) -> None:
        """Nothing is open."""

    abort = close


def mailer(sessions: int, window: int) -> Mailer:
    """Make one whose sessions talk to sinks."""
    connection = Connection(
        host="127.0.0.1",
        port=25,
        security="none",
        chunking_window=window,
        limits=Limits(max_sessions=sessions, max_messages_per_session=UNLIMITED),
    )

    async def connect(_host: str, _port: int, *, receiver: Client, **_settings: object) -> Sink:
        return Sink(receiver, chunking=window > 1)

    clock = SystemClock()
    opening = partial(Client.open, client_options(connection), clock=clock, connect=connect)
    return Mailer(connection, transport=SmtpTransport(connection, clock=clock, open_session=opening))


async def check(receipts: AsyncIterator[Receipt]) -> None:
    async for receipt in receipts:
        assert receipt.ok, receipt


def place(filename: str) -> str:
    """Say where code belongs: a package of eilbote, this program with its content, or the event loop."""
    path = Path(filename)
    if path.is_relative_to(SOURCE):
        return str(path.relative_to(SOURCE))
    return "(the sink and the words)" if "benchmarks" in path.parts else "(the interpreter's library)"


class Counting:
    """Counts while it is entered."""

    def __init__(self) -> None:
        self.steps: Counter[tuple[str, str]] = Counter()
        self.calls: Counter[tuple[str, str]] = Counter()

    def __enter__(self) -> Self:
        sys.settrace(self._called)
        return self

    def __exit__(self, *_: object) -> None:
        sys.settrace(None)

    def _called(self, frame: FrameType, _event: str, _argument: object) -> object:
        frame.f_trace_lines, frame.f_trace_opcodes = False, True
        key = frame.f_code.co_filename, frame.f_code.co_name
        self.calls[key] += 1
        steps = self.steps

        def stepped(_frame: FrameType, event: str, _argument: object) -> object:
            if event == "opcode":
                steps[key] += 1
            return stepped

        return stepped


async def measure(call: str, sessions: int, window: int) -> Counting:
    """Count what a series takes once its sessions are open."""
    async with mailer(sessions, window) as sender:

        def send(numbers: range) -> AsyncIterator[Receipt]:
            if call == "send_many":
                return sender.send_many(pattern("S"), recipients(numbers))
            return sender.send_all(draft("S", number) for number in numbers)

        await check(send(range(WARM_UP)))
        with Counting() as counted:
            await check(send(range(WARM_UP, WARM_UP + COUNTED)))
    return counted


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--call", choices=("send_all", "send_many"), default="send_all")
    parser.add_argument("--sessions", type=int, default=4)
    parser.add_argument("--window", type=int, default=1, help="above 1: by CHUNKING, so many ahead")
    parser.add_argument("--top", type=int, default=12, help="functions to print")
    options = parser.parse_args()
    counted = asyncio.run(measure(options.call, options.sessions, options.window))
    packages: dict[str, list[float]] = {}
    for key, steps in counted.steps.items():
        sums = packages.setdefault(place(key[0]).partition("/")[0], [0.0, 0.0])
        sums[0] += steps / COUNTED
        sums[1] += counted.calls[key] / COUNTED
    print("steps and calls a message, by package")
    for package, (steps, calls) in sorted(packages.items(), key=lambda item: -item[1][0]):
        print(f"{steps:8.0f} {calls:6.1f}  {package}")
    own = [sums for package, sums in packages.items() if not package.startswith("(")]
    print(f"{sum(steps for steps, _ in own):8.0f} {sum(calls for _, calls in own):6.1f}  eilbote in all")
    print("\nby function")
    for key, steps in counted.steps.most_common(options.top):
        print(f"{steps / COUNTED:8.1f} {counted.calls[key] / COUNTED:6.1f}  {place(key[0])} {key[1]}")


if __name__ == "__main__":
    main()
