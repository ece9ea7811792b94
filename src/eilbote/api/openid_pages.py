"""``/sign-in/openid`` sends a browser to the provider of single sign-on, and ``/sign-in/openid/return`` takes it back.

What the browser keeps meanwhile is good for ten minutes and for one return. Where it goes afterwards is fixed: nothing in a request says so.
"""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response
from starlette.status import HTTP_303_SEE_OTHER, HTTP_403_FORBIDDEN, HTTP_404_NOT_FOUND

from eilbote.api.account_page import Link, notice_page
from eilbote.api.acting import house_of, origin_of
from eilbote.api.page_answers import SIGN_IN, language_of, nowhere, sent, way_to
from eilbote.api.session_cookie import change_session, comes_by_tls, host_cookie, session_token
from eilbote.engine.accounts.openid import RETURN_PATH, SECONDS
from eilbote.errors import ConflictError, NotFoundError, OutboxError, SignInError

_COOKIE: Final = "eilbote_openid"
_LONGEST: Final = 200


def openid_pages_router() -> APIRouter:
    """Give the routes."""
    router = APIRouter(include_in_schema=False)

    @router.get("/sign-in/openid")
    async def begin(request: Request) -> Response:  # pyright: ignore[reportUnusedFunction]
        house = house_of(request)
        openid = house.eilbote.accounts.openid
        if openid is None:
            return _none_here(request)
        try:
            begun = await openid.begin()
        except SignInError:
            return _not_believed(request)
        response = Response(
            status_code=HTTP_303_SEE_OTHER, headers={"Location": begun.url, "Cache-Control": "no-store"}
        )
        response.set_cookie(
            host_cookie(_COOKIE, house.eilbote),
            begun.secret,
            max_age=SECONDS,
            path="/",
            secure=comes_by_tls(house.eilbote),
            httponly=True,
            samesite="lax",
        )
        return response

    @router.get(RETURN_PATH)
    async def come_back(request: Request) -> Response:  # pyright: ignore[reportUnusedFunction]
        house, language = house_of(request), language_of(request)
        openid = house.eilbote.accounts.openid
        if openid is None:
            return _none_here(request)
        name = host_cookie(_COOKIE, house.eilbote)
        said = request.query_params
        try:
            signed = await openid.finish(
                request.cookies.get(name, "")[:_LONGEST],
                state=said.get("state", ""),
                code=said.get("code", ""),
                issuer=said.get("iss", ""),
                origin=origin_of(request),
                signed_in=await _signed_in(request),
            )
        except (SignInError, ConflictError):
            response = _not_believed(request)
        except NotFoundError:
            response = sent(notice_page("stranger", language=language), HTTP_403_FORBIDDEN)
        except OutboxError as error:
            return nowhere(request, error)
        else:
            response = Response(
                status_code=HTTP_303_SEE_OTHER,
                headers={"Location": "../../signed-in", "Cache-Control": "no-store"},
            )
            await change_session(request, response, signed, house.eilbote)
        response.delete_cookie(
            name, path="/", secure=comes_by_tls(house.eilbote), httponly=True, samesite="lax"
        )
        return response

    return router


def _none_here(request: Request) -> Response:
    links = [Link(words="to_sign_in", path=way_to(request, SIGN_IN))]
    return sent(notice_page("no_openid", language=language_of(request), links=links), HTTP_404_NOT_FOUND)


def _not_believed(request: Request) -> Response:
    links = [Link(words="to_sign_in", path=way_to(request, SIGN_IN))]
    return sent(notice_page("openid", language=language_of(request), links=links), HTTP_403_FORBIDDEN)


async def _signed_in(request: Request) -> str:
    """Give the id of who is signed in with this browser already; empty when nobody is."""
    house = house_of(request)
    try:
        user, _ = await house.eilbote.accounts.sessions.find(session_token(request, house.eilbote))
    except SignInError:
        return ""
    return user.id
