"""``/unsubscribe/TOKEN``: GET shows what somebody is told and changes nothing, POST ends it, with one click (RFC 8058).

Programs that look into mail follow links, so nothing happens by GET. A mail program posts ``List-Unsubscribe=One-Click``, a person presses the
button of the page; both may do it as often as they like. Nobody has to sign in, and no cookie is looked at.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from starlette.requests import Request
from starlette.responses import Response
from starlette.status import HTTP_404_NOT_FOUND, HTTP_503_SERVICE_UNAVAILABLE

from eilbote.api.acting import house_of
from eilbote.api.page_frame import framed, reader_language, said
from eilbote.engine.notify_leaving import PATH
from eilbote.errors import EilboteError
from eilbote.template.branding import Branding

if TYPE_CHECKING:
    from eilbote.engine.notify_leaving import Left

_WORDS: Final = "unsubscribe.toml"


def unsubscribe_router() -> APIRouter:
    """Give the routes."""
    router = APIRouter(include_in_schema=False)

    @router.api_route(f"{PATH}{{token}}", methods=["GET", "HEAD"])
    async def show(token: str, request: Request) -> Response:  # pyright: ignore[reportUnusedFunction]
        leaving = house_of(request).eilbote.notify.leaving
        try:
            left = None if leaving is None else await leaving.look(token)
        except EilboteError:
            return _unavailable(request)
        return _shown(request, left)

    @router.post(f"{PATH}{{token}}")
    async def leave(token: str, request: Request) -> Response:  # pyright: ignore[reportUnusedFunction]
        leaving = house_of(request).eilbote.notify.leaving
        try:
            left = None if leaving is None else await leaving.leave(token)
        except EilboteError:
            return _unavailable(request)
        return _shown(request, left)

    return router


def _shown(request: Request, left: Left | None) -> Response:
    if left is None:
        return _page(request, "unknown", status=HTTP_404_NOT_FOUND)
    return _page(request, "done" if left.has_left else "ask", left=left)


def _unavailable(request: Request) -> Response:
    response = _page(request, "unavailable", status=HTTP_503_SERVICE_UNAVAILABLE)
    response.headers["Retry-After"] = "30"
    return response


def _page(request: Request, name: str, *, left: Left | None = None, status: int = 200) -> Response:
    language = reader_language(request.headers.get("accept-language", ""))
    values = {} if left is None else {"address": left.address, "events": left.pattern}
    page = framed(
        "unsubscribe.html",
        Branding(),
        language=language,
        title=said(_WORDS, language, f"{name}_title").render(values),
        text=said(_WORDS, language, f"{name}_text").render(values),
        button=said(_WORDS, language, "button").render({}) if name == "ask" else "",
    )
    return HTMLResponse(page.html, status_code=status, headers={**page.headers, "Vary": "Accept-Language"})
