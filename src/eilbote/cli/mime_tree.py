"""The structure of a message as a tree: which part holds which (RFC 2046 §5.1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from email.message import MIMEPart


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One MIME part.

    Attributes:
        media_type: Type and subtype in lower case.
        encoding: The Content-Transfer-Encoding; empty for a multipart.
        size: Octets after decoding; 0 for a multipart.
        filename: The name it is sent with; empty without one.
        content_id: Without angle brackets; empty without one.
        disposition: ``attachment``, ``inline`` or empty.
        children: The parts it holds.
    """

    media_type: str
    encoding: str
    size: int
    filename: str
    content_id: str
    disposition: str
    children: tuple[Node, ...]

    def details(self) -> str:
        """Say in one line what there is to know besides its type; nothing of a multipart."""
        if self.children:
            return ""
        words = [self.disposition, self.filename]
        words += [f"cid:{self.content_id}"] if self.content_id else []
        words += [f"{self.size:,} octets", f"({self.encoding})"]
        return "  ".join(word for word in words if word)

    def as_data(self) -> Mapping[str, object]:
        """Give it as plain data, what is empty left out."""
        told = {
            "type": self.media_type,
            "disposition": self.disposition,
            "filename": self.filename,
            "content_id": self.content_id,
            "encoding": self.encoding,
            "size": self.size,
            "parts": [child.as_data() for child in self.children],
        }
        return {key: value for key, value in told.items() if value}


def structure_of(part: MIMEPart) -> Node:
    """Read the structure of a parsed message."""
    children = tuple(structure_of(child) for child in part.iter_parts()) if part.is_multipart() else ()
    payload = b"" if children else part.get_payload(decode=True)
    return Node(
        media_type=part.get_content_type(),
        encoding="" if children else str(part["Content-Transfer-Encoding"] or "7bit").lower(),
        size=len(payload) if isinstance(payload, bytes) else 0,
        filename=part.get_filename() or "",
        content_id=str(part["Content-ID"] or "").strip(" <>"),
        disposition=part.get_content_disposition() or "",
        children=children,
    )


def lines_of(node: Node) -> Iterator[str]:
    """Draw the tree, line by line, the details below each other."""
    rows = [(node.media_type, node.details()), *_rows_below(node, "")]
    width = max(len(drawn) for drawn, _ in rows)
    for drawn, details in rows:
        yield f"{drawn:<{width}}  {details}".rstrip()


def _rows_below(node: Node, margin: str) -> Iterator[tuple[str, str]]:
    for child in node.children:
        last = child is node.children[-1]
        yield f"{margin}{'└─ ' if last else '├─ '}{child.media_type}", child.details()
        yield from _rows_below(child, margin + ("   " if last else "│  "))
