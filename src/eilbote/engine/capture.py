"""Capture mode: mail is kept to be looked at in place of being sent, for development and for tests of flows.

Whatever its connection, no server is asked. The outbox hears that everybody was accepted, with a reply that says plainly what became of it. What is
caught is kept in this process, a bounded number of messages, the oldest go first; it is gone when the process ends. The outbox knows
the messages longer.
"""

from __future__ import annotations

import asyncio
from collections import Counter, OrderedDict
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from eilbote.connections.allowed_senders import check_sender
from eilbote.deliver.transport import Capabilities
from eilbote.engine.captured_look import (
    CapturedLook,
    CapturedMail,
    answers,
    check_askable,
    clean_tags,
    look_at,
)
from eilbote.errors import DraftError, EilboteError, ForbiddenError, NotFoundError
from eilbote.model.address import mailboxes, parse_address_list
from eilbote.model.message import BodyKind
from eilbote.model.moment import moment_of
from eilbote.model.receipt import Receipt, RecipientResult
from eilbote.model.status import RecipientKind, RecipientStatus

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Iterator, Mapping, Sequence

    from eilbote.connections.connection import Connection
    from eilbote.deliver.delivery import Delivery
    from eilbote.deliver.transport import Transport
    from eilbote.model.clock import Clock
    from eilbote.model.envelope import Envelope
    from eilbote.model.message import Message
    from eilbote.outbox.condition import Condition

MOST_MESSAGES: Final = 1000
MOST_OCTETS: Final = 128 * 1024 * 1024
REPLY: Final = "captured, and not sent: capture mode is on"
_OK: Final = 250


class CaptureShelf:
    """Keeps what was caught.

    Args:
        clock: Tells the time.
        released_to: Addresses and domains (``@example.org``) to which somebody may have it sent after all.
        most_messages: How many are kept.
        most_octets: How many octets of them.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        released_to: tuple[str, ...] = (),
        most_messages: int = MOST_MESSAGES,
        most_octets: int = MOST_OCTETS,
    ) -> None:
        self._clock = clock
        self._released_to = released_to
        self._most_messages = most_messages
        self._most_octets = most_octets
        self._kept: OrderedDict[int, CapturedMail] = OrderedDict()
        self._octets = 0
        self._last = 0
        self._released: OrderedDict[str, None] = OrderedDict()

    @property
    def released_to(self) -> tuple[str, ...]:
        """To whom somebody may have it sent after all."""
        return self._released_to

    def put(
        self,
        envelope: Envelope,
        octets: bytes,
        *,
        message_id: str,
        connection: str,
        look: CapturedLook | None = None,
    ) -> CapturedMail:
        """Keep a message; the oldest ones make room for it.

        Args:
            envelope: Whence and to whom it would have gone.
            octets: What would have been sent.
            message_id: With its angle brackets.
            connection: By which connection.
            look: What is known of it; read from the octets when ``None``, which may take a second.
        """
        look = look or look_at(octets)
        self._last += 1
        mail = CapturedMail(
            number=self._last,
            at=moment_of(self._clock.now()),
            connection=connection,
            reverse_path=envelope.reverse_path,
            forward_paths=envelope.forward_paths,
            message_id=message_id,
            look=look,
            tags=look.tags,
            octets=octets,
        )
        self._kept[mail.number] = mail
        self._octets += len(octets)
        while len(self._kept) > 1 and (
            len(self._kept) > self._most_messages or self._octets > self._most_octets
        ):
            self._forget(next(iter(self._kept)))
        return mail

    def mails(
        self,
        *,
        limit: int,
        before: int | None = None,
        to: str = "",
        tag: str = "",
        is_unread: bool = False,
        conditions: Sequence[Condition] = (),
    ) -> Sequence[CapturedMail]:
        """Give what was caught, the latest first; may be asked in a thread, for to search a thousand of them takes a second.

        Args:
            limit: At most so many.
            before: Caught before the one with this number.
            to: To an address that contains this.
            tag: With this tag, in any letter case.
            is_unread: Only what nobody has marked as read.
            conditions: What a search asks beside.

        Raises:
            DraftError: It asks what is not known of captured mail.
        """
        check_askable(conditions)
        wanted, label = to.casefold(), tag.casefold()
        found: list[CapturedMail] = []
        for mail in reversed(tuple(self._kept.values())):  # others are caught meanwhile
            if before is not None and mail.number >= before:
                continue
            if wanted and not any(wanted in path.casefold() for path in mail.forward_paths):
                continue
            if label and label not in {each.casefold() for each in mail.tags}:
                continue
            if is_unread and mail.is_read:
                continue
            if not answers(mail, conditions):
                continue
            found.append(mail)
            if len(found) == limit:
                break
        return found

    def mail(self, number: int) -> CapturedMail:
        """Give one.

        Raises:
            NotFoundError: It is not there, or not any more.
        """
        found = self._kept.get(number)
        if found is None:
            raise NotFoundError(
                f"no mail with the number {number} is kept",
                field="number",
                remedy="The oldest go first; see the list",
            )
        return found

    def label(
        self, number: int, *, tags: Sequence[str] | None = None, is_read: bool | None = None
    ) -> CapturedMail:
        """Put marks on one.

        Args:
            number: Which.
            tags: In place of those it has; ``None`` leaves them.
            is_read: Whether it counts as read; ``None`` leaves it.

        Raises:
            NotFoundError: It is not there, or not any more.
        """
        mail = self.mail(number)
        labelled = replace(
            mail,
            tags=mail.tags if tags is None else clean_tags(tags),
            is_read=mail.is_read if is_read is None else is_read,
        )
        self._kept[number] = labelled
        return labelled

    def tags(self) -> Mapping[str, int]:
        """Tell which tags there are, and on how many."""
        return Counter(tag for mail in self._kept.values() for tag in mail.tags)

    def counts(self) -> tuple[int, int]:
        """Tell how many are kept, and how many of them nobody has marked as read."""
        return len(self._kept), sum(not mail.is_read for mail in self._kept.values())

    def drop(self, number: int) -> None:
        """Forget one.

        Raises:
            NotFoundError: It is not there, or not any more.
        """
        self.mail(number)
        self._forget(number)

    def clear(self) -> int:
        """Forget all; gives how many there were."""
        number = len(self._kept)
        self._kept.clear()
        self._octets = 0
        return number

    def check_release(self, to: Sequence[str]) -> tuple[str, ...]:
        """Give the paths to which a mail is released.

        Raises:
            AddressError: One is no address.
            DraftError: There is none.
            ForbiddenError: Mail may not be released to one of them.
        """
        named = tuple(mailboxes(parse_address_list(list(to), field="to")))
        if not named:
            raise DraftError("nobody is named", field="to", remedy="Give an address")
        for mailbox in named:
            try:
                if not self._released_to:
                    raise DraftError("nobody is allowed")
                check_sender(mailbox, self._released_to, field="to")
            except DraftError:
                raise ForbiddenError(
                    f"captured mail may not be released to {mailbox.addr_spec}",
                    field="to",
                    remedy="Name an address that the setting capture.release allows, or add this one there",
                ) from None
        return tuple(dict.fromkeys(each.addr_spec for each in named))

    def let_pass(self, message_id: str) -> None:
        """Hear that a message was released: it is sent, and not caught again."""
        self._released[message_id] = None
        while len(self._released) > self._most_messages:
            self._released.popitem(last=False)

    def passes(self, message_id: str) -> bool:
        """Tell whether a message was released."""
        return message_id in self._released

    def _forget(self, number: int) -> None:
        self._octets -= len(self._kept.pop(number).octets)


class CapturingTransport:
    """A way out that leads onto the shelf, but for what was released.

    Args:
        shelf: Where mail is kept.
        connection: In place of which.
        usual: Makes the real way out, for what was released.
    """

    def __init__(
        self, shelf: CaptureShelf, connection: Connection, usual: Callable[[Connection], Transport]
    ) -> None:
        self._shelf = shelf
        self._connection = connection
        self._make = usual
        self._usual: Transport | None = None

    @property
    def capabilities(self) -> Capabilities | None:
        """Everything can be taken."""
        return Capabilities(body=BodyKind.EIGHT_BIT, smtputf8=True)

    async def ready(self) -> Capabilities:
        """Say what can be taken."""
        return Capabilities(body=BodyKind.EIGHT_BIT, smtputf8=True)

    async def deliver(self, envelope: Envelope, message: Message) -> Receipt:
        """Keep a message, or send it if it was released."""
        if self._shelf.passes(message.message_id):
            return await self._way().deliver(envelope, message)
        octets = await asyncio.to_thread(lambda: b"".join(message.chunks()))
        look = await asyncio.to_thread(look_at, octets)
        self._shelf.put(
            envelope, octets, message_id=message.message_id, connection=self._connection.name or "", look=look
        )
        kinds = envelope.kinds or (RecipientKind.ENVELOPE,) * len(envelope.forward_paths)
        return Receipt(
            message_id=message.message_id,
            envelope=envelope,
            results=tuple(
                RecipientResult(path, RecipientStatus.ACCEPTED, _OK, None, REPLY, kind)
                for path, kind in zip(envelope.forward_paths, kinds, strict=True)
            ),
            reply=f"{_OK} {REPLY}",
            size=message.size,
        )

    async def deliver_all(
        self, source: Iterator[Delivery] | AsyncIterator[Delivery]
    ) -> AsyncGenerator[Delivery, None]:
        """Keep many messages, one after the other."""
        if isinstance(source, AsyncIterator):
            async for delivery in source:
                yield await self._settled(delivery)
        else:
            for delivery in source:
                yield await self._settled(delivery)

    async def _settled(self, delivery: Delivery) -> Delivery:
        if delivery.receipt is None:
            try:
                made = await self.deliver(delivery.envelope, delivery.message)
                delivery.receipt = replace(made, index=delivery.index)
            except EilboteError as fault:
                delivery.error = fault
        return delivery

    async def close(self) -> None:
        """Let go of the real way out, if it was used."""
        if self._usual is not None:
            await self._usual.close()

    async def abort(self) -> None:
        """Let go of the real way out at once."""
        if self._usual is not None:
            await self._usual.abort()

    def _way(self) -> Transport:
        if self._usual is None:
            self._usual = self._make(self._connection)
        return self._usual
