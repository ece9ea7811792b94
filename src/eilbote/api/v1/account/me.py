"""What people change about themselves: their name, their password, where they are signed in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, cast

from fastapi import APIRouter, Depends, Path, Request, Response
from pydantic import BaseModel, Field
from starlette.status import HTTP_204_NO_CONTENT

from eilbote.accounts.principal import PrincipalKind
from eilbote.accounts.role import Permission
from eilbote.accounts.session import digest_of_token
from eilbote.accounts.user import User
from eilbote.api.acting import Acting, needs
from eilbote.api.changed_fields import changed_fields
from eilbote.api.paging import Page
from eilbote.api.session_cookie import change_session, session_token
from eilbote.api.v1.account.session import session_shape
from eilbote.api.v1.account.user_shapes import (
    Language,
    Name,
    NewPassword,
    Password,
    SessionShape,
    Strict,
    UserShape,
    Zone,
    user_shape,
)
from eilbote.engine.accounts.sessions import session_id
from eilbote.engine.accounts.users import OwnFields
from eilbote.errors import ForbiddenError
from eilbote.model.moment import as_datetime

router = APIRouter(prefix="/me", tags=["Me"])

Known = Annotated[Acting, Depends(needs(None))]


class MeShape(BaseModel):
    """Who asks."""

    kind: PrincipalKind = Field(description="A person or an API key", examples=["user"])
    id: str = Field(examples=["2b36b98a8ee8ac04"])
    name: str = Field(description="An address, or the name of a key", examples=["anna@acme.example"])
    organization: str = Field(description="Where they belong; empty for the host", examples=["acme"])
    permissions: list[Permission] = Field(description="What they may do")
    senders: list[str] = Field(
        description="From which addresses and domains they may send; from any when empty"
    )
    user: UserShape | None = Field(description="More about a person")
    capture_mode: bool = Field(
        description="Nothing is sent by this server, whoever hands it in: mail is kept to be looked at by the host",
        examples=[False],
    )


class OwnChange(Strict):
    """What is to be other than it is (RFC 7396)."""

    name: Name | None = None
    language: Language | None = None
    time_zone: Zone | None = None


class PasswordInput(Strict):
    """Another password."""

    current_password: Password
    new_password: NewPassword


class OwnSessionShape(BaseModel):
    """Where somebody is signed in."""

    id: str = Field(examples=["1e992e71e19403b4"])
    is_this: bool = Field(description="Whether it is that of this request")
    created: datetime
    seen: datetime = Field(description="When it was last used, to the minute")
    expires: datetime
    address: str = Field(description="Whence it was begun", examples=["192.0.2.7"])
    agent: str = Field(description="Which program it was begun with, as it called itself")


@router.get("", summary="Show who asks", operation_id="get_me")
async def get_me(acting: Known) -> MeShape:
    """Tell who asks and what they may do, whether a person or a key; and whether what they hand in leaves this server at all."""
    principal = acting.principal
    is_user = principal.kind is PrincipalKind.USER
    return MeShape(
        kind=principal.kind,
        id=principal.id,
        name=principal.name,
        organization=principal.organization,
        permissions=sorted(principal.permissions),
        senders=list(principal.senders),
        user=user_shape(await _self(acting)) if is_user else None,
        capture_mode=acting.eilbote.config.capture.enabled,
    )


@router.patch("", summary="Change oneself", operation_id="update_me")
async def update_me(acting: Known, change: OwnChange) -> UserShape:
    """Change what people may change about themselves; role and address are changed by an administrator."""
    user = await _self(acting)
    fields = {name: value or "" for name, value in change.model_dump(exclude_unset=True).items()}
    changed = await acting.eilbote.accounts.users.change_own(user, **cast("OwnFields", fields))
    before, after = changed_fields(user_shape(user), user_shape(changed))
    await _note(acting, "user.update", before=before, after=after)
    return user_shape(changed)


@router.post("/password", summary="Choose another password", operation_id="change_password")
async def change_password(
    acting: Known, given: PasswordInput, request: Request, response: Response
) -> SessionShape:
    """Set another password; ends every session and begins a new one for the browser that asked."""
    user = await _self(acting)
    signed = await acting.eilbote.accounts.recovery.change(
        user, given.current_password, given.new_password, origin=acting.origin
    )
    await change_session(request, response, signed, acting.eilbote)
    return session_shape(signed.user, signed.session)


@router.get("/sessions", summary="List where one is signed in", operation_id="list_my_sessions")
async def list_my_sessions(acting: Known, request: Request) -> Page[OwnSessionShape]:
    """Give all sessions of who asks, the latest first."""
    user = await _self(acting)
    own = digest_of_token(session_token(request, acting.eilbote))
    return Page(
        items=[
            OwnSessionShape(
                id=session_id(each),
                is_this=each.digest == own,
                created=as_datetime(each.created),
                seen=as_datetime(each.seen),
                expires=as_datetime(each.expires),
                address=each.address,
                agent=each.agent,
            )
            for each in await acting.eilbote.accounts.sessions.of(user.id)
        ]
    )


@router.delete(
    "/sessions",
    status_code=HTTP_204_NO_CONTENT,
    summary="Sign out everywhere else",
    operation_id="delete_my_sessions",
)
async def delete_my_sessions(acting: Known, request: Request) -> None:
    """End every session of who asks, but for that of the request."""
    user = await _self(acting)
    await acting.eilbote.accounts.sessions.end_all(user.id, but=session_token(request, acting.eilbote))
    await _note(acting, "user.sign_out_everywhere")


@router.delete(
    "/sessions/{id}",
    status_code=HTTP_204_NO_CONTENT,
    summary="Sign out elsewhere",
    operation_id="delete_my_session",
)
async def delete_my_session(
    acting: Known,
    id: Annotated[str, Path(max_length=100, examples=["1e992e71e19403b4"])],  # noqa: A002 - the name in the path
) -> None:
    """End one session of who asks."""
    user = await _self(acting)
    await acting.eilbote.accounts.sessions.end_one(user.id, id)
    await _note(acting, "user.sign_out", after={"session": id})


async def _self(acting: Acting) -> User:
    if acting.principal.kind is not PrincipalKind.USER:
        raise ForbiddenError(
            "a key has no such things",
            field="authorization",
            cause="This is about a person, and the request comes with an API key",
            remedy="Sign in, and do it there",
        )
    return await acting.eilbote.accounts.users.get(acting.principal.id)


async def _note(
    acting: Acting,
    action: str,
    *,
    before: Mapping[str, object] | None = None,
    after: Mapping[str, object] | None = None,
) -> None:
    await acting.note(
        action,
        f"user:{acting.principal.id}",
        organization=acting.principal.organization,
        before=before or {},
        after=after or {},
    )
