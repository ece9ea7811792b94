"""Notifications: say that something has happened, look at what has, and see who was told."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final, cast

from fastapi import APIRouter, Depends, Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field, JsonValue

from eilbote.accounts.role import Permission
from eilbote.api.acting import Acting, needs
from eilbote.api.paging import Cursor, Limit, Page, behind, cursor_at
from eilbote.api.times import time_or_none
from eilbote.author.notification.escalated import ESCALATED
from eilbote.author.notification.escalation import Acknowledgement, KeptEscalation
from eilbote.author.notification.subscription import is_id
from eilbote.author.notification.telling import KeptEvent, KeptTelling
from eilbote.author.notification.wording import title_of
from eilbote.engine.event_ids import event_id
from eilbote.engine.shown_data import plain
from eilbote.errors import ForbiddenError, NotFoundError
from eilbote.model.ids import entry_id_text
from eilbote.model.moment import as_datetime
from eilbote.model.severity import Severity

router = APIRouter(prefix="/notifications", tags=["Notifications"])

Lister = Annotated[Acting, Depends(needs(Permission.NOTIFICATIONS_READ, lists=True))]
Reader = Annotated[Acting, Depends(needs(Permission.NOTIFICATIONS_READ))]
Raiser = Annotated[Acting, Depends(needs(Permission.NOTIFICATIONS_RAISE))]
Acknowledger = Annotated[Acting, Depends(needs(Permission.NOTIFICATIONS_ACKNOWLEDGE))]


_ACCOUNTS: Final = "account."


class NotificationInput(BaseModel):
    """Something that has happened."""

    model_config = ConfigDict(extra="forbid")

    event: str = Field(
        max_length=100, description="What kind of thing: a dotted name", examples=["invoice.overdue"]
    )
    severity: Severity | None = Field(
        default=None, description="How bad it is; as the catalogue says when null"
    )
    summary: str = Field(
        default="", max_length=2000, description="One line", examples=["Invoice 4711 is overdue"]
    )
    detail: str = Field(default="", max_length=20_000, description="More about it, with line ends")
    data: dict[str, JsonValue] = Field(
        default={}, description="Values for the text", examples=[{"customer": "Acme", "total": 12.5}]
    )
    about: str = Field(
        default="",
        max_length=300,
        description="What it is about: the same kind about the same thing is counted for a while, and not told again",
        examples=["4711"],
    )
    to: list[Annotated[str, Field(max_length=320)]] = Field(
        default=[],
        max_length=100,
        description="Addresses of those it concerns in person, whatever is subscribed",
    )
    language: str = Field(default="en", max_length=35, description="Of those it concerns in person")
    id: str | None = Field(
        default=None,
        min_length=1,
        max_length=64,
        pattern=r"^[A-Za-z0-9_.:#/-]+$",
        description="A name of its own: raised again under the same one it changes nothing",
    )


class RaisedShape(BaseModel):
    """What became of it."""

    id: str = Field(description="Its id, or that of the one it only repeats")
    new: bool = Field(description="Whether it stands for itself; otherwise it was counted, or raised before")
    count: int = Field(description="How often it has happened")
    told: int = Field(description="How many people are told of it, now or later")


class AcknowledgementInput(BaseModel):
    """That whoever says this looks after it."""

    model_config = ConfigDict(extra="forbid")

    note: str = Field(default="", max_length=500, description="One line about it", examples=["I am on it"])


class AcknowledgementShape(BaseModel):
    """Who looks after it."""

    by: str = Field(description="Who said so first", examples=["user:Anna"])
    at: datetime
    note: str


class NotificationShape(BaseModel):
    """Something that has happened; what is confidential in it is left out."""

    id: str
    organization: str
    event: str = Field(examples=["invoice.overdue"])
    severity: Severity
    title: str = Field(examples=["Invoice 4711 is overdue"])
    detail: str
    data: dict[str, JsonValue]
    about: str
    at: datetime
    last: datetime = Field(description="When it happened the last time")
    count: int
    told: int
    source: str = Field(description="Who raised it")
    acknowledged: AcknowledgementShape | None = Field(
        description="Who looks after it; null while nobody has said so"
    )


class EscalationShape(BaseModel):
    """What is done because nobody has acknowledged it."""

    subscription: str = Field(description="By which")
    step: int = Field(description="Which of its steps, from 1")
    due: datetime
    done: datetime | None = Field(description="When it was taken or ended; null while it waits")
    notification: str = Field(description="The notification that told the next ones; empty when none did")
    reason: str = Field(description="Why it was not taken")


class TellingShape(BaseModel):
    """That somebody is told."""

    recipient: str
    subscription: str = Field(description="By which; empty when it concerns them in person")
    due: datetime
    gathered: bool = Field(description="Whether together with others, in one message")
    done: datetime | None = Field(
        description="When the message was handed in, or given up; null while it waits"
    )
    message: str | None = Field(description="The message's id; null when there is none, or not yet")
    failures: int
    reason: str = Field(description="Why it waits longer, or was given up")


class NotificationWithPeople(NotificationShape):
    """Something that has happened, with everybody who is told."""

    people: list[TellingShape]
    escalation: list[EscalationShape] = Field(description="Who is told next, or was, in the order of time")


@router.post("", status_code=202, summary="Raise a notification", operation_id="raise_notification")
async def raise_notification(acting: Raiser, said: NotificationInput, response: Response) -> RaisedShape:
    """Say that something has happened; whoever has subscribed to it is told. It is kept when this answers."""
    if said.event.strip().lower() == ESCALATED:
        raise ForbiddenError(
            "only eilbote itself raises that nobody has acknowledged something",
            field="event",
            remedy="Give a subscription steps (`escalation`); then it does so when they are due",
        )
    if said.event.strip().lower().startswith(_ACCOUNTS):
        raise ForbiddenError(
            "only eilbote itself raises events about accounts",
            field="event",
            cause="Their messages hold links that people trust, such as the one by which a password is set",
            remedy="Invite somebody by /api/v1/users, or have a password recovered by /api/v1/recovery",
        )
    raised = await acting.eilbote.notify.raise_event(
        said.event,
        severity=said.severity,
        summary=said.summary,
        detail=said.detail,
        data=said.data,
        key=said.about,
        to=said.to,
        organization=acting.organization,
        language=said.language,
        id=None if said.id is None else event_id("api", acting.organization, said.id),
        source=_name_of(acting),
    )
    await acting.note(
        "notification.raise", f"notification:{raised.event}", after={"event": said.event, "told": raised.told}
    )
    response.headers["Location"] = f"/api/v1/notifications/{raised.event}"
    return RaisedShape(id=raised.event, new=raised.is_new, count=raised.count, told=raised.told)


@router.get("", summary="List notifications", operation_id="list_notifications")
async def list_notifications(
    acting: Lister,
    *,
    event: Annotated[
        str,
        Query(
            max_length=100,
            pattern=r"^[a-z0-9_.*-]+$",
            description="Of kinds like this; `*` stands for anything",
            examples=["flow.*"],
        ),
    ] = "*",
    severity: Annotated[Severity | None, Query(description="At least so bad")] = None,
    acknowledged: Annotated[
        bool | None, Query(description="Only those that somebody has acknowledged, or that nobody has")
    ] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[NotificationShape]:
    """Give what has happened, the latest first."""
    after = behind(cursor) or ""
    if after and not is_id(after):
        return Page(items=[])
    found = await acting.eilbote.notify.events(
        organization=acting.which,
        event=event,
        severity=severity,
        acknowledged=acknowledged,
        limit=limit + 1,
        after=after,
    )
    page = found[:limit]
    known = await acting.eilbote.notify.acknowledgements([kept.event.id for kept in page])
    return Page(
        items=[_shape(kept, known.get(kept.event.id)) for kept in page],
        next_cursor=cursor_at(page[-1].event.id) if len(found) > limit else None,
    )


@router.get("/{id}", summary="Show a notification", operation_id="get_notification")
async def get_notification(
    acting: Reader,
    id: Annotated[str, Path(max_length=64)],  # noqa: A002 - its own word
) -> NotificationWithPeople:
    """Give one, with everybody who is told, by which message, and who is told next."""
    kept = await _found(acting, id)
    desk = acting.eilbote.notify
    known = await desk.acknowledgements([id])
    return NotificationWithPeople(
        **dict(_shape(kept, known.get(id))),
        people=[_telling(one) for one in await desk.told(id)],
        escalation=[_escalation(one) for one in await desk.escalations(id)],
    )


@router.post(
    "/{id}/acknowledge", summary="Acknowledge a notification", operation_id="acknowledge_notification"
)
async def acknowledge_notification(
    acting: Acknowledger,
    id: Annotated[str, Path(max_length=64)],  # noqa: A002 - its own word
    said: AcknowledgementInput,
) -> AcknowledgementShape:
    """Say that whoever asks looks after it: nobody else is told. Of several who say so the first one counts, and is given."""
    await _found(acting, id)
    known = await acting.eilbote.notify.acknowledge(id, by=_name_of(acting), note=said.note)
    await acting.note("notification.acknowledge", f"notification:{known.event}", after={"by": known.by})
    return _acknowledgement(known)


async def _found(acting: Acting, id_: str) -> KeptEvent:
    kept = await acting.eilbote.notify.event(id_) if is_id(id_) else None
    if kept is None or not acting.concerns(kept.event.organization):
        raise NotFoundError(
            f"there is no notification {id_[:60]!r}", field="id", remedy="Old ones are forgotten"
        )
    return kept


def _name_of(acting: Acting) -> str:
    return f"{acting.principal.kind.value}:{acting.principal.name}"[:300]


def _shape(kept: KeptEvent, acknowledged: Acknowledgement | None) -> NotificationShape:
    event = kept.event
    return NotificationShape(
        id=event.id,
        organization=event.organization,
        event=event.kind,
        severity=event.severity,
        title=title_of(event),
        detail=event.detail,
        data=cast("dict[str, JsonValue]", plain(dict(event.data))),
        about=event.key,
        at=as_datetime(event.at),
        last=as_datetime(kept.last),
        count=kept.count,
        told=kept.told,
        source=event.source,
        acknowledged=None if acknowledged is None else _acknowledgement(acknowledged),
    )


def _acknowledgement(known: Acknowledgement) -> AcknowledgementShape:
    return AcknowledgementShape(by=known.by, at=as_datetime(known.at), note=known.note)


def _escalation(one: KeptEscalation) -> EscalationShape:
    step = one.escalation
    return EscalationShape(
        subscription=step.subscription,
        step=step.step + 1,
        due=as_datetime(step.due),
        done=time_or_none(one.done),
        notification=one.raised,
        reason=one.reason,
    )


def _telling(one: KeptTelling) -> TellingShape:
    telling = one.telling
    return TellingShape(
        recipient=telling.recipient,
        subscription=telling.subscription,
        due=as_datetime(telling.due),
        gathered=telling.gathered,
        done=time_or_none(one.done),
        message=None if one.entry is None else entry_id_text(one.entry),
        failures=one.failures,
        reason=one.reason,
    )
