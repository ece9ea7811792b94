"""Clients that hand in messages at a steady rate, and of whom some behave badly: they hang up, send nonsense, come again.

Every message has a key of its own under which it may be sent again, so a client that has no answer asks once more until it has one. What was
acknowledged is what counts: each of those has to arrive.
"""

import asyncio
import json
import random
from collections import Counter
from collections.abc import Callable
from enum import StrEnum

ANSWER_SECONDS = 30.0
AGAIN_SECONDS = 0.2
_MOST_TRIES = 50
_PARAGRAPH = "Your order is on its way. Straße 7, 12345 Köln. " * 12


class Fault(StrEnum):
    """What a client does wrong."""

    CUT_REQUEST = "cut request"
    """It hangs up in the middle of what it says."""
    CUT_ANSWER = "cut answer"
    """It hangs up before it has heard the answer, so it does not know."""
    NONSENSE = "nonsense"
    """Its body is no JSON."""
    STRANGER = "stranger"
    """It has a key that nobody has made."""
    TWICE = "twice"
    """It sends the same again although it was acknowledged."""


class Clients:
    """Hand in messages until told to stop.

    Args:
        port: Of the server.
        key: Theirs.
        rate: How many messages a second, all together.
        faults: How many of them go wrong, 0 to 1.
        chance: Everything left to chance.

    Attributes:
        acknowledged: Message-IDs of what was accepted.
        struck: How often each fault was made.
        wrong: What the server answered that it should not have, in words.
        longest: Seconds that the slowest good request took.
    """

    def __init__(self, port: int, key: str, *, rate: float, faults: float, chance: random.Random) -> None:
        self.acknowledged: set[str] = set()
        self.struck: Counter[str] = Counter()
        self.wrong: list[str] = []
        self.longest = 0.0
        self._port = port
        self._key = key
        self._rate = rate
        self._faults = faults
        self._chance = chance
        self._number = 0

    async def work(self, is_over: Callable[[], bool]) -> None:
        """Begin a message in every turn, until it is over; gives those under way the time to end."""
        loop = asyncio.get_running_loop()
        began, under_way = loop.time(), set[asyncio.Task[None]]()
        while not is_over():
            self._number += 1
            task = asyncio.create_task(self._hand_in(self._number))
            under_way.add(task)
            task.add_done_callback(under_way.discard)
            await asyncio.sleep(max(0.0, began + self._number / self._rate - loop.time()))
        await asyncio.gather(*under_way)

    async def _hand_in(self, number: int) -> None:
        body = json.dumps(
            {
                "from": "orders@example.org",
                "to": f"customer-{number}@example.org",
                "subject": f"Order {number}",
                "text": _PARAGRAPH,
            }
        ).encode()
        fault = self._chance.choice(list(Fault)) if self._chance.random() < self._faults else None
        if fault is not None:
            self.struck[fault.value] += 1
            await self._misbehave(fault, number, body)
        await self._until_acknowledged(number, body)
        if fault is Fault.TWICE:
            await self._until_acknowledged(number, body)

    async def _until_acknowledged(self, number: int, body: bytes) -> None:
        loop = asyncio.get_running_loop()
        for _ in range(_MOST_TRIES):
            before = loop.time()
            try:
                async with asyncio.timeout(ANSWER_SECONDS):
                    status, answer = await self._asked(self._request(number, body))
            except (OSError, TimeoutError, asyncio.IncompleteReadError) as fault:
                self.wrong.append(f"no answer: {type(fault).__name__}")
            else:
                if status in {200, 202}:
                    self.longest = max(self.longest, loop.time() - before)
                    self.acknowledged.add(json.loads(answer)["message_id"])
                    return
                self.wrong.append(f"{status}: {answer[:200].decode(errors='replace')}")
            await asyncio.sleep(AGAIN_SECONDS)

    async def _misbehave(self, fault: Fault, number: int, body: bytes) -> None:
        request = self._request(number, body)
        expected: set[int] = set()
        match fault:
            case Fault.CUT_REQUEST:
                await self._cut(request[: len(request) // 2])
            case Fault.CUT_ANSWER:
                await self._cut(request)
            case Fault.NONSENSE:
                request, expected = self._request(number, body[: len(body) // 2]), {400, 422}
            case Fault.STRANGER:
                request, expected = self._request(number, body, key="eb_live_nobody"), {401, 429}
            case Fault.TWICE:
                pass
        if expected:
            status, _ = await self._asked(request)
            if status not in expected:
                self.wrong.append(f"{fault.value}: {status}")

    async def _cut(self, octets: bytes) -> None:
        _, writer = await asyncio.open_connection("127.0.0.1", self._port)
        writer.write(octets)
        await writer.drain()
        writer.transport.abort()

    async def _asked(self, octets: bytes) -> tuple[int, bytes]:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        try:
            writer.write(octets)
            head = await reader.readuntil(b"\r\n\r\n")
            fields = {
                name.lower(): value
                for name, _, value in (line.partition(b": ") for line in head.split(b"\r\n"))
            }
            return int(head[9:12]), await reader.readexactly(int(fields[b"content-length"]))
        finally:
            writer.close()

    def _request(self, number: int, body: bytes, *, key: str = "") -> bytes:
        head = (
            "POST /api/v1/messages HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
            f"Authorization: Bearer {key or self._key}\r\nIdempotency-Key: order-{number}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body
