"""The body of a message: which parts a draft has, in which order, in which tree (RFC 2046)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eilbote.compose.parts import Part, attachment_part, html_part, plain_part
from eilbote.compose.tree import arrange
from eilbote.errors import AttachmentError
from eilbote.model.message import BodyKind

if TYPE_CHECKING:
    from eilbote.compose.limits import ComposeLimits
    from eilbote.compose.tree import Tokens
    from eilbote.model.draft import Draft


def body_of(draft: Draft, body: BodyKind, limits: ComposeLimits, tokens: Tokens) -> Part:
    """Give the root of the MIME tree for a draft.

    Args:
        draft: The draft.
        body: The most the next hop takes.
        limits: How much one message may hold.
        tokens: Where boundaries come from.

    Raises:
        DraftError: A text, an attachment or the invitation cannot be sent as it is.
    """
    versions = text_versions(draft, body)
    if not draft.attachments:
        return arrange(versions, (), (), tokens)
    if len(draft.attachments) > limits.attachments:
        raise AttachmentError(
            f"there are {len(draft.attachments)} attachments",
            field="attachments",
            cause=f"at most {limits.attachments} are sent",
            remedy="Pack them into one archive",
        )
    inline: list[Part] = []
    attachments: list[Part] = []
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
        part = attachment_part(attachment, index=index, binary=body is BodyKind.BINARY)
        shown_in_html = attachment.inline and content_id is not None and draft.html is not None
        (inline if shown_in_html else attachments).append(part)
    return arrange(versions, inline, attachments, tokens)


def text_versions(draft: Draft, body: BodyKind) -> list[Part]:
    """Give the texts, the plainest first (RFC 2046 §5.1.4)."""
    text, html = draft.text, draft.html
    if html is None:
        if text is None and draft.attachments:
            return []
        return [plain_part(text or "", body)]
    if text is None:
        from eilbote.template.html_text import html_to_text

        text = html_to_text(html)
    return [plain_part(text, body), html_part(html, body)]
