"""Replies of every kind, also of the kinds that are none."""

from __future__ import annotations

import pytest

from eilbote.errors import RemoteProtocolError
from eilbote.model.status import EnhancedStatusCode
from eilbote.smtp.replies import MAX_REPLY_OCTETS, Reply, ReplyParser


def parse(*pieces: bytes) -> list[Reply]:
    parser, replies = ReplyParser(), []
    for piece in pieces:
        parser.feed(piece, replies)
    return replies


def test_reads_one_reply() -> None:
    assert parse(b"250 2.1.0 Ok\r\n") == [Reply(250, ("2.1.0 Ok",), EnhancedStatusCode(2, 1, 0))]


def test_reads_several_replies_of_one_wake_up() -> None:
    assert [reply.code for reply in parse(b"250 a\r\n250-b\r\n250 c\r\n354 d\r\n")] == [250, 250, 354]


def test_a_code_alone_is_a_reply() -> None:
    assert parse(b"250\r\n") == [Reply(250, ("",))]


def test_an_empty_continuation_is_legal() -> None:
    assert parse(b"250-\r\n250 \r\n") == [Reply(250, ("", ""))]


def test_a_remembered_line_ends_a_reply_of_several_lines() -> None:
    replies = parse(b"250 Ok\r\n", b"250-first\r\n250 Ok\r\n", b"250 Ok\r\n")
    assert [reply.lines for reply in replies] == [("Ok",), ("first", "Ok"), ("Ok",)]


@pytest.mark.parametrize(
    "text,code,enhanced",
    [
        ("2.0.0 Ok", 250, (2, 0, 0)),
        ("5.7.139 Authentication unsuccessful", 535, (5, 7, 139)),
        ("4.2.0", 450, (4, 2, 0)),
        ("5.1.1 contradicts the code", 250, None),
        ("5.1 is none", 550, None),
        ("2.0.0.1 is none", 250, None),
        ("Ok 2.0.0", 250, None),
        ("", 250, None),
    ],
)
def test_enhanced_status_codes(text: str, code: int, enhanced: tuple[int, int, int] | None) -> None:
    for _ in range(2):  # remembered ones read the same
        (reply,) = parse(f"{code} {text}\r\n".encode())
        assert reply.enhanced == enhanced


def test_undecodable_octets_are_replaced() -> None:
    assert parse(b"250 caf\xe9\r\n")[0].text == "caf\N{REPLACEMENT CHARACTER}"


def test_controls_other_than_line_ends_are_left_to_whoever_shows_them() -> None:
    assert parse(b"250 \x1b[31mred\x07\t\r\n")[0].text == "\x1b[31mred\x07\t"


@pytest.mark.parametrize(
    "octets",
    [
        b"199 too low\r\n",
        b"600 too high\r\n",
        b"999 nonsense\r\n",
        b"150 preliminary\r\n",
        b"25 two digits\r\n",
        b"2500 four digits\r\n",
        b"250_separator\r\n",
        b"hello\r\n",
        b"\r\n",
        b" 250 blank before\r\n",
        "２５０ wide digits\r\n".encode(),
        b"250 bare feed\n",
        b"250 bare feed\n250 next\r\n",
        b"250 bare return\r250 next\r\n",
        b"250 nul\0\r\n",
        b"250-first\r\n550 other\r\n",
        b"250-first\r\n250_other\r\n",
    ],
)
@pytest.mark.parametrize("by_octet", [False, True])
def test_what_is_no_reply_is_refused(octets: bytes, by_octet: bool) -> None:
    pieces = [octets[index : index + 1] for index in range(len(octets))] if by_octet else [octets]
    with pytest.raises(RemoteProtocolError):
        parse(*pieces)


@pytest.mark.parametrize(
    "octets", [b"2x", b"H", b"\x15\x03\x01", b"250x", b"250 text\0", b"250 a\n", b"250 a\rb"]
)
def test_what_can_never_become_a_reply_is_refused_before_its_end(octets: bytes) -> None:
    """A server that says nothing more would keep us waiting until the deadline."""
    with pytest.raises(RemoteProtocolError):
        parse(octets)


@pytest.mark.parametrize(
    "octets,cause",
    [
        (b"HTTP/1.1 400 Bad Request\r\n", "web server"),
        (b"\x15\x03\x01\x00\x02\x02\x46", "TLS from the first octet"),
        (b"250 bare\n", "CR LF"),
        (b"+OK POP3\r\n", "200 to 599"),
    ],
)
def test_the_cause_of_garbage_is_named(octets: bytes, cause: str) -> None:
    with pytest.raises(RemoteProtocolError) as caught:
        parse(octets)
    assert cause in str(caught.value.cause)


def test_replies_before_a_fault_are_given() -> None:
    parser, replies = ReplyParser(), []
    with pytest.raises(RemoteProtocolError):
        parser.feed(b"250 queued\r\ngarbage\r\n", replies)
    assert [reply.code for reply in replies] == [250]


def test_ten_thousand_lines_are_legal() -> None:
    (reply,) = parse(b"250-\r\n" * 9_999 + b"250 end\r\n")
    assert len(reply.lines) == 10_000


@pytest.mark.parametrize(
    "piece", [b"250-" + b"x" * 90 + b"\r\n", b"250-" + b"x" * 65_530, b"2" + b"5" * 65_536]
)
def test_a_reply_is_64_kibibytes_at_most(piece: bytes) -> None:
    with pytest.raises(RemoteProtocolError):
        parse(*[piece] * (MAX_REPLY_OCTETS // len(piece) + 2))


def test_the_limit_is_for_each_reply() -> None:
    one = b"250-" + b"x" * 60_000 + b"\r\n250 end\r\n"
    assert len(parse(one, one, one * 2)) == 4


def test_a_long_line_octet_by_octet_takes_linear_time() -> None:
    line = b"250 " + b"x" * 60_000 + b"\r\n"
    assert len(parse(*[line[index : index + 1] for index in range(len(line))])) == 1


def test_knows_when_it_stands_between_replies() -> None:
    parser, replies = ReplyParser(), []
    assert parser.is_between_replies
    parser.feed(b"250-a\r\n", replies)
    assert not parser.is_between_replies
    parser.feed(b"250 b\r\n2", replies)
    assert not parser.is_between_replies
    parser.forget()
    assert parser.is_between_replies
    parser.feed(b"250 c\r\n", replies)
    assert [reply.text for reply in replies] == ["a\nb", "c"]


@pytest.mark.parametrize(
    "code,kind",
    [(250, "is_positive"), (334, "is_intermediate"), (450, "is_transient"), (550, "is_permanent")],
)
def test_kinds_of_replies(code: int, kind: str) -> None:
    kinds = ["is_positive", "is_intermediate", "is_transient", "is_permanent"]
    assert [name for name in kinds if getattr(Reply(code), name)] == [kind]


def test_a_reply_is_written_on_one_line() -> None:
    assert str(Reply(250, ("a", "b"))) == "250 a b"
    assert str(Reply(250)) == "250"
