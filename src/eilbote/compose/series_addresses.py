"""The everyday addresses of a block of a series: read by one expression, and written with one encoder for all names.

What is found is what reading each address alone finds, and the fields are those that are written for each alone;
properties compare both.
"""

from __future__ import annotations

import re
from binascii import b2a_base64, b2a_qp
from functools import lru_cache
from typing import TYPE_CHECKING, Final, cast

from eilbote.compose.address_fields import mailbox_field
from eilbote.model.address_parser import parse_simple
from eilbote.model.mailbox import trusted_mailbox

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eilbote.model.address import Mailbox

_ATEXT = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]"
_NAME = r"[\w!#$%&'*+/=?^`{|}~.-]"
_ADDRESS = re.compile(
    rf"^(?:({_NAME}++(?: {_NAME}++)*+) <)?({_ATEXT}++(?:\.{_ATEXT}++)*+)@([A-Za-z0-9._-]++)(?(1)>)$",
    re.MULTILINE,
)
_LONGEST: Final = 253
_LONGEST_LOCAL: Final = 64  # RFC 5321 §4.5.3.1.1
_LINE: Final = len("\r\n") + 76  # RFC 2047 §2
_WORD: Final = 60  # what may stand between the marks of the first encoded word behind To
_BESIDE_LETTERS = " \n-.'"  # marks that are frequent in names


def everyday_addresses(given: Sequence[str | Mailbox]) -> tuple[list[str], list[str]] | None:
    """Give names, empty where there is none, and addresses; or ``None`` if one of them needs a closer look."""
    texts = cast("Sequence[str]", given)
    try:
        joined = "\n".join(texts)
    except TypeError:  # one of them is a mailbox
        return None
    found: list[tuple[str, str, str]] = _ADDRESS.findall(joined)
    if (
        len(found) != len(given)
        or joined.count("\n") != len(given) - 1
        or "=?" in joined
        or max(map(len, texts)) > _LONGEST
        or max([len(local) for _, local, _ in found]) > _LONGEST_LOCAL
    ):
        return None
    domains = [_folded(domain) for _, _, domain in found]
    if None in domains:
        return None
    return (
        [name for name, _, _ in found],
        [f"{local}@{domain}" for (_, local, _), domain in zip(found, domains, strict=True)],
    )


@lru_cache(maxsize=1024)
def _folded(domain: str) -> str | None:
    """Give an everyday domain in lower case; ``None`` for what needs a closer look."""
    mailbox = parse_simple(f"x@{domain}")
    return None if mailbox is None else mailbox.domain


def to_fields(names: Sequence[str], addresses: Sequence[str]) -> list[str]:
    """Give the field To for each of these."""
    words = _quoted(names)
    if words is None:
        return list(map(_alone, names, addresses))
    return list(map(_field, names, words, addresses))


def _quoted(names: Sequence[str]) -> list[str] | None:
    """Give what an encoded word (RFC 2047 §4.2) of each name holds, or ``None`` if one is unusual or too long for a word."""
    joined = letters = "\n".join(names)
    for mark in _BESIDE_LETTERS:
        letters = letters.replace(mark, "")
    if letters and not letters.isalnum():
        return None
    # The interpreter's encoder leaves marks that a phrase must not hold (RFC 2047 §5 (3)).
    quoted = b2a_qp(joined.encode(), False, True, True)  # noqa: FBT003 - it takes names at twice the cost
    words = quoted.replace(b".", b"=2E").replace(b"'", b"=27").decode("ascii").split("\n")
    return words if len(words) == len(names) else None  # it breaks long lines


def _field(name: str, word: str, address: str) -> str:
    if not name:
        return f"To: {address}\r\n"
    escaped = word.count("=")
    if not escaped:
        line = f"To: {name} <{address}>\r\n"
        return line if len(line) <= _LINE else _alone(name, address)
    if name.isascii():
        return _alone(name, address)  # quotes will do
    encoding = "Q"
    if len(word) > (len(word) - 2 * escaped + 2) // 3 * 4:
        encoding, word = "B", b2a_base64(name.encode(), newline=False).decode("ascii")
    if len(word) > _WORD:
        return _alone(name, address)
    line = f"To: =?utf-8?{encoding}?{word}?= <{address}>\r\n"
    return line if len(line) <= _LINE else f"To: =?utf-8?{encoding}?{word}?=\r\n <{address}>\r\n"


def _alone(name: str, address: str) -> str:
    local_part, _, domain = address.partition("@")
    return mailbox_field("To", trusted_mailbox(name, local_part, domain, address))
