"""Encoders against the standard library's decoders, and against what their RFCs promise of every line."""

from __future__ import annotations

import base64
import quopri
import re
from email.header import decode_header

import hypothesis.strategies as st
from hypothesis import example, given
from tests.properties.mail_oracle import ENCODABLE, crlf, decoded

from eilbote.compose.encoded_word import encoded_words
from eilbote.compose.file_source import EncodedSource, MemorySource
from eilbote.compose.header_fields import fold, unstructured
from eilbote.compose.parameters import parameter
from eilbote.compose.transfer_encoding import (
    BLOCK,
    base64_lines,
    base64_size,
    encode_octets,
    encode_text,
    lines_fit,
    quoted_printable,
)
from eilbote.model.free_text import one_line
from eilbote.model.message import BodyKind

PIECES = st.sampled_from(
    [
        b"a",
        b"=",
        b" ",
        b"\t",
        b"\r\n",
        b"\r",
        b"\n",
        b".",
        b"From ",
        b"\xc3\xbc",
        b"\xff",
        b"\0",
        b"x" * 74,
        b" " * 80,
    ]
)
OCTETS = st.lists(PIECES | st.binary(max_size=9), max_size=60).map(b"".join)
LINES = st.lists(
    st.sampled_from(
        [b"a", b"=", b" ", b"\t", b".", b"\xc3\xbc", b"x" * 72, b"x" * 74, b"x" * 76, b" " * 80]
    ).flatmap(lambda piece: st.just(piece) | st.just(piece + b"\r\n")),
    max_size=40,
).map(lambda pieces: b"".join(pieces) + b"\r\n")
ONE_LINE = ENCODABLE.map(one_line).filter(lambda text: text.isprintable() and text != "")


@given(OCTETS | LINES)
@example(b"x" * 73 + b"\xff" * 9)
@example(b"x" * 74 + b"\xff" * 9)
@example(b"x" * 75 + b"\xff" * 9)
@example(b"x" * 75 + b"From here")
@example(b"x" * 75 + b".")
@example(b"From " + b"=" * 200)
@example(b"a \r\nb\t\r\n.\r\n")
@example(b"\r\n" + b"x" * 75 + b".\r\n" + b"x" * 76 + b"\r\n" + b"x" * 75 + b" \r\n")
@example(b"x\r\n" + b"x" * 75 + b"From here")
def test_quoted_printable(octets: bytes) -> None:
    encoded = quoted_printable(octets)
    assert quopri.decodestring(encoded).replace(b"\r\n", b"\n") == octets.replace(b"\r\n", b"\n")
    assert _decode(encoded) == octets
    for line in encoded.split(b"\r\n"):
        assert len(line) <= 76
        # whole escapes and printable ASCII, and perhaps a soft break
        assert re.fullmatch(rb"(?:[\t\x20-<>-~]|=[0-9A-F]{2})*=?", line)
        assert not line.endswith((b" ", b"\t"))
        assert not line.startswith(b"From ")
        assert line != b"."


def _decode(encoded: bytes) -> bytes:
    """Decode by RFC 2045 §6.7, line ends kept."""
    without_soft_breaks = encoded.replace(b"=\r\n", b"")
    return re.sub(
        rb"=([0-9A-F]{2})", lambda found: bytes.fromhex(found.group(1).decode()), without_soft_breaks
    )


@given(st.binary(max_size=400) | st.integers(BLOCK - 60, 2 * BLOCK + 60).map(lambda size: b"\xfb" * size))
@example(b"")
@example(b"x" * BLOCK)
@example(b"x" * (2 * BLOCK))
@example(b"x" * (BLOCK + 57))
def test_base64(octets: bytes) -> None:
    encoded = base64_lines(octets)
    lines = encoded.split(b"\r\n")
    assert base64.b64decode(encoded) == octets
    assert encoded == base64.encodebytes(octets).replace(b"\n", b"\r\n")
    assert lines.pop() == b""
    assert all(len(line) == 76 for line in lines[:-1])
    assert base64_size(len(octets)) == len(encoded)
    for source in (MemorySource(octets), EncodedSource(octets)):
        for _ in range(2):
            assert b"".join(source.chunks()) == encoded
        assert source.size == len(encoded)


@given(st.lists(st.integers(0, 30), max_size=12), st.integers(1, 24), st.sampled_from([b"\r\n", b"\n"]))
def test_the_quick_look_at_line_lengths(lengths: list[int], limit: int, end: bytes) -> None:
    lines = [b"x" * length for length in lengths]
    octets = b"\r\n".join(lines)
    if end == b"\n" and limit + 1 in lengths:
        return  # a bare LF leaves room for one more octet: such lines never get here
    assert lines_fit(end.join(lines), limit) == all(len(line) <= limit for line in lines)
    assert lines_fit(octets, limit) == all(len(line) <= limit for line in lines)


@given(ENCODABLE, st.sampled_from(BodyKind))
@example("a\r\r\nb\rc\n", BodyKind.SEVEN_BIT)
@example("x" * 991, BodyKind.SEVEN_BIT)
@example("ü" * 600, BodyKind.EIGHT_BIT)
@example("\0", BodyKind.BINARY)
def test_a_text_comes_back_with_crlf_line_ends(text: str, body: BodyKind) -> None:
    encoding, octets = encode_text(text, "text", body)
    match encoding:
        case "7bit" | "8bit":
            assert octets == crlf(text)
            assert encoding == ("7bit" if text.isascii() else "8bit")
            assert encoding == "7bit" or body is not BodyKind.SEVEN_BIT
            assert 0 not in octets
            assert all(len(line) <= 990 for line in octets.split(b"\r\n"))
        case "quoted-printable":
            assert _decode(octets) == crlf(text)
        case _:
            assert base64.b64decode(octets) == crlf(text)
    assert encode_octets(crlf(text), body) == (encoding, octets)


@given(ENCODABLE)
def test_the_shorter_of_two_encodings_is_taken(text: str) -> None:
    encoding, octets = encode_text(text + "ü", "text", BodyKind.SEVEN_BIT)
    other = base64_lines if encoding == "quoted-printable" else quoted_printable
    assert len(octets) <= 1.1 * len(other(crlf(text + "ü"))) + 40


@given(ONE_LINE, st.integers(-5, 75))
def test_encoded_words(text: str, room: int) -> None:
    words = encoded_words(text, room=room)
    assert all(len(word) <= 75 for word in words)
    assert all(re.fullmatch(r"=\?utf-8\?[QB]\?[!->@-~]+\?=", word) for word in words)
    assert room < 24 or len(words[0]) <= room
    for word in words:  # each word holds whole characters
        ((part, charset),) = decode_header(word)
        assert isinstance(part, bytes)
        assert charset == "utf-8"
        assert part.decode("utf-8").isprintable()
    assert decoded(" ".join(words)) == text


@given(ONE_LINE)
@example("=?utf-8?q?=0D=0ABcc:_x?=")
@example("a" * 2000)
@example("word " * 300 + "end")
@example("a  b")
def test_a_line_of_text_in_a_field(text: str) -> None:
    field = unstructured("Subject", text)
    assert all(len(line) <= 998 for line in field.split("\r\n"))
    assert decoded(field.removeprefix("Subject:").replace("\r\n", "").removeprefix(" ")) == text
    if " " in text and text.isascii() and len(max(text.split(" "), key=len)) < 60:
        assert all(len(line) <= 78 for line in field.split("\r\n"))


@given(st.lists(st.text("abc,;", min_size=1, max_size=120) | st.just(" "), min_size=1, max_size=20))
def test_folding_loses_nothing(words: list[str]) -> None:
    text = " ".join(words).strip(" ") or "x"
    field = fold("X-Long", text)
    assert field.replace("\r\n", "") == f"X-Long: {text}"
    assert all(line.strip(" ") for line in field.split("\r\n")[:-1])


@given(ENCODABLE.map(one_line).filter(str.isprintable))
@example('a"b\\c')
@example('""')
@example("<>")
@example("=?utf-8?q?x?=")
@example("x" * 300)
@example("ü" * 300)
@example("")
def test_a_parameter_comes_back(value: str) -> None:
    from email import message_from_string

    written = f"Content-Disposition: attachment{parameter('filename', value)}\r\n\r\n"
    assert all(len(line) <= 78 for line in written.split("\r\n"))
    assert written.isascii()
    assert message_from_string(written).get_filename(failobj="") == value
