"""What a web server says about a file: its name, its type, its charset. All of it is hearsay and is checked.

Names are read from Content-Disposition (RFC 6266, RFC 8187) or the URL's path; types from Content-Type (RFC 9110 §8.3).
"""

from __future__ import annotations

import mimetypes
import re
from typing import Final
from urllib.parse import unquote_to_bytes

from eilbote.compose.parameters import safe_file_name
from eilbote.errors import AttachmentError
from eilbote.model.attachment import OCTET_STREAM, check_media_type, guess_media_type

NAMELESS: Final = "attachment"
_PARAMETER: Final = re.compile(
    r"""\s*;\s*([!#$%&'*+.^`|~\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;"]*))""", re.ASCII | re.DOTALL
)
_EXTENDED: Final = re.compile(
    r"(utf-8|iso-8859-1)'[\w-]*'((?:[!#$&+.^_`|~\w-]|%[0-9a-f]{2})+)", re.IGNORECASE | re.ASCII
)
_ESCAPED: Final = re.compile(r"\\(.)", re.DOTALL)
_NOT_IN_NAMES: Final = re.compile(r'[<>:"|?*]')  # file systems of Windows refuse them
_QUERY: Final = re.compile(r"[?#]")
_MOST_CHARACTERS: Final = 4096
_MOST_PARAMETERS: Final = 32
# What text may be written in (https://encoding.spec.whatwg.org), as far as Python reads it; its other codecs do other things.
_CHARSETS: Final = re.compile(
    r"utf-?8|utf-16(?:le|be)?|us-ascii|iso-8859-(?:[1-9]|1[013-6])|windows-(?:125[0-8]|874)|koi8-[ru]"
    r"|gb(?:k|2312|18030)|big5|shift_jis|euc-(?:jp|kr)|iso-2022-jp",
    re.IGNORECASE,
)
_PAGES: Final = frozenset({"text/html", "application/xhtml+xml"})
_COMPOSITE: Final = ("multipart/", "message/")
_BEGINNING: Final = 1024


def file_name(own: str | None, disposition: str, url: str, media_type: str) -> str:
    """Choose what a file is called.

    Args:
        own: What the author calls it; goes before everything else.
        disposition: The field Content-Disposition, octets as ISO 8859-1.
        url: Where it lies in the end.
        media_type: What it is; a name without an ending gets the one that fits, when nobody has said a name.
    """
    if own is not None and (name := safe_file_name(_whole(own), field="filename")):
        return name
    for said in (disposed_name(disposition), _last_segment(url)):
        name = _NOT_IN_NAMES.sub("_", safe_file_name(_whole(said), field="filename")).lstrip(". ")
        if said and name and name != NAMELESS:
            return name
    return NAMELESS + (mimetypes.guess_extension(media_type.partition(";")[0].strip(), strict=False) or "")


def disposed_name(disposition: str) -> str:
    """Give the file name in a field Content-Disposition as it stands there; empty when there is none to be read."""
    plain = ""
    for name, value in _parameters(disposition):
        if name == "filename*" and (found := _EXTENDED.fullmatch(value)) is not None:
            octets = unquote_to_bytes(found[2])
            try:
                return octets.decode(found[1])
            except UnicodeDecodeError:
                continue
        elif name == "filename" and not plain:
            plain = value
    # RFC 6266 allows ISO 8859-1 here; servers write UTF-8, which is hardly ever anything else by chance.
    try:
        return plain.encode("latin-1").decode()
    except (UnicodeDecodeError, UnicodeEncodeError):
        return plain


def file_type(said: str, name: str, octets: bytes) -> str:
    """Give the media type under which a file is attached.

    Args:
        said: The field Content-Type.
        name: What the file is called.
        octets: What it holds.

    Returns:
        What the server said when it says something and can be trusted to; else what the name's ending means. Of parameters
        only the charset of a text stays, when the text can be read in it.
    """
    bare = said[:_MOST_CHARACTERS].partition(";")[0].strip().lower()
    try:
        check_media_type(bare)
    except AttachmentError:
        return OCTET_STREAM if bare.startswith(_COMPOSITE) else guess_media_type(name)
    if bare == OCTET_STREAM or (bare in _PAGES and not _looks_marked_up(octets)):
        return guess_media_type(name)
    if not bare.startswith("text/"):
        return bare
    charset = charset_of(said)
    return f"{bare}; charset={charset}" if charset and _is_read_in(octets, charset) else bare


def charset_of(said: str) -> str:
    """Give the charset in a field Content-Type when it is one of text; otherwise nothing."""
    charset = next((value for name, value in _parameters(said) if name == "charset"), "")
    return charset.lower() if _CHARSETS.fullmatch(charset) else ""


def is_page_instead(said: str, name: str, octets: bytes) -> bool:
    """Tell whether a server sent a page of HTML for a file whose name promises something else: most often a login page."""
    bare = said.partition(";")[0].strip().lower()
    if bare not in _PAGES or not _looks_marked_up(octets):
        return False
    return guess_media_type(name) not in {OCTET_STREAM, *_PAGES}


def _parameters(field: str) -> list[tuple[str, str]]:
    """Read what stands behind the first word; what is malformed ends it."""
    field = field[:_MOST_CHARACTERS]
    position = field.find(";")
    found: list[tuple[str, str]] = []
    while 0 <= position < len(field) and len(found) < _MOST_PARAMETERS:
        part = _PARAMETER.match(field, position)
        if part is None:
            break
        quoted = part[2]
        found.append((part[1].lower(), part[3] if quoted is None else _ESCAPED.sub(r"\1", quoted)))
        position = part.end()
    return found


def _last_segment(url: str) -> str:
    path = _QUERY.split(url, maxsplit=1)[0].partition("://")[2].partition("/")[2]
    return unquote_to_bytes(path.rpartition("/")[2]).decode("utf-8", "replace")


def _whole(name: str) -> str:
    """Give a name without halves of characters."""
    return name[:_MOST_CHARACTERS].encode("utf-8", "replace").decode()


def _looks_marked_up(octets: bytes) -> bool:
    return octets[:_BEGINNING].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")


def _is_read_in(octets: bytes, charset: str) -> bool:
    try:
        octets.decode(charset)
    except (UnicodeError, LookupError):
        return False
    return True
