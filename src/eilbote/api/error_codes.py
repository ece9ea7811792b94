"""Every code that a problem may have, what it means, and its usual status: made from the tree of errors, and what the frame answers by itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from eilbote.api.problems import status_of
from eilbote.errors import (
    DeliveryError,
    EilboteError,
    LeaseLostError,
    LocalProtocolError,
    ProtocolError,
    RecipientsRefusedError,
)

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorCode:
    """A code.

    Attributes:
        code: What stands in `code`; never changes.
        status: The usual status; what a body refers to and is not found is 422.
        text: What it means.
    """

    code: str
    status: int
    text: str


_OF_THE_FRAME: Final = (
    ErrorCode(
        code="validation",
        status=422,
        text="A field is missing, unknown or of the wrong kind; `errors` names each.",
    ),
    ErrorCode(
        code="json",
        status=400,
        text="The body is not JSON, or not clearly: two members of one name, a number that is none, too deep.",
    ),
    ErrorCode(code="request", status=400, text="The request cannot be read."),
    ErrorCode(code="address", status=400, text="The address of the request holds NUL."),
    ErrorCode(
        code="not_found",
        status=404,
        text="There is nothing at this address, or it is another organization's.",
    ),
    ErrorCode(
        code="method_not_allowed",
        status=405,
        text="The method means nothing at this address; `Allow` names those that do.",
    ),
    ErrorCode(
        code="not_acceptable", status=406, text="What `Accept` asks for is not what this is answered as."
    ),
    ErrorCode(code="request_timeout", status=408, text="The body took too long to arrive."),
    ErrorCode(code="too_large", status=413, text="The body is larger than is taken at this address."),
    ErrorCode(
        code="media_type",
        status=415,
        text="The body is no JSON, does not say that it is, or is packed (`Content-Encoding`).",
    ),
    ErrorCode(
        code="unforeseen",
        status=500,
        text="Something went wrong that nobody has foreseen; the log tells more under the id of the request.",
    ),
    ErrorCode(
        code="busy",
        status=503,
        text="Others are handing in large requests; `Retry-After` says when to come back.",
    ),
)
_NEVER_TOLD: Final = (EilboteError, ProtocolError, LocalProtocolError, LeaseLostError, RecipientsRefusedError)


def error_codes() -> tuple[ErrorCode, ...]:
    """Give every code, in the order of status and code."""
    found = {each.code: each for each in _OF_THE_FRAME}
    for kind in _kinds(EilboteError):
        if kind not in _NEVER_TOLD and kind.__module__ == EilboteError.__module__:
            text = (kind.__doc__ or "").strip().partition("\n")[0].replace("``", "`")
            found.setdefault(kind.code, ErrorCode(code=kind.code, status=_status(kind), text=text))
    return tuple(sorted(found.values(), key=lambda each: (each.status, each.code)))


def error_table() -> str:
    """Give them as a table in Markdown."""
    rows = [f"| `{each.code}` | {each.status} | {each.text} |" for each in error_codes()]
    return "\n".join(["| code | status | meaning |", "|---|---|---|", *rows])


def _kinds(kind: type[EilboteError]) -> Iterator[type[EilboteError]]:
    yield kind
    for each in kind.__subclasses__():
        yield from _kinds(each)


def _status(kind: type[EilboteError]) -> int:
    # some cannot be made without a receipt or a transcript; their class is all that counts
    error = kind.__new__(kind)
    error.field = None
    if isinstance(error, DeliveryError):
        return 502
    return status_of(error, method="GET")
