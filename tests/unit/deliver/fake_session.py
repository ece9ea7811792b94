"""Sessions without a server: a test says when one opens, decides, breaks, and what it has room for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from eilbote.deliver.delivery import Delivery
from eilbote.errors import DeliveryError, DisconnectedError
from eilbote.model.envelope import Envelope
from eilbote.model.message import Message
from eilbote.model.receipt import Receipt, RecipientResult
from eilbote.model.status import RecipientStatus
from eilbote.smtp.extensions import Extensions

ENVELOPE = Envelope(reverse_path="a@example.org", forward_paths=("b@example.org",))
MESSAGE = Message(message_id="<1@example.org>", segments=(b"Subject: x\r\n\r\nhello\r\n",), size=21)


def a_delivery(index: int = 0) -> Delivery:
    return Delivery(ENVELOPE, MESSAGE, index=index)


class FakeSession:
    """Behaves as a :class:`~eilbote.deliver.client.Client` towards the pool."""

    def __init__(self, bench: Bench, window: int) -> None:
        self.bench = bench
        self.window = window
        self.submitted: list[Delivery] = []
        self.delivered = 0
        self.extensions = Extensions()
        self.alive = True
        self.checks = 0
        self.quits = 0
        self.aborted = False
        self._returned: list[Delivery] = []

    @property
    def in_flight(self) -> int:
        return len(self.submitted)

    @property
    def room(self) -> int:
        return self.window - len(self.submitted) if self.alive else 0

    def submit_several(self, deliveries: Sequence[Delivery]) -> None:
        assert self.room >= len(deliveries)
        self.submitted += deliveries
        self.bench.most_in_flight = max(self.bench.most_in_flight, len(self.submitted))

    def unsent(self) -> list[Delivery]:
        returned, self._returned = self._returned, []
        return returned

    async def check(self) -> bool:
        self.checks += 1
        return self.alive

    async def quit(self) -> None:
        self.quits += 1
        self.bench.open -= 1

    def abort(self) -> None:
        self.aborted = True
        self.bench.open -= 1

    # What a test does.

    def decide(self, count: int = 1) -> None:
        """Let the server decide upon the oldest messages, in one wake-up."""
        done, self.submitted = self.submitted[:count], self.submitted[count:]
        for delivery in done:
            delivery.receipt = Receipt(
                message_id=delivery.message.message_id,
                envelope=delivery.envelope,
                results=(RecipientResult("b@example.org", RecipientStatus.ACCEPTED, 250),),
                index=delivery.index,
            )
        self.delivered += len(done)
        self.bench.on_done(self, done)
        self.bench.on_room(self)

    def break_down(self, *, begun: int = 0) -> None:
        """Lose the session; of the oldest messages ``begun`` had been begun."""
        self.alive = False
        self._returned, self.submitted = self.submitted, []
        for delivery in self._returned[:begun]:
            delivery.attempts += 1
        self.bench.open -= 1
        self.bench.on_lost(self, DisconnectedError("the connection was lost"))


class Bench:
    """Opens fake sessions for a pool; a test may make it fail, or hold it back."""

    def __init__(self, *, window: int = 2) -> None:
        self.window = window
        self.sessions: list[FakeSession] = []
        self.kind = FakeSession
        self.attempts = 0
        self.open = 0
        self.most_open = 0
        self.most_in_flight = 0
        self.failures: list[Exception] = []
        self.gate = asyncio.Event()
        self.gate.set()

    async def __call__(
        self,
        *,
        on_done: Callable[[FakeSession, list[Delivery]], None],
        on_room: Callable[[FakeSession], None],
        on_lost: Callable[[FakeSession, DeliveryError], None],
    ) -> FakeSession:
        self.on_done, self.on_room, self.on_lost = on_done, on_room, on_lost
        self.attempts += 1
        await self.gate.wait()
        if self.failures:
            raise self.failures.pop(0)
        session = self.kind(self, self.window)
        self.sessions.append(session)
        self.open += 1
        self.most_open = max(self.most_open, self.open)
        return session


class Mailbag:
    """An owner that keeps what it hears."""

    def __init__(self) -> None:
        self.settled: list[Delivery] = []

    def settle(self, deliveries: list[Delivery]) -> None:
        self.settled += deliveries


async def settle_down() -> None:
    """Let everything that can happen now happen."""
    for _ in range(20):
        await asyncio.sleep(0)
