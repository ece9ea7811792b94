"""Everything that eilbote says over HTTP, as one ASGI application."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.status import HTTP_404_NOT_FOUND, HTTP_405_METHOD_NOT_ALLOWED

from eilbote.api.answers import answers_router, failed, unknown
from eilbote.api.limits import RequestLimits

if TYPE_CHECKING:
    from eilbote.engine.answers import Answers

_LOG: Final = logging.getLogger("eilbote")


def application(*, answers: Answers) -> FastAPI:
    """Make the application; what it works with is opened and closed by the caller.

    Args:
        answers: Shows questions and takes answers.
    """
    made = FastAPI(
        title="eilbote",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,  # such a redirection would lead wherever a request's Host field says
    )
    made.add_middleware(RequestLimits)
    made.include_router(answers_router(answers))

    @made.exception_handler(HTTPException)
    async def refuse(request: Request, fault: HTTPException) -> Response:  # pyright: ignore[reportUnusedFunction]
        status = fault.status_code if fault.status_code == HTTP_405_METHOD_NOT_ALLOWED else HTTP_404_NOT_FOUND
        response = unknown(request, status)
        response.headers.update(fault.headers or {})
        return response

    @made.exception_handler(Exception)
    async def fail(request: Request, fault: Exception) -> Response:  # pyright: ignore[reportUnusedFunction]
        # The path is left out: it may hold the token of a link.
        _LOG.error("a request failed: %s", type(fault).__name__, exc_info=fault)
        return failed(request)

    return made
