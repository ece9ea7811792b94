"""What the author wants said, before it is composed."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any, TypeAlias

from eilbote.model.address import Group, Mailbox, parse_address_list, parse_mailbox
from eilbote.model.draft_values import (
    Priority,
    attachments_of,
    check_flag,
    check_moment,
    check_nouns,
    check_text,
    pairs_of,
    priority_of,
    texts_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from eilbote.model.attachment import Attachment
    from eilbote.model.envelope import DsnRequest
    from eilbote.model.invitation import Invitation

__all__ = ["Addresses", "Draft", "Priority"]

Addresses: TypeAlias = "str | Mailbox | Group | Iterable[str | Mailbox | Group]"
"""One text with commas or semicolons, one parsed address, or several of either."""


@dataclass(frozen=True, slots=True, init=False, kw_only=True)
class Draft:
    """One message as its author means it.

    Addresses may be given as text (``"Anna <anna@example.org>, max@example.net"``); they are parsed at once,
    so a bad one is refused here.

    Attributes:
        from_: The author (RFC 5322 §3.6.2); the connection's default when ``None``.
        sender: Who submits it for the author, when that is somebody else.
        reply_to: Where answers go, when not to ``from_``.
        to: Main recipients.
        cc: Recipients everybody sees.
        bcc: Recipients nobody sees; they are in the envelope only.
        subject: One line; line breaks become one blank.
        text: The plain text; derived from ``html`` when ``None``.
        html: The HTML text.
        attachments: What travels with it; inline ones are reachable from the HTML as ``cid:``.
        invitation: A meeting, if this is an invitation.
        priority: Written as X-Priority, X-MSMail-Priority and Importance unless normal.
        headers: Further header fields; those that eilbote writes itself are refused.
        message_id: The Message-ID with angle brackets; minted when ``None``.
        date: The Date, aware of its zone; the time of composition when ``None``.
        in_reply_to: Message-IDs this answers.
        references: Message-IDs of the thread.
        auto_submitted: The Auto-Submitted value (RFC 3834); ``None`` leaves the field out.
        unsubscribe: URIs for List-Unsubscribe (``https:`` or ``mailto:``).
        one_click_unsubscribe: Whether the https one accepts RFC 8058's POST.
        reverse_path: An own envelope sender; ``""`` is the null path; ``None`` means the author's address.
        dsn: Delivery status notifications asked for.
        require_tls: Every hop must use TLS or return the message (RFC 8689).

    Raises:
        AddressError: An address cannot be read, with the field and the position.
        DraftError: A field has a value of the wrong kind.
    """

    from_: Mailbox | None
    sender: Mailbox | None
    reply_to: tuple[Mailbox | Group, ...]
    to: tuple[Mailbox | Group, ...]
    cc: tuple[Mailbox | Group, ...]
    bcc: tuple[Mailbox | Group, ...]
    subject: str
    text: str | None
    html: str | None
    attachments: tuple[Attachment, ...]
    invitation: Invitation | None
    priority: Priority
    headers: tuple[tuple[str, str], ...]
    message_id: str | None
    date: datetime | None
    in_reply_to: tuple[str, ...]
    references: tuple[str, ...]
    auto_submitted: str | None
    unsubscribe: tuple[str, ...]
    one_click_unsubscribe: bool
    reverse_path: str | None
    dsn: DsnRequest | None
    require_tls: bool = field(default=False)

    def __init__(
        self,
        *,
        to: Addresses = (),
        subject: str = "",
        text: str | None = None,
        html: str | None = None,
        from_: str | Mailbox | None = None,
        sender: str | Mailbox | None = None,
        reply_to: Addresses = (),
        cc: Addresses = (),
        bcc: Addresses = (),
        attachments: Iterable[Attachment] = (),
        invitation: Invitation | None = None,
        priority: Priority | str = Priority.NORMAL,
        headers: Mapping[str, str] | Iterable[tuple[str, str]] = (),
        message_id: str | None = None,
        date: datetime | None = None,
        in_reply_to: str | Iterable[str] = (),
        references: str | Iterable[str] = (),
        auto_submitted: str | None = None,
        unsubscribe: str | Iterable[str] = (),
        one_click_unsubscribe: bool = False,
        reverse_path: str | None = None,
        dsn: DsnRequest | None = None,
        require_tls: bool = False,
    ) -> None:
        # An everyday draft is asked as little as possible, because there is one for every message.
        if not (
            type(subject) is str
            and (text is None or type(text) is str)
            and (html is None or type(html) is str)
        ):
            check_text(subject, "subject", optional=False)
            check_text(text, "text")
            check_text(html, "html")
        if (
            invitation is not None
            or dsn is not None
            or message_id is not None
            or date is not None
            or auto_submitted is not None
            or reverse_path is not None
            or one_click_unsubscribe is not False
            or require_tls is not False
        ):
            check_nouns(invitation, dsn)
            check_text(message_id, "message_id")
            check_moment(date, "date")
            check_text(auto_submitted, "auto_submitted")
            check_text(reverse_path, "reverse_path")
            check_flag(one_click_unsubscribe, "one_click_unsubscribe")
            check_flag(require_tls, "require_tls")
        # Filled while it is of a class with the same slots that is not frozen: a fifth of the time, and nobody sees
        # it before it is complete. A class derived from this one is copied into.
        draft: Any = self if type(self) is Draft else object.__new__(Draft)
        object.__setattr__(draft, "__class__", _OpenDraft)
        draft.from_ = None if from_ is None else parse_mailbox(from_, field="from")
        draft.sender = None if sender is None else parse_mailbox(sender, field="sender")
        draft.reply_to = parse_address_list(reply_to, field="reply_to") if reply_to else ()
        draft.to = parse_address_list(to, field="to") if to else ()
        draft.cc = parse_address_list(cc, field="cc") if cc else ()
        draft.bcc = parse_address_list(bcc, field="bcc") if bcc else ()
        draft.subject = subject
        draft.text = text
        draft.html = html
        draft.attachments = attachments_of(attachments) if attachments else ()
        draft.invitation = invitation
        draft.priority = priority if isinstance(priority, Priority) else priority_of(priority)
        draft.headers = pairs_of(headers) if headers != () else ()
        draft.message_id = message_id
        draft.date = date
        draft.in_reply_to = texts_of(in_reply_to, "in_reply_to") if in_reply_to != () else ()
        draft.references = texts_of(references, "references") if references != () else ()
        draft.auto_submitted = auto_submitted
        draft.unsubscribe = texts_of(unsubscribe, "unsubscribe") if unsubscribe != () else ()
        draft.one_click_unsubscribe = one_click_unsubscribe
        draft.reverse_path = reverse_path
        draft.dsn = dsn
        draft.require_tls = require_tls
        draft.__class__ = Draft
        if draft is not self:
            for each in fields(Draft):
                object.__setattr__(self, each.name, getattr(draft, each.name))

    def replace(self, **changes: Any) -> Draft:  # noqa: ANN401 - the signature is Draft's own
        """Give a copy with some fields changed, each checked as in a new draft."""
        return replace(self, **changes)


class _OpenDraft:
    __slots__ = tuple(Draft.__slots__)
