"""What travels with a message besides its text: files, texts, ready-made MIME parts.

An attachment is a value. Its octets are in memory, or in a regular file that is read when the message is
sent and never held as a whole.
"""

from __future__ import annotations

import base64
import binascii
import mimetypes
import os
import re
import stat
from dataclasses import dataclass, replace
from types import NoneType
from typing import TYPE_CHECKING, TypeAlias

from eilbote.errors import AttachmentError
from eilbote.model.kinds import check_kind

if TYPE_CHECKING:
    from pathlib import Path

_MEDIA_TYPE = re.compile(r"[A-Za-z0-9][\w.+!#$&^-]*/[A-Za-z0-9][\w.+!#$&^-]*", re.ASCII)
_PARAMETERS = re.compile(
    r"""(?: *; *[\w!#$&+.^-]+=(?:[\w!#$&+./:^*%'-]+|"[^"\\\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]*"))* *""",
    re.ASCII,
)
# (=? begins an encoded word, which some programs decode even here.)
_CONTENT_ID = re.compile(r"(?!.*=\?)[A-Za-z0-9!#$%&'*+/=?^_`{|}~.@-]{1,200}")
_COMPOSITE = ("multipart/", "message/")
OCTET_STREAM = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class FileContent:
    """Octets in a regular file.

    Attributes:
        path: Where it lies.
        size: Its size in octets when the attachment was made; a file that has changed since is refused.
    """

    path: Path
    size: int

    def __post_init__(self) -> None:
        """Refuse values of the wrong kind."""
        from pathlib import Path

        _check_kind(self.path, (Path,), "file")
        _check_kind(self.size, (int,), "size")


@dataclass(frozen=True, slots=True)
class MimePart:
    """A ready-made MIME part: header fields, an empty line, a body (RFC 2045)."""

    octets: bytes

    def __post_init__(self) -> None:
        """Refuse values of the wrong kind."""
        _check_kind(self.octets, (bytes,), "mime")


Content: TypeAlias = bytes | FileContent | MimePart


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """One attachment; make it with one of the ``from_`` methods.

    Attributes:
        content: The octets, the file, or the ready-made part.
        filename: The name shown to the reader, without directories; ``None`` for no name.
        media_type: Type and subtype, with parameters if any (RFC 2045 §5.1).
        inline: Shown inside the HTML rather than beside it.
        content_id: What ``cid:`` references in the HTML point to, without angle brackets.
    """

    content: Content
    filename: str | None = None
    media_type: str = OCTET_STREAM
    inline: bool = False
    content_id: str | None = None

    def __post_init__(self) -> None:
        """Refuse descriptions that no header field can carry, and values of the wrong kind."""
        _check_kind(self.content, (bytes, FileContent, MimePart), "content")
        _check_kind(self.filename, (str, NoneType), "filename")
        _check_kind(self.media_type, (str,), "media_type")
        _check_kind(self.inline, (bool,), "inline")
        _check_kind(self.content_id, (str, NoneType), "content_id")
        if not isinstance(self.content, MimePart):
            check_media_type(self.media_type)
        if self.content_id is not None and not _CONTENT_ID.fullmatch(self.content_id):
            raise AttachmentError(
                f"{self.content_id!r} is not a usable Content-ID",
                field="attachment.content_id",
                remedy="Use up to 200 letters, digits and . _ - @ without angle brackets",
            )

    @classmethod
    def from_bytes(
        cls,
        data: bytes | bytearray | memoryview,
        *,
        filename: str | None = None,
        media_type: str | None = None,
    ) -> Attachment:
        """Attach octets; the media type is guessed from the file name when it is not given.

        Raises:
            AttachmentError: The media type is malformed, or the data are no octets.
        """
        _check_kind(data, (bytes, bytearray, memoryview), "data", "Give bytes; for a text there is from_text")
        _check_description(filename, media_type)
        return cls(
            content=bytes(data), filename=filename, media_type=media_type or guess_media_type(filename)
        )

    @classmethod
    def from_text(
        cls, text: str, *, filename: str | None = None, media_type: str | None = None
    ) -> Attachment:
        """Attach a text as UTF-8, as ``text/plain`` or as the media type given.

        Raises:
            AttachmentError: The media type is malformed, or the text holds lone surrogates or is none.
        """
        _check_kind(text, (str,), "text", "Give a str; for octets there is from_bytes")
        _check_description(filename, media_type)
        try:
            data = text.encode()
        except UnicodeEncodeError as exc:
            raise AttachmentError(
                "the text holds a lone surrogate",
                field="attachment.text",
                position=exc.start,
                remedy="Remove it: it is half of a character and cannot be encoded",
            ) from exc
        chosen = media_type or "text/plain"
        if chosen.lower().startswith("text/") and "charset" not in chosen.lower():
            chosen += "; charset=utf-8"
        return cls(content=data, filename=filename, media_type=chosen)

    @classmethod
    def from_base64(
        cls, text: str | bytes, *, filename: str | None = None, media_type: str | None = None
    ) -> Attachment:
        """Attach what a base64 text encodes (RFC 4648 §4); white space is allowed, nothing else.

        Raises:
            AttachmentError: The text is not base64, or the media type is malformed.
        """
        _check_kind(text, (str, bytes), "base64")
        _check_description(filename, media_type)
        raw = text.encode("utf-8", "replace") if isinstance(text, str) else text
        try:
            data = base64.b64decode(raw.translate(None, b" \t\r\n"), validate=True)
        except binascii.Error as exc:
            raise AttachmentError(
                "the text is not valid base64",
                field="attachment.base64",
                cause=str(exc),
                remedy="Use the standard alphabet (A-Z a-z 0-9 + /) with padding, and no data: prefix",
            ) from exc
        return cls.from_bytes(data, filename=filename, media_type=media_type)

    @classmethod
    def from_file(
        cls, path: str | os.PathLike[str], *, filename: str | None = None, media_type: str | None = None
    ) -> Attachment:
        """Attach a regular file; it is read while the message is sent.

        Raises:
            AttachmentError: There is no such regular file, or the media type is malformed.
        """
        from pathlib import Path

        _check_kind(path, (str, os.PathLike), "file", "Give a str or a path; for octets there is from_bytes")
        _check_description(filename, media_type)
        written = os.fspath(path)
        _check_kind(written, (str,), "file", "Give the path as text: os.fsdecode() makes one of octets")
        where = Path(written)
        try:
            found = where.stat()
        except (OSError, ValueError) as exc:
            reason = exc.strerror if isinstance(exc, OSError) else str(exc)
            raise AttachmentError(
                f"cannot attach {written!r}",
                field="attachment.file",
                cause=reason,
                remedy="Check the path and that this user may read the file",
            ) from exc
        if not stat.S_ISREG(found.st_mode):
            raise AttachmentError(
                f"{written!r} is not a regular file",
                field="attachment.file",
                remedy="Attach a file, not a directory, a device or a pipe",
            )
        name = filename if filename is not None else where.name
        return cls(
            content=FileContent(where, found.st_size),
            filename=name,
            media_type=media_type or guess_media_type(name),
        )

    @classmethod
    def from_mime(cls, part: bytes | str) -> Attachment:
        """Attach a ready-made MIME part; its own header says what it is.

        Only ``Content-*`` and ``MIME-Version`` fields are kept. The part is checked when the message is composed.

        Raises:
            AttachmentError: The text holds half of a character, or the part is neither octets nor text.
        """
        _check_kind(part, (bytes, str), "mime")
        if isinstance(part, str):
            try:
                part = part.encode("utf-8", "surrogateescape")
            except UnicodeEncodeError as exc:
                raise AttachmentError(
                    "the MIME part holds a lone surrogate",
                    field="attachment.mime",
                    position=exc.start,
                    remedy="Pass the part as bytes",
                ) from exc
        return cls(content=MimePart(part))

    def as_inline(self, content_id: str) -> Attachment:
        """Give the same attachment as an inline one, shown where the HTML says ``cid:`` and this id.

        Raises:
            AttachmentError: The id is malformed.
        """
        return replace(self, inline=True, content_id=content_id)

    @property
    def size(self) -> int:
        """Octets before any transfer encoding."""
        match self.content:
            case FileContent(size=size):
                return size
            case MimePart(octets=octets):
                return len(octets)
            case bytes() as octets:
                return len(octets)


def _check_kind(value: object, kinds: tuple[type, ...], name: str, remedy: str | None = None) -> None:
    check_kind(value, kinds, field=f"attachment.{name}", fault=AttachmentError, remedy=remedy)


def _check_description(filename: object, media_type: object) -> None:
    _check_kind(filename, (str, NoneType), "filename")
    _check_kind(media_type, (str, NoneType), "media_type")


def check_media_type(media_type: str) -> None:
    """Refuse what is not ``type/subtype`` with well-formed parameters.

    Composite types are refused too: their content has a structure of its own, which only
    :meth:`Attachment.from_mime` can promise.

    Raises:
        AttachmentError: The media type is malformed or composite.
    """
    found = _MEDIA_TYPE.match(media_type)
    if found is None or not _PARAMETERS.fullmatch(media_type, found.end()) or len(media_type) > 255:  # noqa: PLR2004 - RFC 6838 bounds
        raise AttachmentError(
            f"{media_type[:80]!r} is not a media type",
            field="attachment.media_type",
            remedy="Write type/subtype, for instance application/pdf or text/csv; charset=utf-8",
        )
    if media_type.lower().startswith(_COMPOSITE):
        raise AttachmentError(
            f"{media_type!r} needs a ready-made MIME part",
            field="attachment.media_type",
            remedy="Pass the whole part to Attachment.from_mime, or use application/octet-stream",
        )


def guess_media_type(filename: str | None) -> str:
    """Guess from the file name's ending; ``application/octet-stream`` when it says nothing."""
    if not filename:
        return OCTET_STREAM
    guessed, encoding = mimetypes.guess_type(filename, strict=False)
    return guessed if guessed and encoding is None and not guessed.startswith(_COMPOSITE) else OCTET_STREAM
