"""Reads a list of addresses (RFC 5322 §3.4), strictly and in linear time.

Separators are comma and semicolon; empty elements are passed over. Quoted names, quoted local parts, groups,
nested comments and international names are read. What two programs might read differently is refused, and the
error says where: unquoted commas and @ in names, source routes, blanks or comments inside an address, text after
it. A message sent to the wrong person cannot be called back; a refused one can be corrected.

There is no recursion, and every expression is possessive, so hostile input costs no more than long input.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from eilbote.errors import AddressError
from eilbote.model.domain_name import domain_to_ascii
from eilbote.model.kinds import shown
from eilbote.model.mailbox import (
    Group,
    Mailbox,
    OpenMailbox,
    check_display_name,
    check_local_part,
    join_addr_spec,
    trusted_mailbox,
)

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_ADDRESSES: Final = 10_000
MAX_CHARACTERS: Final = 1_000_000
_MAX_WORDS = 500  # words and comments in one element; no name has so many

# What nearly every address looks like: an ASCII address, no quotes, an optional name of plain words in any
# script (a word character is never a control, a separator or a formatting character).
_ATEXT = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]"
_SIMPLE_NAME = re.compile(r"[\w!#$%&'*+/=?^`{|}~.-]++(?: [\w!#$%&'*+/=?^`{|}~.-]++)*+")
_SIMPLE_LOCAL = re.compile(rf"{_ATEXT}++(?:\.{_ATEXT}++)*+")
_LABEL = r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
_SIMPLE_DOMAIN = re.compile(rf"(?:{_LABEL}\.)*+(?!-)(?=[A-Za-z0-9_-]*[A-Za-z_])[A-Za-z0-9_-]{{1,63}}(?<!-)")
_SIMPLE_MAX = 254  # RFC 5321 §4.5.3.1.3, without the angle brackets
_LOCAL_MAX = 64  # RFC 5321 §4.5.3.1.1

_BLANKS = re.compile(r"[ \t]*+")
_BLANKS_IN_NAME = re.compile(r"[ \t\r\n]*+")
_SEPARATORS = re.compile(r"[ \t,;]*+")
_WORD = re.compile(r"""[^\x00-\x20\x7f-\x9f\u2028\u2029()<>\[\]:;@\\,"]++""")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*+)"', re.DOTALL)
_LITERAL = re.compile(r"\[[^\[\]\\\s]*+\]")
_PARENTHESIS = re.compile(r"\\.|[()]", re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


def parse(text: str) -> tuple[Mailbox | Group, ...]:
    """Read a list of addresses; an empty text gives an empty list.

    Raises:
        AddressError: With the position in ``text``.
    """
    simple = parse_simple(text)
    if simple is not None:
        return (simple,)
    return _Parser(text).parse()


def parse_simple(text: str) -> Mailbox | None:
    """Read one everyday address in one step, or give ``None`` for the parser to look closer."""
    name, angle, address = text.partition(" <")
    if angle:
        # Letters, digits and single blanks need no expression, which costs more than all the rest.
        if len(name) > _SIMPLE_MAX:
            return None
        if (
            not name.replace(" ", "").isalnum() or "  " in name or name[0] == " " or name[-1] == " "
        ) and _SIMPLE_NAME.fullmatch(name) is None:
            return None
        local, _, domain = address.partition("@")
        folded = _simple_bracketed(domain)
    else:
        name = ""
        local, _, domain = text.partition("@")
        folded = _simple_domain(domain)
    if folded is None or len(local) > _LOCAL_MAX or len(local) + len(folded) >= _SIMPLE_MAX:
        return None
    if not (local.isalnum() and local.isascii()) and (
        _SIMPLE_LOCAL.fullmatch(local) is None or "=?" in local
    ):
        return None
    mailbox = OpenMailbox()  # as in trusted_mailbox, without the call
    mailbox.display_name = name
    mailbox.local_part = local
    mailbox.domain = folded
    mailbox.addr_spec = f"{local}@{folded}"
    mailbox.__class__ = Mailbox  # type: ignore[assignment]
    return mailbox  # type: ignore[return-value]


@lru_cache(maxsize=1024)
def _simple_domain(domain: str) -> str | None:
    """Give an everyday domain in lower case; ``None`` for what needs a closer look."""
    return None if _SIMPLE_DOMAIN.fullmatch(domain) is None else domain.lower()


@lru_cache(maxsize=1024)
def _simple_bracketed(domain: str) -> str | None:
    """Give the same for one that the bracket of its address follows."""
    return _simple_domain(domain[:-1]) if domain[-1:] == ">" else None


class _Parser:
    """One pass over one text."""

    __slots__ = ("_comment", "_count", "_group", "_items", "_members", "_pos", "_text")

    def __init__(self, text: str) -> None:
        if len(text) > MAX_CHARACTERS:
            raise AddressError(
                f"the address list is {len(text):,} characters long",
                cause=f"at most {MAX_CHARACTERS:,} are read",
                remedy="Send in several messages",
            )
        self._text = text
        self._pos = 0
        self._items: list[Mailbox | Group] = []
        self._group: str | None = None  # the name of the group that is open
        self._members: list[Mailbox] = []
        self._count = 0
        self._comment = ""  # the last comment passed over

    def parse(self) -> tuple[Mailbox | Group, ...]:
        """Read the whole text."""
        while True:
            if self._group is None:
                self._pass_over(_SEPARATORS)
                if self._pos >= len(self._text):
                    return tuple(self._items)
            self._element()

    # -- one element -------------------------------------------------------------------------------------

    def _element(self) -> None:
        """Read up to and including the next separator, or the colon that opens a group."""
        words: list[str] = []
        start = self._pos
        while True:
            blank = self._pos
            self._skip(_BLANKS_IN_NAME if words else _BLANKS)
            char = self._peek()
            if char in ("", ",", ";"):
                if words:
                    raise self._no_address(words, start)
                self._end_of_element(char)
                return
            if char == "<":
                self._take(self._angle_address(" ".join(words), start))
                return
            if char == "@":
                raise self._stray_at(words, blank)
            if char == ":":
                self._open_group(words, start)
                return
            at = self._pos
            word, quoted = self._word()
            if self._peek() == "@":
                if words:
                    raise self._error(
                        "there is a name before an address without angle brackets",
                        start,
                        remedy='Write "Name" <local-part@domain>, and put a comma between addresses',
                    )
                self._take(self._addr_spec(word, at, quoted=quoted))
                return
            words.append(word)
            if len(words) > _MAX_WORDS:
                raise self._error("the name has too many words", start, remedy="Shorten it")

    def _take(self, mailbox: Mailbox) -> None:
        """Keep the mailbox, after making sure that nothing but a separator follows."""
        self._comment = ""
        self._skip(_BLANKS)
        if self._comment and not mailbox.display_name:
            # The old way to give a name, before RFC 822 had a better one: anna@example.org (Anna)
            mailbox = Mailbox(self._comment, mailbox.local_part, mailbox.domain)
        char = self._peek()
        if char not in ("", ",", ";"):
            raise self._error(
                f"{char!a} follows the address {mailbox.addr_spec!r}",
                self._pos,
                remedy="Put a comma or semicolon between addresses",
            )
        self._count_one()
        if self._group is None:
            self._items.append(mailbox)
        else:
            self._members.append(mailbox)
        self._end_of_element(char)

    def _end_of_element(self, char: str) -> None:
        self._pos += 1
        if self._group is None:
            return
        if char == ";":
            self._items.append(Group(self._group, tuple(self._members)))
            self._group = None
            self._members = []
        elif not char:
            raise self._error(
                f"the group {self._group[:60]!r} does not end",
                len(self._text),
                remedy="End it with a semicolon; if no group is meant, remove the colon or quote the name",
            )

    def _open_group(self, words: list[str], start: int) -> None:
        if self._group is not None:
            raise self._error("a group cannot hold another group", self._pos, remedy="End the first with ;")
        if not words:
            raise self._error("a group needs a name", self._pos, remedy="Write name: address, address;")
        named = self._text[start : self._pos]
        if "\r" in named or "\n" in named:
            # Such a colon is rather the end of a field name that somebody tries to smuggle in.
            raise self._error("there is a line break before a colon", start, remedy="Remove it")
        self._count_one()
        self._group = self._checked(check_display_name, " ".join(words), start)
        self._pos += 1

    def _count_one(self) -> None:
        self._count += 1
        if self._count > MAX_ADDRESSES:
            raise self._error(
                f"there are more than {MAX_ADDRESSES:,} addresses",
                self._pos,
                remedy="Send in several messages",
            )

    # -- the parts of an element -----------------------------------------------------------------------------

    def _peek(self) -> str:
        return self._text[self._pos : self._pos + 1]

    def _pass_over(self, blanks: re.Pattern[str]) -> None:
        found = blanks.match(self._text, self._pos)
        if found is not None:
            self._pos = found.end()

    def _skip(self, blanks: re.Pattern[str]) -> None:
        """Pass over blanks and comments; remember the last comment."""
        for _ in range(_MAX_WORDS):
            self._pass_over(blanks)
            char = self._peek()
            if char in ("\r", "\n"):
                raise self._error(
                    "there is a line break in the address list", self._pos, remedy="Remove it, or use a comma"
                )
            if char != "(":
                return
            start = self._pos
            self._pos = self._end_of_comment(start)
            self._comment = _ESCAPED.sub(r"\1", self._text[start + 1 : self._pos - 1]).strip(" ")
        raise self._error("there are too many comments", self._pos, remedy="Remove them")

    def _end_of_comment(self, start: int) -> int:
        depth = 0
        for found in _PARENTHESIS.finditer(self._text, start):
            char = found.group()
            if char == "(":
                depth += 1
            elif char == ")":
                depth -= 1
                if not depth:
                    return found.end()
        raise self._error("a comment does not end", start, remedy="Close the parenthesis")

    def _word(self) -> tuple[str, bool]:
        """Read a word or a quoted string, and tell which."""
        text, at = self._text, self._pos
        found = _WORD.match(text, at)
        if found:
            self._pos = found.end()
            return found.group(), False
        if text[at : at + 1] == '"':
            found = _QUOTED.match(text, at)
            if found is None:
                raise self._error("a quoted text does not end", at, remedy='Close it with "')
            self._pos = found.end()
            inner = found.group(1)
            return (_ESCAPED.sub(r"\1", inner) if "\\" in inner else inner), True
        raise self._error(
            f"{text[at : at + 1]!a} cannot stand here",
            at,
            remedy='Write Name <local-part@domain>, and quote names that hold special characters: "Name"',
        )

    def _angle_address(self, display_name: str, name_at: int) -> Mailbox:
        opened = self._pos
        self._pos += 1
        self._pass_over(_BLANKS)
        at = self._pos
        char = self._peek()
        if char == "@":
            raise self._error(
                "source routes are not used any more", at, remedy="Write <local-part@domain> (RFC 5321, F.2)"
            )
        if char in ("", ">"):
            raise self._error(
                "there is no address between the angle brackets", opened, remedy="Write <local-part@domain>"
            )
        word, quoted = self._word()
        if self._peek() != "@":
            raise self._error(
                "there is no @ where one is needed",
                self._pos,
                remedy="Write <local-part@domain>, without blanks inside",
            )
        name = self._checked(check_display_name, display_name, name_at) if display_name else ""
        mailbox = self._addr_spec(word, at, quoted=quoted, display_name=name)
        self._pass_over(_BLANKS)
        if self._peek() != ">":
            raise self._error(
                "the angle bracket is not closed after the address", self._pos, remedy="Write > after it"
            )
        self._pos += 1
        return mailbox

    def _addr_spec(self, word: str, at: int, *, quoted: bool, display_name: str = "") -> Mailbox:
        """Read the domain after the @ and make the mailbox; ``at`` is where the local part began."""
        if not quoted and (word[0] == "." or word[-1] == "." or ".." in word):
            raise self._error(
                "dots before the @ can only stand between other characters",
                at,
                remedy=f'Correct it, or quote it: "{word[:64]}"@...',
            )
        local_part = self._checked(check_local_part, word, at + quoted)
        at = self._pos + 1
        found = (_LITERAL if self._text[at : at + 1] == "[" else _WORD).match(self._text, at)
        if found is None:
            raise self._error("there is no domain after the @", at, remedy="Write local-part@domain")
        domain = self._checked(domain_to_ascii, found.group(), at)
        self._pos = found.end()
        addr_spec = self._checked(lambda value: join_addr_spec(value, domain), local_part, at)
        return trusted_mailbox(display_name, local_part, domain, addr_spec)

    # -- faults ------------------------------------------------------------------------------------------------

    def _checked(self, check: Callable[[str], str], value: str, at: int) -> str:
        """Give what the check gives; a fault's position becomes one in the whole text."""
        try:
            return check(value)
        except AddressError as exc:
            exc.position = at + (exc.position or 0)
            raise

    def _no_address(self, words: list[str], start: int) -> AddressError:
        return self._error(
            f"{shown(' '.join(words)[:60])} is not an address",
            start,
            cause="there is no @ in it",
            remedy='Write local-part@domain; a comma inside a name needs quotes: "Name, Given" <...>',
        )

    def _stray_at(self, words: list[str], blank: int) -> AddressError:
        if not words:
            return self._error("there is nothing before the @", self._pos, remedy="Write local-part@domain")
        return self._error("there is a blank or a comment before the @", blank, remedy="Remove it")

    def _error(
        self, what: str, position: int, *, cause: str | None = None, remedy: str | None = None
    ) -> AddressError:
        return AddressError(what, position=position, cause=cause, remedy=remedy)
