"""What the author wants said, before it is composed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from eilbote.errors import AttachmentError, DraftError
from eilbote.model.address import Group, Mailbox, parse_address_list, parse_mailbox
from eilbote.model.attachment import Attachment

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from eilbote.model.envelope import DsnRequest
    from eilbote.model.invitation import Invitation

Addresses: TypeAlias = "str | Mailbox | Group | Iterable[str | Mailbox | Group]"
"""One text with commas or semicolons, one parsed address, or several of either."""


class Priority(StrEnum):
    """How urgent the author finds it."""

    HIGH = "high"
    NORMAL = "normal"
    LOW = "low"


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
        _refuse_misfits(subject, text, html, headers, date)
        values: tuple[object, ...] = (
            None if from_ is None else parse_mailbox(from_, field="from"),
            None if sender is None else parse_mailbox(sender, field="sender"),
            parse_address_list(reply_to, field="reply_to") if reply_to else (),
            parse_address_list(to, field="to") if to else (),
            parse_address_list(cc, field="cc") if cc else (),
            parse_address_list(bcc, field="bcc") if bcc else (),
            subject,
            text,
            html,
            _attachments(attachments) if attachments else (),
            invitation,
            priority if isinstance(priority, Priority) else _priority(priority),
            _pairs(headers) if headers else (),
            message_id,
            date,
            (in_reply_to,) if isinstance(in_reply_to, str) else tuple(in_reply_to),
            (references,) if isinstance(references, str) else tuple(references),
            auto_submitted,
            (unsubscribe,) if isinstance(unsubscribe, str) else tuple(unsubscribe),
            one_click_unsubscribe,
            reverse_path,
            dsn,
            require_tls,
        )
        # The slots' own setters take half the time of object.__setattr__, and there is a draft a message.
        for put, value in zip(_SETTERS, values, strict=True):
            put(self, value)

    def replace(self, **changes: Any) -> Draft:  # noqa: ANN401 - the signature is Draft's own
        """Give a copy with some fields changed, each checked as in a new draft."""
        return replace(self, **changes)


def _refuse_misfits(
    subject: object, text: object, html: object, headers: object, date: datetime | None
) -> None:
    """Refuse values of the wrong kind here, because no later place could name their field."""
    for name, value in (("subject", subject), ("text", text), ("html", html)):
        if not isinstance(value, str) and (value is not None or name == "subject"):
            raise DraftError(f"a {type(value).__name__} is not a text", field=name, remedy="Give a str")
    if isinstance(headers, str):
        raise DraftError(
            "one text is not a set of header fields",
            field="headers",
            remedy='Give a mapping, such as {"X-Order": "4711"}, or pairs',
        )
    if date is not None and date.utcoffset() is None:
        raise DraftError(
            "the time has no zone",
            field="date",
            remedy="Give an aware datetime, for instance with datetime.UTC",
        )


def _attachments(attachments: Iterable[Attachment]) -> tuple[Attachment, ...]:
    found = tuple(attachments)
    given: tuple[object, ...] = found
    for index, each in enumerate(given):
        if not isinstance(each, Attachment):
            raise AttachmentError(
                f"a {type(each).__name__} is not an attachment",
                field="attachments"
                if isinstance(cast("object", attachments), str | bytes)
                else f"attachments[{index}]",
                remedy="Make one with Attachment.from_file, from_bytes, from_text, from_base64 or from_mime",
            )
    return found


def _priority(text: str) -> Priority:
    try:
        return Priority(text)
    except ValueError:
        raise DraftError(
            f"{text!r} is no priority", field="priority", remedy="Use high, normal or low"
        ) from None


def _pairs(headers: Mapping[str, str] | Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    if isinstance(headers, Mapping):
        return tuple(cast("Mapping[str, str]", headers).items())
    return tuple(headers)


_SETTERS = tuple(Draft.__dict__[each.name].__set__ for each in fields(Draft))
