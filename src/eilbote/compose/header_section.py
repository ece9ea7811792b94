"""The header section of a message (RFC 5322 §3.6): which fields, in which order.

The author comes first, then what differs from message to message, then what a whole series shares, so that a
series writes and checks the first and the last part once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from eilbote.compose.address_fields import address_field, mailbox_field
from eilbote.compose.custom_fields import custom_fields
from eilbote.compose.generated_check import checked_header
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
    from collections.abc import Iterable

    from eilbote.model.address import Group
    from eilbote.model.draft import Draft

_MIME_VERSION: Final = b"MIME-Version: 1.0\r\n"
_NORMAL = Priority.NORMAL


def own_section(draft: Draft, date: str, message_id: str) -> tuple[bytes, bool]:
    """Give To, Cc, Subject, Date and Message-ID, as :func:`section` does.

    Raises:
        HeaderError: The subject holds control characters.
    """
    to, cc = draft.to, draft.cc
    if len(to) == 1 and isinstance(to[0], Mailbox) and not cc:
        return own_section_of_one(to[0], draft.subject, date, message_id)
    fields: list[str] = []
    if to:
        fields.append(address_field("To", to))
    elif not cc:
        # RFC 5322 asks for no destination field; many a filter does.
        fields.append("To: undisclosed-recipients:;\r\n")
    if cc:
        fields.append(address_field("Cc", cc))
    if subject := free_text("Subject", draft.subject, field="subject"):
        fields.append(subject)
    fields += (date, f"Message-ID: {message_id}\r\n")
    return section(fields, (*to, *cc))


def own_section_of_one(to: Mailbox, subject: str, date: str, message_id: str) -> tuple[bytes, bool]:
    """Give the same for a message to one mailbox and no Cc."""
    subject_field = free_text("Subject", subject, field="subject")
    block = f"{mailbox_field('To', to)}{subject_field}{date}Message-ID: {message_id}\r\n"
    utf8 = not (block.isascii() or to.is_ascii)
    return checked_header(block, 4 if subject_field else 3, utf8=utf8), utf8


def section(fields: list[str], named: Iterable[Mailbox | Group]) -> tuple[bytes, bool]:
    """Give the octets of some fields, looked at for the last time.

    Args:
        fields: The fields.
        named: Whose addresses stand in them.

    Returns:
        The octets, and whether they are UTF-8 because an address is not ASCII (RFC 6532).
    """
    block = "".join(fields)
    utf8 = not block.isascii() and not all(mailbox.is_ascii for mailbox in mailboxes(named))
    return checked_header(block, len(fields), utf8=utf8), utf8


def author_section(draft: Draft, from_: Mailbox) -> tuple[bytes, bool]:
    """Give From, Sender and Reply-To, as :func:`section` does."""
    fields = [mailbox_field("From", from_)]
    if draft.sender is not None and draft.sender != from_:
        fields.append(mailbox_field("Sender", draft.sender))
    if draft.reply_to:
        fields.append(address_field("Reply-To", draft.reply_to))
    return section(fields, (from_, draft.sender or from_, *draft.reply_to))


def shared_section(draft: Draft, unsubscribe: tuple[str, ...], headers: tuple[tuple[str, str], ...]) -> bytes:
    """Give the rest: thread, priority, automation, unsubscribing, fields of the author's own, MIME-Version.

    Args:
        draft: The draft.
        unsubscribe: Its URIs for List-Unsubscribe, with values for placeholders in a series.
        headers: Its further fields, likewise.

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
    if unsubscribe or draft.one_click_unsubscribe:
        fields += unsubscribe_fields(unsubscribe, one_click=draft.one_click_unsubscribe)
    if headers:
        fields += custom_fields(draft, headers)
    if not fields:
        return _MIME_VERSION
    return section(fields, ())[0] + _MIME_VERSION
