"""Invitations, as whoever was invited sees them: the token of the link is all they have."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Response
from pydantic import BaseModel, Field
from starlette.status import HTTP_201_CREATED

from eilbote.api.everybody import Guest, everybody
from eilbote.api.v1.account.session import begun
from eilbote.api.v1.account.user_shapes import Address, Language, Name, NewPassword, SessionShape, Strict

router = APIRouter(tags=["Invitations"])

Anybody = Annotated[Guest, Depends(everybody())]
Token = Annotated[str, Path(max_length=200, description="What stands at the end of the link")]


class InvitationShape(BaseModel):
    """Whom an invitation is for."""

    address: str = Field(examples=["anna@acme.example"])
    name: str = Field(examples=["Anna Larsson"])
    organization: str = Field(description="Empty for the host", examples=["acme"])
    language: str = Field(description="Empty for that of the organization", examples=["de"])


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
    guest: Anybody, token: Token, given: AcceptInput, response: Response
) -> SessionShape:
    """Choose a password, and sign in; the link is used up then. Needs nobody to be signed in."""
    signed = await guest.accounts.invitations.accept(
        token, given.password, name=given.name, origin=guest.origin
    )
    return begun(signed, guest, response)


@router.post(
    "/first-administrator/{token}",
    status_code=HTTP_201_CREATED,
    summary="Become the first administrator",
    operation_id="create_first_administrator",
)
async def create_first_administrator(
    guest: Anybody, token: Token, given: FirstAdministratorInput, response: Response
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
    return begun(signed, guest, response)
