"""Addresses in header fields (RFC 5322 §3.4, §3.6.3), from parsed objects only.

A display name is written as it is when it consists of atoms, in quotes when it is ASCII, and as encoded words
otherwise; an address is never encoded and never broken over lines.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from eilbote.compose.encoded_word import MAX_WORD, encoded_words
from eilbote.model.address import Group, Mailbox

_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]++(?: [A-Za-z0-9!#$%&'*+/=?^_`{|}~-]++)*+")
_LINE: Final = 78
_ENCODED_LINE: Final = 76  # RFC 2047 §2, for lines that hold encoded words
_LONGEST_QUOTED = 70


def address_field(name: str, items: Iterable[Mailbox | Group]) -> str:
    """Give a field that lists addresses, folded between them and within long names."""
    pieces: list[str] = []
    room = _ENCODED_LINE - len(name) - 2
    for item in items:
        if isinstance(item, Mailbox):
            pieces += _mailbox(item, room)
        else:
            pieces += _group(item, room)
        pieces[-1] += ","
        room = _ENCODED_LINE
    pieces[-1] = pieces[-1][:-1]
    return _lay_out(name, pieces)


def mailbox_field(name: str, mailbox: Mailbox) -> str:
    """Give a field that holds one address."""
    display_name = mailbox.display_name
    if not display_name:
        return f"{name}: {mailbox.addr_spec}\r\n"
    if not display_name.isascii():
        words = encoded_words(display_name, room=_ENCODED_LINE - len(name) - 2)
        if len(words) == 1:
            word, address = words[0], mailbox.addr_spec
            blank = " " if len(name) + len(word) + len(address) <= _ENCODED_LINE - 5 else "\r\n "
            return f"{name}: {word}{blank}<{address}>\r\n"
        return _lay_out(name, [*words, f"<{mailbox.addr_spec}>"])
    if _ATOMS.fullmatch(display_name) and "=?" not in display_name:
        line = f"{name}: {display_name} <{mailbox.addr_spec}>\r\n"
        if len(line) <= _LINE + 2:
            return line
    pieces = _mailbox(mailbox, _ENCODED_LINE - len(name) - 2)
    line = f"{name}: {' '.join(pieces)}\r\n"
    return line if len(line) <= _ENCODED_LINE + 2 else _lay_out(name, pieces)


def _mailbox(mailbox: Mailbox, room: int) -> list[str]:
    """Give what a line may be broken between; ``room`` is what the line has left."""
    if not mailbox.display_name:
        return [mailbox.addr_spec]
    return [*_phrase(mailbox.display_name, room), f"<{mailbox.addr_spec}>"]


def _phrase(display_name: str, room: int) -> list[str]:
    if "=?" not in display_name and display_name.isascii() and len(display_name) <= _LONGEST_QUOTED:
        if _ATOMS.fullmatch(display_name):
            return display_name.split(" ")
        escaped = display_name.replace("\\", "\\\\").replace('"', '\\"')
        return [f'"{escaped}"']
    return encoded_words(display_name, room=min(room, MAX_WORD))


def _group(group: Group, room: int) -> list[str]:
    pieces = _phrase(group.display_name, room)
    if pieces[-1].endswith("?="):
        pieces.append(":")  # RFC 2047 §5 (3): white space stands between an encoded word and anything else
    else:
        pieces[-1] += ":"
    for mailbox in group.mailboxes:
        pieces += _mailbox(mailbox, _ENCODED_LINE)
        pieces[-1] += ","
    if group.mailboxes:
        pieces[-1] = pieces[-1][:-1]
    pieces[-1] += ";"
    return pieces


def _lay_out(name: str, pieces: list[str]) -> str:
    """Break the field between its pieces; never right behind its name, where some programs expect a value."""
    lines: list[str] = []
    line = f"{name}: {pieces[0]}"
    encoded = pieces[0].startswith("=?")
    for piece in pieces[1:]:
        encoded = encoded or piece.startswith("=?")
        if len(line) + 1 + len(piece) > (_ENCODED_LINE if encoded else _LINE):
            lines.append(line)
            line = ""
            encoded = piece.startswith("=?")
        line += f" {piece}"
    lines.append(line)
    return "\r\n".join(lines) + "\r\n"
