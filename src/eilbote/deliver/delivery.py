"""One message on its way through a connection, and what became of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from eilbote.errors import EilboteError
    from eilbote.model.envelope import Envelope
    from eilbote.model.message import Message
    from eilbote.model.receipt import Receipt


class Owner(Protocol):
    """Who hears the result of a delivery."""

    def settle(self, delivery: Delivery) -> None:
        """Take a delivery that has its receipt, or an error instead of one."""
        ...


class Delivery:
    """One message that is to be sent, and its result; there is no future and no task in it.

    Attributes:
        envelope: Where it goes.
        message: What goes.
        index: Its place in the series it is part of, counted from 0.
        owner: Who hears the result; ``None`` while nobody does.
        context: Whatever the owner wants to find again.
        receipt: What the server decided; ``None`` when it was not asked.
        error: Why it was not asked, or did not answer.
        attempts: Sessions that began to send it and broke.
    """

    __slots__ = ("attempts", "context", "envelope", "error", "index", "message", "owner", "receipt")

    def __init__(
        self,
        envelope: Envelope,
        message: Message,
        *,
        index: int = 0,
        owner: Owner | None = None,
        context: object = None,
    ) -> None:
        self.envelope = envelope
        self.message = message
        self.index = index
        self.owner = owner
        self.context = context
        self.receipt: Receipt | None = None
        self.error: EilboteError | None = None
        self.attempts = 0
