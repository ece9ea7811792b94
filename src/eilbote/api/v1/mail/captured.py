"""Captured mail: in capture mode nothing is sent, and what would have been is looked at here."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import HTMLResponse, PlainTextResponse
from starlette.status import HTTP_202_ACCEPTED, HTTP_204_NO_CONTENT

from eilbote.accounts.role import Permission
from eilbote.api.acting import Acting, needs
from eilbote.api.paging import Cursor, Limit, Page, cursor_at, read_cursor
from eilbote.api.v1.mail.message_content import (
    ContentShape,
    Remote,
    content_shape,
    kept_headers,
    part_response,
    preview_response,
    text_response,
)
from eilbote.api.v1.mail.message_shapes import SubmissionShape, submission_shape
from eilbote.api.v1.mail.messages import author_of
from eilbote.engine.capture import CaptureShelf
from eilbote.engine.captured_look import LONGEST_TAG, MOST_TAGS, CapturedMail
from eilbote.engine.mail_checks import CheckLevel, CheckTopic, check_mail
from eilbote.engine.message_parts import MessageView, read_parts
from eilbote.errors import NotFoundError
from eilbote.model.envelope import Envelope
from eilbote.model.moment import as_datetime
from eilbote.model.submission import SubmissionOptions
from eilbote.outbox.search import LONGEST_SEARCH, parse_search

router = APIRouter(prefix="/captured", tags=["Captured mail"])

Looking = Annotated[Acting, Depends(needs(Permission.HOST_OPERATE))]
Number = Annotated[int, Path(ge=1, le=2**62, description="As the list gives it")]


class CapturedShape(BaseModel):
    """A message that was kept in place of being sent."""

    number: int
    at: datetime
    connection: str = Field(description="By which it would have gone")
    reverse_path: str = Field(description="Where reports of failure would have gone; empty for nowhere")
    forward_paths: list[str] = Field(description="To whom it would have gone")
    message_id: str
    subject: str
    sender: str = Field(description="What `From` says")
    attachments: int = Field(description="How many files travel with it")
    tags: list[str] = Field(description="What people have put on it, or its field `X-Tags` said")
    is_read: bool = Field(description="Whether somebody has marked it as read; to look at it marks nothing")
    size: int = Field(description="Octets")


class CapturedChange(BaseModel):
    """What to change about a captured message."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"tags": ["checked"], "is_read": True}]}
    )

    tags: list[Annotated[str, Field(min_length=1, max_length=LONGEST_TAG)]] | None = Field(
        default=None, max_length=MOST_TAGS, description="In place of those it has; left out, it keeps them"
    )
    is_read: bool | None = Field(default=None, description="Whether it counts as read")


class MailFindingShape(BaseModel):
    """Something that a reader's program, or a filter of unwanted mail, would hold against a message."""

    topic: CheckTopic = Field(description="What it is about", examples=["links"])
    level: CheckLevel = Field(
        description="`error`: many will not get it, or not see what was meant; `warning`: some",
        examples=["warning"],
    )
    what: str = Field(description="What is so", examples=["There is HTML without a plain text"])
    remedy: str = Field(description="What to do")


class MailChecks(BaseModel):
    """What was found in a message."""

    is_sound: bool = Field(description="Whether nothing was found that is an error")
    findings: list[MailFindingShape] = Field(description="What is worse first; a hundred at most")


class CapturedList(Page[CapturedShape]):
    """A part of what was captured."""

    is_on: bool = Field(
        description="Whether capture mode is on; when it is off nothing is here, and mail is sent"
    )
    tags: dict[str, int] = Field(default={}, description="Which tags there are, and on how many in all")
    kept: int = Field(default=0, description="How many are kept in all, whatever was asked")
    unread: int = Field(default=0, description="How many of all that are kept nobody has marked as read")


class ReleaseInput(BaseModel):
    """To whom a captured message is sent after all."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"to": ["dev@example.org"]}]})

    to: list[Annotated[str, Field(max_length=2000)]] = Field(
        min_length=1, max_length=100, description="Each has to be allowed by the setting `capture.release`"
    )
    connections: list[str] = Field(
        default=[], max_length=20, description="By which connections; the one it was caught at when left out"
    )


@router.get("", summary="List captured mail", operation_id="list_captured")
async def list_captured(
    acting: Looking,
    *,
    q: Annotated[
        str,
        Query(
            max_length=LONGEST_SEARCH,
            description="A search as for messages: words, which are looked for in the text as well, `to:`, `from:`, `subject:`, "
            "`connection:`, `before:`, `after:`, `has:attachment`",
            examples=['from:orders "unpaid invoice" -has:attachment'],
        ),
    ] = "",
    to: Annotated[str, Query(max_length=300, description="To an address that contains this")] = "",
    tag: Annotated[str, Query(max_length=LONGEST_TAG, description="With this tag")] = "",
    unread: Annotated[bool, Query(description="Only what nobody has marked as read")] = False,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> CapturedList:
    """Give what was captured, the latest first. It is kept in memory, a thousand messages at most, until the server ends."""
    conditions = parse_search(q, now=acting.eilbote.clock.now())
    place = read_cursor(cursor, int)
    shelf = acting.eilbote.captured
    if shelf is None:
        return CapturedList(items=[], is_on=False)
    found = await asyncio.to_thread(
        shelf.mails,
        limit=limit + 1,
        before=None if place is None else int(place[0]),
        to=to,
        tag=tag,
        is_unread=unread,
        conditions=conditions,
    )
    shown = found[:limit]
    kept, not_read = shelf.counts()
    return CapturedList(
        items=[_shape(each) for each in shown],
        next_cursor=cursor_at(shown[-1].number) if len(found) > limit else None,
        is_on=True,
        tags=dict(sorted(shelf.tags().items())),
        kept=kept,
        unread=not_read,
    )


@router.delete(
    "", summary="Forget all captured mail", operation_id="clear_captured", status_code=HTTP_204_NO_CONTENT
)
async def clear_captured(acting: Looking) -> None:
    """Forget what was captured; the messages stay in the outbox."""
    number = _shelf(acting).clear()
    await acting.note("captured.clear", "captured", before={"mails": number})


@router.get("/{number}", summary="Show captured mail", operation_id="get_captured")
async def get_captured(acting: Looking, number: Number) -> CapturedShape:
    """Give one."""
    return _shape(_shelf(acting).mail(number))


@router.patch("/{number}", summary="Put marks on captured mail", operation_id="update_captured")
async def update_captured(acting: Looking, number: Number, wanted: CapturedChange) -> CapturedShape:
    """Put tags on one, in place of those it has, or mark it as read; the list can be asked for those with a tag, and for what is unread."""
    shelf = _shelf(acting)
    before = shelf.mail(number)
    labelled = shelf.label(number, tags=wanted.tags, is_read=wanted.is_read)
    if labelled != before:
        await acting.note(
            "captured.update",
            f"captured:{number}",
            before={"tags": list(before.tags), "is_read": before.is_read},
            after={"tags": list(labelled.tags), "is_read": labelled.is_read},
        )
    return _shape(labelled)


@router.get("/{number}/checks", summary="Check captured mail", operation_id="check_captured")
async def check_captured(acting: Looking, number: Number) -> MailChecks:
    """Tell what readers' programs and filters of unwanted mail would hold against it: links, missing texts, pictures, files, size.

    Nothing is contacted: whether a link leads somewhere is not tried.
    """
    octets = _shelf(acting).mail(number).octets
    found = await asyncio.to_thread(lambda: check_mail(read_parts(octets), size=len(octets)))
    return MailChecks(
        is_sound=not any(each.level is CheckLevel.ERROR for each in found),
        findings=[
            MailFindingShape(topic=each.topic, level=each.level, what=each.what, remedy=each.remedy)
            for each in found
        ],
    )


@router.get("/{number}/content", summary="Show what captured mail says", operation_id="get_captured_content")
async def get_captured_content(acting: Looking, number: Number) -> ContentShape:
    """Give fields, texts, and what travels with it."""
    return content_shape(await _view(acting, number))


@router.get(
    "/{number}/content/text",
    summary="Give the plain text of captured mail",
    operation_id="get_captured_text",
    response_class=PlainTextResponse,
)
async def get_captured_text(acting: Looking, number: Number) -> Response:
    """Give the plain text alone."""
    return text_response((await _view(acting, number)).text, "text")


@router.get(
    "/{number}/content/html",
    summary="Give the HTML of captured mail",
    operation_id="get_captured_html",
    response_class=PlainTextResponse,
)
async def get_captured_html(acting: Looking, number: Number) -> Response:
    """Give the source of the HTML, as plain text."""
    return text_response((await _view(acting, number)).html, "html")


@router.get(
    "/{number}/content/raw",
    summary="Give the octets of captured mail",
    operation_id="get_raw_captured",
    response_class=Response,
    responses={200: {"content": {"message/rfc822": {}}, "description": "What would have been sent"}},
)
async def get_raw_captured(acting: Looking, number: Number) -> Response:
    """Give what would have been sent, to be kept as a file."""
    mail = _shelf(acting).mail(number)
    return Response(mail.octets, media_type="message/rfc822", headers=kept_headers(f"captured-{number}.eml"))


@router.get(
    "/{number}/content/preview",
    summary="Show captured mail as a page",
    operation_id="preview_captured",
    response_class=HTMLResponse,
)
async def preview_captured(acting: Looking, number: Number, *, remote: Remote = False) -> HTMLResponse:
    """Give a page that shows it in a sandbox."""
    return await preview_response(await _view(acting, number), remote=remote)


@router.get(
    "/{number}/content/attachments/{part}",
    summary="Give a file of captured mail",
    operation_id="get_captured_attachment",
    response_class=Response,
    responses={200: {"content": {"application/octet-stream": {}}, "description": "The octets"}},
)
async def get_captured_attachment(
    acting: Looking, number: Number, part: Annotated[int, Path(ge=0, le=100_000)]
) -> Response:
    """Give the octets of a file."""
    return part_response((await _view(acting, number)).parts, part)


@router.delete(
    "/{number}",
    summary="Forget captured mail",
    operation_id="delete_captured",
    status_code=HTTP_204_NO_CONTENT,
)
async def delete_captured(acting: Looking, number: Number) -> None:
    """Forget one; the message stays in the outbox."""
    _shelf(acting).drop(number)
    await acting.note("captured.delete", f"captured:{number}")


@router.post(
    "/{number}/release",
    summary="Send captured mail after all",
    operation_id="release_captured",
    status_code=HTTP_202_ACCEPTED,
)
async def release_captured(
    acting: Looking, request: Request, response: Response, number: Number, release: ReleaseInput
) -> SubmissionShape:
    """Hand the message to the outbox once more, for addresses that the setting `capture.release` allows; it is really sent."""
    shelf = _shelf(acting)
    mail = shelf.mail(number)
    paths = shelf.check_release(release.to)
    shelf.let_pass(mail.message_id)
    submission = await acting.eilbote.messages.submit(
        mail.octets,
        Envelope(reverse_path=mail.reverse_path, forward_paths=paths),
        SubmissionOptions(connections=tuple(release.connections) or (mail.connection,)),
        author=author_of(acting),
    )
    shape = submission_shape(submission)
    await acting.note(
        "captured.release", f"captured:{number}", after={"to": list(paths), "message": shape.id}
    )
    response.headers["Location"] = f"{request.url.path.partition('/captured')[0]}/messages/{shape.id}"
    return shape


def _shelf(acting: Acting) -> CaptureShelf:
    shelf = acting.eilbote.captured
    if shelf is None:
        raise NotFoundError(
            "nothing is captured: capture mode is off",
            field="number",
            cause="Mail is sent, and nothing is kept here",
            remedy="Set capture.enabled in eilbote.toml or in the environment, and start the server again",
        )
    return shelf


async def _view(acting: Acting, number: int) -> MessageView:
    mail = _shelf(acting).mail(number)
    return await asyncio.to_thread(read_parts, mail.octets)


def _shape(mail: CapturedMail) -> CapturedShape:
    return CapturedShape(
        number=mail.number,
        at=as_datetime(mail.at),
        connection=mail.connection,
        reverse_path=mail.reverse_path,
        forward_paths=list(mail.forward_paths),
        message_id=mail.message_id,
        subject=mail.look.subject,
        sender=mail.look.sender,
        attachments=mail.look.attachments,
        tags=list(mail.tags),
        is_read=mail.is_read,
        size=len(mail.octets),
    )
