"""Webhooks: who is told over HTTP of what happens, and what became of each delivery (Standard Webhooks 1.0).

A secret is told once, when it is made: by the answer that creates a webhook, and by the one that replaces its secret.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from eilbote.accounts.role import Permission
from eilbote.api.acting import Acting, needs
from eilbote.api.paging import Cursor, Limit, Page, behind, page_of
from eilbote.api.times import time_or_none
from eilbote.engine.webhooks.fields import unknown_webhook
from eilbote.engine.webhooks.hook_events import KINDS
from eilbote.engine.webhooks.webhook_desk import OVERLAP_SECONDS
from eilbote.errors import SecretKeyError, SettingsError
from eilbote.model.moment import as_datetime
from eilbote.net.http_url import shown_url
from eilbote.record.webhook import DeliveryState, HookDelivery, Webhook

router = APIRouter(prefix="/webhooks", tags=["Webhooks"])

Reader = Annotated[Acting, Depends(needs(Permission.WEBHOOKS_READ))]
Lister = Annotated[Acting, Depends(needs(Permission.WEBHOOKS_READ, lists=True))]
Writer = Annotated[Acting, Depends(needs(Permission.WEBHOOKS_WRITE))]
Id = Annotated[str, Path(max_length=100, description="The webhook's id", examples=["5f2c9a1b7d3e"])]
DeliveryId = Annotated[
    str,
    Path(max_length=100, description="The delivery's id", examples=["msg_1b2c3d4e5f60718293a4b5c6d7e8f901"]),
]
_Url = Annotated[
    str,
    Field(
        max_length=2048,
        description="Where to deliver: `https`, or `http` at the machine of eilbote itself",
        examples=["https://example.org/eilbote"],
    ),
]
_Events = Annotated[
    list[str],
    Field(
        min_length=1,
        max_length=50,
        description="Kinds of events, `*` in place of the last part for anything: "
        + ", ".join(f"`{each}`" for each in KINDS)
        + ", `notification.` and the kind of a system event",
        examples=[["message.failed", "message.gave_up"]],
    ),
]
_Description = Annotated[str, Field(max_length=500, description="For people", examples=["Order system"])]
_Everywhere = Annotated[bool, Field(description="For the host's: the events of all organizations as well")]
_Revision = Annotated[
    int | None,
    Field(ge=0, description="The one that was seen; the change is refused if there is a later one"),
]


class WebhookInput(BaseModel):
    """A webhook to be made."""

    model_config = ConfigDict(extra="forbid")

    url: _Url
    events: _Events = ["*"]
    everywhere: _Everywhere = False
    description: _Description = ""
    enabled: bool = Field(default=True, description="Whether anything is delivered yet")


class WebhookChange(BaseModel):
    """What is to be other than it is; what is left out stays."""

    model_config = ConfigDict(extra="forbid")

    url: _Url | None = None
    events: _Events | None = None
    everywhere: _Everywhere | None = None
    description: _Description | None = None
    enabled: bool | None = Field(
        default=None, description="Switched on again it hears what happens from then on"
    )
    revision: _Revision = None


class Rotation(BaseModel):
    """How a secret is replaced."""

    model_config = ConfigDict(extra="forbid")

    overlap_seconds: int = Field(
        default=int(OVERLAP_SECONDS),
        ge=0,
        le=30 * 86_400,
        description="For how long the former secret signs as well; 0 for one that has become known",
    )
    revision: _Revision = None


class WebhookShape(BaseModel):
    """A webhook, without its secret."""

    id: str = Field(examples=["5f2c9a1b7d3e"])
    organization: str = Field(description="Whose events; empty for the host", examples=["acme"])
    url: str = Field(examples=["https://example.org/eilbote"])
    events: list[str] = Field(examples=[["message.failed"]])
    everywhere: bool
    description: str
    enabled: bool
    created: datetime
    changed: datetime
    failures: int = Field(description="How many attempts in a row have failed")
    failing_since: datetime | None = Field(
        description="When the first of them failed; after a day of that it is switched off, and administrators are told"
    )
    former_secret_until: datetime | None = Field(
        description="Until when the secret before the last rotation signs as well"
    )
    revision: int


class WebhookWithSecret(WebhookShape):
    """A webhook with its secret, which nothing else shows."""

    secret: str = Field(
        description="What deliveries are signed with; it is not shown again",
        examples=["whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"],
    )


class DeliveryShape(BaseModel):
    """What was sent to a webhook, or is to be."""

    id: str = Field(
        description="`webhook-id`: the same in every attempt",
        examples=["msg_1b2c3d4e5f60718293a4b5c6d7e8f901"],
    )
    webhook: str = Field(examples=["5f2c9a1b7d3e"])
    organization: str
    event: str = Field(description="Its kind", examples=["message.failed"])
    created: datetime = Field(description="When it happened")
    state: DeliveryState = Field(description="`waiting`, `delivered`, or `failed`: given up")
    due: datetime | None = Field(description="When the next attempt is allowed; null when there is none")
    attempts: int
    attempted: datetime | None = Field(description="When the last one was")
    seconds: float = Field(description="How long it took")
    status: int = Field(description="What the receiver answered; 0 when it did not", examples=[500])
    answer: str = Field(
        description="The beginning of its answer, or why there is none; at most 2,000 characters"
    )
    body: str = Field(
        description="What is sent, JSON as it is signed",
        examples=[
            '{"type":"message.failed","timestamp":"2026-01-15T09:30:00.000Z","data":{"organization":"acme"}}'
        ],
    )


@router.get("", summary="List webhooks", operation_id="list_webhooks")
async def list_webhooks(acting: Lister, limit: Limit = 100, cursor: Cursor = None) -> Page[WebhookShape]:
    """Give webhooks in the order of their ids, without their secrets."""
    after = behind(cursor) or ""
    found = [each for each in await acting.eilbote.webhooks.list(acting.which) if each.id > after]
    return page_of(found, limit, _shape, place=lambda each: each.id)


@router.post("", status_code=201, summary="Create a webhook", operation_id="create_webhook")
async def create_webhook(acting: Writer, said: WebhookInput, response: Response) -> WebhookWithSecret:
    """Have somebody told of what happens from now on. The answer tells the secret, once."""
    made = await acting.eilbote.webhooks.add(
        said.url,
        organization=acting.organization,
        events=said.events,
        everywhere=said.everywhere,
        description=said.description,
        is_enabled=said.enabled,
    )
    await acting.note("webhook.create", f"webhook:{made.id}", after=_noted(made))
    response.headers["Location"] = f"/api/v1/webhooks/{made.id}"
    return _with_secret(made)


@router.get("/{id}", summary="Show a webhook", operation_id="get_webhook")
async def get_webhook(acting: Reader, id: Id) -> WebhookShape:  # noqa: A002 - its own word
    """Give one, without its secret."""
    return _shape(await _found(acting, id))


@router.patch("/{id}", summary="Change a webhook", operation_id="update_webhook")
async def update_webhook(acting: Writer, id: Id, said: WebhookChange) -> WebhookShape:  # noqa: A002 - its own word
    """Change what is named (RFC 7396: null is as it is when nobody says anything); switch it on or off."""
    known = await _found(acting, id)
    removed = {name for name in said.model_fields_set if getattr(said, name) is None}
    if "url" in removed:
        raise SettingsError(
            "a webhook has to go somewhere", field="url", remedy="Give an address, or leave it out"
        )
    changed = await acting.eilbote.webhooks.change(
        known.id,
        url=said.url,
        events=["*"] if "events" in removed else said.events,
        everywhere=False if "everywhere" in removed else said.everywhere,
        description="" if "description" in removed else said.description,
        is_enabled=True if "enabled" in removed else said.enabled,
        revision=said.revision,
    )
    before, after = _noted(known), _noted(changed)
    await acting.note(
        "webhook.update",
        f"webhook:{id}",
        before={name: value for name, value in before.items() if after[name] != value},
        after={name: value for name, value in after.items() if before[name] != value},
    )
    return _shape(changed)


@router.delete("/{id}", status_code=204, summary="Remove a webhook", operation_id="delete_webhook")
async def delete_webhook(acting: Writer, id: Id) -> None:  # noqa: A002 - its own word
    """Forget one, with what was and is to be delivered to it; also one whose secret is lost, which nothing else can be done with."""
    if not acting.concerns(organization := await acting.eilbote.webhooks.owner(id)):
        raise unknown_webhook(id)
    try:
        before = _noted(await acting.eilbote.webhooks.show(id))
    except SecretKeyError as fault:
        before = {"organization": organization, "fault": str(fault)}
    await acting.eilbote.webhooks.remove(id)
    await acting.note("webhook.delete", f"webhook:{id}", before=before)


@router.post("/{id}/rotate", summary="Replace the secret of a webhook", operation_id="rotate_webhook_secret")
async def rotate_webhook_secret(
    acting: Writer,
    id: Id,  # noqa: A002 - its own word
    said: Rotation | None = None,
) -> WebhookWithSecret:
    """Make a new secret; the former one signs as well for a while. The answer tells the new one, once."""
    said = said or Rotation()
    known = await _found(acting, id)
    changed = await acting.eilbote.webhooks.rotate(
        known.id, overlap_seconds=said.overlap_seconds, revision=said.revision
    )
    await acting.note(
        "webhook.rotate", f"webhook:{id}", after={"secret": "***", "overlap_seconds": said.overlap_seconds}
    )
    return _with_secret(changed)


@router.post("/{id}/test", summary="Try a webhook", operation_id="test_webhook")
async def test_webhook(acting: Writer, id: Id) -> DeliveryShape:  # noqa: A002 - its own word
    """Bring a delivery of the kind `webhook.test` now, within ten seconds, and tell what the receiver answered."""
    known = await _found(acting, id)
    tried = await acting.eilbote.webhooks.test(known.id)
    await acting.note(
        "webhook.test", f"webhook:{id}", after={"state": tried.state.value, "status": tried.status}
    )
    return _delivery(tried)


@router.get(
    "/{id}/deliveries", summary="List the deliveries to a webhook", operation_id="list_webhook_deliveries"
)
async def list_webhook_deliveries(
    acting: Reader,
    id: Id,  # noqa: A002 - its own word
    state: Annotated[DeliveryState | None, Query(description="Only those that stand so")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[DeliveryShape]:
    """Give what was and is to be delivered, the latest first."""
    known = await _found(acting, id)
    found = await acting.eilbote.webhooks.deliveries(
        known.id, state=state, limit=limit + 1, after=behind(cursor) or ""
    )
    return page_of(found, limit, _delivery, place=lambda each: each.id)


@router.get(
    "/{id}/deliveries/{delivery}", summary="Show a delivery to a webhook", operation_id="get_webhook_delivery"
)
async def get_webhook_delivery(acting: Reader, id: Id, delivery: DeliveryId) -> DeliveryShape:  # noqa: A002 - its own word
    """Give one, with what was sent and what was answered."""
    known = await _found(acting, id)
    return _delivery(await acting.eilbote.webhooks.delivery(known.id, delivery))


@router.post(
    "/{id}/deliveries/{delivery}/redeliver",
    status_code=202,
    summary="Deliver something again",
    operation_id="redeliver_to_webhook",
)
async def redeliver_to_webhook(acting: Writer, id: Id, delivery: DeliveryId) -> DeliveryShape:  # noqa: A002 - its own word
    """Have something delivered again, now, under the same id."""
    known = await _found(acting, id)
    again = await acting.eilbote.webhooks.redeliver(known.id, delivery)
    await acting.note("webhook.redeliver", f"webhook:{id}", after={"delivery": delivery})
    return _delivery(again)


async def _found(acting: Acting, id_: str) -> Webhook:
    found = await acting.eilbote.webhooks.show(id_)
    if not acting.concerns(found.organization):
        raise unknown_webhook(id_)
    return found


def _shape(one: Webhook) -> WebhookShape:
    return WebhookShape(
        id=one.id,
        organization=one.organization,
        url=one.url,
        events=list(one.events),
        everywhere=one.everywhere,
        description=one.description,
        enabled=one.is_enabled,
        created=as_datetime(one.created),
        changed=as_datetime(one.changed),
        failures=one.failures,
        failing_since=time_or_none(one.failing_since),
        former_secret_until=time_or_none(one.former_until),
        revision=one.revision,
    )


def _with_secret(one: Webhook) -> WebhookWithSecret:
    return WebhookWithSecret(**dict(_shape(one)), secret=one.secret.reveal())


def _delivery(one: HookDelivery) -> DeliveryShape:
    return DeliveryShape(
        id=one.id,
        webhook=one.webhook,
        organization=one.organization,
        event=one.event,
        created=as_datetime(one.created),
        state=one.state,
        due=as_datetime(one.due) if one.state is DeliveryState.WAITING else None,
        attempts=one.attempts,
        attempted=time_or_none(one.attempted),
        seconds=one.seconds,
        status=one.status,
        answer=one.answer,
        body=one.body,
    )


def _noted(one: Webhook) -> dict[str, object]:
    """Give what the book keeps: an address without its query, in which receivers like to have secrets."""
    return {
        "url": shown_url(one.url),
        "events": list(one.events),
        "everywhere": one.everywhere,
        "description": one.description,
        "enabled": one.is_enabled,
    }
