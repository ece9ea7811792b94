"""A way out that lets the person at the terminal watch: what is said, and how far a large message has come."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from eilbote.deliver.open_client import open_client
from eilbote.deliver.smtp_transport import SmtpTransport, client_options, own_tokens

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from eilbote.connections.connection import Connection
    from eilbote.deliver.client import Client
    from eilbote.deliver.client_options import ClientOptions
    from eilbote.deliver.delivery import Delivery
    from eilbote.errors import DeliveryError
    from eilbote.model.clock import Clock
    from eilbote.model.envelope import Envelope
    from eilbote.model.message import Message, OctetSource
    from eilbote.model.receipt import Receipt
    from eilbote.net.egress import EgressPolicy
    from eilbote.oauth2.source import TokenSource


class WatchedTransport(SmtpTransport):
    """SMTP with an audience.

    Args:
        connection: Which server, how protected, as whom.
        clock: Tells the time.
        egress: Which addresses may be connected to; ``None`` allows any.
        tokens: Where access tokens come from; ``None`` has them fetched for this transport alone.
        on_octets: Called with the number of octets of large attachments that have just been read for sending.
    """

    def __init__(
        self,
        connection: Connection,
        *,
        clock: Clock,
        egress: EgressPolicy | None = None,
        tokens: TokenSource | None = None,
        on_octets: Callable[[int], None] | None = None,
    ) -> None:
        tokens = tokens or own_tokens(connection, clock=clock, egress=egress)
        options = replace(client_options(connection, egress=egress, tokens=tokens), transcript=True)
        super().__init__(
            connection,
            clock=clock,
            egress=egress,
            tokens=tokens,
            open_session=partial(self._open, options, clock),
        )
        self._sessions: list[Client] = []
        self._on_octets = on_octets

    @property
    def dialogue(self) -> tuple[str, ...]:
        """What was said in every session that was opened, secrets struck out."""
        return tuple(line for client in self._sessions for line in client.transcript)

    async def deliver(self, envelope: Envelope, message: Message) -> Receipt:
        """Carry one message, counting what is read of its large parts."""
        if self._on_octets is not None:
            segments = tuple(
                segment if isinstance(segment, bytes) else _Counted(segment, self._on_octets)
                for segment in message.segments
            )
            message = replace(message, segments=segments)
        return await super().deliver(envelope, message)

    async def _open(
        self,
        options: ClientOptions,
        clock: Clock,
        *,
        on_done: Callable[[Client, list[Delivery]], None],
        on_room: Callable[[Client], None],
        on_lost: Callable[[Client, DeliveryError], None],
    ) -> Client:
        client = await open_client(options, clock=clock, on_done=on_done, on_room=on_room, on_lost=on_lost)
        self._sessions.append(client)
        return client


@dataclass(frozen=True, slots=True)
class _Counted:
    """An octet source that tells how much of it has been read."""

    source: OctetSource
    on_octets: Callable[[int], None]

    @property
    def size(self) -> int:
        return self.source.size

    @property
    def dot_free(self) -> bool:
        return self.source.dot_free

    def chunks(self) -> Iterator[bytes]:
        for chunk in self.source.chunks():
            self.on_octets(len(chunk))
            yield chunk
