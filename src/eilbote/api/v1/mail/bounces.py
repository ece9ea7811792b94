"""Returned mail: handed in as it was received, by whoever gets it (RFC 3464, RFC 5965)."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, Field

from eilbote.accounts.role import Permission
from eilbote.api.acting import Acting, needs
from eilbote.engine.bounces import BounceState
from eilbote.errors import DraftError
from eilbote.model.ids import entry_id_text
from eilbote.record.dsn import Action

router = APIRouter(prefix="/bounces", tags=["Suppressions"])

Writer = Annotated[Acting, Depends(needs(Permission.SUPPRESSIONS_WRITE))]
_TYPES = frozenset({"message/rfc822", "message/global"})


class ReturnedShape(BaseModel):
    """What is said of one recipient."""

    address: str = Field(description="Whom the server has tried")
    action: Action = Field(description="What it has done")
    status: str = Field(description="Enhanced status code; empty when there is none", examples=["5.1.1"])
    text: str = Field(description="What the server has said")
    hard: bool = Field(description="Whether another mail to this address would fail the same way")


class BounceShape(BaseModel):
    """What became of a returned mail."""

    state: BounceState = Field(
        description="`taken`: it belongs to a message; `unknown`: it is a notification about mail that is not known here; "
        "`no_bounce`: it is no notification"
    )
    message: str | None = Field(description="The message it belongs to")
    recipients: list[ReturnedShape] = Field(
        description="What it says of whom, as far as that message was written to them"
    )
    suppressed: list[str] = Field(description="Who is on the suppression list for it")


@router.post(
    "",
    summary="Hand in a returned mail",
    operation_id="take_bounce",
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "message/rfc822": {
                    "schema": {"type": "string", "description": "The mail as it was received"},
                    "example": "From: MAILER-DAEMON@mail.example.com\r\nContent-Type: multipart/report; ...",
                }
            },
        }
    },
)
async def take_bounce(
    acting: Writer,
    request: Request,
    to: Annotated[
        list[str] | None,
        Query(max_length=100, description="To which addresses it came; the return path says most"),
    ] = None,
) -> BounceShape:
    """Find the message that a returned mail belongs to, tell it there, and suppress whoever cannot be reached for good."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in _TYPES:
        raise DraftError(
            "this is no mail",
            field="content-type",
            remedy="Send the mail as it is, with Content-Type: message/rfc822",
        )
    found = await acting.eilbote.bounces.take(
        await request.body(), tuple(to or ()), organization=acting.scope
    )
    if found.entry is not None:
        await acting.note(
            "bounce.take",
            f"message:{entry_id_text(found.entry)}",
            after={"suppressed": list(found.suppressed)},
        )
    return BounceShape(
        state=found.state,
        message=None if found.entry is None else entry_id_text(found.entry),
        recipients=[
            ReturnedShape(
                address=each.address,
                action=each.action,
                status=each.status,
                text=each.text,
                hard=each.is_hard,
            )
            for each in found.recipients
        ],
        suppressed=list(found.suppressed),
    )
