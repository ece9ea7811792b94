"""The front of composition: a draft goes in, an envelope and a message come out (RFC 5321 §2.3.1, RFC 5322).

Header and envelope are written from the same parsed addresses. Bcc is in the envelope alone. What comes out is
final: nothing later adds to it or changes it, so a message can be stored and sent again octet by octet.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, cast

from eilbote.compose.address_fields import address_field, mailbox_field
from eilbote.compose.body import body_of
from eilbote.compose.custom_fields import custom_fields
from eilbote.compose.date_field import CurrentDate, date_field
from eilbote.compose.finished import finished_message
from eilbote.compose.generated_check import checked_header
from eilbote.compose.header_fields import (
    auto_submitted_field,
    check_message_id,
    free_text,
    message_ids,
    priority_fields,
    unsubscribe_fields,
)
from eilbote.compose.limits import ComposeLimits
from eilbote.compose.recipients import envelope_for
from eilbote.compose.tree import Tokens
from eilbote.connections.integrator_errors import missing_from
from eilbote.errors import DraftError
from eilbote.model.address import Mailbox, mailboxes
from eilbote.model.draft import Priority
from eilbote.model.message import BodyKind, Segment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eilbote.compose.parts import Part
    from eilbote.model.clock import Clock
    from eilbote.model.draft import Draft
    from eilbote.model.envelope import Envelope
    from eilbote.model.ids import IdSource
    from eilbote.model.message import Message

_NORMAL = Priority.NORMAL
_DEFAULT_LIMITS = ComposeLimits()


class Composed(NamedTuple):
    """What travels, and where to."""

    envelope: Envelope
    message: Message


class Composer:
    """Composes messages one by one; safe to share within a thread.

    Args:
        clock: Tells the time for the Date field.
        ids: Gives Message-IDs and boundaries nobody else has.
        default_from: The author of drafts that name none.
        message_id_domain: What stands after the @ in Message-IDs; the author's domain when ``None``.
        limits: How much one message may hold.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        ids: IdSource,
        default_from: Mailbox | None = None,
        message_id_domain: str | None = None,
        limits: ComposeLimits = _DEFAULT_LIMITS,
    ) -> None:
        self._ids = ids
        self._default_from = default_from
        self._message_id_domain = message_id_domain
        self._limits = limits
        self._date = CurrentDate(clock)
        self._tokens = Tokens(ids)
        self._last_from: tuple[Mailbox | None, str] = (None, "")

    def compose(
        self, draft: Draft, *, body: BodyKind = BodyKind.SEVEN_BIT, message_id: str | None = None
    ) -> Composed:
        """Compose one message.

        Args:
            draft: What the author wants said.
            body: The most the next hop takes; the message says what it needs.
            message_id: The Message-ID when the draft has none, so that a message that is composed again keeps
                its own; minted when ``None``.

        Raises:
            DraftError: Something in the draft cannot be sent safely, with field and position.
            SettingsError: Neither the draft nor this composer names an author.
        """
        from_ = draft.from_ or self._default_from
        if from_ is None:
            raise missing_from()
        envelope = envelope_for(draft, from_)
        root = body_of(draft, body, self._limits, self._tokens)
        if message_id is None or draft.message_id is not None:
            message_id = self._message_id(draft, from_)
        fields = self._fields(draft, from_, message_id)
        header, utf8 = self._header(fields, draft, from_)
        return Composed(envelope, self._message(message_id, header, root, smtputf8=utf8))

    # -- header section ------------------------------------------------------------------------------------

    def _message_id(self, draft: Draft, from_: Mailbox) -> str:
        if draft.message_id is not None:
            return check_message_id(draft.message_id, field="message_id")
        return f"<{self._ids.token()}@{self._message_id_domain or from_.domain}>"

    def _fields(self, draft: Draft, from_: Mailbox, message_id: str) -> list[str]:
        """Give the header fields, those of MIME excepted, in the order in which people read them."""
        if self._last_from[0] is not from_:
            self._last_from = (from_, mailbox_field("From", from_))
        fields = [
            self._date.field() if draft.date is None else date_field(draft.date),
            self._last_from[1],
        ]
        if draft.sender is not None and draft.sender != from_:
            fields.append(mailbox_field("Sender", draft.sender))
        if draft.reply_to:
            fields.append(address_field("Reply-To", draft.reply_to))
        to = draft.to
        if len(to) == 1 and isinstance(to[0], Mailbox):
            fields.append(mailbox_field("To", to[0]))
        elif to:
            fields.append(address_field("To", to))
        elif not draft.cc:
            # RFC 5322 wants no destination field; many a filter does.
            fields.append("To: undisclosed-recipients:;\r\n")
        if draft.cc:
            fields.append(address_field("Cc", draft.cc))
        if draft.subject:
            fields.append(free_text("Subject", draft.subject, field="subject"))
        fields.append(f"Message-ID: {message_id}\r\n")
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

    def _header(self, fields: list[str], draft: Draft, from_: Mailbox) -> tuple[bytes, bool]:
        """Give the octets of the fields, and whether they hold UTF-8 because an address needs it."""
        block = "".join(fields)
        utf8 = not block.isascii() and not all(
            mailbox.is_ascii
            for mailbox in (from_, draft.sender or from_, *mailboxes((*draft.reply_to, *draft.to, *draft.cc)))
        )
        if len(block) > self._limits.header_octets:
            raise DraftError(
                f"the header takes {len(block):,} octets",
                cause=f"at most {self._limits.header_octets:,} are sent",
                remedy="Send to fewer people in one message, as Bcc or in a series, or shorten the headers",
            )
        return checked_header(block, len(fields), utf8=utf8), utf8

    # -- the whole -------------------------------------------------------------------------------------------

    def _message(self, message_id: str, header: bytes, root: Part, *, smtputf8: bool) -> Message:
        segments = joined([header, root.header, b"\r\n", *root.content])
        size = 0
        for segment in segments:
            size += len(segment) if isinstance(segment, bytes) else segment.size
        if size > self._limits.message_octets:
            raise DraftError(
                f"the message takes {size:,} octets",
                field="attachments",
                cause=f"at most {self._limits.message_octets:,} are sent",
                remedy="Send a link instead of the file, or several messages",
            )
        return finished_message(message_id, segments, size, root.kind, smtputf8=smtputf8)


def joined(pieces: Sequence[Segment]) -> tuple[Segment, ...]:
    """Join neighbouring octets, so that a message without large attachments is one segment."""
    try:
        return (b"".join(cast("Sequence[bytes]", pieces)),)
    except TypeError:  # some piece is made while it is sent
        pass
    segments: list[Segment] = []
    run: list[bytes] = []
    for piece in pieces:
        if isinstance(piece, bytes):
            run.append(piece)
        else:
            segments += (b"".join(run), piece)
            run = []
    segments.append(b"".join(run))
    return tuple(segments)
