"""The sink of `fast_sink.c` in Python, for machines without a C compiler.

Same options, same answers, same rule: lines are read in the command state only, the content is
searched for CRLF "." CRLF (RFC 5321 section 4.1.1.4) and a chunk (RFC 3030) is counted down.
It keeps up with every Python and JavaScript client, not with one written in C.
"""

import argparse
import asyncio
from collections.abc import Callable
from contextlib import suppress
from enum import Enum, auto
from typing import cast

INPUT_SIZE = 256 * 1024
END_OF_CONTENT = b"\r\n.\r\n"
OK = b"250 2.0.0 Ok\r\n"


class State(Enum):
    """Where one session stands; at CONTENT_START "." CRLF alone already ends the content."""

    COMMAND = auto()
    CONTENT_START = auto()
    CONTENT = auto()
    CHUNK = auto()


class Counter:
    """How many messages all sessions took together."""

    def __init__(self) -> None:
        self.messages = 0


class Session(asyncio.BufferedProtocol):
    """One SMTP session; judges nothing and keeps nothing."""

    def __init__(self, ehlo_reply: bytes, counter: Counter) -> None:
        self._ehlo_reply = ehlo_reply
        self._counter = counter
        self._input = bytearray(INPUT_SIZE)
        self._view = memoryview(self._input)
        self._length = 0
        self._state = State.COMMAND
        self._chunk_left = 0
        self._chunk_is_last = False
        self._replies: list[bytes] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Greet."""
        # uvloop's transports keep the protocol of asyncio.Transport without being one.
        self._transport = cast("asyncio.Transport", transport)
        self._transport.write(b"220 sink ESMTP\r\n")

    def get_buffer(self, _sizehint: int) -> memoryview:
        """Offer what is free behind the octets not yet used."""
        return self._view[self._length :]

    def buffer_updated(self, nbytes: int) -> None:
        """Take every step the input allows, then answer all of them with one write."""
        self._length += nbytes
        used = 0
        while used < self._length and (taken := self._step(used)):
            used += taken
        self._view[: self._length - used] = bytes(self._view[used : self._length])
        self._length -= used
        self._transport.write(b"".join(self._replies))
        self._replies.clear()

    def _step(self, at: int) -> int:
        """Take one step from `at`; return the octets used, 0 when more are needed."""
        match self._state:
            case State.COMMAND:
                end = self._input.find(b"\n", at, self._length) + 1
                if not end:
                    return 0
                self._obey(bytes(self._view[at:end]))
                return end - at
            case State.CONTENT_START:
                if self._length - at < len(b".\r\n"):
                    return 0
                self._state = State.CONTENT
                return self._finish(b".\r\n") if self._input.startswith(b".\r\n", at) else self._step(at)
            case State.CONTENT:
                end = self._input.find(END_OF_CONTENT, at, self._length)
                if end < 0:
                    return max(0, self._length - at - len(END_OF_CONTENT) + 1)
                return end - at + self._finish(END_OF_CONTENT)
            case State.CHUNK:
                taken = min(self._length - at, self._chunk_left)
                self._chunk_left -= taken
                if not self._chunk_left:
                    self._finish_chunk()
                return taken

    def _finish(self, ending: bytes) -> int:
        self._counter.messages += 1
        self._state = State.COMMAND
        self._replies.append(OK)
        return len(ending)

    def _finish_chunk(self) -> None:
        self._counter.messages += self._chunk_is_last
        self._state = State.COMMAND
        self._replies.append(OK)

    def _obey(self, line: bytes) -> None:
        reply = OK
        match line[:4].upper():
            case b"DATA":
                self._state = State.CONTENT_START
                reply = b"354 Go ahead\r\n"
            case b"BDAT":
                self._chunk_left = int(line.split()[1])
                self._chunk_is_last = line.upper().rstrip().endswith(b"LAST")
                self._state = State.CHUNK
                if not self._chunk_left:
                    self._finish_chunk()
                return
            case b"EHLO":
                reply = self._ehlo_reply
            case b"QUIT":
                self._transport.write(b"".join([*self._replies, b"221 2.0.0 Bye\r\n"]))
                self._replies.clear()
                self._transport.close()
                return
            case b"XCOU":
                reply = b"250 %d\r\n" % self._counter.messages
            case b"MAIL" | b"RCPT" | b"RSET" | b"NOOP" | b"HELO":
                pass
            case _:
                reply = b"500 5.5.2 Unknown command\r\n"
        self._replies.append(reply)


async def serve(*, chunking: bool, pipelining: bool) -> None:
    """Listen on a free port of the loopback, print it, serve until ended."""
    announced = ["8BITMIME", "SMTPUTF8", "SIZE 104857600"]
    announced += ["CHUNKING"] * chunking + ["PIPELINING"] * pipelining
    lines = ["250-sink", *(f"250-{word}" for word in announced), "250 ENHANCEDSTATUSCODES"]
    ehlo_reply = "".join(f"{line}\r\n" for line in lines).encode()
    counter = Counter()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Session(ehlo_reply, counter), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


def main() -> None:
    """Read the options and serve, on uvloop where it is installed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--chunking", action="store_true")
    parser.add_argument("--no-pipelining", action="store_true")
    options = parser.parse_args()
    loop_factory: Callable[[], asyncio.AbstractEventLoop] | None = None
    with suppress(ImportError):
        from uvloop import new_event_loop as loop_factory
    with asyncio.Runner(loop_factory=loop_factory) as runner:
        runner.run(serve(chunking=options.chunking, pipelining=not options.no_pipelining))


if __name__ == "__main__":
    main()
