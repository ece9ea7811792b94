"""Invitations: those that are open, for whoever looks after people; and each as whoever was invited sees it, who has the link's token alone."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request, Response
from pydantic import BaseModel, Field
from starlette.status import HTTP_201_CREATED

from eilbote.accounts.role import Permission, Role
from eilbote.api.acting import Acting, needs
from eilbote.api.everybody import Guest, everybody
from eilbote.api.paging import Cursor, Limit, Page, behind, page_of
from eilbote.api.times import time_or_none
from eilbote.api.v1.account.session import begun
from eilbote.api.v1.account.user_shapes import (
    Address,
    Language,
    Name,
    NewPassword,
    SessionShape,
    Strict,
)
from eilbote.engine.accounts.invitations import OpenInvitation

router = APIRouter(tags=["Invitations"])

Lister = Annotated[Acting, Depends(needs(Permission.USERS_READ, lists=True))]
Anybody = Annotated[Guest, Depends(everybody())]
Token = Annotated[str, Path(max_length=200, description="What stands at the end of the link")]


class InvitationShape(BaseModel):
    """Whom an invitation is for."""

    address: str = Field(examples=["anna@acme.example"])
    name: str = Field(examples=["Anna Larsson"])
    organization: str = Field(description="Empty for the host", examples=["acme"])
    language: str = Field(description="Empty for that of the organization", examples=["de"])


class InvitationStatus(StrEnum):
    """How an invitation stands."""

    OPEN = "open"
    EXPIRED = "expired"
    """The link is too old, or was withdrawn because their address was changed; another one can be sent."""


class OpenInvitationShape(InvitationShape):
    """An invitation of somebody who has not come yet."""

    user: str = Field(
        description="The id of who was invited: under `/users` it is sent again or taken back",
        examples=["2b36b98a8ee8ac04"],
    )
    role: Role = Field(description="What they will be", examples=["author"])
    status: InvitationStatus = Field(description="Whether the link lets them in still", examples=["open"])
    sent: datetime | None = Field(description="When the link was made; null when it is forgotten")
    expires: datetime | None = Field(description="Until when it is good; null when it is forgotten")


class AcceptInput(Strict):
    """How an invitation is accepted."""

    password: NewPassword
    name: Name = ""


class FirstAdministratorInput(Strict):
    """The first system administrator."""

    address: Address
    password: NewPassword
    name: Name = ""
    language: Language = ""


@router.get("/invitations", summary="List open invitations", operation_id="list_invitations")
async def list_invitations(
    acting: Lister, limit: Limit = 50, cursor: Cursor = None
) -> Page[OpenInvitationShape]:
    """Give who was invited and has not come yet, in the order of their ids.

    `POST /users/ID/invitation` sends another link, `DELETE /users/ID/invitation` takes the invitation back.
    """
    found = await acting.eilbote.accounts.invitations.page(
        acting.which, limit=limit + 1, after=behind(cursor) or ""
    )
    return page_of(found, limit, _open_shape, place=lambda each: each.user.id)


@router.get("/invitations/{token}", summary="Look at an invitation", operation_id="get_invitation")
async def get_invitation(guest: Anybody, token: Token) -> InvitationShape:
    """Tell whom an invitation is for; it stays good. Needs nobody to be signed in."""
    user = await guest.accounts.invitations.look(token)
    return InvitationShape(
        address=user.address, name=user.name, organization=user.organization, language=user.language
    )


@router.post(
    "/invitations/{token}",
    status_code=HTTP_201_CREATED,
    summary="Accept an invitation",
    operation_id="accept_invitation",
)
async def accept_invitation(
    guest: Anybody, token: Token, given: AcceptInput, request: Request, response: Response
) -> SessionShape:
    """Choose a password, and sign in; the link is used up then. Needs nobody to be signed in."""
    signed = await guest.accounts.invitations.accept(
        token, given.password, name=given.name, origin=guest.origin
    )
    return await begun(signed, guest, request, response)


@router.post(
    "/first-administrator/{token}",
    status_code=HTTP_201_CREATED,
    summary="Become the first administrator",
    operation_id="create_first_administrator",
)
async def create_first_administrator(
    guest: Anybody, token: Token, given: FirstAdministratorInput, request: Request, response: Response
) -> SessionShape:
    """Make the first system administrator with the link that the first start prints, and sign in. Needs nobody to be signed in."""
    signed = await guest.accounts.first.accept(
        token,
        address=given.address,
        password=given.password,
        name=given.name,
        language=given.language,
        origin=guest.origin,
    )
    return await begun(signed, guest, request, response)


def _open_shape(invitation: OpenInvitation) -> OpenInvitationShape:
    user = invitation.user
    return OpenInvitationShape(
        user=user.id,
        address=user.address,
        name=user.name,
        organization=user.organization,
        language=user.language,
        role=user.role,
        status=InvitationStatus.OPEN if invitation.is_good else InvitationStatus.EXPIRED,
        sent=time_or_none(invitation.sent),
        expires=time_or_none(invitation.expires),
    )
