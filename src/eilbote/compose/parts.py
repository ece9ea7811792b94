"""Leaves of the MIME tree (RFC 2045, RFC 2183): a text, an attachment, each with its own header lines."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, assert_never

from eilbote.compose.file_source import FileSource, MemorySource
from eilbote.compose.generated_check import checked_header
from eilbote.compose.parameters import ascii_file_name, parameter, safe_file_name
from eilbote.compose.transfer_encoding import base64_lines, encode_text
from eilbote.model.attachment import Attachment, FileContent, MimePart
from eilbote.model.message import BodyKind, Segment

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

IN_PLACE: Final = 64 * 1024
"""Octets up to which an attachment is encoded at once, so that the message is one piece."""
_PARAMETER = re.compile(r';\s*([\w!#$&+.^-]+)=("[^"]*"|[^\s;"]+)', re.ASCII)


class Part:
    """One node of the tree, finished.

    Attributes:
        header: Its header lines, without the empty line that ends them.
        content: Its body in pieces; each begins at the beginning of a line.
        kind: What the body demands of the next hop.
        clear: Some piece is a text, in which a boundary might occur, and which may lack its last line end.
    """

    __slots__ = ("clear", "content", "header", "kind")

    def __init__(
        self,
        header: bytes,
        content: Sequence[Segment],
        kind: BodyKind = BodyKind.SEVEN_BIT,
        *,
        clear: bool = True,
    ) -> None:
        self.header = header
        self.content = content
        self.kind = kind
        self.clear = clear


TEXT_HEADERS: Final = {
    subtype: {
        encoding: (
            f"Content-Type: text/{subtype}; charset=utf-8\r\nContent-Transfer-Encoding: {encoding}\r\n"
        ).encode("ascii")
        for encoding in ("7bit", "8bit", "quoted-printable", "base64")
    }
    for subtype in ("plain", "html")
}
_PLAIN, _HTML = TEXT_HEADERS["plain"], TEXT_HEADERS["html"]
_SEVEN_BIT, _EIGHT_BIT = BodyKind.SEVEN_BIT, BodyKind.EIGHT_BIT


def plain_part(text: str, body: BodyKind) -> Part:
    """Give ``text/plain``.

    Raises:
        DraftError: The text holds a lone surrogate.
    """
    encoding, octets = encode_text(text, "text", body)
    return Part(_PLAIN[encoding], (octets,), _EIGHT_BIT if encoding == "8bit" else _SEVEN_BIT)


def html_part(html: str, body: BodyKind) -> Part:
    """Give ``text/html``.

    Raises:
        DraftError: The HTML holds a lone surrogate.
    """
    encoding, octets = encode_text(html, "html", body)
    return Part(_HTML[encoding], (octets,), _EIGHT_BIT if encoding == "8bit" else _SEVEN_BIT)


def calendar_part(calendar: str, method: str, body: BodyKind) -> Part:
    """Give ``text/calendar``, which mail programs show with its buttons (RFC 6047 §2.4)."""
    encoding, octets = encode_text(calendar, "invitation", body)
    header = f"Content-Type: text/calendar; charset=utf-8; method={method}\r\nContent-Transfer-Encoding: {encoding}\r\n"
    return Part(header.encode("ascii"), (octets,), _EIGHT_BIT if encoding == "8bit" else _SEVEN_BIT)


def calendar_file(calendar: str) -> Part:
    """Give the same as a file, for programs that know no ``text/calendar``."""
    header = (
        b"Content-Type: application/ics;\r\n name=invite.ics\r\n"
        b"Content-Disposition: attachment;\r\n filename=invite.ics\r\n"
        b"Content-Transfer-Encoding: base64\r\n"
    )
    return Part(header, (base64_lines(calendar.encode()),), clear=False)


def encode_attachment(octets: bytes) -> Segment:
    """Give base64 at once for small attachments, later for large ones."""
    return base64_lines(octets) if len(octets) <= IN_PLACE else MemorySource(octets)


def attachment_part(
    attachment: Attachment,
    *,
    index: int,
    binary: bool,
    encode: Callable[[bytes], Segment] = encode_attachment,
) -> Part:
    """Give the part for an attachment that is not a ready-made one.

    Args:
        attachment: The attachment.
        index: Its place in the draft, for errors.
        binary: Octets in memory travel as they are (RFC 3030); files are base64 in any case.
        encode: How octets in memory become base64.

    Raises:
        AttachmentError: Its file name cannot be written.
    """
    field = f"attachments[{index}]"
    lines = [f"Content-Type: {_media_type(attachment)}"]
    disposition = "inline" if attachment.inline else "attachment"
    if attachment.filename is not None:
        name = safe_file_name(attachment.filename, field=f"{field}.filename")
        lines.append(parameter("name", ascii_file_name(name)))
        lines.append(f"\r\nContent-Disposition: {disposition}{parameter('filename', name)}")
    else:
        lines.append(f"\r\nContent-Disposition: {disposition}")
    if attachment.content_id is not None:
        lines.append(f"\r\nContent-ID: <{attachment.content_id}>")
    content: Segment
    match attachment.content:
        case bytes() as octets if binary:
            lines.append("\r\nContent-Transfer-Encoding: binary\r\n")
            return Part(_header("".join(lines)), (octets,), BodyKind.BINARY)
        case bytes() as octets:
            content = encode(octets)
        case FileContent() as file:
            content = FileSource(file, field=field)
        case MimePart():
            raise AssertionError("a ready-made part has a header of its own")
        case _:
            assert_never(attachment.content)
    lines.append("\r\nContent-Transfer-Encoding: base64\r\n")
    return Part(_header("".join(lines)), (content,), clear=False)


def _header(lines: str) -> bytes:
    return checked_header(lines, lines.count("\r\nContent-") + 1, utf8=False)


def _media_type(attachment: Attachment) -> str:
    """Give type and parameters, each parameter on a line of its own; a name is written from the file name."""
    media_type, parameters, rest = attachment.media_type.partition(";")
    if not parameters:
        return media_type
    lines = [media_type.strip()]
    for name, value in _PARAMETER.findall(parameters + rest):
        if name.lower() != "name":
            lines.append(parameter(name, value.strip('"')))
    return "".join(lines)
