"""Event types: what eilbote knows to raise by itself, and what others raise with its words."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path
from pydantic import BaseModel, Field

from eilbote.accounts.role import Permission
from eilbote.api.acting import Acting, needs
from eilbote.api.paging import Page
from eilbote.api.told_language import ToldLanguage, in_language
from eilbote.author.notification.catalogue import KnownEvent, known_events
from eilbote.errors import NotFoundError
from eilbote.model.severity import Severity

router = APIRouter(prefix="/event-types", tags=["Notifications"])

Reader = Annotated[Acting, Depends(needs(Permission.NOTIFICATIONS_READ))]


class EventTypeShape(BaseModel):
    """A kind of system events."""

    event: str = Field(description="Its name", examples=["connection.paused"])
    title: str = Field(
        description="What lists call it, in the language of the request",
        examples=["Connection takes no mail"],
    )
    labels: dict[str, str] = Field(
        description="The same in every language", examples=[{"en": "Connection takes no mail"}]
    )
    severity: Severity = Field(description="How bad it is when nobody says otherwise")
    titles: dict[str, str] = Field(
        description="Its one line by language; a template (Liquid) that sees `data` and `event`",
        examples=[{"en": "The flow {{ data.flow }} has failed"}],
    )
    personal: bool = Field(description="Whether it concerns one person, who is told whatever is subscribed")
    confidential: bool = Field(description="Whether its data are shown to nobody but that person")
    mandatory: bool = Field(
        description="Whether administrators hear of it in any case, and nobody is left out who has muted or unsubscribed"
    )
    at_most: int = Field(
        description="How often the same about the same thing is told within `repeat_minutes`; then it is counted"
    )
    repeat_minutes: int


@router.get("", summary="List event types", operation_id="list_event_types")
async def list_event_types(_acting: Reader, language: ToldLanguage) -> Page[EventTypeShape]:
    """Give every kind in the catalogue. Any other dotted name can be raised and subscribed to as well."""
    return Page(items=[_shape(each, language) for each in known_events()])


@router.get("/{event}", summary="Show an event type", operation_id="get_event_type")
async def get_event_type(
    _acting: Reader,
    event: Annotated[str, Path(max_length=100, examples=["flow.failed"])],
    language: ToldLanguage,
) -> EventTypeShape:
    """Give one kind of the catalogue."""
    for each in known_events():
        if each.kind == event:
            return _shape(each, language)
    raise NotFoundError(
        f"the catalogue has no event {event[:60]!r}",
        field="event",
        remedy="It can be raised all the same, with a summary of its own",
    )


def _shape(one: KnownEvent, language: str) -> EventTypeShape:
    return EventTypeShape(
        event=one.kind,
        title=in_language(one.labels, language),
        labels=dict(one.labels),
        severity=one.severity,
        titles=dict(one.titles),
        personal=one.personal,
        confidential=one.confidential,
        mandatory=one.mandatory,
        at_most=one.at_most,
        repeat_minutes=one.repeat_minutes,
    )
