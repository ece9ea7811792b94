"""Signing in and out, for browsers; programs have API keys."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, Field
from starlette.status import HTTP_201_CREATED, HTTP_204_NO_CONTENT

from eilbote.accounts.session import Session
from eilbote.accounts.user import User
from eilbote.api.acting import Acting, needs
from eilbote.api.everybody import Guest, everybody
from eilbote.api.session_cookie import change_session, session_token, take_cookie
from eilbote.api.v1.account.user_shapes import Address, Password, SessionShape, Strict, user_shape
from eilbote.engine.accounts.principals import principal_of_user
from eilbote.engine.accounts.sessions import SignedIn
from eilbote.model.moment import as_datetime

router = APIRouter(tags=["Session"])

PLACE = "/api/v1/session"
Anybody = Annotated[Guest, Depends(everybody())]
Known = Annotated[Acting, Depends(needs(None))]


class SignInInput(Strict):
    """Who wants to sign in."""

    address: Address
    password: Password


class OpenIdShape(BaseModel):
    """Single sign-on."""

    label: str = Field(description="What its button says", examples=["Sign in with Acme"])
    path: str = Field(description="Where the button leads", examples=["/sign-in/openid"])


class SignInWaysShape(BaseModel):
    """How people can sign in here."""

    password: bool = Field(description="With address and password")
    openid: OpenIdShape | None = Field(description="With OpenID Connect, where it is set up")
    needs_first_administrator: bool = Field(
        description="Whether nobody administers the host yet; the link that `eilbote serve` prints at its start makes somebody do so"
    )


@router.get("/sign-in-ways", summary="Tell how people can sign in", operation_id="get_sign_in_ways")
async def get_sign_in_ways(guest: Anybody) -> SignInWaysShape:
    """Tell what a page of sign-in has to show. Needs nobody to be signed in."""
    oidc = guest.house.eilbote.config.oidc
    return SignInWaysShape(
        password=True,
        openid=OpenIdShape(label=oidc.label, path="/sign-in/openid") if oidc.is_on else None,
        needs_first_administrator=not await guest.accounts.users.has_administrator(),
    )


@router.post(
    "/session",
    status_code=HTTP_201_CREATED,
    summary="Sign in",
    operation_id="create_session",
    responses={401: {"description": "Address and password do not belong together"}},
)
async def create_session(
    guest: Anybody, given: SignInInput, request: Request, response: Response
) -> SessionShape:
    """Sign in with address and password; gives a cookie, and what has to be sent with every change.

    A session that the browser had before ends. Whatever is wrong, the answer is the same. After some wrong tries there is a wait before the
    next one. Needs nobody to be signed in.
    """
    signed = await guest.accounts.sign_in.by_password(given.address, given.password, origin=guest.origin)
    return await begun(signed, guest, request, response)


@router.get("/session", summary="Show who is signed in", operation_id="get_session")
async def get_session(acting: Known, request: Request) -> SessionShape:
    """Tell who is signed in with the cookie of the request, and give what has to be sent with changes."""
    user, session = await acting.eilbote.accounts.sessions.find(session_token(request, acting.eilbote))
    return session_shape(user, session)


@router.delete("/session", status_code=HTTP_204_NO_CONTENT, summary="Sign out", operation_id="delete_session")
async def delete_session(acting: Known, request: Request, response: Response) -> None:
    """End the session of the request, here and in the browser."""
    token = session_token(request, acting.eilbote)
    if token:
        await acting.eilbote.accounts.sessions.end(token)
        await acting.note(
            "user.sign_out", f"user:{acting.principal.id}", organization=acting.principal.organization
        )
    take_cookie(response, acting.eilbote)


async def begun(signed: SignedIn, guest: Guest, request: Request, response: Response) -> SessionShape:
    """Answer that somebody has signed in.

    Raises:
        OutboxUnavailableError: The database does not answer.
    """
    await change_session(request, response, signed, guest.house.eilbote)
    response.headers["Location"] = PLACE
    return session_shape(signed.user, signed.session)


def session_shape(user: User, session: Session) -> SessionShape:
    """Give how a session looks to whom it belongs."""
    return SessionShape(
        user=user_shape(user),
        permissions=sorted(principal_of_user(user).permissions),
        csrf=session.csrf,
        expires=as_datetime(session.expires),
    )
