"""Reads a stored message into what people look at: its fields, its texts, its files (RFC 5322, RFC 2045).

Messages may have been composed by others, who may have meant to do harm: whatever the octets are, something is shown, its depth and number
are bounded, and nothing is raised.
"""

from __future__ import annotations

import email
import email.policy
from dataclasses import dataclass, field
from email.errors import MessageError
from email.header import decode_header
from typing import TYPE_CHECKING, Final, cast

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import Message as ParsedMessage

MOST_PARTS: Final = 2000
_DEEPEST: Final = 50
_MOST_FIELDS: Final = 1000
_LONGEST_VALUE: Final = 100_000
_FAULTS: Final = (
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    AssertionError,
    MessageError,
    RecursionError,
)
"""What the parser of the standard library is known to raise over octets that nobody should have sent."""
_OCTETS: Final = "application/octet-stream"


@dataclass(frozen=True, slots=True, kw_only=True)
class PartView:
    """A file that travels with a message.

    Attributes:
        number: Its place among them, counted from 0.
        filename: As the author named it; empty without one.
        media_type: As the author says; type and subtype in small letters.
        content_id: What ``cid:`` in the HTML points to, without angle brackets; empty without one.
        is_inline: Whether it says of itself that it is shown within the text.
        octets: Its content, decoded.
    """

    number: int
    filename: str
    media_type: str
    content_id: str
    is_inline: bool
    octets: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageView:
    """A message as people look at it.

    Attributes:
        headers: Names and values in their order, decoded and unfolded.
        text: The plain text; ``None`` when there is none.
        html: The HTML text; ``None`` when there is none.
        parts: Everything else.
    """

    headers: tuple[tuple[str, str], ...]
    text: str | None
    html: str | None
    parts: tuple[PartView, ...]


def read_parts(octets: bytes) -> MessageView:
    """Read a message; of 50 megabytes it takes a second or two, so this is done in a thread."""
    header = _headers(octets)
    try:
        parsed = email.message_from_bytes(octets, policy=email.policy.compat32)
    except _FAULTS:
        whole = PartView(
            number=0, filename="", media_type="message/rfc822", content_id="", is_inline=False, octets=octets
        )
        return MessageView(headers=header, text=None, html=None, parts=(whole,))
    text = html = None
    parts: list[PartView] = []
    for leaf in _leaves(parsed):
        kind = _media_type(leaf)
        if not _is_file(leaf):
            if kind == "text/plain" and text is None:
                text = _text(leaf)
                continue
            if kind == "text/html" and html is None:
                html = _text(leaf)
                continue
        parts.append(
            PartView(
                number=len(parts),
                filename=_filename(leaf),
                media_type=kind,
                content_id=str(leaf.get("Content-ID", "")).strip().strip("<>"),
                is_inline=_disposition(leaf) == "inline",
                octets=_content(leaf),
            )
        )
    return MessageView(headers=header, text=text, html=html, parts=tuple(parts))


def read_headers(octets: bytes) -> tuple[tuple[str, str], ...]:
    """Read the fields alone."""
    return _headers(octets)


# -- within ----------------------------------------------------------------------------------------------------


def _headers(octets: bytes) -> tuple[tuple[str, str], ...]:
    section = octets.partition(b"\r\n\r\n")[0]
    fields: list[tuple[str, str]] = []
    for line in section.split(b"\r\n"):
        text = line.decode("utf-8", "replace")
        if line[:1] in {b" ", b"\t"} and fields:
            name, value = fields[-1]
            if len(value) < _LONGEST_VALUE:
                fields[-1] = name, f"{value} {text.strip()}"
            continue
        if len(fields) == _MOST_FIELDS:
            break
        name, _, value = text.partition(":")
        fields.append((name.strip(), value.strip()))
    return tuple((name, _decoded(value)) for name, value in fields if name)


def _decoded(value: str) -> str:
    """Decode encoded words (RFC 2047)."""
    if "=?" not in value:
        return value
    try:
        words = decode_header(value)
        return "".join(
            word if isinstance(word, str) else word.decode(charset or "utf-8", "replace")
            for word, charset in words
        )
    except _FAULTS:
        return value


def _leaves(parsed: ParsedMessage) -> Iterator[ParsedMessage]:
    """Go through the parts that are no containers, in their order; an enclosed message is one of them."""
    waiting: list[tuple[ParsedMessage, int]] = [(parsed, 0)]
    told = 0
    while waiting and told < MOST_PARTS:
        part, depth = waiting.pop()
        payload = part.get_payload()
        is_container = isinstance(payload, list) and part.get_content_maintype() == "multipart"
        if is_container and depth < _DEEPEST:
            waiting.extend((child, depth + 1) for child in reversed(part.get_payload()[:MOST_PARTS]))  # type: ignore[index, misc] # a list, as was seen
            continue
        told += 1
        yield part


def _media_type(part: ParsedMessage) -> str:
    try:
        return part.get_content_type()
    except _FAULTS:
        return _OCTETS


def _disposition(part: ParsedMessage) -> str:
    try:
        return part.get_content_disposition() or ""
    except _FAULTS:
        return ""


def _is_file(part: ParsedMessage) -> bool:
    return _disposition(part) == "attachment" or bool(_filename(part))


def _filename(part: ParsedMessage) -> str:
    try:
        name = part.get_filename() or ""
    except _FAULTS:
        return ""
    return _decoded(str(name)).encode("utf-8", "replace").decode()


def _content(part: ParsedMessage) -> bytes:
    """Give the octets of a part, decoded; of an enclosed message its own."""
    try:
        if part.is_multipart():
            payload: object = part.get_payload()
            children = cast("list[ParsedMessage]", payload) if isinstance(payload, list) else []
            return b"".join(child.as_bytes() for child in children)
        content = part.get_payload(decode=True)
    except _FAULTS:
        return b""
    return content if isinstance(content, bytes) else b""


def _text(part: ParsedMessage) -> str:
    octets = _content(part)
    try:
        charset = str(part.get_content_charset("utf-8"))
        text = octets.decode(charset, "replace")
    except _FAULTS:
        text = octets.decode("latin-1")
    return text.replace("\r\n", "\n").encode("utf-8", "replace").decode()
