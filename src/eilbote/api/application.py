"""Everything that eilbote says over HTTP, as one ASGI application: the pages that people reach by links, and the API."""

from __future__ import annotations

import asyncio
import logging
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.status import (
    HTTP_303_SEE_OTHER,
    HTTP_404_NOT_FOUND,
    HTTP_405_METHOD_NOT_ALLOWED,
    HTTP_500_INTERNAL_SERVER_ERROR,
)

from eilbote.api.acceptable import Acceptable
from eilbote.api.access_log import AccessLog
from eilbote.api.account_pages import account_pages_router
from eilbote.api.acknowledge import acknowledge_router
from eilbote.api.acting import who_asks
from eilbote.api.answer_headers import ApiAnswers
from eilbote.api.answers import answers_router, failed, unknown
from eilbote.api.api_paths import API
from eilbote.api.compression import Compression
from eilbote.api.description import described
from eilbote.api.invalid_requests import invalid_request
from eilbote.api.json_body import StrictJson
from eilbote.api.limits import RequestLimits, api_rooms
from eilbote.api.openid_pages import openid_pages_router
from eilbote.api.page_answers import SIGN_IN, no_page, nowhere, way_to
from eilbote.api.problems import plain_problem, problem_response
from eilbote.api.reference import PATH as REFERENCE
from eilbote.api.reference import reference_page, reference_policy
from eilbote.api.unsubscribe import unsubscribe_router
from eilbote.api.v1.resources import add_operations
from eilbote.errors import EilboteError

if TYPE_CHECKING:
    from eilbote.api.acting import House
    from eilbote.engine.answers import Answers

_LOG: Final = logging.getLogger("eilbote")
_LONGEST_QUERY: Final = 200
_DESCRIPTION: Final = "/api/openapi.json"
_MEANT: Final = MappingProxyType(
    {
        "/": REFERENCE,
        **dict.fromkeys(("/api", "/api/", "/docs", "/redoc", "/swagger"), REFERENCE),
        "/openapi.json": _DESCRIPTION,
        **dict.fromkeys(("/login", "/log-in", "/signin", "/sign_in"), SIGN_IN),
    }
)
"""What people type who do not know what a page is called here."""


def application(*, answers: Answers, house: House | None = None) -> FastAPI:
    """Make the application; what it works with is opened and closed by the caller.

    Args:
        answers: Shows questions and takes answers.
        house: What the API works with; without it there are only the pages.
    """
    made = FastAPI(
        title="eilbote",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,  # such a redirection would lead wherever a request's Host field says
    )
    # The one that is added last is asked first.
    if house is None:
        made.add_middleware(RequestLimits)
    else:
        config = house.eilbote.config
        made.add_middleware(StrictJson)
        made.add_middleware(
            RequestLimits,
            rooms=api_rooms(largest_request=config.server.largest_request),
            check_door=_whose,
        )
        made.add_middleware(Compression)
        made.add_middleware(Acceptable)
        made.add_middleware(ApiAnswers, is_https=config.public_url.startswith("https:"))
    made.add_middleware(AccessLog)
    made.include_router(answers_router(answers))
    if house is not None:
        _add_api(made, house)

    @made.exception_handler(HTTPException)
    async def refuse(request: Request, fault: HTTPException) -> Response:  # pyright: ignore[reportUnusedFunction]
        if request.url.path.startswith(API):
            response = _refused(request, fault.status_code)
        else:
            is_known = fault.status_code == HTTP_405_METHOD_NOT_ALLOWED
            say_so = unknown if house is None else no_page
            response = say_so(request, fault.status_code if is_known else HTTP_404_NOT_FOUND)
        response.headers.update(fault.headers or {})
        return response

    @made.exception_handler(Exception)
    async def fail(request: Request, fault: Exception) -> Response:  # pyright: ignore[reportUnusedFunction]
        # The path is left out: it may hold the token of a link.
        _LOG.error("a request failed: %s", type(fault).__name__, exc_info=fault)
        if request.url.path.startswith(API):
            return plain_problem(
                request,
                HTTP_500_INTERNAL_SERVER_ERROR,
                "Something went wrong that nobody has foreseen; the log tells more under the id of this request.",
                code="unforeseen",
            )
        return failed(request)

    return made


async def _whose(request: Request) -> str:
    return (await who_asks(request)).organization


def _add_api(app: FastAPI, house: House) -> None:
    app.state.house = house
    add_operations(app)
    app.include_router(account_pages_router())
    app.include_router(unsubscribe_router())
    app.include_router(acknowledge_router())
    app.include_router(openid_pages_router())

    @app.get(_DESCRIPTION, include_in_schema=False)
    async def describe() -> Response:  # pyright: ignore[reportUnusedFunction]
        return JSONResponse(await asyncio.to_thread(described, app))

    for typed, meant in _MEANT.items():
        _add_other_name(app, typed, meant)

    @app.get(REFERENCE, include_in_schema=False)
    async def explain(q: str = "") -> Response:  # pyright: ignore[reportUnusedFunction]
        def page() -> str:
            return reference_page(described(app), query=q[:_LONGEST_QUERY])

        return HTMLResponse(
            await asyncio.to_thread(page), headers={"Content-Security-Policy": reference_policy()}
        )

    @app.exception_handler(EilboteError)
    async def say(request: Request, fault: EilboteError) -> Response:  # pyright: ignore[reportUnusedFunction]
        if request.url.path.startswith(API):
            return problem_response(request, fault)
        return nowhere(request, fault)

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, fault: RequestValidationError) -> Response:  # pyright: ignore[reportUnusedFunction]
        return invalid_request(request, fault)


def _add_other_name(app: FastAPI, typed: str, meant: str) -> None:
    @app.api_route(typed, methods=["GET", "HEAD"], include_in_schema=False)
    async def lead(request: Request) -> Response:  # pyright: ignore[reportUnusedFunction]
        return Response(status_code=HTTP_303_SEE_OTHER, headers={"Location": way_to(request, meant)})


def _refused(request: Request, status: int) -> Response:
    if status == HTTP_405_METHOD_NOT_ALLOWED:
        return plain_problem(
            request, status, f"{request.method} means nothing here.", code="method_not_allowed"
        )
    if status == HTTP_404_NOT_FOUND:
        return plain_problem(
            request,
            status,
            f"There is nothing at this address. {_DESCRIPTION} tells which addresses there are.",
            code="not_found",
            remedy=f"GET {_DESCRIPTION} tells which addresses there are",
        )
    return plain_problem(request, status, "The request cannot be read.", code="request")
