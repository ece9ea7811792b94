"""A new password for somebody who has forgotten theirs."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, BackgroundTasks, Depends, Path
from pydantic import BaseModel, Field
from starlette.status import HTTP_202_ACCEPTED, HTTP_204_NO_CONTENT

from eilbote.api.everybody import Guest, everybody
from eilbote.api.v1.account.user_shapes import Address, NewPassword, Strict

router = APIRouter(prefix="/recovery", tags=["Recovery"])

Anybody = Annotated[Guest, Depends(everybody())]
Token = Annotated[str, Path(max_length=200, description="What stands at the end of the link")]


class RecoveryInput(Strict):
    """Who has forgotten their password."""

    address: Address


class NewPasswordInput(Strict):
    """The new password."""

    password: NewPassword


class RecoveryShape(BaseModel):
    """Whose password a link sets."""

    address: str = Field(examples=["anna@acme.example"])


@router.post(
    "", status_code=HTTP_202_ACCEPTED, summary="Ask for a new password", operation_id="ask_for_recovery"
)
async def ask_for_recovery(guest: Anybody, given: RecoveryInput, background: BackgroundTasks) -> None:
    """Send a link, good for an hour, if somebody has this address; the answer is the same if nobody has. Needs nobody to be signed in."""
    guest.accounts.recovery.check_may_ask(origin=guest.origin)
    background.add_task(guest.accounts.recovery.ask, given.address, origin=guest.origin)


@router.get("/{token}", summary="Look at a link for a new password", operation_id="get_recovery")
async def get_recovery(guest: Anybody, token: Token) -> RecoveryShape:
    """Tell whose password a link sets; it stays good. Needs nobody to be signed in."""
    return RecoveryShape(address=(await guest.accounts.recovery.look(token)).address)


@router.post(
    "/{token}",
    status_code=HTTP_204_NO_CONTENT,
    summary="Set a new password",
    operation_id="finish_recovery",
)
async def finish_recovery(guest: Anybody, token: Token, given: NewPasswordInput) -> None:
    """Set it; the link is used up then, and every session ends. Needs nobody to be signed in."""
    await guest.accounts.recovery.finish(token, given.password, origin=guest.origin)
