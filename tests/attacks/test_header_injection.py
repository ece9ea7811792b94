"""Line breaks in whatever ends up in a header: the oldest attack on web forms, and never quite dead.

A contact form puts the visitor's name into From or his words into the Subject. He types a line break and
``Bcc:`` with ten thousand addresses, and the form sends spam. Python's own serializer let it through until 2024
(CVE-2024-6923, CVE-2026-1299), nodemailer had it in List-* comments, in the size of an envelope and in the EHLO
name. It comes back at every place where text becomes a header line, so every place is tried with every payload.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from tests.properties.mail_oracle import assert_sound, attempt, compose, header_of, parsed

from eilbote.compose.composed import Composed
from eilbote.compose.series import SeriesRecipient
from eilbote.errors import DraftError, HeaderError
from eilbote.model.address import Group, Mailbox
from eilbote.model.attachment import Attachment
from eilbote.model.envelope import DsnRequest
from eilbote.model.invitation import Invitation

PAYLOADS = {
    "CRLF": "x\r\nBcc: thief@example.com",
    "LF": "x\nBcc: thief@example.com",
    "CR": "x\rBcc: thief@example.com",
    "trailing LF": "x\n",
    "trailing CRLF": "x\r\n",
    "leading CRLF": "\r\nBcc: thief@example.com",
    "leading LF": "\nx",
    "fold, then field": "x\r\n \r\nBcc: thief@example.com",
    "early end of the header": "x\r\n\r\nBuy pills",
    "LF LF": "x\n\nBuy pills",
    "CR CR LF": "x\r\r\nBcc: thief@example.com",
    "CRLF by low byte": "x\u560d\u560aBcc: thief@example.com",
    "CRLF by low byte, again": "x\u760d\u760aBcc: thief@example.com",
    "vertical tab": "x\vBcc: thief@example.com",
    "form feed": "x\fBcc: thief@example.com",
    "file separator": "x\x1cBcc: thief@example.com",
    "group separator": "x\x1dBcc: thief@example.com",
    "record separator": "x\x1eBcc: thief@example.com",
    "next line": "x\x85Bcc: thief@example.com",
    "line separator": "x\u2028Bcc: thief@example.com",
    "paragraph separator": "x\u2029Bcc: thief@example.com",
    "NUL": "x\0Bcc: thief@example.com",
    "escape": "x\x1b]0;title\x07",
    "DEL": "x\x7f",
    "half a character": "x\ud83d\r\nBcc: thief@example.com",
    "encoded word, Q": "=?utf-8?q?x=0D=0ABcc:_thief@example.com?=",
    "encoded word, B": "=?utf-8?b?eA0KQmNjOiB0aGllZkBleGFtcGxlLmNvbQ==?=",
    "encoded word, UTF-7": "=?utf-7?q?x+AA0-+AAo-Bcc:_thief@example.com?=",
    "dot": "x\r\n.\r\nMAIL FROM:<thief@example.com>",
}


def series(value: str) -> Composed:
    from tests.properties.mail_oracle import composer

    from eilbote.model.draft import Draft

    draft = Draft(
        from_="a@example.org", subject="Dear {{ name }}", text="{{ name }}", headers={"X-Id": "{{ name }}"}
    )
    return composer().series(draft).compose(SeriesRecipient("reader@example.net", {"name": value}))


START = datetime(2026, 1, 1, tzinfo=UTC)
PLACES: dict[str, Callable[[str], Composed]] = {
    "subject": lambda value: compose(subject=value),
    "display name in text": lambda value: compose(to=f'"{value}" <reader@example.net>'),
    "display name without quotes": lambda value: compose(to=f"{value} <reader@example.net>"),
    "display name": lambda value: compose(to=Mailbox(value, "reader", "example.net")),
    "group": lambda value: compose(to=[Group(value, (Mailbox("", "reader", "example.net"),))]),
    "from": lambda value: compose(from_=f'"{value}" <a@example.org>'),
    "sender": lambda value: compose(sender=Mailbox(value, "b", "example.org")),
    "reply-to": lambda value: compose(reply_to=f"b@example.org, {value}"),
    "cc": lambda value: compose(cc=f"b@example.org{value}"),
    "local part": lambda value: compose(to=Mailbox("", value, "example.net")),
    "quoted local part": lambda value: compose(to=f'"{value}"@example.net'),
    "domain": lambda value: compose(to=Mailbox("", "reader", f"{value}.net")),
    "header value": lambda value: compose(headers={"X-Note": value}),
    "header name": lambda value: compose(headers={f"X-{value}": "x"}),
    "header name alone": lambda value: compose(headers={value: "x"}),
    "List-Id": lambda value: compose(headers={"List-Id": value}),
    "Disposition-Notification-To": lambda value: compose(headers={"Disposition-Notification-To": value}),
    "message-id": lambda value: compose(message_id=f"<{value}@example.org>"),
    "in-reply-to": lambda value: compose(in_reply_to=f"<{value}@example.org>"),
    "references": lambda value: compose(references=["<a@b>", value]),
    "auto-submitted": lambda value: compose(auto_submitted=value),
    "unsubscribe": lambda value: compose(unsubscribe=f"https://example.org/{value}"),
    "reverse-path": lambda value: compose(reverse_path=f"{value}@example.org"),
    "file name": lambda value: compose(attachments=[Attachment.from_bytes(b"x", filename=value)]),
    "media type": lambda value: compose(
        attachments=[Attachment.from_bytes(b"x", media_type=f"text/{value}")]
    ),
    "media type parameter": lambda value: compose(
        attachments=[Attachment.from_bytes(b"x", media_type=f'text/plain; charset="{value}"')]
    ),
    "content-id": lambda value: compose(html="x", attachments=[Attachment.from_bytes(b"x").as_inline(value)]),
    "field of a ready-made part": lambda value: compose(
        attachments=[Attachment.from_mime(f"Content-Description: {value}\r\n\r\nx")]
    ),
    "ready-made part": lambda value: compose(attachments=[Attachment.from_mime(value)]),
    "meeting": lambda value: compose(
        invitation=Invitation(
            summary=value, location=value, uid=value, start=START, end=START + timedelta(hours=1)
        )
    ),
    "text": lambda value: compose(text=value, html=value),
    "envelope id": lambda value: compose(dsn=DsnRequest(envelope_id=value)),
    "series": series,
}
ALLOWED = {
    *("From", "Sender", "Reply-To", "To", "Cc", "Subject", "Date", "Message-ID", "In-Reply-To", "References"),
    *("Auto-Submitted", "List-Unsubscribe", "List-Id", "Disposition-Notification-To", "MIME-Version"),
    *("Content-Type", "Content-Transfer-Encoding"),
}


@pytest.mark.parametrize("payload", PAYLOADS.values(), ids=PAYLOADS)
@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
def test_nothing_gets_into_the_header(place: Callable[[str], Composed], payload: str) -> None:
    composed = attempt(lambda: place(payload))
    if isinstance(composed, DraftError):
        assert composed.field
        return
    envelope, message = composed
    assert not any("thief" in path and not path.startswith('"') for path in envelope.forward_paths)
    assert "\r" not in "".join(envelope.forward_paths) + envelope.reverse_path
    octets = message.octets()
    assert_sound(octets, utf8_header=message.smtputf8)
    names = [field.name for field in header_of(octets)]
    assert len(names) == len(set(names))
    assert {name for name in names if not name.startswith("X-")} <= ALLOWED
    # and other programs see no more fields than we do, in the message and in its parts
    assert list(parsed(octets)) == names
    for part in list(parsed(octets).walk())[1:]:
        assert all(name.lower().startswith("content-") for name in part)


PROTECTED = [
    *(
        "From",
        "Sender",
        "Reply-To",
        "To",
        "Cc",
        "Bcc",
        "Subject",
        "Date",
        "Message-ID",
        "In-Reply-To",
        "References",
    ),
    *(
        "Return-Path",
        "Received",
        "Delivered-To",
        "Envelope-To",
        "X400-Received",
        "DKIM-Signature",
        "ARC-Seal",
    ),
    *("ARC-Message-Signature", "ARC-Authentication-Results", "Authentication-Results", "Received-SPF"),
    *("Resent-To", "Resent-From", "Resent-Bcc", "Resent-Date", "Resent-Message-ID", "Resent-Sender"),
    *("MIME-Version", "Content-Type", "Content-Transfer-Encoding", "Content-Disposition", "Content-Length"),
    *(
        "List-Unsubscribe",
        "List-Unsubscribe-Post",
        "Errors-To",
        "Apparently-To",
        "Unknown",
        "Status",
        "Lines",
    ),
]
MALFORMED = [
    "",
    " ",
    "X Y",
    "X:",
    "X-a:b",
    "X-\u00fc",
    "X-a\n",
    "\nX-a",
    "X-a\r\nBcc",
    "X-" + "a" * 2000,
    "X_a",
    "X-a\0",
    " X-a",
]


@pytest.mark.parametrize("name", [*PROTECTED, *MALFORMED, *(name.swapcase() for name in PROTECTED)])
def test_a_name_nobody_may_set(name: str) -> None:
    with pytest.raises(HeaderError) as caught:
        compose(headers={name: "thief@example.com"})
    assert caught.value.field is not None
    assert caught.value.field.startswith("headers")
    assert caught.value.remedy
