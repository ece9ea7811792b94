"""Mailboxes and groups (RFC 5322 §3.4), parsed and checked.

Header fields and envelope paths are both written from these objects and from nothing else, so a message
cannot show one address and travel to another.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field

from eilbote.errors import AddressError
from eilbote.model.domain_name import domain_to_ascii
from eilbote.model.free_text import find_control, find_direction_override, one_line
from eilbote.model.kinds import check_kind

_MAX_LOCAL_PART = 64  # RFC 5321 §4.5.3.1.1
_MAX_PATH = 254  # RFC 5321 §4.5.3.1.3, without the angle brackets
# dot-atom-text (RFC 5322 §3.2.3, with the non-ASCII of RFC 6532 §3.2)
_DOT_ATOM = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\x80-\U0010ffff-]++(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~\x80-\U0010ffff-]++)*+"
)
# Look-alikes of what separates addresses: a program that folds them would read another address.
_STRUCTURAL = frozenset('@<>,;:"()[]\\ ')
_MEMBERS = "Give a tuple of Mailbox"
# Separators, controls, formatting (zero-width, bidirectional), surrogates, private use, unassigned.
_INVISIBLE = frozenset(("Zs", "Zl", "Zp", "Cc", "Cf", "Cs", "Co", "Cn"))


@dataclass(frozen=True, slots=True)
class Mailbox:
    """One address with the name shown beside it.

    Attributes:
        display_name: Decoded text on one line; empty for none.
        local_part: What stands before the @, without quotes.
        domain: ASCII and lower-case: a host name, international labels as A-labels, or an address literal
            in brackets. A domain in other letters may be given and is converted.
        addr_spec: ``local-part@domain`` as it travels; the local part is quoted when it has to be.

    Raises:
        AddressError: A part cannot be represented safely, with the position in that part; or it is no text.
    """

    display_name: str
    local_part: str
    domain: str
    addr_spec: str = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Check every part, and bring it into its one form."""
        put = object.__setattr__
        for name, check in _CHECKS:
            part: str = getattr(self, name)
            check_kind(part, (str,), field=name, fault=AddressError)
            try:
                put(self, name, check(part))
            except AddressError as exc:
                exc.field = name
                raise
        addr_spec = join_addr_spec(self.local_part, self.domain)
        put(self, "addr_spec", addr_spec)

    @property
    def is_ascii(self) -> bool:
        """Whether the address travels without SMTPUTF8 (RFC 6531); the display name does not matter."""
        return self.local_part.isascii()

    def __str__(self) -> str:
        """Write it for people: ``Anna Müller <anna@example.org>``."""
        if not self.display_name:
            return self.addr_spec
        if _plain_phrase(self.display_name):
            return f"{self.display_name} <{self.addr_spec}>"
        escaped = self.display_name.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}" <{self.addr_spec}>'


@dataclass(frozen=True, slots=True)
class Group:
    """Mailboxes under one name, shown as ``name: mailbox, mailbox;`` (RFC 5322 §3.4).

    Attributes:
        display_name: The name of the group.
        mailboxes: Its members; there may be none.

    Raises:
        AddressError: The name is empty or cannot be represented safely, or a member is no :class:`Mailbox`.
    """

    display_name: str
    mailboxes: tuple[Mailbox, ...] = ()

    def __post_init__(self) -> None:
        """Check the name, and what the members are."""
        check_kind(self.display_name, (str,), field="display_name", fault=AddressError)
        check_kind(self.mailboxes, (tuple, list), field="mailboxes", fault=AddressError, remedy=_MEMBERS)
        for index, member in enumerate(self.mailboxes):
            check_kind(member, (Mailbox,), field=f"mailboxes[{index}]", fault=AddressError, remedy=_MEMBERS)
        try:
            name = check_display_name(self.display_name)
            if not name:
                raise AddressError("a group needs a name", position=0, remedy="Write name: address, address;")
        except AddressError as exc:
            exc.field = "display_name"
            raise
        object.__setattr__(self, "display_name", name)
        object.__setattr__(self, "mailboxes", tuple(self.mailboxes))

    def __str__(self) -> str:
        """Write it for people."""
        name = self.display_name
        if not _plain_phrase(name):
            escaped = name.replace("\\", "\\\\").replace('"', '\\"')
            name = f'"{escaped}"'
        return f"{name}: {', '.join(map(str, self.mailboxes))};"


def trusted_mailbox(display_name: str, local_part: str, domain: str, addr_spec: str) -> Mailbox:
    """Make a mailbox from parts that are in their final form already; for parsers only."""
    # Filled while it is of a class with the same slots that is not frozen; nobody sees it before it is complete.
    mailbox = OpenMailbox()
    mailbox.display_name = display_name
    mailbox.local_part = local_part
    mailbox.domain = domain
    mailbox.addr_spec = addr_spec
    mailbox.__class__ = Mailbox  # type: ignore[assignment]
    return mailbox  # type: ignore[return-value]


class OpenMailbox:
    """A mailbox while it is being filled by a parser: the same slots, not frozen."""

    __slots__ = tuple(Mailbox.__slots__)

    display_name: str
    local_part: str
    domain: str
    addr_spec: str


def check_display_name(name: str) -> str:
    """Give the name on one line.

    Raises:
        AddressError: It holds control characters, lone surrogates or characters that reorder the text.
    """
    if (at := find_control(name)) >= 0:
        raise AddressError(
            f"the display name holds the control character {name[at]!a}",
            position=at,
            remedy="Remove it",
        )
    if (at := find_direction_override(name)) >= 0:
        raise AddressError(
            f"the display name holds {name[at]!a}, which reorders the text around it",
            position=at,
            cause="an address can be made to look like another one with it",
            remedy="Remove it",
        )
    return one_line(name)


def check_local_part(local_part: str) -> str:
    """Give the local part in its one form (NFC).

    Raises:
        AddressError: It is empty, longer than 64 octets, or holds what no address can carry safely.
    """
    if not local_part:
        raise AddressError("there is nothing before the @", position=0, remedy="Write local-part@domain")
    if local_part.isascii():
        octets = len(local_part)
        if not local_part.isprintable():
            at = next(i for i, char in enumerate(local_part) if not char.isprintable())
            raise AddressError(
                f"{local_part[at]!a} cannot be part of an address", position=at, remedy="Remove it"
            )
    else:
        local_part = _check_international(local_part)
        octets = len(local_part.encode())
    if (at := local_part.find("=?")) >= 0:
        raise AddressError(
            "the part before the @ holds =?, which begins an encoded word",
            position=at,
            cause="a program that decodes it where it does not belong would read another address",
            remedy="Use an address without it",
        )
    if octets > _MAX_LOCAL_PART:
        raise AddressError(
            f"the part before the @ is {octets} octets long",
            position=0,
            cause=f"RFC 5321 section 4.5.3.1.1 allows {_MAX_LOCAL_PART}",
            remedy="Use a shorter address",
        )
    return local_part


def _check_international(local_part: str) -> str:
    for at, char in enumerate(local_part):
        if char.isascii():
            continue
        folded = unicodedata.normalize("NFKC", char)
        if unicodedata.category(char) in _INVISIBLE or not _STRUCTURAL.isdisjoint(folded):
            raise AddressError(
                f"{char!a} cannot be part of an address",
                position=at,
                cause="it is invisible, or looks like a character that separates addresses",
                remedy="Type the address anew instead of pasting it",
            )
    if _DOT_ATOM.fullmatch(local_part) is None:
        raise AddressError(
            "a part before the @ that needs quotes must be ASCII",
            position=0,
            remedy="Write local-part@domain without blanks and special characters",
        )
    return unicodedata.normalize("NFC", local_part)


def join_addr_spec(local_part: str, domain: str) -> str:
    """Write an address as it travels: the local part as it is when it is a dot-atom, else quoted.

    Raises:
        AddressError: It is longer than a path may be.
    """
    if _DOT_ATOM.fullmatch(local_part) is None:
        escaped = local_part.replace("\\", "\\\\").replace('"', '\\"')
        local_part = f'"{escaped}"'
    addr_spec = f"{local_part}@{domain}"
    if len(addr_spec.encode()) > _MAX_PATH:
        raise AddressError(
            f"the address starting with {addr_spec[:40]!r} is longer than {_MAX_PATH} octets",
            position=0,
            cause="RFC 5321 section 4.5.3.1.3 limits a path to 256 octets with its brackets",
            remedy="Use a shorter address",
        )
    return addr_spec


_CHECKS = (
    ("display_name", check_display_name),
    ("local_part", check_local_part),
    ("domain", domain_to_ascii),
)


def _plain_phrase(name: str) -> bool:
    """Tell whether people read the name without quotes as one name."""
    return not any(char in '()<>[]:;@\\,"' for char in name)
