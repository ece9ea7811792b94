"""What a message shares with the one before it, when both are everyday messages of one author.

A program that notifies people says nearly the same thing again and again: the author, the unsubscribe link, the
priority and the form of the body are those of the message before; the recipient, the subject and the two texts are
not. So the first is composed the way every message is, and from the second on what they share is kept as octets,
ready to be copied; so is what the texts have in common (:mod:`~eilbote.compose.passages`).

What has other recipients than one in To, lacks a text, or is very large, gives ``None`` and is composed the long way.
That is the measure of this one: a property compares their octets.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from eilbote.compose.composed import Composed, composed
from eilbote.compose.header_section import author_section, own_section_of_one, shared_section
from eilbote.compose.passages import LONG, Passages
from eilbote.compose.recipients import ONE_TO, reverse_path_of
from eilbote.compose.transfer_encoding import encode_text
from eilbote.compose.tree import layout_of_two
from eilbote.model.address import Mailbox
from eilbote.model.finished import finished_envelope, finished_message

if TYPE_CHECKING:
    from eilbote.compose.tree import Tokens
    from eilbote.model.draft import Draft
    from eilbote.model.message import BodyKind

_UNDERSCORE = ord("_")  # every token has one, and most texts have none

_ABSENT: Final = ((), (), (), None, None, None)
"""What an everyday draft has for the first traits: these make a message another one."""

OWN: Final = ("to", "subject", "text", "html")
"""What each has for itself."""


def traits_of(draft: Draft) -> tuple[object, ...]:
    """Give everything of a draft but :data:`OWN`, for comparison with the draft before."""
    return (
        # What an everyday draft leaves out.
        draft.cc,
        draft.bcc,
        draft.attachments,
        draft.invitation,
        draft.message_id,
        draft.date,
        # What everyday drafts of one kind have in common.
        draft.from_,
        draft.sender,
        draft.reply_to,
        draft.reverse_path,
        draft.priority,
        draft.headers,
        draft.in_reply_to,
        draft.references,
        draft.auto_submitted,
        draft.unsubscribe,
        draft.one_click_unsubscribe,
        draft.dsn,
        draft.require_tls,
    )


def are_everyday(traits: tuple[object, ...]) -> bool:
    """Say whether drafts with such traits may have a skeleton in common."""
    return traits[: len(_ABSENT)] == _ABSENT


class Skeleton:
    """The parts that everyday messages with the same traits have in common.

    Args:
        draft: One of them.
        from_: Its author.
        tokens: Where boundaries come from.
        largest: Octets of the largest message made here.

    Raises:
        DraftError: Something in the draft cannot be said safely.
    """

    __slots__ = (
        "_author",
        "_dsn",
        "_html",
        "_largest",
        "_layouts",
        "_require_tls",
        "_reverse_path",
        "_shared",
        "_text",
        "_tokens",
        "_utf8",
    )

    def __init__(self, draft: Draft, from_: Mailbox, *, tokens: Tokens, largest: int) -> None:
        self._reverse_path = (
            from_.addr_spec if draft.reverse_path is None else reverse_path_of(draft.reverse_path)
        )
        self._dsn, self._require_tls = draft.dsn, draft.require_tls
        self._author, self._utf8 = author_section(draft, from_)
        self._largest = largest
        self._tokens = tokens
        self._shared = shared_section(draft, draft.unsubscribe, draft.headers)
        self._text, self._html = Passages(), Passages()
        self._layouts: dict[tuple[str, str], _Layout] = {}

    def fill(self, draft: Draft, body: BodyKind, date: str, message_id: str) -> Composed | None:
        """Give the message of another draft with the same traits, or ``None`` if it is composed the long way.

        Args:
            draft: The draft.
            body: The most the next hop takes.
            date: The Date field.
            message_id: The Message-ID.

        Raises:
            DraftError: A text holds a lone surrogate, or the subject control characters.
        """
        to, text, html = draft.to, draft.text, draft.html
        if text is None or html is None or len(to) != 1 or type(mailbox := to[0]) is not Mailbox:
            return None
        plain_encoding, plain = (encode_text if len(text) < LONG else self._text.encode)(text, "text", body)
        html_encoding, shown = (encode_text if len(html) < LONG else self._html.encode)(html, "html", body)
        token = self._tokens.following()
        if (_UNDERSCORE in plain and token in plain) or (_UNDERSCORE in shown and token in shown):
            return None
        encodings = plain_encoding, html_encoding
        layout = self._layouts.get(encodings)
        if layout is None:
            layout = self._layouts[encodings] = _Layout(self._shared, encodings)
        head, first, opening, second, rich, last, end = layout.pieces
        own, utf8 = own_section_of_one(mailbox, draft.subject, date, message_id)
        until_plain = (self._author, own, head, token, first, token, opening, plain)
        octets = b"".join((*until_plain, second, token, rich, shown, last, token, end))
        size = len(octets)
        if size > self._largest:
            return None
        envelope = finished_envelope(
            self._reverse_path, (mailbox.addr_spec,), ONE_TO, self._dsn, require_tls=self._require_tls
        )
        message = finished_message(message_id, (octets,), size, layout.kind, smtputf8=utf8 or self._utf8)
        return composed(Composed, (envelope, message))


class _Layout:
    """What stands around two texts in their transfer encodings.

    Attributes:
        pieces: The octets from the shared header fields on, cut at the boundaries' tokens and at the texts.
        kind: What the body demands of the next hop.
    """

    __slots__ = ("kind", "pieces")

    def __init__(self, shared: bytes, encodings: tuple[str, str]) -> None:
        # No header section holds the octet that stands for the token here.
        header, opening, middle, closing, self.kind = layout_of_two(*encodings, b"=_a_\0")
        around = (shared + header + b"\r\n" + opening, middle, closing)
        self.pieces = [piece for octets in around for piece in octets.split(b"\0")]
