"""A series' message with holes, for the everyday recipient: values of one line each.

With such values hardly anything changes from message to message: no transfer encoding, no label, no fold. So the
message is laid out once, and filling the holes is copying. Whatever could change something is left to the way that
every message can go; a property compares both.
"""

from __future__ import annotations

import re
from itertools import repeat
from typing import TYPE_CHECKING

from eilbote.compose.parts import TEXT_HEADERS
from eilbote.compose.placeholders import in_html
from eilbote.compose.transfer_encoding import MAX_TEXT_LINE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from eilbote.compose.series_text import SeriesText
    from eilbote.model.message import Segment

_MARKUP = "&<>\"'"  # what in_html changes
_escaped = re.compile(f"[{_MARKUP}]").search
_LONGEST = len("&quot;")  # octets that one character of a value can become, in HTML or in UTF-8
_OWN, _SHARED, _FIRST_HOLE = 1, 2, 4  # where what differs has its places among the pieces


class Stencil:
    """The octets of a message with holes.

    Args:
        author: The first part of the header section, From and what belongs to it.
        shared: The last part.
        names: The placeholders, in the order in which their values are given.
        texts: The texts.
        encodings: For each text, its transfer encoding with the values this is for: 7bit or 8bit.
        pieces: The last header lines, the empty line and the body, with the texts' marks in their places.
        token: What the body's boundaries have in common; empty when there is none.

    Attributes:
        tail: What follows the octets unchanged: attachments that are made while they are sent.
        tail_size: How many octets that is.
    """

    __slots__ = (
        "_completes_token",
        "_has_html",
        "_holes",
        "_occurrences",
        "_pieces",
        "_room",
        "_token",
        "tail",
        "tail_size",
    )

    def __init__(
        self,
        *,
        author: bytes,
        shared: bytes,
        names: Sequence[str],
        texts: Sequence[SeriesText],
        encodings: Sequence[str],
        pieces: Sequence[Segment],
        token: bytes,
    ) -> None:
        self._token = token
        self._has_html = any(text.names for text in texts if text.subtype == "html")
        self._room = min((_room(text) for text in texts), default=0)
        sources = [index for index, piece in enumerate(pieces) if not isinstance(piece, bytes)]
        end = sources[0] if sources else len(pieces)
        self.tail = tuple(pieces[end:])
        self.tail_size = sum(len(each) if isinstance(each, bytes) else each.size for each in self.tail)
        # Octets and holes take turns. A hole knows which value belongs there: as it is, or, further on in the list
        # of values, as HTML shows it.
        self._pieces = [author, b"", shared]
        self._holes: list[int] = []
        place = {name: index for index, name in enumerate(names)}
        run: list[bytes] = []
        for octets, name, subtype in _with_holes(pieces[:end], texts, encodings):
            run.append(octets)
            if name:
                self._pieces += (b"".join(run), b"")
                run = []
                self._holes.append(place[name] if subtype == "plain" else len(place) + place[name])
        self._pieces.append(b"".join(run))
        self._occurrences = b"".join(self._pieces).count(token) if token else 0
        self._completes_token = _completes(token, self._pieces[_FIRST_HOLE + 1 :: 2])

    def fill(self, values: Sequence[str], own: bytes, shared: bytes | None) -> bytes | None:
        """Give the octets, or ``None`` when the values ask for more than copying.

        Args:
            values: The values, each of one line without control characters.
            own: The part of the header section that differs from message to message.
            shared: The last part of the header section, when it varies with the values.
        """
        if sum(map(len, values)) > self._room:
            return None
        octets = list(map(str.encode, values))
        if self._has_html:
            # Nearly all values look the same in HTML; one search tells for all of them.
            octets += map(str.encode, map(in_html, values)) if _escaped("".join(values)) else octets
        pieces = self._pieces.copy()
        pieces[_OWN] = own
        if shared is not None:
            pieces[_SHARED] = shared
        pieces[_FIRST_HOLE::2] = map(octets.__getitem__, self._holes)
        filled = b"".join(pieces)
        if self._token and filled.count(self._token) != self._occurrences:
            return None
        return filled

    def fill_several(self, columns: Sequence[Sequence[str]], own: Sequence[bytes]) -> list[bytes] | None:
        """Give the octets of several messages, or ``None`` when the values of one ask for more than copying.

        Args:
            columns: For each name, the values of all messages, as in :meth:`fill`.
            own: Each message's own part of the header section.
        """
        if sum([max(map(len, column)) for column in columns]) > self._room:
            return None
        joined = "".join(map("".join, columns))
        octets = [list(map(str.encode, column)) for column in columns]
        if self._has_html:
            escapes = any(map(joined.__contains__, _MARKUP))
            octets += [list(map(str.encode, map(in_html, each))) for each in columns] if escapes else octets
        pieces: list[Iterable[bytes]] = list(map(repeat, self._pieces))
        pieces[_OWN] = own
        pieces[_FIRST_HOLE::2] = map(octets.__getitem__, self._holes)
        filled = list(map(b"".join, zip(*pieces, strict=False)))  # what is the same for all has no end
        token = self._token
        if token and ("_" in joined or self._completes_token):
            return filled if {octets.count(token) for octets in filled} == {self._occurrences} else None
        return filled


def everyday_values(names: Sequence[str], given: Mapping[str, str]) -> tuple[list[str], bool] | None:
    """Give the values in the order of their names and whether they are ASCII, or ``None`` if one is no plain line."""
    try:
        values = [given[name] for name in names]
        joined = "".join(values)
    except (KeyError, TypeError):
        return None
    return (values, joined.isascii()) if joined.isprintable() else None


def _completes(token: bytes, followers: Sequence[bytes]) -> bool:
    """Tell whether what follows a hole may end a token that began in it.

    A token ends with an underscore. Where none of the values has one, another token could only end in octets that follow
    a hole, so they would begin with its end.
    """
    ends = tuple([token[start:] for start in range(1, len(token))])
    return not token.endswith(b"_") or any(octets.startswith(ends) for octets in followers)


def _room(text: SeriesText) -> int:
    """Give how long all values together may be without making a line of the text too long."""
    longest = max(map(len, b"".join(text.pieces).split(b"\r\n")))
    return (MAX_TEXT_LINE - longest) // (_LONGEST * max(1, len(text.names)))


def _with_holes(
    pieces: Sequence[Segment], texts: Sequence[SeriesText], encodings: Sequence[str]
) -> list[tuple[bytes, str, str]]:
    """Give octets, each with the name of the value that follows, if one does, and the kind of text it stands in."""
    bodies = {id(text.body): text for text in texts}
    headers = {
        id(text.header): TEXT_HEADERS[text.subtype][encoding]
        for text, encoding in zip(texts, encodings, strict=True)
    }
    found: list[tuple[bytes, str, str]] = []
    for piece in pieces:
        if not isinstance(piece, bytes):
            continue
        if text := bodies.get(id(piece)):
            names = (*text.names, "")
            found += [
                (octets, name, text.subtype) for octets, name in zip(text.pieces[::2], names, strict=True)
            ]
        else:
            found.append((headers.get(id(piece), piece), "", ""))
    return found
