"""One message on its way through a connection, and what became of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from eilbote.errors import EilboteError
    from eilbote.model.envelope import Envelope
    from eilbote.model.message import Message
    from eilbote.model.receipt import Receipt


class Owner(Protocol):
    """Who hears the results of deliveries."""

    def settle(self, deliveries: list[Delivery]) -> None:
        """Take deliveries that have their receipts, or an error instead of one."""
        ...


class Delivery:
    """One message that is to be sent, and its result; there is no future and no task in it.

    Attributes:
        envelope: Where it goes.
        message: What goes.
        index: Its place in the series it is part of, counted from 0.
        owner: Who hears the result; ``None`` while nobody does.
        context: Whatever the owner wants to find again.
        not_after: The last moment, on the clock's monotonic time in seconds, at which its content may be begun;
            ``None`` for ever. A caller that holds a lease gives the lease's end less a margin: once that has
            passed somebody else may send the message, so no octet of its content is written any more. The
            delivery then ends with a :class:`~eilbote.errors.DeliveryTimeoutError` whose field is ``not_after``.
        receipt: What the server decided; ``None`` when it was not asked.
        error: Why it was not asked, or did not answer.
        attempts: Sessions that began to send it and broke.
    """

    __slots__ = (
        "attempts",
        "context",
        "envelope",
        "error",
        "index",
        "message",
        "not_after",
        "owner",
        "receipt",
    )

    def __init__(
        self,
        envelope: Envelope,
        message: Message,
        *,
        index: int = 0,
        owner: Owner | None = None,
        context: object = None,
        not_after: float | None = None,
    ) -> None:
        self.envelope = envelope
        self.message = message
        self.index = index
        self.owner = owner
        self.context = context
        self.not_after = not_after
        self.receipt: Receipt | None = None
        self.error: EilboteError | None = None
        self.attempts = 0
