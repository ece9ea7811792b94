"""The body of a message: which parts a draft has, in which order, in which tree (RFC 2046)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from eilbote.compose.calendar import meeting_in_words
from eilbote.compose.parts import (
    Part,
    attachment_part,
    calendar_file,
    calendar_part,
    encode_attachment,
    html_part,
    plain_part,
)
from eilbote.compose.tree import absent_token, arrange, two_texts
from eilbote.errors import AttachmentError
from eilbote.model.attachment import MimePart
from eilbote.model.message import BodyKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from eilbote.compose.limits import ComposeLimits
    from eilbote.compose.tree import Tokens
    from eilbote.model.draft import Draft
    from eilbote.model.invitation import Invitation
    from eilbote.model.message import Segment


@dataclass(frozen=True, slots=True)
class Meeting:
    """An invitation with what the rest of the message knows about it.

    Attributes:
        invitation: The meeting.
        calendar: It as iCalendar.
    """

    invitation: Invitation
    calendar: str


def body_of(
    draft: Draft, body: BodyKind, limits: ComposeLimits, tokens: Tokens, meeting: Meeting | None = None
) -> Part:
    """Give the root of the MIME tree for a draft.

    Args:
        draft: The draft.
        body: The most the next hop takes.
        limits: How much one message may hold.
        tokens: Where boundaries come from.
        meeting: The draft's invitation, if it has one.

    Raises:
        DraftError: A text or an attachment cannot be sent as it is.
    """
    if draft.text is not None and draft.html is not None and not draft.attachments and meeting is None:
        return two_texts(draft.text, draft.html, body, tokens)
    versions = _text_versions(draft, body, meeting)
    if not draft.attachments and meeting is None:
        if len(versions) == 1:
            return _ending_in_crlf(versions[0])
        return arrange(versions, (), (), absent_token(versions, tokens))
    inline, attachments = attached_parts(draft, body, limits, tokens)
    if meeting is not None:
        attachments.append(calendar_file(meeting.calendar))
    return arrange(versions, inline, attachments, absent_token((*versions, *inline, *attachments), tokens))


def plain_text_of(draft: Draft) -> str | None:
    """Give the plain text: the draft's own, one derived from its HTML, or ``None`` when there is no text at all."""
    if draft.text is not None:
        return draft.text
    if draft.html is not None:
        from eilbote.template.html_text import html_to_text

        return html_to_text(draft.html)
    return None if draft.attachments else ""


def attached_parts(
    draft: Draft,
    body: BodyKind,
    limits: ComposeLimits,
    tokens: Tokens,
    encode: Callable[[bytes], Segment] = encode_attachment,
) -> tuple[list[Part], list[Part]]:
    """Give the parts for attachments, apart: those the HTML shows, and those beside it.

    Raises:
        AttachmentError: There are too many, or one cannot be sent as it is described.
    """
    if len(draft.attachments) > limits.attachments:
        raise AttachmentError(
            f"there are {len(draft.attachments)} attachments",
            field="attachments",
            cause=f"at most {limits.attachments} are sent",
            remedy="Pack them into one archive",
        )
    inline: list[Part] = []
    beside: list[Part] = []
    ids: set[str] = set()
    for index, attachment in enumerate(draft.attachments):
        content_id = attachment.content_id
        if content_id is not None:
            if content_id in ids:
                raise AttachmentError(
                    f"two attachments have the Content-ID {content_id!r}",
                    field=f"attachments[{index}].content_id",
                    remedy="Give each its own",
                )
            ids.add(content_id)
        if isinstance(attachment.content, MimePart):
            from eilbote.compose.mime_part import ready_made_part

            part = ready_made_part(
                attachment,
                attachment.content,
                name=f"attachments[{index}]",
                body=body,
                limits=limits,
                tokens=tokens,
            )
        else:
            part = attachment_part(attachment, index=index, binary=body is BodyKind.BINARY, encode=encode)
        shown_in_html = attachment.inline and content_id is not None and draft.html is not None
        (inline if shown_in_html else beside).append(part)
    return inline, beside


def _text_versions(draft: Draft, body: BodyKind, meeting: Meeting | None) -> list[Part]:
    """Give the texts, the plainest first (RFC 2046 §5.1.4)."""
    html = draft.html
    text = plain_text_of(draft)
    if meeting is not None and draft.text is None and html is None:
        text = meeting_in_words(meeting.invitation)
    versions = [] if text is None else [plain_part(text, body)]
    if html is not None:
        versions.append(html_part(html, body))
    if meeting is not None:
        versions.append(calendar_part(meeting.calendar, meeting.invitation.method.value, body))
    return versions


def _ending_in_crlf(part: Part) -> Part:
    """Give a text that is the whole body, which ends as every message ends."""
    last = part.content[-1]
    if not isinstance(last, bytes) or last.endswith(b"\r\n"):
        return part
    return Part(part.header, (*part.content, b"\r\n"), part.kind)
