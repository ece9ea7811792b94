"""What somebody wants done with messages: try them now, call them back, hold them, let them go on, send them again."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, ConfigDict, Field, model_validator
from starlette.status import HTTP_200_OK, HTTP_202_ACCEPTED

from eilbote.accounts.role import Permission
from eilbote.api.acting import Acting, needs
from eilbote.api.v1.mail.message_lookup import MessageKey, entry_for, ids_of, readable_entry
from eilbote.api.v1.mail.message_shapes import MessageShape, SubmissionShape, message_shape, submission_shape
from eilbote.api.v1.mail.messages import (
    IdempotencyKey,
    answer_submission,
    author_of,
    check_connections,
    searched,
)
from eilbote.engine.bulk_wishes import choose, wish_for_all
from eilbote.engine.send_again import send_again
from eilbote.model.ids import EntryId, entry_id_text
from eilbote.model.submission import SubmissionOptions
from eilbote.outbox.search import LONGEST_SEARCH
from eilbote.outbox.store import EntryFilter, Wish
from eilbote.outbox.wishes import NO_SUCH_ENTRY

router = APIRouter(prefix="/messages", tags=["Messages"])

Operating = Annotated[Acting, Depends(needs(Permission.MESSAGES_OPERATE))]
OperatingAll = Annotated[Acting, Depends(needs(Permission.MESSAGES_OPERATE, lists=True))]
_MOST_SHOWN: Final = 100
_MOST_IDS: Final = 10_000


class Action(StrEnum):
    """What may be wanted of many messages."""

    RETRY = "retry"
    CANCEL = "cancel"
    HOLD = "hold"
    RELEASE = "release"


class BulkInput(BaseModel):
    """What is wanted of many messages: of those that are named, or of those that a search finds."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"action": "retry", "q": "status:failed after:1d connection:office", "dry_run": True},
                {"action": "cancel", "ids": ["1a2b3c4d5e6f7"]},
            ]
        },
    )

    action: Action
    ids: list[Annotated[str, Field(max_length=40)]] | None = Field(
        default=None, min_length=1, max_length=_MOST_IDS
    )
    q: str | None = Field(
        default=None,
        min_length=1,
        max_length=LONGEST_SEARCH,
        description="As in `GET /messages`; what the action does not suit is left out",
    )
    dry_run: bool = Field(default=False, description="Only count what it would concern")
    expected: int | None = Field(
        default=None,
        ge=0,
        description="How many there were when they were counted; if there are others now, nothing is done (409)",
    )

    @model_validator(mode="after")
    def _says_which(self) -> BulkInput:
        if (self.ids is None) == (self.q is None):
            msg = "Give ids or q, one of them"
            raise ValueError(msg)
        return self


class BulkRefusal(BaseModel):
    """A message for which it was not done, and why."""

    id: str
    reason: str


class BulkShape(BaseModel):
    """What became of it."""

    concerned: int = Field(description="How many messages it concerned")
    done: int = Field(description="For how many it was done; 0 in a dry run")
    refused: list[BulkRefusal] = Field(description="For which it was not, at most 100 of them")


class AgainInput(BaseModel):
    """To whom a message is sent again."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"to": ["max@example.org"]}]})

    to: list[Annotated[str, Field(max_length=2000)]] = Field(
        default=[], max_length=1000, description="To whom; all it went to before when left out"
    )
    connections: list[str] = Field(
        default=[],
        max_length=20,
        description="By which connections; those it was handed in for when left out",
    )
    idempotency_key: str | None = Field(default=None, max_length=255)


@router.post("/bulk", summary="Do something with many messages", operation_id="bulk_messages")
async def bulk_messages(acting: OperatingAll, wanted: BulkInput) -> BulkShape:
    """Retry, cancel, hold or release many messages at once, named by their ids or found by a search.

    Count first (`dry_run`), show the number to whoever decides, and hand it in as `expected`. What is done is done, and the same request goes on
    with the rest, for what is done is no longer among what it suits.
    """
    wish, eilbote = Wish(wanted.action.value), acting.eilbote
    missing: list[EntryId] = []
    if wanted.ids is not None:
        asked = ids_of(wanted.ids)
        known = {
            each.id
            for begin in range(0, len(asked), 500)
            for each in await eilbote.entries(
                EntryFilter(ids=asked[begin : begin + 500], organization=acting.which), limit=500
            )
        }
        chosen, missing = sorted(known), [each for each in asked if each not in known]
    else:
        chosen = await choose(eilbote, wish, searched(acting, wanted.q or ""))
    refused = [BulkRefusal(id=entry_id_text(each), reason=NO_SUCH_ENTRY) for each in missing]
    if wanted.dry_run:
        return BulkShape(concerned=len(chosen), done=0, refused=refused[:_MOST_SHOWN])
    made = await wish_for_all(eilbote, wish, chosen, expected=wanted.expected)
    await acting.note(
        f"message.{wish.value}",
        "messages",
        after={"q": wanted.q or "", "concerned": made.chosen, "done": made.done},
    )
    refused += [BulkRefusal(id=entry_id_text(each), reason=reason) for each, reason in made.refused]
    return BulkShape(concerned=made.chosen, done=made.done, refused=refused[:_MOST_SHOWN])


@router.post("/{message}/retry", summary="Try a message now", operation_id="retry_message")
async def retry_message(acting: Operating, message: MessageKey) -> MessageShape:
    """Try it now; the failed recipients of one that is done are tried again, and waits between attempts begin anew."""
    return await _want(acting, Wish.RETRY, message)


@router.post("/{message}/cancel", summary="Call a message back", operation_id="cancel_message")
async def cancel_message(acting: Operating, message: MessageKey) -> MessageShape:
    """Call it back before it is on its way; it is never sent then."""
    return await _want(acting, Wish.CANCEL, message)


@router.post("/{message}/hold", summary="Hold a message", operation_id="hold_message")
async def hold_message(acting: Operating, message: MessageKey) -> MessageShape:
    """Let it stand still until it is released."""
    return await _want(acting, Wish.HOLD, message)


@router.post("/{message}/release", summary="Release a message", operation_id="release_message")
async def release_message(acting: Operating, message: MessageKey) -> MessageShape:
    """Let one that is held go on."""
    return await _want(acting, Wish.RELEASE, message)


@router.post(
    "/{message}/send-again",
    summary="Send a message again",
    operation_id="send_message_again",
    status_code=HTTP_202_ACCEPTED,
    responses={
        HTTP_200_OK: {"model": SubmissionShape, "description": "The key was used before, for the same"}
    },
)
async def send_message_again(  # noqa: PLR0917 - what FastAPI hands in
    acting: Operating,
    request: Request,
    response: Response,
    message: MessageKey,
    again: AgainInput,
    key: IdempotencyKey = None,
) -> SubmissionShape:
    """Hand in the same content once more, to others or to the same ones, as a message of its own with a new Message-ID and Date."""
    acting.principal.must(Permission.MESSAGES_SUBMIT)
    entry = await readable_entry(acting, message)
    check_connections(acting, again.connections)
    submission = await send_again(
        acting.eilbote,
        entry,
        SubmissionOptions(
            idempotency_key=again.idempotency_key or key,
            connections=tuple(again.connections) or entry.connections,
            organization=entry.organization,
        ),
        to=again.to,
        gate=acting.eilbote.gate,
        senders=acting.principal.senders,
        author=author_of(acting),
    )
    shape = submission_shape(submission)
    await acting.note("message.send_again", f"message:{message}", after={"message": shape.id, "to": again.to})
    return answer_submission(request, response, shape)


async def _want(acting: Acting, wish: Wish, message: str) -> MessageShape:
    before = await entry_for(acting, message)
    match wish:
        case Wish.RETRY:
            await acting.eilbote.retry(before.id)
        case Wish.CANCEL:
            await acting.eilbote.cancel(before.id)
        case Wish.HOLD:
            await acting.eilbote.hold(before.id)
        case Wish.RELEASE:
            await acting.eilbote.release(before.id)
    after = await entry_for(acting, message)
    await acting.note(
        f"message.{wish.value}",
        f"message:{entry_id_text(before.id)}",
        before={"state": before.state.value},
        after={"state": after.state.value},
    )
    return message_shape(after)
