"""The way out over SMTP: one connection's pool of sessions behind the transport's port."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import AsyncIterator
from functools import partial
from typing import TYPE_CHECKING

from eilbote.deliver.client_options import ClientOptions
from eilbote.deliver.delivery import Delivery
from eilbote.deliver.open_client import open_client
from eilbote.deliver.pool import Pool
from eilbote.deliver.supply import AsyncSupply, Supply
from eilbote.deliver.transport import Capabilities
from eilbote.errors import LocalProtocolError
from eilbote.model.credentials import Anonymous, Password
from eilbote.model.message import BodyKind
from eilbote.net.local_name import local_name

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterator

    from eilbote.connections.connection import Connection
    from eilbote.deliver.client import Client
    from eilbote.deliver.pooled_session import OpenSession
    from eilbote.model.clock import Clock
    from eilbote.model.envelope import Envelope
    from eilbote.model.message import Message
    from eilbote.model.receipt import Receipt
    from eilbote.net.egress import EgressPolicy
    from eilbote.oauth2.source import TokenSource


class SmtpTransport:
    """Carries messages over one connection.

    Args:
        connection: Which server, how protected, as whom.
        clock: Tells the time.
        egress: Which addresses may be connected to, where those who set up connections must not reach inside
            the operator's network; ``None`` allows any.
        tokens: Where access tokens come from; ``None`` has them fetched for this transport alone, where the
            credentials need any.
        open_session: Opens sessions in another way, for whoever wants to watch them.
    """

    def __init__(
        self,
        connection: Connection,
        *,
        clock: Clock,
        egress: EgressPolicy | None = None,
        tokens: TokenSource | None = None,
        open_session: OpenSession | None = None,
    ) -> None:
        self._own_tokens = own_tokens(connection, clock=clock, egress=egress) if tokens is None else None
        self._options = client_options(connection, egress=egress, tokens=tokens or self._own_tokens)
        opening = open_session or partial(open_client, self._options, clock=clock)
        self._pool = Pool(opening, connection.limits, clock=clock)
        self._known: Capabilities | None = None

    @property
    def capabilities(self) -> Capabilities | None:
        """What the server takes, by its latest session; ``None`` before the first."""
        client = self._pool.any_session()
        if client is not None:
            self._known = self._capabilities(client)
        return self._known

    @property
    def open_sessions(self) -> int:
        """How many sessions with the server are open."""
        return self._pool.open_sessions

    async def ready(self) -> Capabilities:
        """Say what the server takes; opens a session when there is none."""
        return self._capabilities(await self._pool.ready())

    def _capabilities(self, client: Client) -> Capabilities:
        announced = client.extensions
        if announced.binary and announced.chunking and self._options.chunking_window > 0:
            body = BodyKind.BINARY
        elif announced.eight_bit:
            body = BodyKind.EIGHT_BIT
        else:
            body = BodyKind.SEVEN_BIT
        return Capabilities(body=body, smtputf8=announced.smtputf8, size=announced.size)

    async def deliver(self, envelope: Envelope, message: Message) -> Receipt:
        """Carry one message.

        A call that is cancelled before the message was begun leaves nothing behind; after that the message goes
        on its way, for nobody can call it back without risking the others of its session.
        """
        call = _Call()
        delivery = Delivery(envelope, message, owner=call)
        self._pool.put(delivery)
        try:
            await call.settled
        except asyncio.CancelledError:
            if not call.settled.done() or call.settled.cancelled():
                self._pool.withdraw(delivery)
            raise
        if delivery.receipt is None:
            # One fault may end many calls. Each raises its own copy, for a traceback grows where it is raised.
            raise copy.copy(delivery.error or LocalProtocolError("a delivery ended without a result"))
        return delivery.receipt

    def deliver_all(
        self, source: Iterator[Delivery] | AsyncIterator[Delivery]
    ) -> AsyncGenerator[Delivery, None]:
        """Carry many messages; see :class:`eilbote.deliver.supply.Supply`."""
        if isinstance(source, AsyncIterator):
            return AsyncSupply(source, self._pool).results()
        return Supply(source, self._pool).results()

    async def close(self) -> None:
        """Let what is under way finish, say goodbye to the server, close."""
        await self._pool.close()
        await self._end_tokens()

    async def abort(self) -> None:
        """Close every session now."""
        await self._pool.abort()
        await self._end_tokens()

    async def _end_tokens(self) -> None:
        # A renewal under way may bring the only refresh token that is still valid; it is not left behind.
        if self._own_tokens is not None:
            await self._own_tokens.close()


class _Call:
    """One message somebody waits for."""

    __slots__ = ("settled",)

    def __init__(self) -> None:
        self.settled: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def settle(self, deliveries: list[Delivery]) -> None:  # noqa: ARG002 - it is the one this call made
        if not self.settled.done():
            self.settled.set_result(None)


def gate_of(connection: Connection, egress: EgressPolicy | None) -> EgressPolicy | None:
    """Give the gate for a connection: one that an organization chose leads to public addresses, whoever forgot to say so."""
    if egress is not None or not connection.public_only:
        return egress
    from eilbote.net.egress import EgressPolicy

    return EgressPolicy()


def client_options(
    connection: Connection, *, egress: EgressPolicy | None = None, tokens: TokenSource | None = None
) -> ClientOptions:
    """Say to a client what the connection's settings mean for it."""
    return ClientOptions(
        host=connection.host,
        port=connection.port,
        security=connection.security,
        tls=connection.tls,
        credentials=connection.credentials,
        tokens=tokens,
        ehlo_name=connection.ehlo_name or local_name(),
        timeouts=connection.timeouts,
        pipelining=connection.pipelining,
        chunking_window=connection.chunking_window,
        allow_clear_authentication=connection.allow_clear_authentication,
        mechanism=connection.mechanism,
        max_recipients=connection.limits.max_recipients,
        egress=gate_of(connection, egress),
    )


def own_tokens(
    connection: Connection, *, clock: Clock, egress: EgressPolicy | None = None, of_process: bool = False
) -> TokenSource | None:
    """Give where a connection's tokens come from when no database keeps them; ``None`` when it needs none.

    Args:
        connection: As whom it signs in.
        clock: Tells the time.
        egress: Which addresses its token endpoint may have; ``None`` allows any.
        of_process: Whether tokens are kept as long as the process lives, for whoever uses the same credentials next.
    """
    if isinstance(connection.credentials, Anonymous | Password):
        return None
    from eilbote.net.http import HttpDoor
    from eilbote.oauth2.memory_tokens import tokens_of_this_process
    from eilbote.oauth2.sources import token_source

    store = tokens_of_this_process() if of_process else None
    http = HttpDoor(egress=gate_of(connection, egress))
    return token_source(connection.credentials, clock=clock, store=store, http=http)
