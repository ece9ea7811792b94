"""Reads ``data:`` URLs (RFC 2397), strictly: what is not well-formed is refused, never repaired.

The size is judged before anything is decoded, by the length of the text.
"""

from __future__ import annotations

import binascii
import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote_to_bytes

from eilbote.errors import AttachmentError
from eilbote.model.attachment import OCTET_STREAM, check_media_type

_SCHEME: Final = "data:"
_WHITE: Final = str.maketrans("", "", " \t\r\n")
_BROKEN_ESCAPE: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")
_NOT_IN_A_URL: Final = re.compile(
    r"[^!$&'()*+,\-./0-9:;=?@A-Z_a-z~%]"
)  # RFC 3986 §2: all but what needs an escape
_COMPOSITE: Final = ("multipart/", "message/")
_DEFAULT: Final = "text/plain; charset=us-ascii"
_LONGEST_TYPE: Final = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class DataUrl:
    """What a ``data:`` URL holds.

    Attributes:
        octets: The data.
        media_type: What they are.
    """

    octets: bytes
    media_type: str


def is_data_url(url: str) -> bool:
    """Tell whether a URL is one of these."""
    return url[: len(_SCHEME)].lower() == _SCHEME


def read_data_url(url: str, *, most_octets: int, field: str) -> DataUrl:
    """Read one.

    Args:
        url: All of it; white space is allowed in base64, and nowhere else.
        most_octets: The data may have.
        field: Where it stands, for errors.

    Raises:
        AttachmentError: It is malformed or too large; the cause says what is wrong and where.
    """
    head, comma, data = url[len(_SCHEME) :].partition(",")
    if not comma or len(head) > _LONGEST_TYPE:
        raise _malformed(field, "it has no comma, behind which the data begin", "Write data:TYPE;base64,DATA")
    said, semicolon, last = head.rpartition(";")
    base64 = (last if semicolon else head).strip().lower() == "base64"
    media_type = _media_type(said if base64 else head, field)
    # In base64 three octets take four characters; line breaks, written as escapes even, are few beside them.
    if (len(data) // 2 if base64 else len(data) - 2 * data.count("%")) > most_octets:
        raise _too_large(field, most_octets)
    octets = _from_base64(data, field) if base64 else _from_escapes(data, field, len(url) - len(data))
    if len(octets) > most_octets:
        raise _too_large(field, most_octets)
    return DataUrl(octets=octets, media_type=media_type)


def _media_type(said: str, field: str) -> str:
    text = unquote_to_bytes(said).decode("ascii", "replace").strip()
    if not text:
        return _DEFAULT
    if text.startswith(";"):  # RFC 2397 §2: the type may be left out in front of its parameters
        text = f"text/plain{text}"
    if text.lower().startswith(_COMPOSITE):
        return OCTET_STREAM
    try:
        check_media_type(text)
    except AttachmentError as fault:
        raise _malformed(
            field,
            f"{text[:80]!r} is no media type",
            "Write type/subtype, for instance data:text/csv;charset=utf-8,...",
        ) from fault
    return text


def _from_base64(data: str, field: str) -> bytes:
    if _BROKEN_ESCAPE.search(data):
        raise _malformed(
            field, "a % is not followed by two hexadecimal digits", "Write a percent sign as %25"
        )
    if "%" in data:
        data = _unescaped(data).decode("latin-1")
    try:
        return binascii.a2b_base64(data.translate(_WHITE).encode("ascii"), strict_mode=True)
    except UnicodeEncodeError as fault:
        raise _no_base64(field, "it has characters outside the alphabet") from fault
    except binascii.Error as fault:
        raise _no_base64(field, str(fault)) from fault


def _from_escapes(data: str, field: str, offset: int) -> bytes:
    if (found := _BROKEN_ESCAPE.search(data)) is not None:
        raise _malformed(
            field,
            f"the % at character {offset + found.start() + 1} is not followed by two hexadecimal digits",
            "Write a percent sign as %25",
        )
    if (found := _NOT_IN_A_URL.search(data)) is not None:
        raise _malformed(
            field,
            f"{found[0]!r} at character {offset + found.start() + 1} cannot stand in a URL",
            "Write a blank as %20, # as %23, and other characters as escapes of their UTF-8; or use base64",
        )
    return _unescaped(data)


def _unescaped(data: str) -> bytes:
    """Undo escapes that are known to be well-formed, as quoted-printable: a hundred times faster than one by one."""
    return binascii.a2b_qp(data.replace("=", "=3D").replace("%", "=").encode("latin-1", "replace"))


def _no_base64(field: str, cause: str) -> AttachmentError:
    return _malformed(
        field, f"its data are not base64: {cause}", "Use the standard alphabet (A-Z a-z 0-9 + /) with padding"
    )


def _malformed(field: str, cause: str, remedy: str) -> AttachmentError:
    return AttachmentError("the data: URL cannot be read", field=field, cause=cause, remedy=remedy)


def _too_large(field: str, most_octets: int) -> AttachmentError:
    return AttachmentError(
        "the data: URL is too large",
        field=field,
        cause=f"it may hold at most {most_octets:,} octets",
        remedy="Give a smaller file, or a link to it in the text",
    )
