"""What happens in the outbox, as it happens: server-sent events for lists that are alive."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Header, Query, Request
from fastapi.sse import EventSourceResponse, ServerSentEvent

from eilbote.accounts.role import Permission
from eilbote.api.acting import Acting, needs
from eilbote.api.paging import Cursor, Limit, Page, cursor_at, read_cursor
from eilbote.api.streaming import end_with_permission
from eilbote.api.v1.mail.message_shapes import EventShape, event_shape
from eilbote.model.attempt import Event, EventKind

router = APIRouter(prefix="/events", tags=["Events"])

Listening = Annotated[Acting, Depends(needs(Permission.MESSAGES_READ, lists=True))]
Kinds = Annotated[
    list[EventKind] | None, Query(alias="kind", max_length=50, description="Only these; all when left out")
]
STREAM_SECONDS: Final = 300.0
"""Then a stream ends, and whoever comes back is asked again who it is."""
_LARGEST: Final = 2**62
_SCANNED: Final = 5000


async def _seated(acting: Listening) -> AsyncGenerator[Acting]:
    """Keep a seat until the answer has ended; whoever would be one too many is refused before it begins."""
    with acting.eilbote.events_feed.seat(acting.principal.organization, acting.principal.id):
        yield acting


@router.get("", summary="List what happened", operation_id="list_events")
async def list_events(
    acting: Listening,
    kind: Kinds = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[EventShape]:
    """Give what happened, in order, the oldest first; `next_cursor` goes on where this page ends, also when nothing is new yet.

    A page may hold fewer than `limit`, even none, while `next_cursor` is there: of many events few may concern who asks.
    """
    place = read_cursor(cursor, int)
    position = int(place[0]) if place is not None else 0
    position = min(max(position, 0), _LARGEST)
    items: list[EventShape] = []
    scanned = 0
    while len(items) < limit and scanned < _SCANNED:
        events = await acting.eilbote.events(after=position, limit=500)
        if not events:
            break
        scanned += len(events)
        for event in events:
            position = event.sequence
            if _concerns(acting, event, kind):
                items.append(event_shape(event))
                if len(items) == limit:
                    break
    return Page(items=items, next_cursor=cursor_at(position))


@router.get(
    "/stream",
    summary="Hear what happens",
    operation_id="stream_events",
    response_class=EventSourceResponse,
    response_model=EventShape,
)
async def stream_events(
    acting: Annotated[Acting, Depends(_seated)],
    request: Request,
    kind: Kinds = None,
    last_event_id: Annotated[
        int | None,
        Header(
            alias="Last-Event-ID",
            ge=0,
            le=_LARGEST,
            description="The `id` of the last event that was heard; browsers send it by themselves. From now on when left out",
        ),
    ] = None,
) -> AsyncGenerator[ServerSentEvent]:
    """Give what happens as it happens, as server-sent events: `event` is its kind, `id` its place, `data` as in the list.

    A comment is sent every 15 seconds when nothing happens. The stream ends after five minutes; browsers come back by themselves with
    `Last-Event-ID`, miss nothing, and are asked again who they are. It ends earlier when who listens is not let in any more.
    """
    ended = asyncio.Event()
    watching = asyncio.create_task(end_with_permission(request, acting, Permission.MESSAGES_READ, ended))
    heard = acting.eilbote.events_feed.listen(after=last_event_id, seconds=STREAM_SECONDS, until=ended)
    try:
        yield ServerSentEvent(comment="here", retry=2000)
        async for event in heard:
            if _concerns(acting, event, kind):
                yield ServerSentEvent(event=event.kind.value, id=str(event.sequence), data=event_shape(event))
    finally:
        watching.cancel()
        await heard.aclose()


def _concerns(acting: Acting, event: Event, kinds: list[EventKind] | None) -> bool:
    if kinds and event.kind not in kinds:
        return False
    if acting.which is None:
        return True
    # what happens to a connection is told of nobody's message: the connection's name says whose it is
    owner, slash, _ = event.connection.partition("/")
    organization = owner if slash and event.entry is None else event.organization
    return organization == acting.which
