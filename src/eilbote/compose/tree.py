"""The MIME tree (RFC 2046 §5.1, RFC 2387): mixed holds related holds alternative, as far as each is needed.

Boundaries share one token, which is verified to be absent from everything in the message that is not base64,
where it cannot occur. RFC 2046 has readers compare the beginning of a line only, so no boundary begins with
another one.
"""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

from eilbote.compose.parts import TEXT_HEADERS, Part
from eilbote.compose.transfer_encoding import encode_text
from eilbote.model.message import BodyKind, Segment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eilbote.model.ids import IdSource

# What stands between a boundary and a text.
_PLAIN, _HTML = (
    {encoding: b"\r\n" + header + b"\r\n" for encoding, header in TEXT_HEADERS[subtype].items()}
    for subtype in ("plain", "html")
)
_EIGHT_BIT = BodyKind.EIGHT_BIT
_SEVEN_BIT = BodyKind.SEVEN_BIT  # an enum's member costs more to look up than all comparisons with it
_UNDERSCORE = ord("_")
# A multipart is labelled with what its parts demand (RFC 2045 §6.4); 7bit goes without saying.
_LABELS = {
    BodyKind.SEVEN_BIT: b"\r\n",
    BodyKind.EIGHT_BIT: b"\r\nContent-Transfer-Encoding: 8bit\r\n",
    BodyKind.BINARY: b"\r\nContent-Transfer-Encoding: binary\r\n",
}
_ORDER = {BodyKind.SEVEN_BIT: 0, BodyKind.EIGHT_BIT: 1, BodyKind.BINARY: 2}


def two_texts(text: str, html: str, body: BodyKind, tokens: Tokens) -> Part:
    """Give what nearly every message is, a text and its HTML, without building a tree first.

    The same octets as :func:`arrange` gives for the two parts; a property compares them.

    Raises:
        DraftError: One of them holds a lone surrogate.
    """
    plain_encoding, plain = encode_text(text, "text", body)
    html_encoding, shown = encode_text(html, "html", body)
    token = tokens.following()
    while (_UNDERSCORE in plain and token in plain) or (_UNDERSCORE in shown and token in shown):
        token = tokens.unforeseeable()
    header, opening, middle, closing, kind = layout_of_two(plain_encoding, html_encoding, b"=_a_" + token)
    return Part(header, (opening, plain, middle, shown, closing), kind, clear=False)


def layout_of_two(
    plain_encoding: str, html_encoding: str, boundary: bytes
) -> tuple[bytes, bytes, bytes, bytes, BodyKind]:
    """Give what stands around a text and its HTML: header, before, between, behind; and what it demands."""
    kind = _EIGHT_BIT if plain_encoding == "8bit" or html_encoding == "8bit" else _SEVEN_BIT
    delimiter = b"\r\n--" + boundary
    return (
        b'Content-Type: multipart/alternative; boundary="%b"%b' % (boundary, _LABELS[kind]),
        delimiter[2:] + _PLAIN[plain_encoding],
        delimiter + _HTML[html_encoding],
        delimiter + b"--\r\n",
        kind,
    )


class Tokens:
    """What makes one message's boundaries differ from another's."""

    __slots__ = ("_count", "_ids", "_prefix")

    def __init__(self, ids: IdSource) -> None:
        self._ids = ids
        self._prefix = ids.token().encode("ascii")
        self._count = count(1)

    def following(self) -> bytes:
        """Give a new token cheaply; who has seen earlier messages may guess it.

        None of them begins with another one.
        """
        return b"%s_%x_" % (self._prefix, next(self._count))

    def unforeseeable(self) -> bytes:
        """Give a new token nobody can guess, for when a guess was right."""
        return self._ids.token().encode("ascii")


def arrange(
    versions: Sequence[Part], inline: Sequence[Part], attachments: Sequence[Part], token: bytes
) -> Part:
    """Give the root of the tree.

    Args:
        versions: The same text in several forms, the plainest first; at least one unless there are attachments.
        inline: What the HTML shows; empty unless there is HTML.
        attachments: What lies beside it.
        token: What boundaries are made of; absent from all parts.
    """
    roots: Sequence[Part] = versions
    if len(versions) > 1:
        roots = (multipart(b"alternative", versions, b"=_a_" + token),)
    if inline:
        start = b"multipart/alternative" if len(versions) > 1 else b"text/html"
        roots = (multipart(b"related", (*roots, *inline), b"=_r_" + token, b'; type="' + start + b'"'),)
    if attachments:
        return multipart(b"mixed", (*roots, *attachments), b"=_m_" + token)
    return roots[0]


def absent_token(parts: Sequence[Part], tokens: Tokens) -> bytes:
    """Give a token that occurs nowhere in the parts."""
    token = tokens.following()
    while occurs(token, parts):
        token = tokens.unforeseeable()
    return token


def occurs(token: bytes, parts: Sequence[Part]) -> bool:
    """Tell whether a boundary with the token might stand in the parts."""
    for part in parts:
        if _UNDERSCORE in part.header and token in part.header:  # a signed part brings its own
            return True
        if part.clear:
            for piece in part.content:
                # Every boundary has an underscore, and most texts have none: one octet is found far faster.
                if isinstance(piece, bytes) and _UNDERSCORE in piece and token in piece:
                    return True
    return False


def heavier(one: BodyKind, other: BodyKind) -> BodyKind:
    """Give the kind that demands more of the next hop."""
    return one if _ORDER[one] >= _ORDER[other] else other


def multipart(subtype: bytes, children: Sequence[Part], boundary: bytes, parameters: bytes = b"") -> Part:
    """Give a multipart of finished children; the boundary must be absent from all of them."""
    delimiter = b"--" + boundary + b"\r\n"
    content: list[Segment] = []
    kind = _SEVEN_BIT
    for child in children:
        content += (delimiter, child.header, b"\r\n")
        content += child.content
        # The CRLF before a delimiter belongs to it (RFC 2046 §5.1.1). Base64 and multiparts end in one of their
        # own, which may serve.
        if child.clear:
            content.append(b"\r\n")
        if child.kind is not kind:
            kind = heavier(kind, child.kind)
    content.append(b"--" + boundary + b"--\r\n")
    header = (
        b"Content-Type: multipart/" + subtype + b'; boundary="' + boundary + b'"' + parameters + _LABELS[kind]
    )
    return Part(header, content, kind, clear=False)
