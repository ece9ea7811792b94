"""Encoded words (RFC 2047): text outside ASCII in header fields.

What we write, we encode as UTF-8 ourselves, in words that each hold whole characters and never a control
character. A text in which somebody typed an encoded word is a literal text: it is encoded like any other, so no
reader ever decodes anything that the author did not see.
"""

from __future__ import annotations

from binascii import b2a_base64, b2a_qp
from typing import Final

MAX_WORD: Final = 75  # RFC 2047 §2
_WRAPPING = len("=?utf-8?Q??=")
# What may stand for itself even within a phrase (RFC 2047 §5 (3)); a blank becomes an underscore.
_LITERAL = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!*+-/"
_ONE_FOR_ONE = _LITERAL + b" "  # any other octet takes three
_IN_WORD = _LITERAL + b"=_"
_Q = [chr(octet) if octet in _LITERAL else "_" if octet == 0x20 else f"={octet:02X}" for octet in range(256)]  # noqa: PLR2004
_CONTINUATION = 0x80  # UTF-8: 10xxxxxx follows the first octet of a character
_MIN_ROOM = 24  # room for the longest character in either form


def encoded_words(text: str, *, room: int = MAX_WORD) -> list[str]:
    """Give the text as encoded words, to be separated by white space that readers remove.

    Args:
        text: One line without control characters and lone surrogates.
        room: How many characters the first word may have, because something stands before it on its line;
            when there is too little, the first word takes a line of its own and gets them all.
    """
    octets = text.encode()
    if room < _MIN_ROOM:
        room = MAX_WORD
    space = room - _WRAPPING
    size = len(octets)
    base64_size = (size + 2) // 3 * 4
    if size <= space:
        # The interpreter's encoder writes an everyday name as we do, but leaves marks that a phrase must not hold.
        word = b2a_qp(octets, False, True, True)  # noqa: FBT003 - by name they cost twice as much
        if len(word) <= space and len(word) <= base64_size and not word.translate(None, _IN_WORD):
            return [f"=?utf-8?Q?{word.decode('ascii')}?="]
    quoted_size = size + 2 * len(octets.translate(None, _ONE_FOR_ONE))
    if quoted_size <= base64_size:
        if quoted_size <= space:
            return [f"=?utf-8?Q?{''.join(map(_Q.__getitem__, octets))}?="]
        return _split(octets, room, base64=False)
    if base64_size <= space:
        return [f"=?utf-8?B?{b2a_base64(octets, newline=False).decode('ascii')}?="]
    return _split(octets, room, base64=True)


def _split(octets: bytes, room: int, *, base64: bool) -> list[str]:
    words: list[str] = []
    start, size = 0, len(octets)
    while start < size:
        space = room - _WRAPPING
        if base64:
            end = start + space // 4 * 3
        else:
            end = start
            while end < size and space >= (width := len(_Q[octets[end]])):
                space -= width
                end += 1
        while end < size and octets[end] & 0xC0 == _CONTINUATION:
            end -= 1
        piece = octets[start:end]
        if base64:
            words.append(f"=?utf-8?B?{b2a_base64(piece, newline=False).decode('ascii')}?=")
        else:
            words.append(f"=?utf-8?Q?{''.join(map(_Q.__getitem__, piece))}?=")
        start, room = end, MAX_WORD
    return words
