"""Addresses in header fields (RFC 5322 §3.4, §3.6.3), from parsed objects only.

A display name is written as it is when it consists of atoms, in quotes when it is ASCII, and as encoded words
otherwise; an address is never encoded and never broken over lines.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from eilbote.compose.encoded_word import encoded_words
from eilbote.model.address import Group, Mailbox

_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]++(?: [A-Za-z0-9!#$%&'*+/=?^_`{|}~-]++)*+")
_LINE: Final = 78
_ENCODED_LINE: Final = 76  # RFC 2047 §2, for lines that hold encoded words
_LONGEST_QUOTED = 70


def address_field(name: str, items: Iterable[Mailbox | Group]) -> str:
    """Give a field that lists addresses, folded between them and within long names."""
    pieces: list[str] = []
    for item in items:
        if isinstance(item, Mailbox):
            pieces += _mailbox(item)
        else:
            pieces += _group(item)
        pieces[-1] += ","
    pieces[-1] = pieces[-1][:-1]
    return _lay_out(name, pieces)


def mailbox_field(name: str, mailbox: Mailbox) -> str:
    """Give a field that holds one address."""
    display_name = mailbox.display_name
    if not display_name:
        line = f"{name}: {mailbox.addr_spec}\r\n"
    elif _ATOMS.fullmatch(display_name) and "=?" not in display_name:
        line = f"{name}: {display_name} <{mailbox.addr_spec}>\r\n"
    else:
        phrase = _phrase(display_name)
        if len(phrase) == 1:
            line = f"{name}: {phrase[0]} <{mailbox.addr_spec}>\r\n"
            if len(line) <= _ENCODED_LINE + 2:
                return line
        return _lay_out(name, _mailbox(mailbox))
    return line if len(line) <= _LINE + 2 else _lay_out(name, _mailbox(mailbox))


def _mailbox(mailbox: Mailbox) -> list[str]:
    """Give what a line may be broken between."""
    if not mailbox.display_name:
        return [mailbox.addr_spec]
    return [*_phrase(mailbox.display_name), f"<{mailbox.addr_spec}>"]


def _phrase(display_name: str) -> list[str]:
    if "=?" not in display_name and display_name.isascii() and len(display_name) <= _LONGEST_QUOTED:
        if _ATOMS.fullmatch(display_name):
            return display_name.split(" ")
        escaped = display_name.replace("\\", "\\\\").replace('"', '\\"')
        return [f'"{escaped}"']
    return encoded_words(display_name)


def _group(group: Group) -> list[str]:
    pieces = _phrase(group.display_name)
    if pieces[-1].endswith("?="):
        pieces.append(":")  # RFC 2047 §5 (3): white space stands between an encoded word and anything else
    else:
        pieces[-1] += ":"
    for mailbox in group.mailboxes:
        pieces += _mailbox(mailbox)
        pieces[-1] += ","
    if group.mailboxes:
        pieces[-1] = pieces[-1][:-1]
    pieces[-1] += ";"
    return pieces


def _lay_out(name: str, pieces: list[str]) -> str:
    lines: list[str] = []
    line = f"{name}:"
    limit = _LINE
    for piece in pieces:
        encoded = piece.startswith("=?")
        bound = _ENCODED_LINE if encoded else limit
        if len(line) + 1 + len(piece) > bound and line.strip(" "):
            lines.append(line)
            line, limit = "", _LINE
        line += f" {piece}"
        if encoded:
            limit = _ENCODED_LINE
    lines.append(line)
    return "\r\n".join(lines) + "\r\n"
