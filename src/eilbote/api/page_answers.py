"""What the pages that people see answer with: a page in the reader's language, and the right words where there is none.

Only what passes by itself is answered as 503, for mail programs and people come again then. A link that leads nowhere, what cannot be done as
things stand, and a fault of this server are told apart, by status and in words.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

from fastapi.responses import HTMLResponse
from starlette.status import (
    HTTP_200_OK,
    HTTP_404_NOT_FOUND,
    HTTP_405_METHOD_NOT_ALLOWED,
    HTTP_409_CONFLICT,
    HTTP_429_TOO_MANY_REQUESTS,
    HTTP_500_INTERNAL_SERVER_ERROR,
    HTTP_503_SERVICE_UNAVAILABLE,
)

from eilbote.api.account_page import Link, notice_page
from eilbote.api.page_frame import reader_language
from eilbote.api.problems import pause_after, status_of
from eilbote.api.reference import PATH as REFERENCE
from eilbote.engine.accounts.links import PATHS
from eilbote.engine.answer_links import PATH as ANSWER
from eilbote.engine.notify_acknowledging import PATH as ACKNOWLEDGE
from eilbote.engine.notify_leaving import PATH as UNSUBSCRIBE
from eilbote.errors import ConflictError, OutboxUnavailableError

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from eilbote.api.page_frame import Page
    from eilbote.errors import EilboteError

_LOG: Final = logging.getLogger("eilbote")
SIGN_IN: Final = "/sign-in"
_LINKS: Final = frozenset(path.strip("/") for path in (*PATHS.values(), ANSWER, ACKNOWLEDGE, UNSUBSCRIBE))
"""What the path of every link in a message begins with."""
_NOTICES: Final = {
    HTTP_404_NOT_FOUND: "unknown",
    HTTP_429_TOO_MANY_REQUESTS: "unavailable",
    HTTP_500_INTERNAL_SERVER_ERROR: "failed",
    HTTP_503_SERVICE_UNAVAILABLE: "unavailable",
}


def language_of(request: Request) -> str:
    """Give the reader's language."""
    return reader_language(request.headers.get("accept-language", ""))


def sent(page: Page, status: int = HTTP_200_OK) -> Response:
    """Send a page."""
    return HTMLResponse(page.html, status_code=status, headers={**page.headers, "Vary": "Accept-Language"})


def way_to(request: Request, path: str) -> str:
    """Write a path of ours as seen from the page of a request: in front of us there may be a proxy with a folder of its own."""
    raw: bytes = request.scope.get("raw_path") or request.scope["path"].encode()
    depth = raw.partition(b"?")[0].count(b"/") - 1
    return ("../" * depth or "./") + path.removeprefix("/")


def ways_in(request: Request) -> tuple[Link, ...]:
    """Give what somebody may look for who has typed an address."""
    return (
        Link(words="to_sign_in", path=way_to(request, SIGN_IN)),
        Link(words="to_reference", path=way_to(request, REFERENCE)),
    )


def no_page(request: Request, status: int = HTTP_404_NOT_FOUND) -> Response:
    """Say that there is no page at an address, and what there is; of what begins as a link does, that it leads nowhere."""
    if status == HTTP_405_METHOD_NOT_ALLOWED:
        return sent(notice_page("method", language=language_of(request), links=ways_in(request)), status)
    if request.url.path.strip("/").partition("/")[0] in _LINKS:
        return sent(notice_page("unknown", language=language_of(request)), status)
    return sent(notice_page("missing", language=language_of(request), links=ways_in(request)), status)


def nowhere(request: Request, error: EilboteError) -> Response:
    """Say why a page cannot do what it is for: in the words for its status, and with nothing of what the error says."""
    status = page_status(error)
    if status == HTTP_500_INTERNAL_SERVER_ERROR:
        # The path is left out: it may hold the token of a link.
        _LOG.error("a page failed: %s", type(error).__name__, exc_info=error)
    name = _NOTICES.get(status, "impossible")
    return with_pause(sent(notice_page(name, language=language_of(request)), status), error)


def with_pause(response: Response, error: EilboteError) -> Response:
    """Say in an answer when to come again, where coming again helps."""
    response.headers.update(pause_after(error, response.status_code))
    return response


def page_status(error: EilboteError) -> int:
    """Give the status of a page that cannot do what it is for; 503 is for what passes by itself alone."""
    if isinstance(error, OutboxUnavailableError | ConflictError):
        return HTTP_503_SERVICE_UNAVAILABLE
    match status_of(error, method="GET"):
        case 503:  # a key that is missing, a database of another version: somebody has to see to it
            return HTTP_500_INTERNAL_SERVER_ERROR
        case 422:  # no field of a form is at fault
            return HTTP_409_CONFLICT
        case status:
            return status
