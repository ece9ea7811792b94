"""Reads a ready-made MIME part leniently (RFC 2045, RFC 2046 §5.1): bare line ends, missing blank lines, long lines.

What is read becomes a tree of entities that :mod:`eilbote.compose.mime_part` writes anew, so nothing that only
some reader would understand gets through. Depth and number are bounded.
"""

from __future__ import annotations

import binascii
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeAlias

from eilbote.errors import AttachmentError

if TYPE_CHECKING:
    from eilbote.compose.limits import ComposeLimits

_LINE = re.compile(rb"([^\r\n]*+)(\r\n|\r|\n|\Z)")
_FIELD = re.compile(rb"([!-9;-~]{1,76})[ \t]*:(.*)", re.DOTALL)
_LINE_ENDS = re.compile(rb"\r\n?|\n")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029]")
_TYPE = re.compile(r"\s*([\w!#$&+.^-]{1,127})/([\w!#$&+.^-]{1,127})\s*(?=;|$)", re.ASCII)
_PARAMETER = re.compile(r';\s*([\w!#$&+.^*-]{1,60})\s*=\s*("(?:[^"\\]|\\.)*+"|[^\s;"]*+)\s*', re.ASCII)
_ENCODED_WORD = re.compile(r"=\?([^?\s]*+)\?([bBqQ])\?([^?\s]*+)\?=")
# Charsets in which an octet below 128 is always that ASCII character: what UTF-7 and the ISO 2022 family hide
# cannot be seen in the octets. A language may follow (RFC 2231 §5).
_PLAIN_CHARSET = re.compile(
    r"(?:utf-8|us-ascii|iso-8859-\d{1,2}|windows-125\d)(?:\*[a-z0-9-]*)?", re.IGNORECASE
)
_BOUNDARY = re.compile(r"[\w'()+,./:=? -]{0,69}[\w'()+,./:=?-]", re.ASCII)


@dataclass(slots=True)
class Leaf:
    """Octets with the transfer encoding they are in."""

    octets: bytes
    encoding: str


@dataclass(slots=True)
class Multipart:
    """Entities beside each other; ``raw`` ones are signed, and travel as they are or not at all."""

    subtype: str
    parameters: list[tuple[str, str]]
    children: list[Entity]
    raw: list[bytes]


@dataclass(slots=True)
class Enclosed:
    """A whole message within the part."""

    message: Entity


Body: TypeAlias = Leaf | Multipart | Enclosed


@dataclass(slots=True)
class Entity:
    """Header fields and a body.

    Attributes:
        fields: Names and unfolded values; Content-Type and Content-Transfer-Encoding are apart.
        media_type: Type and subtype in lower case; ``None`` when the entity does not say.
        parameters: Those of its Content-Type.
        body: What it holds.
    """

    fields: list[tuple[str, str]]
    media_type: str | None
    parameters: list[tuple[str, str]]
    body: Body = field(default_factory=lambda: Leaf(b"", "7bit"))


class MimeReader:
    """Reads one part; counts what is in it.

    Args:
        limits: How deep and how many.
        name: The draft's field, for errors.
    """

    def __init__(self, limits: ComposeLimits, name: str) -> None:
        self._limits = limits
        self._name = name
        self._parts = 0

    def read(self, octets: bytes) -> Entity:
        """Read the whole part.

        Raises:
            AttachmentError: It is empty, too deep, has too many parts, or cannot be made sense of.
        """
        if not octets.strip():
            raise self._fault("the MIME part is empty", "Give header fields, an empty line and a body")
        return self._entity(octets, depth=1, every_field=False, default="text/plain")

    # -- entities ------------------------------------------------------------------------------------------

    def _entity(self, octets: bytes, *, depth: int, every_field: bool, default: str) -> Entity:
        self._parts += 1
        if depth > self._limits.mime_depth:
            raise self._fault(f"the MIME part is nested more than {self._limits.mime_depth} levels deep")
        if self._parts > self._limits.mime_parts:
            raise self._fault(f"the MIME part holds more than {self._limits.mime_parts} parts")
        fields, start = self._fields(octets)
        seen: set[str] = set()
        kept: list[tuple[str, str]] = []
        media_type: str | None = None
        parameters: list[tuple[str, str]] = []
        encoding = "7bit"
        for name, value in fields:
            folded = name.lower()
            described = folded.startswith("content-") or folded == "mime-version"
            if not (described or every_field) or (described and folded in seen):
                continue  # two Content-Types would be read differently by different readers: the first counts
            seen.add(folded)
            if folded == "content-type":
                media_type, parameters = self._content_type(value)
            elif folded == "content-transfer-encoding":
                encoding = value.lower() or "7bit"
            elif folded != "content-length":
                kept.append((name, value))
        entity = Entity(kept, media_type, parameters)
        entity.body = self._body(octets[start:], media_type or default, parameters, encoding, depth)
        return entity

    def _body(
        self, octets: bytes, media_type: str, parameters: list[tuple[str, str]], encoding: str, depth: int
    ) -> Body:
        kind, _, subtype = media_type.partition("/")
        if kind != "multipart" and media_type not in ("message/rfc822", "message/global"):
            return Leaf(octets, encoding)
        if encoding in ("base64", "quoted-printable"):  # not allowed for these (RFC 2045 §6.4), and seen
            octets = decoded(octets, encoding)
        if kind == "message":
            return Enclosed(self._entity(octets, depth=depth + 1, every_field=True, default="text/plain"))
        boundary = next((value for name, value in parameters if name.lower() == "boundary"), "")
        if _BOUNDARY.fullmatch(boundary) is None:
            raise self._fault("a multipart has no usable boundary", "Name it in its Content-Type")
        pieces = self._split(octets, boundary.encode("ascii"))
        others = [(name, value) for name, value in parameters if name.lower() != "boundary"]
        default = "message/rfc822" if subtype == "digest" else "text/plain"
        children = [
            self._entity(piece, depth=depth + 1, every_field=False, default=default) for piece in pieces
        ]
        return Multipart(subtype, others, children, pieces if subtype == "signed" else [])

    def _split(self, octets: bytes, boundary: bytes) -> list[bytes]:
        """Give what lies between the delimiters; what lies before the first and after the last means nothing."""
        delimiter = re.compile(
            rb"(?:\A|\r\n|\r|\n)--" + re.escape(boundary) + rb"(--)?[ \t]*+(?:\r\n|\r|\n|\Z)"
        )
        pieces: list[bytes] = []
        start = -1
        at = 0
        while found := delimiter.search(octets, at):
            if start >= 0:
                pieces.append(octets[start : found.start()])
            start = -1 if found.group(1) else found.end()
            if found.group(1):
                break
            # The line end after one delimiter may be the one before the next.
            at = found.end() - (1 if octets[found.end() - 1 : found.end()] in (b"\r", b"\n") else 0)
            start = found.end()
            if len(pieces) > self._limits.mime_parts:
                raise self._fault(f"the MIME part holds more than {self._limits.mime_parts} parts")
        if start >= 0:
            pieces.append(octets[start:])
        if not pieces:
            raise self._fault("a multipart holds no part with its boundary", "Check the boundary")
        return pieces

    # -- header fields ------------------------------------------------------------------------------------

    def _fields(self, octets: bytes) -> tuple[list[tuple[str, str]], int]:
        """Give the fields, and where the body begins: after the empty line, or at the first line that is no field."""
        fields: list[tuple[bytes, list[bytes]]] = []
        at = 0
        while at < len(octets) and (found := _LINE.match(octets, at)):
            line = found.group(1)
            if not line:
                at = found.end()
                break
            if line[:1] in (b" ", b"\t") and fields:
                fields[-1][1].append(line)
            elif parts := _FIELD.fullmatch(line):
                fields.append((parts.group(1), [parts.group(2)]))
            else:
                break
            at = found.end()
            if len(fields) > self._limits.mime_parts:
                raise self._fault("the MIME part has too many header fields")
        return [(name.decode("ascii"), self._text(name, b"".join(lines))) for name, lines in fields], at

    def _text(self, name: bytes, value: bytes) -> str:
        try:
            text = value.decode("utf-8")
        except UnicodeDecodeError:
            text = value.decode("latin-1")
        text = text.replace("\t", " ").strip(" ")
        if any(not _PLAIN_CHARSET.fullmatch(word.group(1)) for word in _ENCODED_WORD.finditer(text)):
            raise self._fault(
                f"{name.decode('ascii')} of the MIME part holds an encoded word in an unusual charset",
                "Write it in UTF-8",
            )
        if _CONTROL.search(text) or any(
            _holds_control(word.group(2), word.group(3)) for word in _ENCODED_WORD.finditer(text)
        ):
            raise self._fault(
                f"{name.decode('ascii')} of the MIME part holds control characters", "Remove them"
            )
        return text

    def _content_type(self, value: str) -> tuple[str, list[tuple[str, str]]]:
        found = _TYPE.match(value)
        if found is None:
            raise self._fault(f"{value[:60]!a} is not a Content-Type", "Write type/subtype; name=value")
        parameters = [
            (name, re.sub(r"\\(.)", r"\1", given[1:-1]) if given.startswith('"') else given)
            for name, given in _PARAMETER.findall(value[found.end() :])
        ]
        return f"{found.group(1)}/{found.group(2)}".lower(), parameters

    def _fault(self, what: str, remedy: str = "Attach the content itself instead") -> AttachmentError:
        return AttachmentError(what, field=self._name, remedy=remedy)


def decoded(octets: bytes, encoding: str) -> bytes:
    """Undo a transfer encoding as well as it can be undone."""
    if encoding == "quoted-printable":
        return binascii.a2b_qp(octets)
    alphabet = re.sub(rb"[^A-Za-z0-9+/]", b"", octets)
    alphabet = alphabet[: len(alphabet) - (len(alphabet) % 4 == 1)]
    return binascii.a2b_base64(alphabet + b"=" * (-len(alphabet) % 4))


def crlf(octets: bytes) -> bytes:
    """Give the octets with CRLF line ends."""
    return _LINE_ENDS.sub(b"\r\n", octets)


def _holds_control(how: str, text: str) -> bool:
    """Tell whether an encoded word hides a control character."""
    octets = text.encode("utf-8")
    plain = decoded(octets, "base64") if how in "bB" else binascii.a2b_qp(octets, header=True)
    return any(octet < 0x20 or octet == 0x7F for octet in plain)  # noqa: PLR2004 - C0 and DEL


PASSED_ON: Final = frozenset(("7bit", "8bit", "binary"))
"""Transfer encodings that change nothing."""
