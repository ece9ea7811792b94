"""A server with CHUNKING and BINARYMIME (RFC 3030), which no mail server of the laboratory has; strict about both."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

_ANNOUNCED = ("binary.example", "PIPELINING", "8BITMIME", "CHUNKING", "BINARYMIME", "SIZE 50000000")


@dataclass
class Taken:
    """One message as it arrived.

    Attributes:
        mail: The line MAIL.
        chunks: The octets of each BDAT.
    """

    mail: str
    chunks: list[bytes] = field(default_factory=list)

    @property
    def octets(self) -> bytes:
        return b"".join(self.chunks)


@dataclass
class BinaryServer:
    """Takes every message; the octets of a chunk are counted and never looked at (RFC 3030 §2)."""

    port: int = 0
    taken: list[Taken] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)

    async def converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one client until it leaves."""
        writer.write(b"220 binary.example\r\n")
        message: Taken | None = None
        recipients = 0
        while line := (await reader.readline()).decode():
            self.commands.append(line.rstrip())
            verb, _, rest = line.rstrip().partition(" ")
            match verb:
                case "EHLO":
                    last = len(_ANNOUNCED) - 1
                    answer = "\r\n".join(f"250{'- '[n == last]}{word}" for n, word in enumerate(_ANNOUNCED))
                case "MAIL" if message is None:
                    message, recipients, answer = Taken(line.rstrip()), 0, "250 2.1.0 ok"
                case "RCPT" if message is not None:
                    recipients, answer = recipients + 1, "250 2.1.5 ok"
                case "BDAT":
                    count, _, mark = rest.partition(" ")
                    octets = await reader.readexactly(int(count))
                    if message is None or not recipients:
                        answer = "503 5.5.1 MAIL and RCPT first"
                    else:
                        message.chunks.append(octets)
                        answer = f"250 2.0.0 {count} octets"
                        if mark == "LAST":
                            self.taken.append(message)
                            message = None
                case "RSET":
                    message, answer = None, "250 2.0.0 reset"
                case "QUIT":
                    answer = "221 2.0.0 bye"
                case _:  # DATA too: it cannot carry a binary message (RFC 3030 §3)
                    answer = "503 5.5.1 not here"
            writer.write(f"{answer}\r\n".encode())
            if verb == "QUIT":
                break
        writer.close()


@asynccontextmanager
async def serving() -> AsyncIterator[BinaryServer]:
    """Serve on a free port of 127.0.0.1 until the block ends."""
    binary = BinaryServer()
    server = await asyncio.start_server(binary.converse, "127.0.0.1", 0)
    binary.port = server.sockets[0].getsockname()[1]
    try:
        yield binary
    finally:
        server.close()
        await server.wait_closed()
