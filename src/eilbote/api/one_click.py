"""Pages behind a signed link: GET says what the link is for and changes nothing, POST does it, with one click.

Programs that look into mail follow links, so nothing happens by GET. A mail program or a person may post as often as they like. Nobody has to sign
in, and no cookie is looked at.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from starlette.requests import Request
from starlette.responses import Response
from starlette.status import HTTP_404_NOT_FOUND, HTTP_503_SERVICE_UNAVAILABLE

from eilbote.api.acting import house_of
from eilbote.api.page_answers import nowhere, page_status, with_pause
from eilbote.api.page_frame import framed, reader_language, said
from eilbote.errors import EilboteError
from eilbote.template.branding import Branding

if TYPE_CHECKING:
    from eilbote.engine.notify_desk import NotifyDesk

_PAGE: Final = "one_click.html"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What a page says about a link.

    Attributes:
        name: Whose words it says: ``ask``, which has a button, or another name in the file of words.
        values: What is put in.
    """

    name: str
    values: Mapping[str, object]


Looking: TypeAlias = "Callable[[NotifyDesk, str, str], Awaitable[Shown | None]]"
"""Takes the desk, the link's token and the reader's language; gives ``None`` where the link leads nowhere."""


def one_click_router(path: str, *, words: str, look: Looking, act: Looking) -> APIRouter:
    """Give the routes of such a page.

    Args:
        path: What stands before the token.
        words: The file of its words.
        look: Tells what a link is for.
        act: Does it, and tells what the link is for then.
    """
    router = APIRouter(include_in_schema=False)

    async def answered(doing: Looking, token: str, request: Request) -> Response:
        language = reader_language(request.headers.get("accept-language", ""))
        try:
            shown = await doing(house_of(request).eilbote.notify, token, language)
        except EilboteError as error:
            if page_status(error) != HTTP_503_SERVICE_UNAVAILABLE:
                return nowhere(request, error)
            later = _page(words, language, Shown(name="unavailable", values={}), HTTP_503_SERVICE_UNAVAILABLE)
            return with_pause(later, error)
        if shown is None:
            return _page(words, language, Shown(name="unknown", values={}), HTTP_404_NOT_FOUND)
        return _page(words, language, shown)

    @router.api_route(f"{path}{{token}}", methods=["GET", "HEAD"])
    async def show(token: str, request: Request) -> Response:  # pyright: ignore[reportUnusedFunction]
        return await answered(look, token, request)

    @router.post(f"{path}{{token}}")
    async def do(token: str, request: Request) -> Response:  # pyright: ignore[reportUnusedFunction]
        return await answered(act, token, request)

    return router


def _page(words: str, language: str, shown: Shown, status: int = 200) -> Response:
    page = framed(
        _PAGE,
        Branding(),
        language=language,
        title=said(words, language, f"{shown.name}_title").render(shown.values),
        text=said(words, language, f"{shown.name}_text").render(shown.values),
        button=said(words, language, "button").render({}) if shown.name == "ask" else "",
    )
    return HTMLResponse(page.html, status_code=status, headers={**page.headers, "Vary": "Accept-Language"})
