"""A received message as plain data: what it answers, who sent it, whether a program did, and what they have written.

Nothing in a received message is believed but a reference that we have signed ourselves. Programs that answer by themselves (RFC 3834, and
those that say so in another way) are told apart before anybody looks at what they say.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from eilbote.author.process.people.reply_html import text_of_html
from eilbote.author.process.people.reply_words import own_words
from eilbote.errors import AddressError, ProcessError
from eilbote.model.address import mailboxes, parse_address_list

if TYPE_CHECKING:
    from email.message import Message

MOST_OCTETS: Final = 25 * 1024 * 1024
"""Of a message; more than most servers take."""
_MOST_PARTS: Final = 50
_MOST_HEADERS: Final = 2_000
"""Lines of a message's header."""
_LONGEST_FIELD: Final = 20_000
_LONGEST_SUBJECT: Final = 1_000
_MOST_REFERENCES: Final = 100
_MESSAGE_ID: Final = re.compile(r"<[!-;=?-~]{1,990}>")
_BLANK_LINE: Final = re.compile(rb"\n\r?\n")
_BOUNDARY: Final = re.compile(rb"boundary\s*=", re.IGNORECASE)
_AUTOMATIC_FIELDS: Final = (
    "X-Autoreply",
    "X-Autorespond",
    "X-Autoresponse",
    "X-Auto-Reply",
    "X-AutoReply-From",
    "X-Mail-Autoreply",
    "X-Vacation",
    "X-Failed-Recipients",
    "X-Loop",
    "X-MS-Exchange-Inbox-Rules-Loop",
    "List-Id",
    "List-Post",
    "Feedback-ID",
)
_AUTOMATIC_PRECEDENCE: Final = frozenset({"bulk", "junk", "list", "auto_reply", "auto-reply"})
_AUTOMATIC_SENDERS: Final = frozenset(
    {"mailer-daemon", "postmaster", "noreply", "no-reply", "donotreply", "do-not-reply", "bounce", "bounces"}
)
_AUTOMATIC_SUBJECT: Final = re.compile(
    r"\s*(?:auto(?:matic)?[ -]?(?:reply|response)|out of (?:the )?office|automatische antwort|abwesenheits?\w*|автоответ\w*"
    r"|автоматический ответ|(?:read|gelesen|прочитано)\s*:|undeliverable|unzustellbar|не доставлено)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A received message.

    Attributes:
        sender: The address alone; empty when there is none that can be read, or more than one.
        subject: One line, decoded.
        text: What the sender has written, without what they quote; at most :data:`~eilbote.author.process.people.reply_words.MOST_CHARACTERS`.
        message_id: Its own, with angle brackets; empty when it has none.
        references: The Message-IDs that it answers, the nearest first: In-Reply-To, then References from its end.
        automatic: Why it is taken for the answer of a program; empty for one of a person.
    """

    sender: str
    subject: str
    text: str
    message_id: str
    references: tuple[str, ...]
    automatic: str


def read_reply(octets: bytes) -> Reply:
    """Read a message as it was received (RFC 5322, MIME).

    Raises:
        ProcessError: It is too large, or built so that reading it would take for ever.
    """
    message = _parsed(octets)
    in_reply_to = _ids(_field(message, "In-Reply-To"))
    references = _ids(_field(message, "References"))[::-1]
    ids = dict.fromkeys((*in_reply_to, *references))
    own = _ids(_field(message, "Message-ID"))
    sender, subject = _sender(message), _decoded(_field(message, "Subject")[:_LONGEST_SUBJECT])
    return Reply(
        sender=sender,
        subject=subject,
        text=own_words(_text(message)),
        message_id=own[0] if own else "",
        references=tuple(ids)[:_MOST_REFERENCES],
        automatic=_automatic(message, sender, subject),
    )


def _parsed(octets: bytes) -> Message:
    from email import message_from_bytes  # seldom needed, and slow to load
    from email.policy import compat32

    if len(octets) > MOST_OCTETS:
        raise ProcessError(
            f"the message has {len(octets):,} octets",
            field="message",
            remedy=f"Hand in messages of at most {MOST_OCTETS:,} octets",
        )
    blank = _BLANK_LINE.search(octets)
    lines = octets.count(b"\n", 0, len(octets) if blank is None else blank.start())
    is_costly = len(_BOUNDARY.findall(octets)) > _MOST_PARTS or lines > _MOST_HEADERS
    if is_costly:
        raise ProcessError(
            "the message is built so that reading it would take too long",
            field="message",
            cause=f"It has more than {_MOST_PARTS} parts that hold others, or more than {_MOST_HEADERS:,} lines of header",
            remedy="Look at it by hand; programs for people do not write such messages",
        )
    return message_from_bytes(octets, policy=compat32)


def _field(message: Message, name: str) -> str:
    """Give the first field of a name as it stands there, unfolded; nothing when it is missing. It may hold UTF-8 (RFC 6532)."""
    for known, value in message.raw_items():
        if known.lower() == name.lower():
            octets = str(value)[:_LONGEST_FIELD].encode("utf-8", "surrogateescape")
            return " ".join(octets.decode("utf-8", "replace").split())
    return ""


def _ids(text: str) -> list[str]:
    return _MESSAGE_ID.findall(text)


def _sender(message: Message) -> str:
    if len(message.get_all("From", [])) != 1:
        return ""
    try:
        found = list(mailboxes(parse_address_list(_field(message, "From"), field="from")))
    except AddressError:
        return ""
    return found[0].addr_spec if len(found) == 1 else ""


def _decoded(text: str) -> str:
    """Decode encoded words (RFC 2047); what cannot be decoded stays as it is."""
    from email.errors import HeaderParseError
    from email.header import decode_header, make_header

    try:
        return " ".join(str(make_header(decode_header(text))).split())
    except (HeaderParseError, LookupError, UnicodeError, ValueError):
        return text


def _automatic(message: Message, sender: str, subject: str) -> str:
    """Say by what a message shows that a program has written it."""
    submitted = _field(message, "Auto-Submitted").partition(";")[0].strip().lower()
    if submitted not in ("", "no"):
        return f"Auto-Submitted: {submitted[:40]}"
    if (precedence := _field(message, "Precedence").lower()) in _AUTOMATIC_PRECEDENCE:
        return f"Precedence: {precedence}"
    if name := next((name for name in _AUTOMATIC_FIELDS if message.get(name) is not None), ""):
        return name
    if "Return-Path" in message and _field(message, "Return-Path") == "<>":
        return "Return-Path: <>"
    kind = message.get_content_type()
    if kind in ("multipart/report", "message/delivery-status", "text/calendar"):
        return kind
    if sender.partition("@")[0].lower() in _AUTOMATIC_SENDERS:
        return f"From: {sender[:100]}"
    return "Subject" if _AUTOMATIC_SUBJECT.match(subject) else ""


def _text(message: Message) -> str:
    plain, html = "", ""
    for number, part in enumerate(message.walk()):
        if number >= 4 * _MOST_PARTS:
            break
        if part.is_multipart() or part.get_content_disposition() == "attachment" or part.get_filename():
            continue
        kind = part.get_content_type()
        if kind == "text/plain" and not plain.strip():
            plain = _content(part)
        elif kind == "text/html" and not html:
            html = _content(part)
    return plain if plain.strip() else text_of_html(html)


def _content(part: Message) -> str:
    octets = part.get_payload(decode=True)
    if not isinstance(octets, bytes):
        return ""
    try:
        return octets.decode(part.get_content_charset("utf-8"), "replace")
    except LookupError:
        return octets.decode("utf-8", "replace")
