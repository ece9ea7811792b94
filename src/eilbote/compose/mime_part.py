"""Writes a ready-made MIME part anew (RFC 2045, RFC 2046): own boundaries, CRLF, lines that every hop takes.

Of the part's own header only ``Content-*`` and ``MIME-Version`` remain. Content stays octet by octet as it is
where it can; where it cannot, it is given another transfer encoding. What is signed (RFC 1847) either stays as
it is or is refused, because a changed signature is worth nothing.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, assert_never

from eilbote.compose.generated_check import check_body, checked_header
from eilbote.compose.header_fields import fold, unstructured
from eilbote.compose.mime_reader import (
    PASSED_ON,
    Enclosed,
    Entity,
    Leaf,
    MimeReader,
    Multipart,
    crlf,
    decoded,
)
from eilbote.compose.parameters import parameter
from eilbote.compose.parts import Part
from eilbote.compose.transfer_encoding import (
    MAX_LINE,
    base64_lines,
    encode_octets,
    lines_fit,
    quoted_printable,
)
from eilbote.compose.tree import absent_token, multipart
from eilbote.errors import AttachmentError
from eilbote.model.message import BodyKind

if TYPE_CHECKING:
    from eilbote.compose.limits import ComposeLimits
    from eilbote.compose.tree import Tokens
    from eilbote.model.attachment import Attachment, MimePart

_BASE64 = re.compile(rb"(?:[A-Za-z0-9+/=]{1,76}\r\n)*+[A-Za-z0-9+/=]{0,76}")
_BARE = re.compile(rb"\r(?!\n)|(?<!\r)\n")
_TOKEN = re.compile(r"[\w!#$&+.^-]{1,40}", re.ASCII)
_EXTENDED = re.compile(r"[\w!#$&+.^`{|}~%'-]{1,900}", re.ASCII)
_FREE_TEXT = frozenset(("content-description", "subject", "comments", "keywords", "organization"))
_SEVEN_BIT, _EIGHT_BIT = BodyKind.SEVEN_BIT, BodyKind.EIGHT_BIT


def ready_made_part(
    attachment: Attachment,
    part: MimePart,
    *,
    name: str,
    body: BodyKind,
    limits: ComposeLimits,
    tokens: Tokens,
) -> Part:
    """Give the node for a ready-made part.

    Args:
        attachment: The attachment that holds it; its Content-ID, if it has one, replaces the part's own.
        part: The part.
        name: The draft's field, for errors.
        body: The most the next hop takes.
        limits: How deep and how many.
        tokens: Where boundaries come from.

    Raises:
        AttachmentError: It cannot be read, or cannot be sent as it is and must not be changed.
    """
    entity = MimeReader(limits, name).read(part.octets)
    if attachment.content_id is not None:
        entity.fields = [each for each in entity.fields if each[0].lower() != "content-id"]
        entity.fields.append(("Content-ID", f"<{attachment.content_id}>"))
    if attachment.inline and not any(each[0].lower() == "content-disposition" for each in entity.fields):
        entity.fields.append(("Content-Disposition", "inline"))
    written = _Writer(name, body, tokens).write(entity)
    check_body(b"".join(piece for piece in written.content if isinstance(piece, bytes)))
    return written


class _Writer:
    def __init__(self, name: str, body: BodyKind, tokens: Tokens) -> None:
        self._name = name
        self._body = body
        self._tokens = tokens

    def write(self, entity: Entity) -> Part:
        """Give the node for an entity."""
        match entity.body:
            case Leaf():
                return self._leaf(entity, entity.body)
            case Multipart():
                return self._multipart(entity, entity.body)
            case Enclosed(message=message):
                inner = self.write(message)
                fields = [self._content_type(entity.media_type or "message/rfc822", entity.parameters)]
                fields += self._fields(entity)
                if inner.kind is _EIGHT_BIT:
                    fields.append("Content-Transfer-Encoding: 8bit\r\n")
                return Part(self._header(fields), (inner.header, b"\r\n", *inner.content), inner.kind)
            case _:
                assert_never(entity.body)

    def _multipart(self, entity: Entity, body: Multipart) -> Part:
        if body.raw:
            children = [self._signed(raw) for raw in body.raw]
        else:
            children = [self.write(child) for child in body.children]
        token = absent_token(children, self._tokens)
        others = _parameters(body.parameters)
        part = multipart(body.subtype.encode("ascii"), children, b"=_p_" + token, others.encode("ascii"))
        fields = self._fields(entity)
        header = part.header + (self._header(fields) if fields else b"")
        return Part(header, part.content, part.kind, clear=True)

    def _signed(self, raw: bytes) -> Part:
        """Give a signed child as it is."""
        if (
            0 in raw
            or _BARE.search(raw)
            or not lines_fit(raw, MAX_LINE)
            or not (raw.isascii() or self._body is not _SEVEN_BIT)
        ):
            raise AttachmentError(
                "the signed content cannot be sent as it is",
                field=self._name,
                cause="it has bare line ends, lines above 998 octets, or octets that the server does not take",
                remedy="Sign content that is 7bit, quoted-printable or base64 with CRLF line ends",
            )
        kind = _SEVEN_BIT if raw.isascii() else _EIGHT_BIT
        header, empty_line, content = raw.partition(b"\r\n\r\n")
        if raw.startswith(b"\r\n"):
            return Part(b"", (raw[2:],), kind)
        if not empty_line:
            raise AttachmentError(
                "a signed part has no empty line after its header",
                field=self._name,
                remedy="Add it before signing",
            )
        return Part(header + b"\r\n", (content,), kind)

    # -- leaves ------------------------------------------------------------------------------------------------

    def _leaf(self, entity: Entity, leaf: Leaf) -> Part:
        media_type = entity.media_type or "text/plain"
        encoding, octets = self._encoded(leaf, media_type)
        parameters = entity.parameters
        if (
            media_type.startswith("text/")
            and not any(name.lower().startswith("charset") for name, _ in parameters)
            and _is_utf8(leaf.octets)
        ):
            parameters = [*parameters, ("charset", "utf-8")]
        fields = [self._content_type(media_type, parameters)]
        fields += self._fields(entity)
        fields.append(f"Content-Transfer-Encoding: {encoding}\r\n")
        return Part(self._header(fields), (octets,), _EIGHT_BIT if encoding == "8bit" else _SEVEN_BIT)

    def _encoded(self, leaf: Leaf, media_type: str) -> tuple[str, bytes]:
        """Give a transfer encoding and octets in it, the part's own where every hop takes them."""
        octets, encoding = leaf.octets, leaf.encoding
        textual = media_type.startswith(("text/", "message/"))
        if encoding == "base64":
            lines = crlf(octets)
            return encoding, lines if _BASE64.fullmatch(lines) else base64_lines(decoded(octets, encoding))
        if encoding == "quoted-printable":
            lines = crlf(octets)
            if lines.isascii() and 0 not in lines and lines_fit(lines, 76):
                return encoding, lines
            return encoding, quoted_printable(decoded(lines, encoding))
        if encoding not in PASSED_ON:
            lines = crlf(octets)
            if (
                _TOKEN.fullmatch(encoding)
                and lines.isascii()
                and 0 not in lines
                and lines_fit(lines, MAX_LINE)
            ):
                return encoding, lines  # uuencode and its kin: nobody's business but the readers'
            raise self._unsendable(encoding)
        if textual and 0 not in octets:
            encoding, octets = encode_octets(crlf(octets), self._body)
            if media_type.startswith("message/") and encoding not in PASSED_ON:
                raise self._unsendable(media_type)
            return encoding, octets
        if octets.isascii() and 0 not in octets and not _BARE.search(octets) and lines_fit(octets, MAX_LINE):
            return "7bit", octets
        return "base64", base64_lines(octets)

    def _unsendable(self, what: str) -> AttachmentError:
        return AttachmentError(
            f"a part of {what[:60]!a} cannot be sent as it is",
            field=self._name,
            cause="it has long lines or octets above 127, and may not be encoded otherwise",
            remedy="Attach it as application/octet-stream with Attachment.from_bytes",
        )

    # -- header fields -----------------------------------------------------------------------------------------

    def _content_type(self, media_type: str, parameters: list[tuple[str, str]]) -> str:
        return f"Content-Type: {media_type}{_parameters(parameters)}\r\n"

    def _fields(self, entity: Entity) -> list[str]:
        return [self._field(name, value) for name, value in entity.fields if value]

    def _field(self, name: str, value: str) -> str:
        folded = name.lower()
        if value.isascii():
            return fold(name, value)
        if folded in _FREE_TEXT:
            return unstructured(name, value)
        if folded == "content-disposition":
            disposition, _, rest = value.partition(";")
            if _TOKEN.fullmatch(disposition.strip()):
                given = re.findall(r';\s*([\w!#$&+.^-]+)\s*=\s*("[^"]*"|[^\s;"]*)', f";{rest}", re.ASCII)
                others = "".join(parameter(each, text.strip('"')) for each, text in given)
                return f"{name}: {disposition.strip()}{others}\r\n"
        return fold(name, value.encode("ascii", "replace").decode("ascii"))

    def _header(self, fields: list[str]) -> bytes:
        block = "".join(fields)
        if any(len(line) > MAX_LINE for line in block.split("\r\n")):
            raise AttachmentError(
                "a header line of the MIME part is longer than 998 octets",
                field=self._name,
                remedy="Shorten it",
            )
        return checked_header(block, len(fields), utf8=False)


def _parameters(parameters: list[tuple[str, str]]) -> str:
    """Write parameters; those that are extended already (RFC 2231) as they are, if they are well-formed."""
    return "".join(
        parameter(name, value) if not name.endswith("*") else f";\r\n {name}={value}"
        for name, value in parameters
        if not name.endswith("*") or _EXTENDED.fullmatch(value)
    )


def _is_utf8(octets: bytes) -> bool:
    """Tell whether the octets are a text outside ASCII in UTF-8."""
    try:
        return not octets.isascii() and bool(octets.decode("utf-8"))
    except UnicodeDecodeError:
        return False
