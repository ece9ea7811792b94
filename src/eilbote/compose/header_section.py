"""The header section of a message (RFC 5322 §3.6): which fields, in which order.

The author comes first, then what differs from message to message, then what a whole series shares, so that a
series writes and checks the first and the last part once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from eilbote.compose.address_fields import address_field, mailbox_field
from eilbote.compose.custom_fields import custom_fields
from eilbote.compose.header_fields import (
    auto_submitted_field,
    free_text,
    message_ids,
    priority_fields,
    unsubscribe_fields,
)
from eilbote.model.address import Mailbox, mailboxes
from eilbote.model.draft import Priority

if TYPE_CHECKING:
    from eilbote.model.draft import Draft

_NORMAL = Priority.NORMAL


def author_fields(draft: Draft, from_: Mailbox) -> list[str]:
    """Give From, Sender and Reply-To."""
    fields = [mailbox_field("From", from_)]
    if draft.sender is not None and draft.sender != from_:
        fields.append(mailbox_field("Sender", draft.sender))
    if draft.reply_to:
        fields.append(address_field("Reply-To", draft.reply_to))
    return fields


def own_fields(draft: Draft, date: str, message_id: str) -> list[str]:
    """Give To, Cc, Subject, Date and Message-ID.

    Raises:
        HeaderError: The subject holds control characters.
    """
    fields: list[str] = []
    to, cc = draft.to, draft.cc
    if len(to) == 1 and isinstance(to[0], Mailbox):
        fields.append(mailbox_field("To", to[0]))
    elif to:
        fields.append(address_field("To", to))
    elif not cc:
        # RFC 5322 asks for no destination field; many a filter does.
        fields.append("To: undisclosed-recipients:;\r\n")
    if cc:
        fields.append(address_field("Cc", cc))
    if subject := free_text("Subject", draft.subject, field="subject"):
        fields.append(subject)
    fields.append(date)
    fields.append(f"Message-ID: {message_id}\r\n")
    return fields


def shared_fields(draft: Draft) -> list[str]:
    """Give the rest: thread, priority, automation, unsubscribing, fields of the author's own, MIME-Version.

    Raises:
        HeaderError: A value cannot be carried safely, or a name is not allowed.
    """
    fields: list[str] = []
    if draft.in_reply_to:
        fields.append(message_ids("In-Reply-To", draft.in_reply_to, field="in_reply_to"))
    if draft.references:
        fields.append(message_ids("References", draft.references, field="references"))
    if draft.priority is not _NORMAL:
        fields += priority_fields(draft.priority)
    if draft.auto_submitted is not None:
        fields.append(auto_submitted_field(draft.auto_submitted))
    if draft.unsubscribe or draft.one_click_unsubscribe:
        fields += unsubscribe_fields(draft.unsubscribe, one_click=draft.one_click_unsubscribe)
    if draft.headers:
        fields += custom_fields(draft)
    fields.append("MIME-Version: 1.0\r\n")
    return fields


def needs_utf8(draft: Draft, from_: Mailbox) -> bool:
    """Tell whether an address in the header is not ASCII, so that the header has to be UTF-8 (RFC 6532)."""
    return not all(
        mailbox.is_ascii
        for mailbox in (from_, draft.sender or from_, *mailboxes((*draft.reply_to, *draft.to, *draft.cc)))
    )
