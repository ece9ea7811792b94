"""Whole lines that a text has in common with the one before it, encoded once.

A program that notifies fills a template: most lines of its text stand in the message before as well. Looking whether
they stand in this one too is a comparison of memory; encoding 30 KB, ending their lines and measuring those takes three
times what the rest of the message does. So lines that two texts had in common are kept with their octets, and of the
next text only what stands between them is encoded.

A text that lacks one of these passages is encoded as every text is, and now and then two neighbours are looked at
again. Nothing is taken from another text than what this one was seen to say; a property compares the octets.
"""

from __future__ import annotations

from itertools import groupby
from operator import eq
from typing import TYPE_CHECKING, Final, NamedTuple

from eilbote.compose.transfer_encoding import MAX_TEXT_LINE, encode_octets, encode_text, lines_fit
from eilbote.model.message import BodyKind

if TYPE_CHECKING:
    from collections.abc import Sequence

LONG: Final = 2048
"""Characters of a text; one with fewer is encoded in less time than what is known is found in it."""
_SHORTEST: Final = 512  # characters of a passage
_ANCHOR: Final = 32  # characters by which a passage is found before it is compared
_REACH: Final = 600  # characters of a text's own between two passages
_LONGEST_WAIT: Final = 256  # texts until two neighbours are compared again
_SEVEN_BIT = BodyKind.SEVEN_BIT


class _Known(NamedTuple):
    """The passages of a text, in order.

    Attributes:
        head: What it begins with: whole lines.
        middle: Each passage's beginning, all of it, and its length; it begins and ends with the end of a line.
        tail: What it ends with, from the end of a line on.
        octets: The same as octets with CRLF, with empty places between them for a text's own lines.
        is_ascii: All of them are ASCII.
        rich: They make up the larger part of the texts they come from.
    """

    head: str
    middle: tuple[tuple[str, str, int], ...]
    tail: str
    octets: tuple[bytes, ...]
    is_ascii: bool
    rich: bool


class Passages:
    """Encodes texts that say nearly the same, one after the other."""

    __slots__ = ("_before", "_known", "_misses", "_wait")

    def __init__(self) -> None:
        self._before = ""
        self._known: _Known | None = None
        self._misses = 0
        self._wait = 1

    def encode(self, text: str, field: str, body: BodyKind) -> tuple[str, bytes]:
        """Give what :func:`encode_text` gives.

        Raises:
            DraftError: The text holds a lone surrogate.
        """
        known = self._known
        if known is not None and (made := _encode(text, known, body)) is not None:
            if known.rich:
                return made
        else:
            made = encode_text(text, field, body)
        self._learn(text)
        return made

    def _learn(self, text: str) -> None:
        """Compare two neighbours: the first ones, and then after one, two, four ... texts that had little in common."""
        self._misses += 1
        before, self._before = self._before, text
        if before and self._misses > self._wait:
            self._misses = 0
            self._wait = min(2 * self._wait, _LONGEST_WAIT)
            self._known = _passages(before, text)


def _encode(text: str, known: _Known, body: BodyKind) -> tuple[str, bytes] | None:
    """Encode a text in which every passage occurs; ``None`` for any other, and for what needs a closer look."""
    head, middle, tail, around, is_ascii, _ = known
    at, end = len(head), len(text) - len(tail)
    if at > end or not text.startswith(head) or not text.endswith(tail):
        return None
    own: list[str] = []
    for anchor, passage, size in middle:
        start = text.find(anchor, at, at + _REACH)
        if start < 0 or not text.startswith(passage, start):
            return None
        own.append(text[at:start])
        at = start + size
    if at > end:
        return None
    own.append(text[at:end])
    together = "\0".join(own)
    if "\r" in together:
        return None
    try:
        octets = together.encode()
    except UnicodeEncodeError:
        return None
    octets = octets.replace(b"\n", b"\r\n")
    if len(octets) > MAX_TEXT_LINE and not lines_fit(octets, MAX_TEXT_LINE):
        return None
    pieces = octets.split(b"\0")
    if len(pieces) != len(own):
        return None
    places = [*around]
    places[1::2] = pieces
    octets = b"".join(places)
    if is_ascii and together.isascii():
        return "7bit", octets
    return ("8bit", octets) if body is not _SEVEN_BIT else encode_octets(octets, body)


def _passages(before: str, text: str) -> _Known | None:
    """Give what two texts have in common, or ``None`` if that is nothing by which a text can be known."""
    if (
        "\r" in text
        or "\0" in text
        or encode_text(text, "text", BodyKind.EIGHT_BIT)[0] not in {"7bit", "8bit"}
    ):
        return None
    lines = text.split("\n")
    head = tail = ""
    middle: list[str] = []
    start = 0
    for shared, run in groupby(_shared(before.split("\n"), lines)):
        size = len(list(run))
        end = start + size
        if shared:
            # Every passage but the first begins with the end of a line, and every one but the last ends with one.
            passage = "\n".join(
                (*([""] if start else []), *lines[start:end], *([""] if end < len(lines) else []))
            )
            if len(passage) < _SHORTEST:
                pass
            elif not start:
                head = passage
            elif end == len(lines):
                tail = passage
            else:
                middle.append(passage)
        start = end
    passages = (head, *middle, tail)
    around: list[bytes] = []
    for passage in passages:
        around += (passage.encode().replace(b"\n", b"\r\n"), b"")
    known = _Known(
        head,
        tuple((passage[:_ANCHOR], passage, len(passage)) for passage in middle),
        tail,
        tuple(around[:-1]),
        all(map(str.isascii, passages)),
        2 * sum(map(len, passages)) > len(text),
    )
    # Where a beginning occurs twice, the wrong one might be found each time.
    if not (head or middle or tail) or any(
        _encode(each, known, _SEVEN_BIT) is None for each in (before, text)
    ):
        return None
    return known


def _shared(old: Sequence[str], new: Sequence[str]) -> list[bool]:
    """Say of each new line whether it is the old one: line by line, or else from the beginning and from the end."""
    last = len(new) - 1
    if len(old) == len(new):
        shared = list(map(eq, old, new))
    else:
        shared = [False] * len(new)
        for step in (1, -1):
            for at, (one, other) in enumerate(zip(old[::step], new[::step], strict=False)):
                if one != other:
                    break
                shared[at if step > 0 else last - at] = True
    shared[last] = shared[last] and not all(shared)  # a beginning that goes on to the end would be no line
    return shared
