"""What a way out must be able to do: the port behind which SMTP, a directory of files, or a test kit stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from eilbote.model.message import BodyKind

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Iterator

    from eilbote.deliver.delivery import Delivery
    from eilbote.model.envelope import Envelope
    from eilbote.model.message import Message
    from eilbote.model.receipt import Receipt


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What a composer may make use of.

    Attributes:
        body: The richest body that can be taken.
        smtputf8: Whether addresses and header fields may hold UTF-8 (RFC 6531).
        size: The largest message in octets; ``None`` when no limit is known.
    """

    body: BodyKind = BodyKind.SEVEN_BIT
    smtputf8: bool = False
    size: int | None = None


class Transport(Protocol):
    """A way out for composed messages."""

    @property
    def capabilities(self) -> Capabilities | None:
        """What can be taken, as far as it is known without asking; ``None`` before anybody was asked."""
        ...

    async def ready(self) -> Capabilities:
        """Say what can be taken now; opens what must be open to know.

        Raises:
            EilboteError: The way is closed: the server cannot be reached, or refuses the connection.
        """
        ...

    async def deliver(self, envelope: Envelope, message: Message) -> Receipt:
        """Carry one message and say what became of each recipient.

        Raises:
            DeliveryError: The attempt ended without the server's decision.
        """
        ...

    def deliver_all(
        self, source: Iterator[Delivery] | AsyncIterator[Delivery]
    ) -> AsyncGenerator[Delivery, None]:
        """Carry many messages, each taken from the source when there is room for it.

        Gives every delivery once, in the order the results come, with its ``receipt`` or its ``error`` set. A
        delivery that has its receipt already is passed through unsent.
        """
        ...

    async def close(self) -> None:
        """Let what is under way finish, then close."""
        ...

    async def abort(self) -> None:
        """Close now; what is under way may be in doubt."""
        ...


@runtime_checkable
class OverSessions(Protocol):
    """A way out that keeps sessions open."""

    @property
    def open_sessions(self) -> int:
        """How many there are."""
        ...
