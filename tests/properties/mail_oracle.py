"""Judges composed octets with code that shares nothing with eilbote's own."""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Callable
from dataclasses import dataclass
from email.header import decode_header
from email.message import Message as StdlibMessage
from typing import TypeVar

import hypothesis.strategies as st

from eilbote.compose.composed import Composed
from eilbote.compose.composer import Composer
from eilbote.errors import DraftError
from eilbote.model.draft import Draft
from eilbote.model.message import BodyKind
from eilbote.testing.fixed_ids import FixedIds
from eilbote.testing.manual_clock import ManualClock

T = TypeVar("T")
LINE_BREAKS = "\r\n\v\f\x1c\x1d\x1e\x85\u2028\u2029"


@dataclass(frozen=True)
class Field:
    name: str
    value: str  # unfolded


def composer() -> Composer:
    return Composer(clock=ManualClock(), ids=FixedIds())


def compose(body: BodyKind = BodyKind.SEVEN_BIT, **fields: object) -> Composed:
    """Compose a draft from somebody to somebody."""
    given: dict[str, object] = {"from_": "author@example.org", "to": "reader@example.net", **fields}
    return composer().compose(Draft(**given), body=body)  # type: ignore[arg-type] - a draft's own words


def attempt(action: Callable[[], T]) -> T | DraftError:
    """Give what the action gives, or how the draft is refused; any other error is a fault of eilbote."""
    try:
        return action()
    except DraftError as fault:
        return fault


def header_of(octets: bytes) -> list[Field]:
    """Read the header by the book: fields end in CRLF, folds begin with white space, an empty line ends it."""
    header, empty_line, _ = octets.partition(b"\r\n\r\n")
    assert empty_line, "the header has no end"
    fields: list[Field] = []
    for line in header.decode("utf-8").split("\r\n"):
        if line[0] in " \t":
            fields[-1] = Field(fields[-1].name, fields[-1].value + line)
        else:
            name, colon, value = line.partition(":")
            assert colon, f"{line!r} is no field"
            assert re.fullmatch(r"[!-9;-~]+", name), name
            fields.append(Field(name, value.strip(" ")))
    return fields


def names_of(octets: bytes) -> list[str]:
    return [field.name for field in header_of(octets)]


def value_of(octets: bytes, name: str) -> str:
    (value,) = [field.value for field in header_of(octets) if field.name.lower() == name.lower()]
    return value


def decoded(value: str) -> str:
    """Decode encoded words as every reader does."""
    return "".join(
        part.decode(charset or "ascii") if isinstance(part, bytes) else part
        for part, charset in decode_header(value)
    )


def assert_sound(octets: bytes, *, eight_bit: bool = False, utf8_header: bool = False) -> None:
    """Make sure that every hop takes the octets and that all readers see the same lines."""
    assert octets.endswith(b"\r\n")
    bare = octets.replace(b"\r\n", b"")
    assert b"\r" not in bare
    assert b"\n" not in bare
    assert b"\0" not in octets
    assert all(len(line) <= 998 for line in octets.split(b"\r\n"))
    header = octets.partition(b"\r\n\r\n")[0]
    text = header.decode("utf-8" if utf8_header else "ascii")
    assert text.replace("\r\n", "").isprintable()
    assert not any(char in text.replace("\r\n", "") for char in LINE_BREAKS)
    if not eight_bit:
        assert octets.partition(b"\r\n\r\n")[2].isascii()


def parsed(octets: bytes) -> StdlibMessage:
    return email.message_from_bytes(octets, policy=email.policy.compat32)


def parts_of(octets: bytes) -> list[StdlibMessage]:
    return [part for part in parsed(octets).walk() if not part.is_multipart()]


def crlf(text: str) -> bytes:
    return re.sub("\r\n|\r|\n", "\r\n", text).encode()


# What breaks mail software, often together.
CRAFTED = st.sampled_from(
    [
        "\r\nBcc: thief@example.com",
        "\nBcc: thief@example.com",
        "\rBcc: thief@example.com",
        "\r\n\r\n<script>",
        "=?utf-8?q?=0D=0ABcc:_thief@example.com?=",
        "=?utf-8?b?DQpCY2M6IHRoaWVmQGV4YW1wbGUuY29t?=",
        "\u560d\u560aBcc: x",
        "\u760d\u760a",
        "\u2028",
        "\u2029",
        "\x85",
        "\v",
        "\f",
        "\x1c",
        "\0",
        "\x1b[2J",
        "\x7f",
        "\ud83d",
        "\udc80",
        '"',
        "\\",
        "<x@y>",
        ",",
        ";",
        ":",
        "@",
        "(",
        ")",
        "=?",
        "?=",
        "=",
        " ",
        "\t",
        "\u202e",
        "\u200b",
        "\ufeff",
        "ü",
        "名",
        "😀",
        "e\u0301",
        "a" * 80,
        "w" * 1200,
        "--",
        "=_a_",
        ".",
        "\r\n.\r\n",
        "From ",
    ]
)
HOSTILE = st.lists(CRAFTED | st.text(max_size=12), max_size=8).map("".join)
"""Text from an enemy or an accident."""
ENCODABLE = st.text(st.characters(codec="utf-8"), max_size=400)
"""Any text without lone surrogates."""
