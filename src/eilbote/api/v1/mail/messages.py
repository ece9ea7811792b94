"""Messages: handed in one by one or many at once, listed, searched, shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final, cast

from fastapi import APIRouter, Depends, Header, Query, Request, Response
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)
from starlette.status import HTTP_200_OK, HTTP_202_ACCEPTED

from eilbote.accounts.role import Permission
from eilbote.api.acting import Acting, needs
from eilbote.api.invalid_requests import field_problems
from eilbote.api.paging import Cursor, Limit, Page, cursor_at, no_cursor, read_cursor
from eilbote.api.problems import FieldProblem
from eilbote.api.short_way import ShortRoute, short_way
from eilbote.api.v1.mail.message_input import MessageInput
from eilbote.api.v1.mail.message_lookup import MessageKey, history_for
from eilbote.api.v1.mail.message_shapes import (
    BatchShape,
    MessageCount,
    MessageDetail,
    MessageShape,
    SubmissionShape,
    batch_shape,
    message_detail,
    message_shape,
    submission_shape,
)
from eilbote.engine.outbox_parts import read_id
from eilbote.errors import DraftError, EilboteError, EntryNotFoundError
from eilbote.model.ids import entry_id_text
from eilbote.outbox.search import LONGEST_SEARCH, parse_search
from eilbote.outbox.store import EntryFilter

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eilbote.model.draft import Draft
    from eilbote.model.ids import EntryId
    from eilbote.model.submission import SubmissionOptions

router = APIRouter(prefix="/messages", tags=["Messages"], route_class=ShortRoute)

_submitting: Final = needs(Permission.MESSAGES_SUBMIT)
Submitting = Annotated[Acting, Depends(_submitting)]
Listing = Annotated[Acting, Depends(needs(Permission.MESSAGES_READ, lists=True))]
Reading = Annotated[Acting, Depends(needs(Permission.MESSAGES_READ))]
_KEY: Final = "Idempotency-Key"
_LONGEST_KEY: Final = 255
IdempotencyKey = Annotated[
    str | None,
    Header(
        alias=_KEY,
        max_length=_LONGEST_KEY,
        description="A name for what is handed in, so that it can be sent again after a broken connection and is accepted once",
        examples=["order-4711"],
    ),
]
Search = Annotated[
    str,
    Query(
        max_length=LONGEST_SEARCH,
        description='A search: words, `"several words"`, `to:` `from:` `subject:` `status:` `flow:` `process:` `connection:` `key:` '
        "`before:` `after:` `has:attachment`, each turned round by a hyphen before it; all of them must hold",
        examples=['status:failed after:3d to:example.org -subject:"out of office"'],
    ),
]
REPLAY: Final = "Idempotent-Replay"
MOST_AT_ONCE: Final = 1000
MOST_COUNTED: Final = 10_000
"""Where counting ends: nobody pages that far, and who asks for every list pays no more for millions."""
_WRITTEN: Final = "The message is in the outbox, and on the disk"


class UnreadableMessage:
    """A message of many that is none.

    Args:
        fault: What is wrong with it.
        given: What it is.
    """

    def __init__(self, fault: ValidationError, given: object) -> None:
        said = fault.errors(include_url=False, include_input=False)
        self.faults = field_problems(cast("Sequence[Mapping[str, object]]", said), MessageInput, given)


class UnreadableMessageError(DraftError):
    """One of many messages is none; ``errors`` tells what is wrong with each field."""

    errors: tuple[FieldProblem, ...] = ()


def _read_one(value: object, handler: ValidatorFunctionWrapHandler) -> object:
    try:
        return handler(value)
    except ValidationError as fault:
        return UnreadableMessage(fault, value)


class BatchInput(BaseModel):
    """Many messages."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "messages": [
                        {"to": "anna@example.org", "subject": "Order 4711", "text": "It is on its way."},
                        {"to": "max@example.org", "subject": "Order 4712", "text": "It is on its way."},
                    ]
                }
            ]
        },
    )

    messages: list[Annotated[MessageInput, WrapValidator(_read_one)]] = Field(
        min_length=1, max_length=MOST_AT_ONCE, description="Each is accepted or refused by itself"
    )


@router.post(
    "",
    summary="Hand in a message",
    operation_id="submit_message",
    status_code=HTTP_202_ACCEPTED,
    response_description=_WRITTEN,
    responses={
        HTTP_200_OK: {
            "model": SubmissionShape,
            "description": "The key was used before for the same message; this is the earlier submission (`Idempotent-Replay: true`)",
        }
    },
)
async def submit_message(
    acting: Submitting,
    request: Request,
    response: Response,
    message: MessageInput,
    key: IdempotencyKey = None,
) -> SubmissionShape:
    """Take a message into the outbox: when this answers it is on the disk, and will be carried through outages and restarts.

    With an `Idempotency-Key` it may be sent again: the same message under the same key is accepted once, and answered with 200 and
    `Idempotent-Replay: true` from the second time on. Another message under a key that was used is a conflict (409). Keys are remembered as
    long as the message is. `Location` says where to look what becomes of it.
    """
    submission = await acting.eilbote.gate.submit(
        message.draft(),
        message.options(organization=_checked(acting, message), key=key),
        senders=acting.principal.senders,
        author=author_of(acting),
    )
    return answer_submission(request, response, submission_shape(submission))


@short_way(submit_message)
async def _submit_soon(request: Request, said: dict[str, object]) -> Response | None:
    """Do the same for a message that can be read, under one name or none."""
    acting = await _submitting(request)
    keys = request.headers.getlist(_KEY)
    if len(keys) > 1 or any(not 0 < len(key) <= _LONGEST_KEY for key in keys):
        return None
    try:
        message = MessageInput.model_validate(said)
    except ValidationError:
        return None
    response = Response(status_code=HTTP_202_ACCEPTED, media_type="application/json")
    shape = await submit_message(acting, request, response, message, keys[0] if keys else None)
    response.body = shape.model_dump_json(by_alias=True).encode()
    response.headers["Content-Length"] = str(len(response.body))
    return response


@router.post(
    "/batch", summary="Hand in many messages", operation_id="submit_messages", status_code=HTTP_202_ACCEPTED
)
async def submit_messages(acting: Submitting, batch: BatchInput, key: IdempotencyKey = None) -> BatchShape:
    """Take up to 1,000 messages; each is accepted or refused by itself, and has its own result, in order.

    They are written in as few transactions as there are 250 messages. An `Idempotency-Key` stands for the whole: each message that names no
    key of its own gets one made from it and its place, so the same request may be sent again after a broken connection and doubles nothing.
    """
    drafts = [_prepared(acting, each, index, key) for index, each in enumerate(batch.messages)]
    results = await acting.eilbote.gate.submit_many(
        drafts,
        organization=acting.organization,
        senders=acting.principal.senders,
        author=author_of(acting),
    )
    return batch_shape(results)


@router.get("", summary="List and search messages", operation_id="list_messages")
async def list_messages(
    acting: Listing,
    q: Search = "",
    limit: Limit = 50,
    cursor: Cursor = None,
    *,
    oldest_first: Annotated[bool, Query(description="From the other end")] = False,
) -> Page[MessageShape]:
    """Give messages, the latest first; with `q` those that a search finds. What cannot be understood is refused with its position."""
    place = read_cursor(cursor, str)
    found = await acting.eilbote.entries(
        searched(acting, q),
        limit=limit + 1,
        after=None if place is None else _behind(str(place[0])),
        newest_first=not oldest_first,
    )
    shown = found[:limit]
    return Page(
        items=[message_shape(each) for each in shown],
        next_cursor=cursor_at(entry_id_text(shown[-1].id)) if len(found) > limit else None,
    )


@router.get("/count", summary="Count messages", operation_id="count_messages")
async def count_messages(acting: Listing, q: Search = "") -> MessageCount:
    """Count what a list would give, page by page: all messages, or with `q` those that a search finds.

    Counting ends at 10,000; `is_exact` says whether it came to the end. A search that finds little looks at as much as the list does for it.
    """
    found = await acting.eilbote.count(searched(acting, q), at_most=MOST_COUNTED + 1)
    return MessageCount(count=min(found, MOST_COUNTED), is_exact=found <= MOST_COUNTED)


@router.get("/{message}", summary="Show a message", operation_id="get_message")
async def get_message(acting: Reading, message: MessageKey) -> MessageDetail:
    """Give everything that is known of a message but for what it says: recipients, timeline, attempts with their transcripts."""
    return message_detail(await history_for(acting, message))


def _behind(id_: str) -> EntryId:
    try:
        return read_id(id_)
    except EntryNotFoundError:
        raise no_cursor() from None


def searched(acting: Acting, q: str) -> EntryFilter:
    """Give the entries that a search means, of those that concern who asks.

    Raises:
        DraftError: It cannot be understood; tells where.
    """
    return EntryFilter(organization=acting.which, conditions=parse_search(q, now=acting.eilbote.clock.now()))


def author_of(acting: Acting) -> str:
    """Say who hands something in, for those who look at it later."""
    return f"api:{acting.principal.name or acting.principal.id}"[:200]


def answer_submission(request: Request, response: Response, shape: SubmissionShape) -> SubmissionShape:
    """Answer with the record of a submission: where it is, and whether it was made before."""
    base = request.url.path.partition("/messages")[0]
    response.headers["Location"] = f"{base}/messages/{shape.id}"
    if not shape.is_new:
        response.status_code = HTTP_200_OK
        response.headers[REPLAY] = "true"
    return shape


def check_connections(acting: Acting, connections: list[str]) -> None:
    """Refuse a URI in place of a name from somebody who may not keep connections: it would become one.

    Raises:
        ForbiddenError: They may not.
    """
    if any("://" in each for each in connections):
        acting.principal.must(Permission.CONNECTIONS_WRITE)


def _checked(acting: Acting, message: MessageInput) -> str:
    check_connections(acting, message.connections)
    return acting.organization


def _prepared(
    acting: Acting, message: MessageInput | UnreadableMessage, index: int, key: str | None
) -> tuple[Draft, SubmissionOptions] | EilboteError:
    if isinstance(message, UnreadableMessage):
        first = message.faults[0]
        error = UnreadableMessageError(
            f"this is no message: {first.detail}",
            field=first.pointer.removeprefix("#/").replace("/", "."),
            remedy="Correct it, and send it again",
        )
        error.errors = tuple(message.faults)
        return error
    try:
        own = None if key is None or message.idempotency_key is not None else f"{key}:{index}"
        return message.draft(), message.options(organization=_checked(acting, message), key=own)
    except EilboteError as fault:
        return fault
