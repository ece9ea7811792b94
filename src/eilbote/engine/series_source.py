"""From a series of drafts to deliveries, one at a time; and receipts for those that could not be delivered.

Every item gives one delivery. An item that cannot be composed gives one that has its receipt already, so it keeps
its turn in the series and nobody has to count.
"""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Final, Generic, Protocol, TypeVar

from eilbote.deliver.delivery import Delivery
from eilbote.deliver.verdict import judge_error
from eilbote.engine.unforeseen import unforeseen
from eilbote.errors import DeliveryError, EilboteError
from eilbote.model.message import BodyKind
from eilbote.model.receipt import Receipt, RecipientResult
from eilbote.model.status import RecipientKind

if TYPE_CHECKING:
    from collections.abc import Generator

    from eilbote.compose.composed import Composed
    from eilbote.model.envelope import Envelope
    from eilbote.model.message import Message

_AHEAD: Final = 16
"""Messages of which all items are at hand that are composed when one is asked for."""

_T = TypeVar("_T")
_empty_delivery = object.__new__
_Item_contra = TypeVar("_Item_contra", contravariant=True)


class Compose(Protocol[_Item_contra]):
    """Composes one item."""

    def __call__(self, item: _Item_contra, /, *, body: BodyKind, message_id: str | None = None) -> Composed:
        """Compose it for the richest body the server takes; again, with the Message-ID it had."""
        ...


class _NotComposed(Delivery):
    """A delivery of nothing: its item could not be composed. It has a receipt, and neither envelope nor message."""

    __slots__ = ()

    def __init__(self, index: int, error: EilboteError) -> None:
        self.index = index
        self.owner = None
        self.context = None
        self.not_after = None
        self.error = error
        self.attempts = 0
        self.receipt = Receipt(
            message_id="",
            envelope=None,
            results=(),
            attempts=0,
            error=error,
            index=index,
        )


class ComposeSeveral(Protocol[_Item_contra]):
    """Composes several items at once."""

    def __call__(self, items: Sequence[_Item_contra], /, *, body: BodyKind) -> list[Composed] | None:
        """Compose them, at least one; or give ``None`` if one of them is to be composed alone."""
        ...


def compose_each(
    items: Iterable[_T] | AsyncIterable[_T],
    compose: Compose[_T],
    body: BodyKind,
    several: ComposeSeveral[_T] | None = None,
) -> Iterator[Delivery] | AsyncIterator[Delivery]:
    """Give a delivery for each item, composed when it is asked for; several at once where that is possible."""
    if isinstance(items, AsyncIterable):
        return _compose_async(items, compose, body)
    if several is not None:
        return _Several(items, compose, several, body)
    return _compose(enumerate(items), compose, body)


class _Several(Iterator[Delivery], Generic[_T]):
    """A series whose messages can be composed several at once, as many as there is room for.

    Of items that come one after the other none is taken before there is room for its message: the next one may be slow, and those
    before it would wait. Items that are all at hand, as those of a list, are composed some ahead.

    Args:
        items: What they are made of.
        compose: Composes one.
        several: Composes several, where all of them are everyday.
        body: The richest body the server takes.
    """

    def __init__(
        self,
        items: Iterable[_T],
        compose: Compose[_T],
        several: ComposeSeveral[_T],
        body: BodyKind,
    ) -> None:
        self._are_at_hand = isinstance(items, Sequence)
        self._ahead: deque[Delivery] = deque()
        self._items = enumerate(items)
        self._compose = compose
        self._compose_several = several
        self._body = body
        self._failure: Exception | None = None
        self._alone = _compose(self._items, compose, body)

    def __next__(self) -> Delivery:
        ahead = self._ahead
        if self._are_at_hand and not ahead:
            ahead += self.take(_AHEAD)
            if not ahead:
                raise StopIteration
        if ahead:
            return ahead.popleft()
        if self._failure is not None:
            raise self._failure
        return next(self._alone)

    def take(self, most: int) -> list[Delivery]:
        """Give the next ones; see :class:`eilbote.deliver.supply.Several`."""
        if self._ahead:
            return [self._ahead.popleft() for _ in range(min(most, len(self._ahead)))]
        numbered = self._next_items(most)
        try:
            made = self._compose_several([item for _, item in numbered], body=self._body) if numbered else []
        except Exception:  # noqa: BLE001 - one item is at fault; each by itself tells which, and why
            made = None
        if made is None:
            return list(_compose(iter(numbered), self._compose, self._body))
        return [
            _delivery(index, item, envelope, message)
            for (index, item), (envelope, message) in zip(numbered, made, strict=True)
        ]

    def _next_items(self, most: int) -> list[tuple[int, _T]]:
        """Take items; what their source raises is raised when those before it have been given."""
        if self._failure is not None:
            raise self._failure
        numbered: list[tuple[int, _T]] = []
        try:
            for each in islice(self._items, most):  # not list(): what came before a failure is kept
                numbered.append(each)  # noqa: PERF402
        except Exception as error:
            if not numbered:
                raise
            self._failure = error
        return numbered

    def close(self) -> None:
        """Take nothing more, and let go of the items."""
        self._alone.close()
        self._ahead.clear()
        self._items = enumerate(())


def _delivery(index: int, item: object, envelope: Envelope, message: Message) -> Delivery:
    """Give what the class itself would give, for a third of what a call with keywords costs; a test compares both."""
    delivery = _empty_delivery(Delivery)
    delivery.envelope = envelope
    delivery.message = message
    delivery.index = index
    delivery.owner = None
    delivery.context = item
    delivery.not_after = None
    delivery.receipt = None
    delivery.error = None
    delivery.attempts = 0
    return delivery


def _compose(
    numbered: Iterator[tuple[int, _T]], compose: Compose[_T], body: BodyKind
) -> Generator[Delivery, None, None]:
    for index, item in numbered:
        try:
            envelope, message = compose(item, body=body)
        except EilboteError as error:
            yield _NotComposed(index, error)
        except Exception as error:  # noqa: BLE001 - one draft must not end the series of all others
            yield _NotComposed(index, unforeseen(error))
        else:
            yield Delivery(envelope, message, index=index, context=item)


async def _compose_async(
    items: AsyncIterable[_T], compose: Compose[_T], body: BodyKind
) -> AsyncIterator[Delivery]:
    index = 0
    async for item in items:
        for delivery in _compose(iter(((index, item),)), compose, body):
            yield delivery
        index += 1


async def refuse_each(
    items: Iterable[_T] | AsyncIterable[_T], compose: Compose[_T], error: EilboteError
) -> AsyncIterator[Receipt]:
    """Give a receipt for each item when the server cannot be reached, without trying it again for each."""
    source = compose_each(items, compose, BodyKind.SEVEN_BIT)
    if isinstance(source, AsyncIterator):
        async for delivery in source:
            yield _refused(delivery, error)
    else:
        for delivery in source:
            yield _refused(delivery, error)


def _refused(delivery: Delivery, error: EilboteError) -> Receipt:
    if delivery.receipt is None:
        delivery.error = error
    return delivery.receipt or undelivered(delivery)


def undelivered(delivery: Delivery) -> Receipt:
    """Write the receipt of a delivery about which the server was not asked, or did not answer."""
    error = delivery.error
    assert error is not None  # noqa: S101 - a settled delivery has a receipt or an error
    verdict = judge_error(error)
    envelope = delivery.envelope
    kinds = envelope.kinds or (RecipientKind.ENVELOPE,) * len(envelope.forward_paths)
    code = error.reply_code or 0 if isinstance(error, DeliveryError) else 0
    return Receipt(
        message_id=delivery.message.message_id,
        envelope=envelope,
        results=tuple(
            RecipientResult(path, verdict.status, code, text=error.what, kind=kind)
            for path, kind in zip(envelope.forward_paths, kinds, strict=True)
        ),
        size=delivery.message.size,
        server=(error.server or "") if isinstance(error, DeliveryError) else "",
        attempts=delivery.attempts,
        error=error,
        index=delivery.index,
    )
