"""Parameters of Content-Type and Content-Disposition (RFC 2045 §5.1, RFC 2183), outside ASCII by RFC 2231."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from eilbote.errors import AttachmentError
from eilbote.model.free_text import one_line

MAX_FILE_NAME: Final = 255
"""Octets of a file name in UTF-8: what file systems take."""
_TOKEN = re.compile(r"[A-Za-z0-9!#$&+^_`{|}~.-]+")
_NOT_QUOTED = re.compile(r'["\\]|=\?')
_ATTRIBUTE_CHAR = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!#$&+-.^_`{|}~"
_PERCENT = [chr(octet) if octet in _ATTRIBUTE_CHAR else f"%{octet:02X}" for octet in range(256)]
_UNSAFE_IN_FALLBACK = re.compile(r'[^ -~]+|["\\/:]|=\?')  # compatible forms of / and : among them
_MAX_FALLBACK = 60
_LONGEST_ENDING = 32
_LINE = 74
_UNWANTED = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]"  # controls, zero-width, bidirectional
)


def parameter(name: str, value: str) -> str:
    """Give ``;`` and the parameter, folded onto its own lines.

    Args:
        name: The parameter's name.
        value: One line without control characters.
    """
    if _TOKEN.fullmatch(value) and len(name) + len(value) < _LINE:
        return f";\r\n {name}={value}"
    # Readers differ about escapes within quotes, and about angle brackets around a file name, so such values are
    # written in the other form.
    angled = value[:1] == "<" and name.endswith("name")
    if (
        value.isascii()
        and not angled
        and not _NOT_QUOTED.search(value)
        and len(name) + len(value) + 3 < _LINE
    ):
        return f';\r\n {name}="{value}"'
    return _extended(name, value)


def _extended(name: str, value: str) -> str:
    """Write charset and percent escapes, in sections when one line is too short (RFC 2231 §3, §4)."""
    escaped = [_PERCENT[octet] for octet in value.encode()]
    whole = f"{name}*=utf-8''{''.join(escaped)}"
    if len(whole) < _LINE:
        return f";\r\n {whole}"
    sections: list[str] = []
    line = f"{name}*0*=utf-8''"
    for piece in escaped:
        if len(line) + len(piece) > _LINE:
            sections.append(line)
            line = f"{name}*{len(sections)}*="
        line += piece
    sections.append(line)
    return "".join(f";\r\n {section}" for section in sections)


def safe_file_name(name: str, *, field: str) -> str:
    """Give the name as it is shown: without directories, on one line, nothing invisible, at most 255 octets.

    Raises:
        AttachmentError: It holds a lone surrogate.
    """
    shown = one_line(name)
    if not shown.isprintable():
        shown = _UNWANTED.sub("", shown)
    shown = re.split(r"[/\\]", shown)[-1].strip(" ")
    if not shown.strip("."):
        return "attachment"
    try:
        octets = shown.encode()
    except UnicodeEncodeError as exc:
        raise AttachmentError(
            "the file name cannot be written in Unicode",
            field=field,
            position=exc.start,
            remedy="Give the attachment a file name of its own",
        ) from exc
    return shown if len(octets) <= MAX_FILE_NAME else _shortened(shown, MAX_FILE_NAME)


def ascii_file_name(name: str) -> str:
    """Give a stand-in for readers that know no RFC 2231: accents dropped, the rest replaced by underscores."""
    plain = unicodedata.normalize("NFKD", name)
    plain = "".join(char for char in plain if not unicodedata.combining(char))
    return _shortened(_UNSAFE_IN_FALLBACK.sub("_", plain), _MAX_FALLBACK)


def _shortened(name: str, octets: int) -> str:
    """Cut the name before its ending, at a whole character."""
    stem, dot, ending = name.rpartition(".")
    ending = dot + ending if stem and len(ending.encode()) < _LONGEST_ENDING else ""
    room = octets - len(ending.encode())
    return (stem if ending else name).encode()[:room].decode("utf-8", "ignore") + ending
