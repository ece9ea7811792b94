"""Carry the messages of a series some at a time, for ways out that know no sessions; the results come as they are ready."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Iterator

    from eilbote.deliver.delivery import Delivery


async def side_by_side(
    source: Iterator[Delivery] | AsyncIterator[Delivery],
    begin: Callable[[Delivery], asyncio.Task[None]],
    *,
    most: int,
) -> AsyncGenerator[Delivery, None]:
    """Give each delivery of a source once it has its result; at most ``most`` are under way.

    One that has its receipt already is passed through. When the reader leaves early nothing more is taken from the
    source; what is under way goes on, and nobody hears of it.

    Raises:
        Exception: What the source raised, after the results of all that it had given.
    """
    items = source if isinstance(source, AsyncIterator) else _each(source)
    under_way: dict[asyncio.Task[None], Delivery] = {}
    next_item: asyncio.Task[Delivery | None] | None = None
    is_over = False
    failure: BaseException | None = None
    try:
        while True:
            if not is_over and next_item is None and len(under_way) < most:
                next_item = asyncio.ensure_future(_next(items))
            waiting: set[asyncio.Task[None] | asyncio.Task[Delivery | None]] = {*under_way}
            if next_item is not None:
                waiting.add(next_item)
            if not waiting:
                break
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            for task in [task for task in under_way if task.done()]:
                yield _result(task, under_way.pop(task))
            if next_item is not None and next_item.done():
                delivery, failure = _outcome(next_item)
                next_item, is_over = None, delivery is None
                if delivery is not None and delivery.receipt is not None:
                    yield delivery
                elif delivery is not None:
                    under_way[begin(delivery)] = delivery
    finally:
        if next_item is not None:
            next_item.cancel()
            await asyncio.wait({next_item})
        close = getattr(source, "aclose" if isinstance(source, AsyncIterator) else "close", None)
        if close is not None and (ended := close()) is not None:
            await ended
    if failure is not None:
        raise failure


def _result(task: asyncio.Task[None], delivery: Delivery) -> Delivery:
    if not task.cancelled() and (fault := task.exception()) is not None:
        raise fault  # a mistake in this program, which nobody may hide
    if delivery.receipt is None and delivery.error is None:
        from eilbote.errors import DisconnectedError

        delivery.error = DisconnectedError("the transport was closed before the message was sent")
    return delivery


async def _next(items: AsyncIterator[Delivery]) -> Delivery | None:
    return await anext(items, None)


def _outcome(task: asyncio.Task[Delivery | None]) -> tuple[Delivery | None, BaseException | None]:
    """Give what a source gave: a delivery, its end, or what it raised, which is its end as well."""
    failure = task.exception()
    return (None, failure) if failure is not None else (task.result(), None)


async def _each(source: Iterator[Delivery]) -> AsyncGenerator[Delivery, None]:
    for delivery in source:
        yield delivery
