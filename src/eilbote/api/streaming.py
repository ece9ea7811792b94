"""Answers that are sent as they come about: a line of JSON each (NDJSON), or an event each (server-sent events), as the client prefers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Final, TypeVar

from starlette.responses import StreamingResponse

from eilbote.api.acceptable import accepts

if TYPE_CHECKING:
    from pydantic import BaseModel
    from starlette.requests import Request

NDJSON: Final = "application/x-ndjson"
EVENTS: Final = "text/event-stream"
_JSON: Final = "application/json"
T = TypeVar("T")


def stream_kind(request: Request) -> str | None:
    """Give the kind of stream that a client prefers to one answer at the end; ``None`` when it does not."""
    accepted = ", ".join(request.headers.getlist("accept"))
    if not accepted or accepts(accepted, _JSON):
        return None
    return next((kind for kind in (NDJSON, EVENTS) if accepts(accepted, kind)), None)


async def as_it_comes(
    work: Callable[[Callable[[T], None]], Awaitable[T]],
) -> AsyncGenerator[T]:
    """Give what some work tells on its way, and its result in the end; ends the work when nobody listens any more.

    Args:
        work: Is given whom to tell.
    """
    told: asyncio.Queue[T | None] = asyncio.Queue()
    task = asyncio.ensure_future(work(told.put_nowait))
    task.add_done_callback(lambda _: told.put_nowait(None))
    try:
        while (each := await told.get()) is not None:
            yield each
        yield await task
    finally:
        if not task.done():
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


def streamed(parts: AsyncGenerator[tuple[str, BaseModel]], kind: str) -> StreamingResponse:
    """Answer with parts as they come.

    Args:
        parts: Each with its name.
        kind: :data:`NDJSON` or :data:`EVENTS`.
    """

    async def written() -> AsyncGenerator[str]:
        try:
            async for name, part in parts:
                text = part.model_dump_json()
                yield f"event: {name}\ndata: {text}\n\n" if kind == EVENTS else f"{text}\n"
        finally:
            await parts.aclose()

    return StreamingResponse(written(), media_type=kind, headers={"X-Accel-Buffering": "no"})
