"""What a message says: its texts, its fields, its files, its octets, and a page to look at it.

It was written by others, and must not do anything to whoever looks: files are handed out to be kept and not to be shown, a page is shown in a
sandbox without scripts, forms and links, and nothing of it is fetched from elsewhere unless somebody asks for that.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, Iterator
from typing import Annotated, Final
from urllib.parse import quote

from fastapi import APIRouter, Depends, Path, Query
from pydantic import BaseModel, Field
from starlette.responses import HTMLResponse, PlainTextResponse, Response, StreamingResponse

from eilbote.accounts.role import Permission
from eilbote.api.acting import Acting, needs
from eilbote.api.v1.mail.message_lookup import MessageKey, readable_entry
from eilbote.engine.message_parts import MessageView, PartView, read_parts
from eilbote.engine.message_preview import preview_page, preview_policy
from eilbote.errors import NotFoundError
from eilbote.model.ids import entry_id_text
from eilbote.model.message import Message

router = APIRouter(prefix="/messages/{message}/content", tags=["Message content"])

Reading = Annotated[Acting, Depends(needs(Permission.MESSAGES_CONTENT))]
Remote = Annotated[
    bool, Query(description="Fetch pictures from elsewhere; their owners hear that the message was looked at")
]
_QUIET: Final = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "private, no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-DNS-Prefetch-Control": "off",
}
_NOTHING: Final = "sandbox; default-src 'none'"
_HARMLESS: Final = re.compile(
    r"(?:image/(?:png|jpeg|gif|webp)|application/pdf|text/(?:plain|csv)|audio/[a-z0-9.+-]+|video/[a-z0-9.+-]+)\Z"
)
_OCTETS: Final = "application/octet-stream"
_TO_KEEP: Final[dict[int | str, dict[str, object]]] = {
    200: {"content": {_OCTETS: {}}, "description": "The octets, to be kept and not shown"}
}


class HeaderShape(BaseModel):
    """A header field."""

    name: str = Field(examples=["Subject"])
    value: str = Field(description="Decoded and unfolded", examples=["Your order 4711"])


class PartShape(BaseModel):
    """A file that travels with a message."""

    number: int = Field(description="By which it is fetched")
    filename: str = Field(description="As its author named it; it may be anything, and empty")
    media_type: str = Field(description="As its author says")
    size: int = Field(description="Octets, decoded")
    content_id: str = Field(description="What `cid:` in the HTML points to; empty without one")
    is_inline: bool = Field(description="Whether it is shown within the text")


class ContentShape(BaseModel):
    """What a message says."""

    headers: list[HeaderShape]
    text: str | None = Field(description="The plain text; null when there is none")
    html: str | None = Field(description="The HTML text as it was sent; show the preview, and never this")
    attachments: list[PartShape]


@router.get("", summary="Show what a message says", operation_id="get_message_content")
async def get_message_content(acting: Reading, message: MessageKey) -> ContentShape:
    """Give fields, texts, and what travels with it."""
    return content_shape(await _view(acting, message))


@router.get(
    "/text",
    summary="Give the plain text of a message",
    operation_id="get_message_text",
    response_class=PlainTextResponse,
)
async def get_message_text(acting: Reading, message: MessageKey) -> Response:
    """Give the plain text alone."""
    return text_response((await _view(acting, message)).text, "text")


@router.get(
    "/html",
    summary="Give the HTML of a message",
    operation_id="get_message_html",
    response_class=PlainTextResponse,
)
async def get_message_html(acting: Reading, message: MessageKey) -> Response:
    """Give the source of the HTML, as plain text: to be read, and not to be shown."""
    return text_response((await _view(acting, message)).html, "html")


@router.get(
    "/raw",
    summary="Give the octets of a message",
    operation_id="get_raw_message",
    response_class=Response,
    responses={
        200: {"content": {"message/rfc822": {}}, "description": "As every attempt sends it (RFC 5322)"}
    },
)
async def get_raw_message(acting: Reading, message: MessageKey) -> StreamingResponse:
    """Give the message as every attempt sends it, to be kept as a file."""
    entry = await readable_entry(acting, message)
    stored = await acting.eilbote.message(entry.id)
    return StreamingResponse(
        _chunks(stored),
        media_type="message/rfc822",
        headers={
            **kept_headers(f"{entry_id_text(entry.id)}.eml"),
            "Content-Length": str(stored.size),
        },
    )


@router.get(
    "/preview",
    summary="Show a message as a page",
    operation_id="preview_message",
    response_class=HTMLResponse,
)
async def preview_message(acting: Reading, message: MessageKey, *, remote: Remote = False) -> HTMLResponse:
    """Give a page that shows the message in a sandbox; pictures that travel with it are in the page.

    Put it into an `<iframe sandbox>`; it is safe to be opened by itself as well.
    """
    return await preview_response(await _view(acting, message), remote=remote)


@router.get(
    "/attachments/{number}",
    summary="Give a file of a message",
    operation_id="get_message_attachment",
    response_class=Response,
    responses=_TO_KEEP,
)
async def get_message_attachment(
    acting: Reading, message: MessageKey, number: Annotated[int, Path(ge=0, le=100_000)]
) -> Response:
    """Give the octets of a file; a type that a browser might run is not passed on."""
    return part_response((await _view(acting, message)).parts, number)


def content_shape(view: MessageView) -> ContentShape:
    """Tell what a message says."""
    return ContentShape(
        headers=[HeaderShape(name=name, value=value) for name, value in view.headers],
        text=view.text,
        html=view.html,
        attachments=[
            PartShape(
                number=part.number,
                filename=part.filename,
                media_type=part.media_type,
                size=len(part.octets),
                content_id=part.content_id,
                is_inline=part.is_inline,
            )
            for part in view.parts
        ],
    )


def text_response(text: str | None, what: str) -> Response:
    """Answer with a text as it is.

    Raises:
        NotFoundError: There is none.
    """
    if text is None:
        raise NotFoundError(f"the message has no {what}", field="id")
    return PlainTextResponse(text, headers={**_QUIET, "Content-Security-Policy": _NOTHING})


async def preview_response(view: MessageView, *, remote: bool) -> HTMLResponse:
    """Answer with a page that does nothing."""
    page = await asyncio.to_thread(preview_page, view)
    return HTMLResponse(
        page.encode("utf-8", "replace"),
        headers={
            **_QUIET,
            "Content-Security-Policy": preview_policy(remote=remote),
            "X-Frame-Options": "SAMEORIGIN",
        },
    )


def part_response(parts: tuple[PartView, ...], number: int) -> Response:
    """Answer with a file, to be kept.

    Raises:
        NotFoundError: There are not so many.
    """
    if number >= len(parts):
        raise NotFoundError(
            f"the message has {len(parts)} attachments, and none with the number {number}", field="number"
        )
    part = parts[number]
    media_type = part.media_type if _HARMLESS.match(part.media_type) else _OCTETS
    return Response(
        part.octets, media_type=media_type, headers=kept_headers(part.filename or f"attachment-{number}")
    )


def kept_headers(filename: str) -> dict[str, str]:
    """Say that something is to be kept under a name (RFC 6266), and not to be shown."""
    plain = re.sub(r"[^A-Za-z0-9._ -]", "_", filename)[:100].strip() or "attachment"
    named = quote(re.sub(r"[\x00-\x1f\x7f/\\]", "_", filename)[:150], safe="")
    return {
        **_QUIET,
        "Content-Security-Policy": _NOTHING,
        "Content-Disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{named}",
    }


async def _view(acting: Acting, message: str) -> MessageView:
    entry = await readable_entry(acting, message)
    stored = await acting.eilbote.message(entry.id)
    return await asyncio.to_thread(lambda: read_parts(b"".join(stored.chunks())))


async def _chunks(message: Message) -> AsyncGenerator[bytes]:
    """Give octets piece by piece; large ones are read in a thread."""
    chunks: Iterator[bytes] = iter(message.chunks())
    while (chunk := await asyncio.to_thread(next, chunks, None)) is not None:
        yield chunk
