"""A series' message with holes, for the everyday recipient: values of one line of ASCII.

With such values hardly anything changes from message to message: no transfer encoding, no label, no fold. So the
message is laid out once, and filling the holes is copying. Whatever could change something is left to the way that
every message can go; a property compares both.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from eilbote.compose.header_fields import LINE
from eilbote.compose.parts import TEXT_HEADERS
from eilbote.compose.placeholders import in_html
from eilbote.compose.transfer_encoding import MAX_TEXT_LINE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eilbote.compose.placeholders import Pattern
    from eilbote.compose.series_text import SeriesText
    from eilbote.model.message import Segment

_LONGEST_ESCAPE = len("&quot;")
_LONGEST_SUBJECT = LINE - len("Subject: ")
_OWN, _SHARED = 1, 2  # where the header section has its own fields, and those a series may vary


class Stencil:
    """The octets of a message with holes.

    Args:
        author: The first part of the header section, From and what belongs to it.
        shared: The last part.
        subject: The subject.
        texts: The texts; all of them 7bit or 8bit as long as their values are ASCII.
        pieces: The last header lines, the empty line and the body, with the texts' marks in their places.
        token: What the body's boundaries have in common; empty when there is none.

    Attributes:
        tail: What follows the octets unchanged: attachments that are made while they are sent.
    """

    __slots__ = (
        *("_encoded_holes", "_holes", "_names", "_occurrences", "_pieces", "_room", "_subject", "_token"),
        *("tail", "tail_size"),
    )

    def __init__(
        self,
        *,
        author: bytes,
        shared: bytes,
        subject: Pattern,
        texts: Sequence[SeriesText],
        pieces: Sequence[Segment],
        token: bytes,
    ) -> None:
        names = dict.fromkeys((*subject.names, *(name for text in texts for name in text.names)))
        self._names = tuple(names)
        self._subject = subject
        self._token = token
        self._room = min((_room(text) for text in texts), default=0)
        sources = [index for index, piece in enumerate(pieces) if not isinstance(piece, bytes)]
        end = sources[0] if sources else len(pieces)
        self.tail = tuple(pieces[end:])
        self.tail_size = sum(len(each) if isinstance(each, bytes) else each.size for each in self.tail)
        self._pieces = [author, b"", shared]
        # Where a value goes, and which one: as it is, and as HTML shows it.
        self._holes: list[tuple[int, int]] = []
        self._encoded_holes: list[tuple[int, int]] = []
        place = {name: index for index, name in enumerate(names)}
        run: list[bytes] = []
        for octets, name, subtype in _with_holes(pieces[:end], texts):
            run.append(octets)
            if name:
                self._pieces += (b"".join(run), b"")
                run = []
                holes = self._holes if subtype == "plain" else self._encoded_holes
                holes.append((len(self._pieces) - 1, place[name]))
        self._pieces.append(b"".join(run))
        self._occurrences = b"".join(self._pieces).count(token) if token else 0

    def fill(
        self, given: Mapping[str, str], to: str, date: str, message_id: str, shared: bytes | None
    ) -> bytes | None:
        """Give the octets, or ``None`` when the values ask for more than copying.

        Args:
            given: The values.
            to: The To field.
            date: The Date field.
            message_id: The Message-ID.
            shared: The last part of the header section, when it varies with the values.
        """
        try:
            values = [given[name] for name in self._names]
            joined = "".join(values)
        except (KeyError, TypeError):
            return None
        if len(joined) > self._room or not (joined.isascii() and joined.isprintable()):
            return None
        subject = self._subject.fill(given)
        # The same last look as at any header section: each of these is one line of printable ASCII.
        own = f"{to[:-2]}{subject}{message_id}"
        if not (own.isascii() and own.isprintable()) or to[-2:] != "\r\n":
            return None
        if subject:
            if len(subject) > _LONGEST_SUBJECT or "=?" in subject or subject[0] == " " or subject[-1] == " ":
                return None
            subject = f"Subject: {subject}\r\n"
        pieces = self._pieces.copy()
        pieces[_OWN] = f"{to}{subject}{date}Message-ID: {message_id}\r\n".encode()
        if shared is not None:
            pieces[_SHARED] = shared
        for at, index in self._holes:
            pieces[at] = values[index].encode()
        for at, index in self._encoded_holes:
            pieces[at] = in_html(values[index]).encode()
        octets = b"".join(pieces)
        if self._token and octets.count(self._token) != self._occurrences:
            return None
        return octets


def _room(text: SeriesText) -> int:
    """Give how long all values together may be without making a line of the text too long."""
    longest = max(map(len, b"".join(text.pieces).split(b"\r\n")))
    return (MAX_TEXT_LINE - longest) // (_LONGEST_ESCAPE * max(1, len(text.names)))


def _with_holes(pieces: Sequence[Segment], texts: Sequence[SeriesText]) -> list[tuple[bytes, str, str]]:
    """Give octets, each with the name of the value that follows, if one does, and the kind of text it stands in."""
    bodies = {id(text.body): text for text in texts}
    headers = {id(text.header): text for text in texts}
    found: list[tuple[bytes, str, str]] = []
    for piece in pieces:
        if not isinstance(piece, bytes):
            continue
        if text := bodies.get(id(piece)):
            names = (*text.names, "")
            found += [
                (octets, name, text.subtype) for octets, name in zip(text.pieces[::2], names, strict=True)
            ]
        elif text := headers.get(id(piece)):
            found.append((TEXT_HEADERS[text.subtype][text.without_values()[0]], "", ""))
        else:
            found.append((piece, "", ""))
    return found
