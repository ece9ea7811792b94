"""The MIME tree (RFC 2046 §5.1, RFC 2387): mixed holds related holds alternative, as far as each is needed.

Boundaries share one token, which is verified to be absent from everything in the message that is not base64,
where it cannot occur. RFC 2046 has readers compare the beginning of a line only, so no boundary begins with
another one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from eilbote.compose.parts import Part
from eilbote.model.message import BodyKind, Segment

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_ORDER = {BodyKind.SEVEN_BIT: 0, BodyKind.EIGHT_BIT: 1, BodyKind.BINARY: 2}


def arrange(
    versions: Sequence[Part],
    inline: Sequence[Part],
    attachments: Sequence[Part],
    *,
    next_token: Callable[[], str],
) -> Part:
    """Give the root of the tree.

    Args:
        versions: The same text in several forms, the plainest first; at least one unless there are attachments.
        inline: What the HTML shows.
        attachments: What lies beside it.
        next_token: Gives a token for boundaries that was not used before.
    """
    if len(versions) == 1 and not inline and not attachments:
        return versions[0]
    token = absent_token((*versions, *inline, *attachments), next_token)
    root: Part | None = None
    if len(versions) > 1:
        root = multipart("alternative", versions, f"=_a_{token}")
    elif versions:
        root = versions[0]
    if inline and root is not None:
        media_type = b"multipart/alternative" if len(versions) > 1 else b"text/html"
        root = multipart("related", (root, *inline), f"=_r_{token}", b'; type="%s"' % media_type)
    if attachments:
        children = attachments if root is None else (root, *attachments)
        root = multipart("mixed", children, f"=_m_{token}")
    if root is None:
        raise AssertionError("a message holds at least an empty text")
    return root


def absent_token(parts: Sequence[Part], next_token: Callable[[], str]) -> str:
    """Give a token that occurs nowhere in the parts."""
    while True:
        token = next_token()
        wanted = token.encode("ascii")
        if not any(
            wanted in piece
            for part in parts
            if part.clear
            for piece in part.content
            if isinstance(piece, bytes)
        ):
            return token


def multipart(subtype: str, children: Sequence[Part], boundary: str, parameters: bytes = b"") -> Part:
    """Give a multipart of finished children; the boundary must be absent from all of them."""
    mark = boundary.encode("ascii")
    delimiter = b"--%s\r\n" % mark
    content: list[Segment] = []
    kind = BodyKind.SEVEN_BIT
    for child in children:
        content.append(b"%s%s\r\n" % (delimiter, child.header))
        content += child.content
        # The CRLF before a delimiter belongs to it (RFC 2046 §5.1.1). Base64 and multiparts end in one of their
        # own, which may serve.
        if child.clear:
            content.append(b"\r\n")
        if child.kind is not kind and _ORDER[child.kind] > _ORDER[kind]:
            kind = child.kind
    content.append(b"--%s--\r\n" % mark)
    header = b'Content-Type: multipart/%s; boundary="%s"%s\r\n' % (subtype.encode("ascii"), mark, parameters)
    return Part(header, tuple(content), kind, clear=False)
