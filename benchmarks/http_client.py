"""A client for measuring servers over HTTP/1.1: ready-made requests over kept connections, and nothing else.

What it reads of an answer is its status, its length and its body; a general client would take as long for a request as the servers that are
measured.
"""

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(slots=True)
class Load:
    """What came of a load.

    Attributes:
        waits: Seconds that each request took.
        seconds: All of it.
        refused: How many answers were none of 200 to 299.
    """

    waits: list[float] = field(default_factory=list[float])
    seconds: float = 0.0
    refused: int = 0

    def quantile_ms(self, part: float) -> float:
        """Give what so many of the requests took at most, in milliseconds."""
        return sorted(self.waits)[int(len(self.waits) * part)] * 1000

    @property
    def per_second(self) -> float:
        """Give how many requests were answered a second."""
        return len(self.waits) / self.seconds


def request(path: str, body: object, *, key: str = "") -> bytes:
    """Give the octets of a POST."""
    content = json.dumps(body).encode()
    sign_in = f"Authorization: Bearer {key}\r\n" if key else ""
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n{sign_in}Content-Length: {len(content)}\r\n\r\n"
    return head.encode() + content


async def load(port: int, *, connections: int, requests: int, make: Callable[[int], bytes]) -> Load:
    """Send requests over some connections, each the next one when the one before is answered.

    Args:
        port: Of the server, on this machine.
        connections: How many at a time.
        requests: How many over each.
        make: Gives the octets of a request by its number.
    """
    found = Load()
    before = time.perf_counter()
    await asyncio.gather(
        *(_one(port, number * requests, requests, make, found) for number in range(connections))
    )
    found.seconds = time.perf_counter() - before
    return found


async def _one(port: int, first: int, requests: int, make: Callable[[int], bytes], found: Load) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        for number in range(first, first + requests):
            octets = make(number)
            before = time.perf_counter()
            writer.write(octets)
            status = await _answer(reader)
            found.waits.append(time.perf_counter() - before)
            found.refused += not 200 <= status < 300
    finally:
        writer.close()
        await writer.wait_closed()


async def _answer(reader: asyncio.StreamReader) -> int:
    head = await reader.readuntil(b"\r\n\r\n")
    length = next(int(line[15:]) for line in head.split(b"\r\n") if line[:15].lower() == b"content-length:")
    await reader.readexactly(length)
    return int(head[9:12])
