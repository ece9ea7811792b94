"""From a series of drafts to deliveries, one at a time; and receipts for those that could not be delivered.

Every item gives one delivery. An item that cannot be composed gives one that has its receipt already, so it keeps
its turn in the series and nobody has to count.
"""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator
from typing import TYPE_CHECKING, Protocol, TypeVar

from eilbote.deliver.delivery import Delivery
from eilbote.deliver.verdict import judge_error
from eilbote.engine.unforeseen import unforeseen
from eilbote.errors import DeliveryError, EilboteError
from eilbote.model.message import BodyKind
from eilbote.model.receipt import Receipt, RecipientResult
from eilbote.model.status import RecipientKind

if TYPE_CHECKING:
    from eilbote.compose.composed import Composed

_T = TypeVar("_T")
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
        self.receipt = Receipt(message_id="", envelope=None, results=(), attempts=0, error=error, index=index)


def compose_each(
    items: Iterable[_T] | AsyncIterable[_T], compose: Compose[_T], body: BodyKind
) -> Iterator[Delivery] | AsyncIterator[Delivery]:
    """Give a delivery for each item, composed when it is asked for."""
    if isinstance(items, AsyncIterable):
        return _compose_async(items, compose, body)
    return _compose(items, compose, body)


def _compose(items: Iterable[_T], compose: Compose[_T], body: BodyKind, first: int = 0) -> Iterator[Delivery]:
    for index, item in enumerate(items, first):
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
        for delivery in _compose((item,), compose, body, index):
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
