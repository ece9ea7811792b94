"""``/answer/TOKEN``: GET shows a question and changes nothing, POST answers it.

Programs that look into mail follow links, some of them many times, and some send forms with GET. So whatever stands in the
query is not looked at, and an answer is taken from the body of a POST alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from starlette.requests import Request
from starlette.responses import Response
from starlette.status import (
    HTTP_200_OK,
    HTTP_303_SEE_OTHER,
    HTTP_400_BAD_REQUEST,
    HTTP_404_NOT_FOUND,
    HTTP_409_CONFLICT,
    HTTP_410_GONE,
    HTTP_422_UNPROCESSABLE_CONTENT,
    HTTP_500_INTERNAL_SERVER_ERROR,
    HTTP_503_SERVICE_UNAVAILABLE,
)

from eilbote.api.answer_page import notice_page, question_page, state_page
from eilbote.api.form import read_form
from eilbote.api.page_frame import reader_language
from eilbote.engine.answer_links import PATH
from eilbote.engine.answers import AnswerState
from eilbote.errors import OutboxUnavailableError

if TYPE_CHECKING:
    from eilbote.api.page_frame import Page
    from eilbote.engine.answers import Answers, AnswerView

_STATUSES = {
    AnswerState.UNKNOWN: HTTP_404_NOT_FOUND,
    AnswerState.EXPIRED: HTTP_410_GONE,
    AnswerState.WITHDRAWN: HTTP_410_GONE,
}
_RETRY_SECONDS = "30"


def answers_router(answers: Answers) -> APIRouter:
    """Give the routes.

    Args:
        answers: Shows questions and takes answers.
    """
    router = APIRouter()

    @router.api_route(f"{PATH}{{token}}", methods=["GET", "HEAD"], include_in_schema=False)
    async def show(token: str, request: Request) -> Response:
        language = _language(request)
        try:
            view = await answers.look(token)
        except OutboxUnavailableError:
            return _unavailable(language)
        if view.state is AnswerState.OPEN:
            return _sent(question_page(view))
        return _sent(state_page(view, language=language), _STATUSES.get(view.state, HTTP_200_OK))

    @router.post(f"{PATH}{{token}}", include_in_schema=False)
    async def decide(token: str, request: Request) -> Response:
        language = _language(request)
        form = await read_form(request)
        if form is None:
            return _sent(notice_page("refused", language=language), HTTP_400_BAD_REQUEST)
        value, text = form.get("answer", ""), form.get("text", "")
        try:
            view = await answers.answer(token, value, text, agent=request.headers.get("user-agent", ""))
        except OutboxUnavailableError:
            return _unavailable(language)
        if view.fault is not None:
            return _sent(question_page(view, given=text), HTTP_422_UNPROCESSABLE_CONTENT)
        if _is_as_said(view, value):
            # The page is shown by GET, so that a browser that loads it again does not send the answer again. The place is
            # relative: in front of us there may be a proxy with a folder of its own.
            return Response(
                status_code=HTTP_303_SEE_OTHER,
                headers={"Location": f"./{token}", "Cache-Control": "no-store"},
            )
        status = _STATUSES.get(view.state, HTTP_409_CONFLICT)
        return _sent(state_page(view, language=language, is_late=True), status)

    return router


def unknown(request: Request, status: int = HTTP_404_NOT_FOUND) -> Response:
    """Say that there is nothing at an address, in the same words whatever it is."""
    return _sent(notice_page("unknown", language=_language(request)), status)


def failed(request: Request) -> Response:
    """Say that something went wrong that nobody has foreseen."""
    return _sent(notice_page("unavailable", language=_language(request)), HTTP_500_INTERNAL_SERVER_ERROR)


def _unavailable(language: str) -> Response:
    """Say that nothing can be done for now."""
    response = _sent(notice_page("unavailable", language=language), HTTP_503_SERVICE_UNAVAILABLE)
    response.headers["Retry-After"] = _RETRY_SECONDS
    return response


def _is_as_said(view: AnswerView, value: str) -> bool:
    """Tell whether what counts is what was just said with this link, now or by an earlier press of the same button."""
    decision = None if view.question is None else view.question.decision
    return view.is_own and decision is not None and decision.answer == value


def _language(request: Request) -> str:
    return reader_language(request.headers.get("accept-language", ""))


def _sent(page: Page, status: int = HTTP_200_OK) -> Response:
    headers = {**page.headers, "Vary": "Accept-Language"}
    return HTMLResponse(page.html, status_code=status, headers=headers)
