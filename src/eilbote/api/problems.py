"""Errors as ``application/problem+json`` (RFC 9457): what happened, in which field, why, and what to do.

``code`` is for programs and never changes; ``detail`` is for people. A fault in several fields has ``errors``, each with a JSON pointer.
What belongs to another organization is answered as what does not exist. Remedies name operations of the API, and never commands.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response
from starlette.status import (
    HTTP_401_UNAUTHORIZED,
    HTTP_403_FORBIDDEN,
    HTTP_404_NOT_FOUND,
    HTTP_409_CONFLICT,
    HTTP_422_UNPROCESSABLE_CONTENT,
    HTTP_429_TOO_MANY_REQUESTS,
    HTTP_502_BAD_GATEWAY,
    HTTP_503_SERVICE_UNAVAILABLE,
)

from eilbote.api.error_places import body_place
from eilbote.api.remedies import for_clients
from eilbote.errors import (
    AlreadySubmittedError,
    ConflictError,
    ConnectionNotFoundError,
    DeliveryError,
    EilboteError,
    EntryNotFoundError,
    FlowNotFoundError,
    ForbiddenError,
    IllegalTransitionError,
    InstanceNotFoundError,
    NotFoundError,
    OutboxError,
    OutboxSchemaError,
    OutboxUnavailableError,
    ProcessNotFoundError,
    ProviderNotFoundError,
    RouteNotFoundError,
    RunNotFoundError,
    SecretKeyError,
    SignInError,
    ThrottledError,
)

if TYPE_CHECKING:
    from starlette.requests import Request

_LOG: Final = logging.getLogger("eilbote")
MEDIA_TYPE: Final = "application/problem+json"
_RETRY_SECONDS: Final = 30
_NOT_FOUND: Final = (
    NotFoundError,
    EntryNotFoundError,
    ConnectionNotFoundError,
    FlowNotFoundError,
    RunNotFoundError,
    ProcessNotFoundError,
    InstanceNotFoundError,
    RouteNotFoundError,
    ProviderNotFoundError,
)
_STATUSES: Final[tuple[tuple[type[EilboteError] | tuple[type[EilboteError], ...], int], ...]] = (
    (SignInError, HTTP_401_UNAUTHORIZED),
    (ForbiddenError, HTTP_403_FORBIDDEN),
    (ThrottledError, HTTP_429_TOO_MANY_REQUESTS),
    ((ConflictError, AlreadySubmittedError, IllegalTransitionError), HTTP_409_CONFLICT),
    (DeliveryError, HTTP_502_BAD_GATEWAY),
)
_TITLES: Final = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    406: "Not Acceptable",
    408: "Request Timeout",
    409: "Conflict",
    413: "Content Too Large",
    415: "Unsupported Media Type",
    422: "Unprocessable Content",
    429: "Too Many Requests",
    500: "Internal Server Error",
    502: "Bad Gateway",
    503: "Service Unavailable",
    507: "Insufficient Storage",
}
"""RFC 9110 section 15."""
_WITHIN: Final = (OutboxUnavailableError, OutboxSchemaError, SecretKeyError)
"""What goes wrong within the server, and is nobody's business who asks."""
_OF_THE_BODY: Final = frozenset({HTTP_409_CONFLICT, HTTP_422_UNPROCESSABLE_CONTENT})
_OWN_NAMES: Final = frozenset({"id", "name", ""})
"""What an error names when the thing asked for is meant, and not one that a body refers to."""


class FieldProblem(BaseModel):
    """What is wrong with one field."""

    pointer: str = Field(
        description="Where in the body, as a JSON pointer (RFC 6901): `#/to/0`; empty where nothing was sent",
        examples=["#/to/0"],
    )
    field: str = Field(
        default="",
        description="In a text with parts of its own, such as a flow: which part",
        examples=["notify.subject"],
    )
    detail: str = Field(description="What is wrong with it")
    code: str = Field(default="", description="For programs")


class Problem(BaseModel):
    """Why a request was not carried out (RFC 9457)."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "type": "urn:eilbote:problem:address",
                "title": "Unprocessable Content",
                "status": 422,
                "detail": "to: 'anna@' is no address. Its domain is missing. Write it as anna@example.org.",
                "instance": "urn:eilbote:request:0f2e6f0c9d6d4a3f",
                "code": "address",
                "field": "to",
                "position": None,
                "cause": "Its domain is missing",
                "remedy": "Write it as anna@example.org",
                "errors": [
                    {
                        "pointer": "#/to",
                        "detail": "'anna@' is no address. Its domain is missing. Write it as anna@example.org.",
                        "code": "address",
                    }
                ],
            }
        }
    )

    type: str = Field(description="`urn:eilbote:problem:` and the code")
    title: str = Field(description="The phrase of the status")
    status: int
    detail: str = Field(description="The whole story, for people")
    instance: str = Field(description="Which request it was, for those who look into the log")
    code: str = Field(description="What kind of error; never changes")
    field: str = Field(
        default="",
        description="The field at fault, where there is one, as people write it: `to[0]`; programs go by `errors`",
    )
    position: int | None = Field(
        default=None,
        description="Where in the text of that field, in characters from 0; null where that is not known",
    )
    cause: str = Field(default="", description="Why")
    remedy: str = Field(default="", description="What to do")
    errors: list[FieldProblem] = Field(
        default=[],
        description="Each fault with its place in the body; none where the fault lies elsewhere, such as in the query",
    )


def status_of(error: EilboteError, *, method: str, path_names: Sequence[str] = ()) -> int:
    """Give the status of an error.

    What the address of a request names and does not exist is ``404``; what its body names is a fault of the body.
    """
    if _is_within(error):
        return HTTP_503_SERVICE_UNAVAILABLE
    for kinds, status in _STATUSES:
        if isinstance(error, kinds):
            return status
    if isinstance(error, _NOT_FOUND) and (
        method in {"GET", "HEAD", "DELETE"}
        or (bool(path_names) and (error.field or "") in _OWN_NAMES.union(path_names))
    ):
        return HTTP_404_NOT_FOUND
    return HTTP_422_UNPROCESSABLE_CONTENT


def _is_within(error: EilboteError) -> bool:
    # one of no closer kind is a damaged database, or a fault of ours
    return isinstance(error, _WITHIN) or type(error) is OutboxError


def pause_after(error: EilboteError, status: int) -> dict[str, str]:
    """Give the header field that says when to come again, where coming again helps (RFC 9110 section 10.2.3)."""
    if isinstance(error, ThrottledError):
        return {"Retry-After": str(max(1, round(error.retry_after)))}
    return {"Retry-After": str(_RETRY_SECONDS)} if status == HTTP_503_SERVICE_UNAVAILABLE else {}


def problem_response(
    request: Request, error: EilboteError, *, errors: Sequence[FieldProblem] = ()
) -> Response:
    """Answer with an error."""
    status = status_of(error, method=request.method, path_names=tuple(request.path_params))
    headers = pause_after(error, status)
    if status == HTTP_401_UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    if _is_within(error):
        # They name files, servers and what a driver says, which is for those who keep the machine.
        _LOG.error("a request failed under the id %s: %s", request_id(request), error)
        return plain_problem(
            request,
            status,
            "Nothing can be stored or read for now; the log of the server tells more under the id of this request.",
            code=error.code,
            remedy="Try again in a moment; if it stays so, the administrator of the server finds the reason in its log",
            headers=headers,
        )
    if not errors and status in _OF_THE_BODY and (pointer := body_place(request, error.field or "")):
        said = " ".join(f"{each}." for each in (error.what, error.cause, error.remedy) if each)
        errors = (FieldProblem(pointer=pointer, detail=said, code=error.code),)
    return plain_problem(
        request,
        status,
        str(error),
        code=error.code,
        field=error.field or "",
        position=error.position,
        cause=error.cause or "",
        remedy=error.remedy or "",
        errors=errors,
        headers=headers,
    )


def plain_problem(
    request: Request,
    status: int,
    detail: str,
    *,
    code: str,
    field: str = "",
    position: int | None = None,
    cause: str = "",
    remedy: str = "",
    errors: Sequence[FieldProblem] = (),
    headers: dict[str, str] | None = None,
) -> Response:
    """Answer with a problem that is no error of ours, such as an unknown address."""
    problem = Problem(
        type=f"urn:eilbote:problem:{code}",
        title=_TITLES.get(status, "Error"),
        status=status,
        detail=for_clients(detail),
        instance=f"urn:eilbote:request:{request_id(request)}",
        code=code,
        field=field,
        position=position,
        cause=for_clients(cause),
        remedy=for_clients(remedy),
        errors=[each.model_copy(update={"detail": for_clients(each.detail)}) for each in errors],
    )
    return Response(
        # what a client sent may hold halves of characters, which no encoder takes
        json.dumps(problem.model_dump(), ensure_ascii=True),
        status_code=status,
        media_type=MEDIA_TYPE,
        headers={"Cache-Control": "no-store", **(headers or {})},
    )


def request_id(request: Request) -> str:
    """Give the id of a request, made when it came."""
    known: str | None = getattr(request.state, "request_id", None)
    if known is None:
        import secrets

        known = request.state.request_id = secrets.token_hex(8)
    return known
