"""Answers that are sent as they come about: a line of JSON each (NDJSON), or an event each (server-sent events), as the client prefers.

Such an answer may last. Whoever is not let in any more, because a key was revoked, a session ended or a role changed, hears nothing more.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Final, TypeVar, cast

from starlette.responses import StreamingResponse

from eilbote.api.acceptable import accepts
from eilbote.api.acting import who_asks
from eilbote.engine.waiting import first_of
from eilbote.errors import ForbiddenError, OutboxUnavailableError, SignInError, ThrottledError

if TYPE_CHECKING:
    from pydantic import BaseModel
    from starlette.requests import Request

    from eilbote.accounts.role import Permission
    from eilbote.api.acting import Acting
    from eilbote.api.readiness import Readiness

NDJSON: Final = "application/x-ndjson"
EVENTS: Final = "text/event-stream"
_JSON: Final = "application/json"
CHECK_SECONDS: Final = 5.0
"""How often it is asked again whether somebody may hear more."""
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


async def end_with_permission(
    request: Request, acting: Acting, permission: Permission, ended: asyncio.Event
) -> None:
    """Set an event when who asked is not let in any more, may not hear this any more, or the server is told to stop.

    Args:
        request: What was asked.
        acting: Who asked, as it was then.
        permission: What hearing it needs.
        ended: Is set.
    """
    readiness = cast("Readiness | None", getattr(request.app.state, "readiness", None))
    stopping = asyncio.Event() if readiness is None else readiness.stopping
    try:
        while not stopping.is_set() and await _may_hear(request, acting, permission):
            await first_of(stopping.wait(), asyncio.sleep(CHECK_SECONDS))
    finally:
        ended.set()


async def _may_hear(request: Request, acting: Acting, permission: Permission) -> bool:
    try:
        principal = await who_asks(request, is_use=False)
        principal.must(permission)
    except (SignInError, ForbiddenError, ThrottledError):
        return False
    except OutboxUnavailableError:
        return True  # nobody has said no
    return principal.organization == acting.principal.organization
