"""What a server announces in its reply to EHLO (RFC 5321 §4.1.1.1)."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eilbote.smtp.replies import Reply

_NONE: Mapping[str, tuple[str, ...]] = MappingProxyType({})
_MAX_DIGITS = 20  # RFC 1870 §4


@dataclass(frozen=True, slots=True, kw_only=True)
class Extensions:
    """The announced extensions; what is absent may not be used.

    Attributes:
        domain: The name the server gave itself.
        keywords: Each EHLO keyword in upper case with its parameters.
        lines: The announcements as the server wrote them, one an entry.
        pipelining: Commands may be sent without waiting (RFC 2920).
        chunking: BDAT is understood (RFC 3030).
        eight_bit: Content may hold octets above 127 (RFC 6152).
        binary: Content may be anything, by BDAT (RFC 3030).
        smtputf8: Addresses and header fields may hold UTF-8 (RFC 6531).
        dsn: Delivery status notifications can be asked for (RFC 3461).
        starttls: The session can change to TLS (RFC 3207).
        requiretls: TLS can be demanded of every hop (RFC 8689).
        size: The largest message taken, in octets; ``None`` when no limit is declared (RFC 1870).
        announces_size: Whether MAIL may carry SIZE.
        mechanisms: The SASL mechanisms (RFC 4954), also those of the old form ``AUTH=``.
    """

    domain: str = ""
    keywords: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: _NONE)
    lines: tuple[str, ...] = ()
    pipelining: bool = False
    chunking: bool = False
    eight_bit: bool = False
    binary: bool = False
    smtputf8: bool = False
    dsn: bool = False
    starttls: bool = False
    requiretls: bool = False
    size: int | None = None
    announces_size: bool = False
    mechanisms: frozenset[str] = frozenset()

    def has(self, keyword: str) -> bool:
        """Tell whether a keyword was announced, in whatever case."""
        return keyword.upper() in self.keywords


def parse_extensions(reply: Reply) -> Extensions:
    """Read a positive reply to EHLO; lines that make no sense are kept as text and otherwise ignored.

    A keyword announced twice has the parameters of both. ``AUTH=PLAIN LOGIN``, which servers of the last
    century say beside or instead of ``AUTH PLAIN LOGIN``, counts as the latter.
    """
    domain = reply.lines[0].partition(" ")[0]
    lines = reply.lines[1:]
    keywords: dict[str, tuple[str, ...]] = {}
    for line in lines:
        words = line.split()
        if not words:
            continue
        keyword, parameters = words[0].upper(), tuple(words[1:])
        if keyword.startswith("AUTH="):
            keyword, parameters = "AUTH", (keyword.removeprefix("AUTH="), *parameters)
        keywords[keyword] = keywords.get(keyword, ()) + parameters
    return Extensions(
        domain=domain,
        keywords=MappingProxyType(keywords),
        lines=lines,
        pipelining="PIPELINING" in keywords,
        chunking="CHUNKING" in keywords,
        eight_bit="8BITMIME" in keywords,
        binary="BINARYMIME" in keywords and "CHUNKING" in keywords,
        smtputf8="SMTPUTF8" in keywords,
        dsn="DSN" in keywords,
        starttls="STARTTLS" in keywords,
        requiretls="REQUIRETLS" in keywords,
        size=_size(keywords.get("SIZE", ())),
        announces_size="SIZE" in keywords,
        mechanisms=frozenset(name.upper() for name in keywords.get("AUTH", ()) if name),
    )


def _size(parameters: tuple[str, ...]) -> int | None:
    """Read SIZE; 0 and a missing or unreadable number declare no limit."""
    if not parameters or len(parameters[0]) > _MAX_DIGITS:
        return None
    text = parameters[0]
    return (int(text) or None) if text.isascii() and text.isdigit() else None
