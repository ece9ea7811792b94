"""``/sign-in``, ``/start/TOKEN``, ``/invitation/TOKEN``, ``/recover`` and ``/recover/TOKEN``: GET shows a form and changes nothing, POST sends it.

Programs that look into mail follow links, so looking uses nothing up. A form that the page of another site had a browser send is refused.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeAlias

from fastapi import APIRouter, BackgroundTasks
from starlette.requests import Request
from starlette.responses import Response
from starlette.status import (
    HTTP_303_SEE_OTHER,
    HTTP_400_BAD_REQUEST,
    HTTP_403_FORBIDDEN,
    HTTP_409_CONFLICT,
    HTTP_422_UNPROCESSABLE_CONTENT,
    HTTP_429_TOO_MANY_REQUESTS,
    HTTP_503_SERVICE_UNAVAILABLE,
)

from eilbote.api.account_page import (
    ASK,
    INVITATION,
    RECOVER,
    SIGN_IN,
    START,
    Link,
    differs,
    fault_of,
    form_page,
    notice_page,
)
from eilbote.api.acting import house_of, origin_of
from eilbote.api.everybody import check_own_site
from eilbote.api.form import read_form
from eilbote.api.page_answers import SIGN_IN as SIGN_IN_PATH
from eilbote.api.page_answers import language_of, nowhere, sent, way_to, ways_in, with_pause
from eilbote.api.session_cookie import change_session, session_token
from eilbote.errors import (
    ConflictError,
    EilboteError,
    ForbiddenError,
    NotFoundError,
    OutboxError,
    OutboxUnavailableError,
    SecretKeyError,
    SignInError,
    ThrottledError,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eilbote.api.account_page import Form
    from eilbote.engine.accounts.accounts_desk import AccountsDesk

Fields: TypeAlias = dict[str, str]
Look: TypeAlias = Callable[["AccountsDesk", str], Awaitable[str]]
"""Gives the address a link is for; raises when it leads nowhere."""


def account_pages_router() -> APIRouter:
    """Give the routes."""
    router = APIRouter(include_in_schema=False)
    _add_start(router)
    _add_invitation(router)
    _add_recovery(router)
    _add_sign_in(router)
    return router


def _add_start(router: APIRouter) -> None:
    async def look(accounts: AccountsDesk, token: str) -> str:
        await accounts.first.look(token)
        return ""

    async def done(request: Request, token: str, form: Fields) -> Response:
        house = house_of(request)
        signed = await house.eilbote.accounts.first.accept(
            token,
            address=form.get("address", ""),
            name=form.get("name", ""),
            password=form.get("password", ""),
            language=language_of(request),
            origin=origin_of(request),
        )
        response = _elsewhere("../signed-in")
        await change_session(request, response, signed, house.eilbote)
        return response

    _add_form(router, "/start/{token}", START, look=look, done=done)


def _add_invitation(router: APIRouter) -> None:
    async def look(accounts: AccountsDesk, token: str) -> str:
        return (await accounts.invitations.look(token)).address

    async def done(request: Request, token: str, form: Fields) -> Response:
        house = house_of(request)
        signed = await house.eilbote.accounts.invitations.accept(
            token, form.get("password", ""), name=form.get("name", ""), origin=origin_of(request)
        )
        response = _elsewhere("../signed-in")
        await change_session(request, response, signed, house.eilbote)
        return response

    _add_form(router, "/invitation/{token}", INVITATION, look=look, done=done)


def _add_recovery(router: APIRouter) -> None:
    async def look(accounts: AccountsDesk, token: str) -> str:
        return (await accounts.recovery.look(token)).address

    async def done(request: Request, token: str, form: Fields) -> Response:
        accounts = house_of(request).eilbote.accounts
        await accounts.recovery.finish(token, form.get("password", ""), origin=origin_of(request))
        return _elsewhere("../password-set")

    _add_form(router, "/recover/{token}", RECOVER, look=look, done=done)

    @router.api_route("/recover", methods=["GET", "HEAD"])
    async def show(request: Request) -> Response:  # pyright: ignore[reportUnusedFunction]
        return sent(form_page(ASK, language=language_of(request)))

    @router.post("/recover")
    async def ask(request: Request, background: BackgroundTasks) -> Response:  # pyright: ignore[reportUnusedFunction]
        language, accounts = language_of(request), house_of(request).eilbote.accounts
        form = await _form(request)
        if isinstance(form, Response):
            return form
        try:
            accounts.recovery.check_may_ask(origin=origin_of(request))
        except ThrottledError as error:
            return _asked_again(request, ASK, error, form, address="")
        background.add_task(accounts.recovery.ask, form.get("address", ""), origin=origin_of(request))
        # an answer of our own needs the background work handed to it
        response = sent(notice_page("asked", language=language))
        response.background = background
        return response


def _add_sign_in(router: APIRouter) -> None:
    @router.api_route(SIGN_IN_PATH, methods=["GET", "HEAD"])
    async def show(request: Request) -> Response:  # pyright: ignore[reportUnusedFunction]
        return sent(form_page(SIGN_IN, language=language_of(request), links=_other_ways(request)))

    @router.post(SIGN_IN_PATH)
    async def enter(request: Request) -> Response:  # pyright: ignore[reportUnusedFunction]
        eilbote = house_of(request).eilbote
        form = await _form(request)
        if isinstance(form, Response):
            return form
        address, password = form.get("address", ""), form.get("password", "")
        try:
            signed = await eilbote.accounts.sign_in.by_password(address, password, origin=origin_of(request))
            response = _elsewhere("./signed-in")
            await change_session(request, response, signed, eilbote)
        except (SignInError, ThrottledError, OutboxUnavailableError) as error:
            return _asked_again(request, SIGN_IN, error, form, address="", links=_other_ways(request))
        return response

    @router.api_route("/signed-in", methods=["GET", "HEAD"])
    async def welcome(request: Request) -> Response:  # pyright: ignore[reportUnusedFunction]
        eilbote = house_of(request).eilbote
        try:
            await eilbote.accounts.sessions.find(session_token(request, eilbote))
        except SignInError:
            return _elsewhere(f".{SIGN_IN_PATH}")
        _, *others = ways_in(request)
        return sent(notice_page("signed_in", language=language_of(request), links=others))

    @router.api_route("/password-set", methods=["GET", "HEAD"])
    async def set_anew(request: Request) -> Response:  # pyright: ignore[reportUnusedFunction]
        to_sign_in, *_ = ways_in(request)
        return sent(notice_page("password_set", language=language_of(request), links=[to_sign_in]))


def _other_ways(request: Request) -> Sequence[Link]:
    oidc = house_of(request).eilbote.config.oidc
    single = [Link(words=oidc.label, path=way_to(request, f"{SIGN_IN_PATH}/openid"))] if oidc.is_on else []
    return [*single, Link(words="to_recover", path=way_to(request, "/recover"))]


def _add_form(
    router: APIRouter,
    path: str,
    form: Form,
    *,
    look: Look,
    done: Callable[[Request, str, Fields], Awaitable[Response]],
) -> None:
    @router.api_route(path, methods=["GET", "HEAD"])
    async def show(token: str, request: Request) -> Response:  # pyright: ignore[reportUnusedFunction]
        try:
            address = await look(house_of(request).eilbote.accounts, token)
        except EilboteError as error:
            return nowhere(request, error)
        return sent(form_page(form, language=language_of(request), address=address))

    @router.post(path)
    async def send(token: str, request: Request) -> Response:  # pyright: ignore[reportUnusedFunction]
        given = await _form(request)
        if isinstance(given, Response):
            return given
        address = ""
        try:
            address = await look(house_of(request).eilbote.accounts, token)
            if given.get("password", "") != given.get("again", ""):
                language = language_of(request)
                page = form_page(
                    form, language=language, address=address, given=given, fault=differs(language)
                )
                return sent(page, HTTP_422_UNPROCESSABLE_CONTENT)
            return await done(request, token, given)
        except (NotFoundError, OutboxError, SecretKeyError) as error:
            return nowhere(request, error)
        except EilboteError as error:
            return _asked_again(request, form, error, given, address=address)


async def _form(request: Request) -> Fields | Response:
    """Give what was sent, or the answer to what cannot be taken."""
    language = language_of(request)
    try:
        check_own_site(request)
    except ForbiddenError:
        return sent(notice_page("foreign", language=language), HTTP_403_FORBIDDEN)
    form = await read_form(request)
    if form is None:
        return sent(notice_page("refused", language=language), HTTP_400_BAD_REQUEST)
    return form


def _asked_again(
    request: Request,
    form: Form,
    error: EilboteError,
    given: Fields,
    *,
    address: str,
    links: Sequence[Link] = (),
) -> Response:
    language = language_of(request)
    fault = fault_of(error, language=language)
    page = form_page(form, language=language, address=address, given=given, fault=fault, links=links)
    match error:
        case ThrottledError():
            status = HTTP_429_TOO_MANY_REQUESTS
        case OutboxUnavailableError():
            status = HTTP_503_SERVICE_UNAVAILABLE
        case SignInError():
            status = HTTP_403_FORBIDDEN
        case ConflictError():
            status = HTTP_409_CONFLICT
        case _:
            status = HTTP_422_UNPROCESSABLE_CONTENT
    return with_pause(sent(page, status), error)


def _elsewhere(path: str) -> Response:
    # Relative: in front of us there may be a proxy with a folder of its own.
    return Response(status_code=HTTP_303_SEE_OTHER, headers={"Location": path, "Cache-Control": "no-store"})
