"""The header of a ready-made message: what is taken out, what is added, and what is refused."""

import pytest

from eilbote import HeaderError
from eilbote.compose.raw_message import MOST_RECEIVED, MailLoopError, RawHeader, read_header
from eilbote.model.status import RecipientKind

DATE = "Date: Sun, 22 Nov 2026 12:00:00 +0000\r\n"
FULL = (
    b"Received: from a by b; x\r\nFrom: Anna <anna@example.org>\r\nTo: Max <max@example.org>\r\n"
    b"Cc: eve@example.org\r\nSubject: Order\r\n 4711\r\nDate: Sat, 21 Nov 2026 12:00:00 +0000\r\nMessage-ID: <1@example.org>\r\n"
)


def read(header: bytes, *, trace: str = "") -> RawHeader:
    return read_header(header, trace=trace, date=lambda: DATE, token=lambda: "t0k3n")


def test_a_complete_header_goes_as_it_is() -> None:
    found = read(FULL)
    assert found.octets == FULL + b"\r\n"
    assert found.message_id == "<1@example.org>"
    assert found.subject == "Order 4711"
    assert found.kinds == {"max@example.org": RecipientKind.TO, "eve@example.org": RecipientKind.CC}
    assert not found.smtputf8


def test_blind_copies_and_return_paths_are_taken_out_with_their_folded_lines() -> None:
    found = read(
        FULL + b"Bcc: secret@example.org,\r\n other@example.org\r\nresent-bcc: x@y\r\nReturn-Path: <>\r\n"
    )
    assert found.octets == FULL + b"\r\n"


def test_what_is_missing_is_added_in_front() -> None:
    found = read(b"From: anna@example.org\r\n", trace="Received: by us\r\n")
    assert found.octets == (
        f"Received: by us\r\nMessage-ID: <t0k3n@example.org>\r\n{DATE}From: anna@example.org\r\n\r\n".encode()
    )
    assert found.message_id == "<t0k3n@example.org>"


@pytest.mark.parametrize("given", ["", "<>", "no brackets", "<a b@c>", "<nothing-at>", "<a@b> <c@d>"])
def test_a_message_id_that_is_none_is_replaced(given: str) -> None:
    found = read(f"From: anna@example.org\r\nDate: today\r\nMessage-ID: {given}\r\n".encode())
    assert found.octets.lower().count(b"message-id:") == 1
    assert found.message_id == "<t0k3n@example.org>"


def test_a_subject_is_shown_decoded() -> None:
    found = read(b"From: a@example.org\r\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?= =?utf-8?b?w6Q=?=\r\n")
    assert found.subject == "Grüßeä"
    assert read(b"From: a@example.org\r\nSubject: =?x-nobody?q?a?=\r\n").subject == "=?x-nobody?q?a?="


def test_utf8_in_a_header_needs_smtputf8() -> None:
    assert read("From: Jörg <a@example.org>\r\n".encode()).smtputf8


@pytest.mark.parametrize(
    "header, words",
    [
        (b"Subject: x\r\n", "no From"),
        (b"From: a@example.org\r\nFrom: b@example.org\r\n", "2 fields From"),
        (b"From: a@example.org\r\nSubject: a\r\nsubject: b\r\n", "2 fields Subject"),
        (b"From: nobody\r\n", "cannot be read"),
        (b"From: a@example.org\r\nno field\r\n", "line 2 of the header is no field"),
        (b" begins with a blank\r\nFrom: a@example.org\r\n", "line 1 of the header is no field"),
        (b"From a@example.org Mon\r\nFrom: a@example.org\r\n", "line 1 of the header is no field"),
        (b"From: J\xf6rg <a@example.org>\r\n", "no UTF-8"),
    ],
)
def test_what_cannot_be_sent_is_refused(header: bytes, words: str) -> None:
    with pytest.raises(HeaderError, match=words):
        read(header)


def test_a_message_that_runs_in_a_circle_is_stopped() -> None:
    passed = b"Received: from a by b\r\n"
    read(passed * MOST_RECEIVED + b"From: a@example.org\r\n")
    with pytest.raises(MailLoopError, match="has passed 31 servers"):
        read(passed * (MOST_RECEIVED + 1) + b"From: a@example.org\r\n")
