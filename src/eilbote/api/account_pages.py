"""``/start/TOKEN``, ``/invitation/TOKEN``, ``/recover`` and ``/recover/TOKEN``: GET shows a form and changes nothing, POST sends it.

Programs that look into mail follow links, so looking uses nothing up. A form that the page of another site had a browser send is refused.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final, TypeAlias

from fastapi import APIRouter, BackgroundTasks
from fastapi.responses import HTMLResponse
from starlette.requests import Request
from starlette.responses import Response
from starlette.status import (
    HTTP_200_OK,
    HTTP_303_SEE_OTHER,
    HTTP_400_BAD_REQUEST,
    HTTP_403_FORBIDDEN,
    HTTP_404_NOT_FOUND,
    HTTP_409_CONFLICT,
    HTTP_422_UNPROCESSABLE_CONTENT,
    HTTP_429_TOO_MANY_REQUESTS,
    HTTP_503_SERVICE_UNAVAILABLE,
)

from eilbote.api.account_page import (
    ASK,
    INVITATION,
    RECOVER,
    START,
    differs,
    fault_of,
    form_page,
    notice_page,
)
from eilbote.api.acting import house_of, origin_of
from eilbote.api.everybody import check_own_site
from eilbote.api.form import read_form
from eilbote.api.page_frame import reader_language
from eilbote.api.session_cookie import change_session
from eilbote.errors import (
    ConflictError,
    EilboteError,
    ForbiddenError,
    NotFoundError,
    OutboxError,
    ThrottledError,
)

if TYPE_CHECKING:
    from eilbote.api.account_page import Form
    from eilbote.api.page_frame import Page
    from eilbote.engine.accounts.accounts_desk import AccountsDesk

_RETRY_SECONDS: Final = "30"
Fields: TypeAlias = dict[str, str]
Look: TypeAlias = Callable[["AccountsDesk", str], Awaitable[str]]
"""Gives the address a link is for; raises when it leads nowhere."""


def account_pages_router() -> APIRouter:
    """Give the routes."""
    router = APIRouter(include_in_schema=False)
    _add_start(router)
    _add_invitation(router)
    _add_recovery(router)
    for path, name in (("/signed-in", "signed_in"), ("/password-set", "password_set")):
        _add_notice(router, path, name)
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


def _add_notice(router: APIRouter, path: str, name: str) -> None:
    @router.api_route(path, methods=["GET", "HEAD"])
    async def show(request: Request) -> Response:  # pyright: ignore[reportUnusedFunction]
        return sent(notice_page(name, language=language_of(request)))


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
        except (NotFoundError, OutboxError) as error:
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
    request: Request, form: Form, error: EilboteError, given: Fields, *, address: str
) -> Response:
    language = language_of(request)
    page = form_page(
        form, language=language, address=address, given=given, fault=fault_of(error, language=language)
    )
    match error:
        case ThrottledError():
            response = sent(page, HTTP_429_TOO_MANY_REQUESTS)
            response.headers["Retry-After"] = str(max(1, round(error.retry_after)))
            return response
        case ConflictError():
            return sent(page, HTTP_409_CONFLICT)
        case _:
            return sent(page, HTTP_422_UNPROCESSABLE_CONTENT)


def nowhere(request: Request, error: EilboteError) -> Response:
    """Say that a link leads nowhere, or that nothing can be done for now."""
    language = language_of(request)
    if isinstance(error, OutboxError):
        response = sent(notice_page("unavailable", language=language), HTTP_503_SERVICE_UNAVAILABLE)
        response.headers["Retry-After"] = _RETRY_SECONDS
        return response
    return sent(notice_page("unknown", language=language), HTTP_404_NOT_FOUND)


def language_of(request: Request) -> str:
    """Give the reader's language."""
    return reader_language(request.headers.get("accept-language", ""))


def sent(page: Page, status: int = HTTP_200_OK) -> Response:
    """Send a page."""
    return HTMLResponse(page.html, status_code=status, headers={**page.headers, "Vary": "Accept-Language"})


def _elsewhere(path: str) -> Response:
    # Relative: in front of us there may be a proxy with a folder of its own.
    return Response(status_code=HTTP_303_SEE_OTHER, headers={"Location": path, "Cache-Control": "no-store"})
