"""A way out into memory: takes what a test says it takes, and shows what came."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from dataclasses import replace

from eilbote.deliver.delivery import Delivery
from eilbote.deliver.transport import Capabilities
from eilbote.errors import EilboteError
from eilbote.model.envelope import Envelope
from eilbote.model.message import BodyKind, Message
from eilbote.model.receipt import Receipt, RecipientResult
from eilbote.model.status import RecipientKind, RecipientStatus

Decide = Callable[[Envelope, Message], Receipt | EilboteError]


def receipt_for(
    envelope: Envelope,
    message: Message,
    status: RecipientStatus = RecipientStatus.ACCEPTED,
    error: EilboteError | None = None,
) -> Receipt:
    kinds = envelope.kinds or (RecipientKind.ENVELOPE,) * len(envelope.forward_paths)
    code = {RecipientStatus.ACCEPTED: 250, RecipientStatus.DEFERRED: 450, RecipientStatus.FAILED: 550}
    return Receipt(
        message_id=message.message_id,
        envelope=envelope,
        results=tuple(
            RecipientResult(path, status, code.get(status, 0), None, "said so", kind)
            for path, kind in zip(envelope.forward_paths, kinds, strict=True)
        ),
        error=error,
    )


class MemoryTransport:
    """Keeps every message it is given.

    Args:
        decide: What becomes of a message; everything is accepted by default.
        body: The richest body it takes.
        refusal: Why it cannot be reached at all.
    """

    def __init__(
        self,
        decide: Decide = receipt_for,
        *,
        body: BodyKind = BodyKind.EIGHT_BIT,
        refusal: EilboteError | None = None,
    ) -> None:
        self.sent: list[tuple[Envelope, Message]] = []
        self.tried = 0
        self.ending = ""
        self._decide = decide
        self._refusal = refusal
        self._able = Capabilities(body=body)
        self._known: Capabilities | None = None

    @property
    def capabilities(self) -> Capabilities | None:
        return self._known

    async def ready(self) -> Capabilities:
        self.tried += 1
        if self._refusal is not None:
            raise self._refusal
        self._known = self._able
        return self._able

    async def deliver(self, envelope: Envelope, message: Message) -> Receipt:
        await self.ready()
        self.sent.append((envelope, message))
        outcome = self._decide(envelope, message)
        if isinstance(outcome, EilboteError):
            raise outcome
        return outcome

    async def deliver_all(
        self, source: Iterator[Delivery] | AsyncIterator[Delivery]
    ) -> AsyncGenerator[Delivery, None]:
        async for delivery in _each(source):
            if delivery.receipt is None:
                self.sent.append((delivery.envelope, delivery.message))
                outcome = self._decide(delivery.envelope, delivery.message)
                if isinstance(outcome, EilboteError):
                    delivery.error = outcome
                else:
                    delivery.receipt = replace(outcome, index=delivery.index)
                    delivery.error = outcome.error
            yield delivery

    async def close(self) -> None:
        self.ending = "closed"

    async def abort(self) -> None:
        self.ending = "aborted"


async def _each(source: Iterator[Delivery] | AsyncIterator[Delivery]) -> AsyncIterator[Delivery]:
    if isinstance(source, AsyncIterator):
        async for delivery in source:
            yield delivery
    else:
        for delivery in source:
            yield delivery
