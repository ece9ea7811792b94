"""Returned mail in the manner of many servers, and mail that only looks like it."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eilbote.record.dsn import MOST_OCTETS, Action, ReturnedRecipient, read_returned

CORPUS = Path(__file__).parents[2] / "corpus" / "dsn"
MAX = "max@example.com"
HARD = [
    ("postfix", "5.1.1", True),
    ("exim", "5.1.10", True),
    ("exchange", "5.1.10", True),
    ("gmail", "5.1.1", True),
    ("sendmail", "5.1.1", True),
    ("sendmail-text-only", "5.1.1", False),
    ("qmail", "5.1.1", False),
]


def octets_of(name: str) -> bytes:
    return (CORPUS / f"{name}.eml").read_bytes()


def test_every_mail_of_the_corpus_is_read_here() -> None:
    told = Path(__file__).read_text("utf-8")
    assert [path.stem for path in CORPUS.glob("*.eml") if f'"{path.stem}"' not in told] == []


@pytest.mark.parametrize("name, status, is_standard", HARD)
@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_a_hard_bounce_tells_whom_and_why(name: str, status: str, is_standard: bool, end: bytes) -> None:
    found = read_returned(octets_of(name).replace(b"\n", end))
    assert found is not None
    (recipient,) = found.recipients
    assert (recipient.address, recipient.action, recipient.status) == (MAX, Action.FAILED, status)
    assert recipient.is_hard
    assert found.message_id == "<4711@example.org>"
    assert found.is_standard is is_standard


def test_labels_and_reasons_are_kept() -> None:
    found = read_returned(octets_of("postfix"))
    assert found is not None
    assert found.envelope_id == "QQ+314"
    assert found.server == "mail.example.com"
    assert found.recipients[0].original == MAX
    assert found.recipients[0].text == "550 5.1.1 <max@example.com>: nobody here by that name"


@pytest.mark.parametrize(
    "name, action, status",
    [
        ("postfix-delayed", Action.DELAYED, "4.4.1"),
        ("exchange-quota", Action.FAILED, "5.2.2"),
        ("gmail-policy", Action.FAILED, "5.7.26"),
        ("delivered", Action.DELIVERED, "2.0.0"),
        ("exim-text-only", Action.FAILED, ""),
        ("complaint", Action.COMPLAINED, ""),
    ],
)
def test_what_says_nothing_about_the_address_is_not_hard(name: str, action: Action, status: str) -> None:
    found = read_returned(octets_of(name))
    assert found is not None
    (recipient,) = found.recipients
    assert (recipient.address, recipient.action, recipient.status) == (MAX, action, status)
    assert not recipient.is_hard


def test_groups_are_told_apart_without_empty_lines() -> None:
    found = read_returned(octets_of("opensmtpd-two-recipients"))
    assert found is not None
    assert [(each.address, each.status, each.is_hard) for each in found.recipients] == [
        (MAX, "5.1.1", True),
        ("eve@example.com", "4.2.2", False),
    ]


def test_addresses_may_hold_any_letter() -> None:
    found = read_returned(octets_of("utf-8-addresses"))
    assert found is not None
    (recipient,) = found.recipients
    assert (recipient.address, recipient.original) == ("mäx@example.com", "mäx@example.com")


@pytest.mark.parametrize("name", ["none-out-of-office", "none-a-person-quotes-a-bounce"])
def test_what_people_and_their_programs_write_is_none(name: str) -> None:
    assert read_returned(octets_of(name)) is None


def test_an_address_in_the_returned_text_is_not_struck_off() -> None:
    found = read_returned(octets_of("exim-text-only"))
    assert found is not None
    assert [each.address for each in found.recipients] == [MAX]


@pytest.mark.parametrize(
    "status, is_hard",
    [
        ("5.0.0", True),
        ("5.1.2", True),
        ("5.2.1", True),
        ("5.2.2", False),
        ("5.4.4", True),
        ("5.4.7", False),
        ("5.6.0", False),
    ],
)
def test_hard_is_what_lies_in_the_address(status: str, is_hard: bool) -> None:
    assert ReturnedRecipient(address=MAX, action=Action.FAILED, status=status).is_hard is is_hard
    assert not ReturnedRecipient(address=MAX, action=Action.DELAYED, status=status).is_hard


# -- whatever comes --------------------------------------------------------------------------------------------

WORDS = st.sampled_from(
    [
        *(
            b"Content-Type: multipart/report; report-type=delivery-status; boundary=x\r\n",
            b"\r\n",
            b"--x\r\n",
        ),
        *(b"--x--\r\n", b"Content-Type: message/delivery-status\r\n", b"Final-Recipient: rfc822; a@b\r\n"),
        *(b"Action: failed\r\n", b"Status: 5.1.1\r\n", b"Status: 9.9.9\r\n", b"\xff\xfe", b"\0", b": \r\n"),
        *(
            b"Content-Transfer-Encoding: base64\r\n",
            b"Content-Type: message/rfc822\r\n",
            b"=?x?b?!!?=",
            b"\n",
        ),
        *(b"Action: complained\r\n", b"Final-Recipient: utf-8; \\x{110000}@b\r\n", b'charset="\x00"; '),
        *(
            b"Content-Type: text/plain; charset=nobody\r\n",
            b"Message-ID: <a@b>\r\n",
            b"From: MAILER-DAEMON@x\r\n",
        ),
        *(
            b"Subject: failure notice\r\n",
            b"Return-Path: <>\r\n",
            b"qmail-send\r\n",
            b"<a@b>:\r\n",
            b"Received: " * 50,
        ),
    ]
)


@given(st.lists(st.one_of(WORDS, st.binary(max_size=20)), max_size=40).map(b"".join))
@settings(max_examples=300)
def test_nothing_that_comes_makes_it_stumble(octets: bytes) -> None:
    found = read_returned(octets)
    if found is not None:
        assert found.recipients
        assert all(each.text.isprintable() and len(each.text) <= 1000 for each in found.recipients)
        assert all(each.address.isprintable() for each in found.recipients)


@given(st.sampled_from([name for name, _, _ in HARD]), st.data())
def test_a_mail_that_was_changed_anywhere_does_not_make_it_stumble(name: str, data: st.DataObject) -> None:
    octets = bytearray(octets_of(name))
    for _ in range(data.draw(st.integers(1, 20))):
        octets[data.draw(st.integers(0, len(octets) - 1))] = data.draw(st.integers(0, 255))
    read_returned(bytes(octets))


def test_a_large_one_is_read_as_far_as_its_limit() -> None:
    assert read_returned(octets_of("postfix") + b"x" * (2 * MOST_OCTETS)) is not None
    assert read_returned(b"Content-Type: multipart/report; boundary=x\r\n" + b"boundary=\r\n" * 60) is None
    assert read_returned(b"A: b\r\n" * 5000) is None
