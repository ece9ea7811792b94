"""The direct send: compose, deliver, and say what became of each recipient; nothing is stored.

This is the sentence of the house without its middle: no outbox stands between, so a failure is the caller's to
handle. What is promised:

* Every draft gives exactly one receipt, or one exception from :meth:`Mailer.send`, however it ends.
* Nothing is sent twice from here: a message in doubt is reported as such and never tried again.
* A draft that cannot be said safely is refused before anything of it is sent.
"""

from __future__ import annotations

import asyncio
from contextlib import aclosing, suppress
from typing import TYPE_CHECKING, Self, TypeVar, cast

from eilbote.compose.composer import Composer
from eilbote.compose.series_recipient import SeriesRecipient, read_recipient
from eilbote.connections.connection import Connection
from eilbote.deliver.delivery import Delivery
from eilbote.deliver.smtp_transport import own_tokens
from eilbote.engine.mailer_parts import check_parts
from eilbote.engine.random_ids import RandomIds
from eilbote.engine.series_source import compose_each, refuse_each, undelivered
from eilbote.engine.system_clock import SystemClock
from eilbote.engine.way_out import way_out
from eilbote.errors import EilboteError, ExtensionError, RecipientsRefusedError
from eilbote.model.message import BodyKind
from eilbote.smtp.explain import explain
from eilbote.smtp.replies import Reply

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterable, Iterable, Mapping, Sequence
    from types import TracebackType

    from eilbote.compose.composed import Composed
    from eilbote.compose.dkim import DkimSigner
    from eilbote.deliver.transport import Transport
    from eilbote.engine.probe import Probe
    from eilbote.engine.series_source import Compose, ComposeSeveral
    from eilbote.model.clock import Clock
    from eilbote.model.draft import Draft
    from eilbote.model.ids import IdSource
    from eilbote.model.receipt import Receipt

_T = TypeVar("_T")
_RICHER_BODIES = frozenset({BodyKind.EIGHT_BIT.value, BodyKind.BINARY.value})


class Mailer:
    """Sends messages over one connection; use it as a context manager.

    Sessions are opened when they are needed and kept while the block runs, so one mailer for many messages is
    much faster than many mailers for one message each. A mailer belongs to the event loop it is used in.

    ::

        async with Mailer("smtps://user:secret@mail.example.org") as mailer:
            receipt = await mailer.send(Draft(to="anna@example.org", subject="Hello", text="Hi!"))

    Args:
        connection: The server, as settings or as a URI (:meth:`Connection.from_uri`).
        clock: Tells the time; the machine's when ``None``.
        ids: Makes Message-IDs; random when ``None``.
        dkim: Signs every message (RFC 6376).
        transport: Another way out than SMTP to the connection's server.

    Raises:
        ConfigurationError: The connection cannot be used, with the field and the remedy.
    """

    def __init__(
        self,
        connection: Connection | str,
        *,
        clock: Clock | None = None,
        ids: IdSource | None = None,
        dkim: DkimSigner | None = None,
        transport: Transport | None = None,
    ) -> None:
        if isinstance(connection, str):
            connection = Connection.from_uri(connection)
        check_parts(connection=connection, clock=clock, ids=ids, dkim=dkim, transport=transport)
        self._connection = connection
        self._clock = clock or SystemClock()
        self._composer = Composer(
            clock=self._clock,
            ids=ids or RandomIds(),
            default_from=connection.default_from,
            allowed_senders=(connection.allowed_senders,) if connection.allowed_senders else (),
            signer=dkim,
        )
        # One mailer after the other, as in send_sync(), needs the refresh token that the one before was handed.
        self._tokens = own_tokens(connection, clock=self._clock, of_process=clock is None)
        self._transport = transport or way_out(connection, clock=self._clock, tokens=self._tokens)

    async def __aenter__(self) -> Self:
        """Begin; nothing is opened yet."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close; at once when the block ended with an exception."""
        if kind is None:
            await self.close()
        else:
            await self._transport.abort()
            await self._end_tokens()

    async def close(self) -> None:
        """Let what is under way finish, take leave of the server, and close; waiting messages are refused."""
        await self._transport.close()
        await self._end_tokens()

    async def _end_tokens(self) -> None:
        # A renewal under way may bring the only refresh token that is still valid; it is not left behind.
        if self._tokens is not None:
            await self._tokens.close()

    # -- one message ---------------------------------------------------------------------------------------

    async def send(self, draft: Draft) -> Receipt:
        """Send one message.

        When this is cancelled before the message was begun, nothing is sent; after that, the message may have
        gone out.

        Returns:
            What became of each recipient; at least one was accepted. ``receipt.error`` tells why the server was
            not heard on all of them, if it was not.

        Raises:
            DraftError: The draft cannot be said safely; nothing was sent.
            ConfigurationError: A setting is missing or wrong, for instance there is no From address.
            RecipientsRefusedError: The server accepted nobody; ``receipt`` tells its words.
            DeliveryError: The attempt ended without the server's decision, as far as is known nobody was
                accepted; ``scope`` and ``durability`` tell whether another one can help. :class:`InDoubtError`
                means that nobody knows. ``receipt`` tells the recipients apart when the server was asked.
        """
        known = self._transport.capabilities
        # Before the first session nothing is known of the server. Composing for the least a server may be shows
        # a faulty draft before a connection is made, and is understood by every server.
        body = BodyKind.SEVEN_BIT if known is None else known.body
        composed = self._composer.compose(draft, body=body)
        receipt = await self._transport.deliver(*composed)
        if _wants_simpler_body(receipt):
            composed = self._composer.compose(draft, message_id=composed.message.message_id)
            receipt = await self._transport.deliver(*composed)
        if receipt.accepted:
            return receipt  # also after a break: who was accepted must not get the message again
        if receipt.error is not None:
            receipt.error.receipt = receipt
            raise receipt.error
        raise _nobody(receipt)

    # -- many messages -------------------------------------------------------------------------------------

    def send_all(self, drafts: Iterable[Draft] | AsyncIterable[Draft]) -> AsyncGenerator[Receipt, None]:
        """Send many messages over several sessions at once, as the connection's limits allow.

        Drafts are taken from the iterable as there is room for them, so a generator of a million is fine.

        Returns:
            One receipt for each draft, in the order in which the results come; ``index`` tells which. Nothing
            is raised for a single message: ``receipt.error`` tells why it could not be composed or delivered.
        """
        return self._send_each(drafts, self._composer.compose)

    def send_many(
        self,
        draft: Draft,
        recipients: Iterable[SeriesRecipient | tuple[str, Mapping[str, str]]],
    ) -> AsyncGenerator[Receipt, None]:
        """Send one draft to many people, each with own values for the placeholders ``{{ name }}``.

        Everybody gets a message of their own and sees no other recipient. What is the same for all is composed
        once, and attachments are encoded once.

        Args:
            draft: The message without its ``to``.
            recipients: Each with an address and values.

        Returns:
            One receipt for each recipient, as from :meth:`send_all`.

        Raises:
            DraftError: The draft cannot be said safely, whoever it is for.
        """
        series = {BodyKind.SEVEN_BIT: self._composer.series(draft, body=BodyKind.SEVEN_BIT)}

        def compose(
            recipient: SeriesRecipient | tuple[str, Mapping[str, str]],
            /,
            *,
            body: BodyKind,
            message_id: str | None = None,
        ) -> Composed:
            if body not in series:
                series[body] = self._composer.series(draft, body=body)
            if not isinstance(recipient, SeriesRecipient):
                recipient = read_recipient(recipient)
            return series[body].compose(recipient, message_id=message_id)

        def compose_several(
            block: Sequence[SeriesRecipient | tuple[str, Mapping[str, str]]], /, *, body: BodyKind
        ) -> list[Composed] | None:
            read = [one if isinstance(one, SeriesRecipient) else read_recipient(one) for one in block]
            return series[body].compose_several(read) if body in series else None

        return self._send_each(recipients, compose, compose_several)

    async def _send_each(
        self,
        items: Iterable[_T] | AsyncIterable[_T],
        compose: Compose[_T],
        several: ComposeSeveral[_T] | None = None,
    ) -> AsyncGenerator[Receipt, None]:
        try:
            body = (await self._transport.ready()).body
        except EilboteError as error:
            async for receipt in refuse_each(items, compose, error):
                yield receipt
            return
        # Closed with this one, and not when the garbage is collected: a reader who leaves early wants no more sent.
        async with aclosing(
            self._transport.deliver_all(compose_each(items, compose, body, several))
        ) as deliveries:
            async for delivery in deliveries:
                receipt = delivery.receipt or undelivered(delivery)
                if receipt.error is not None and _wants_simpler_body(receipt):
                    receipt = await self._deliver_simpler(delivery, compose)
                yield receipt

    async def _deliver_simpler(self, delivery: Delivery, compose: Compose[_T]) -> Receipt:
        item = cast("_T", delivery.context)  # what compose_each put there
        message_id = delivery.message.message_id
        try:
            envelope, message = compose(item, body=BodyKind.SEVEN_BIT, message_id=message_id)
        except EilboteError as error:  # too large in seven bits: the rest of a series goes on
            delivery.receipt, delivery.error = None, error
            return undelivered(delivery)
        again = Delivery(envelope, message, index=delivery.index, not_after=delivery.not_after)
        async for settled in self._transport.deliver_all(iter((again,))):
            again = settled
        return again.receipt or undelivered(again)

    # -- the connection itself -----------------------------------------------------------------------------

    async def test(
        self,
        *,
        mail_from: str | None = None,
        verify: str | tuple[str, ...] = (),
        suggest: bool = False,
        check_sender: bool = False,
    ) -> Probe:
        """Try the connection stage by stage: DNS, TCP, TLS, EHLO, AUTH, and MAIL when asked; sends no mail.

        Args:
            mail_from: A reverse-path to offer to the server; the transaction is taken back at once.
            verify: Addresses to ask the server about (VRFY); most servers do not say.
            suggest: When no session comes about, look at which port and with which security the same host would have
                answered. This makes connections that the settings do not ask for.
            check_sender: Ask the name servers whether receivers will believe ``mail_from``, or else the connection's default
                From: SPF, DKIM and DMARC. What is not well is a warning.

        Raises:
            AddressError: ``mail_from`` cannot be a reverse-path, or something in ``verify`` is no address.
        """
        from eilbote.engine.probe import probe
        from eilbote.net.dns import NameServers

        return await probe(
            self._connection,
            clock=self._clock,
            mail_from=mail_from,
            verify=verify,
            suggest=suggest,
            names=NameServers() if check_sender else None,
            tokens=self._tokens,
        )


def send_sync(draft: Draft, connection: Connection | str, *, dkim: DkimSigner | None = None) -> Receipt:
    """Send one message from a program without an event loop.

    For many messages a loop with one :class:`Mailer` is much faster. How long it may take is a setting of the
    connection (:class:`~eilbote.model.timeouts.Timeouts`), so that a deadline knows what it interrupts: before the
    content nothing was sent, after it the message is in doubt.

    Args:
        draft: What to send.
        connection: The server, as settings or as a URI.
        dkim: Signs the message (RFC 6376).

    Raises:
        EilboteError: As :meth:`Mailer.send`; also when an event loop runs in this thread.
    """
    with suppress(RuntimeError):  # which is how asyncio says that there is none
        asyncio.get_running_loop()
        raise EilboteError(
            "send_sync() was called where an event loop runs",
            cause="it would stop that loop until the server has answered",
            remedy="Use `async with Mailer(connection) as mailer: await mailer.send(draft)`",
        )
    return asyncio.run(_send_once(draft, connection, dkim))


async def _send_once(draft: Draft, connection: Connection | str, dkim: DkimSigner | None) -> Receipt:
    async with Mailer(connection, dkim=dkim) as mailer:
        return await mailer.send(draft)


def _wants_simpler_body(receipt: Receipt) -> bool:
    """Say whether a server, unlike its neighbour that was asked before, takes no body of this kind."""
    error = receipt.error
    return isinstance(error, ExtensionError) and error.extension in _RICHER_BODIES


def _nobody(receipt: Receipt) -> RecipientsRefusedError:
    first = receipt.results[0]
    reply = Reply(first.reply_code, (first.text,), first.enhanced_status_code)
    # Which command was refused a receipt does not tell; what is said of a recipient comes first.
    found = explain(reply, stage="rcpt", server=receipt.server) or explain(
        reply, stage="content", server=receipt.server
    )
    error = RecipientsRefusedError(
        f"the server accepted nobody; of {first.address} it said: {first.reply_code} {first.text}".rstrip(),
        receipt=receipt,
        remedy=found.remedy
        if found is not None
        else "Check the addresses and what the server says; deferred recipients are worth another attempt",
    )
    if found is not None:
        error.cause, error.field = found.cause, found.field or None
    return error
