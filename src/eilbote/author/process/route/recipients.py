"""Who a message of a route goes to: lists of addresses with places in them, and the names that stand beside.

A list is taken apart before values are put in. So a value is one address, one name or, where it stands alone between separators, a
list of its own; a comma, a quote or a bracket in it never makes another recipient of what its author wrote.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from eilbote.author.process.route.attribute_values import Accounts, text_of
from eilbote.author.process.route.placeholder import pattern_of
from eilbote.errors import AddressError, PlaceholderError
from eilbote.model.address import mailboxes, parse_address_list, parse_mailbox
from eilbote.model.mailbox import Group, Mailbox

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from eilbote.author.process.route.attribute_values import AttributeValue
    from eilbote.author.process.route.placeholder import Placeholder
    from eilbote.author.process.route.scene import Scene

# Something in quotes, in brackets or in parentheses, in which separators are none. What is never closed goes to the end, so that
# nothing is read twice; but an opening bracket alone is a character.
_QUOTED: Final = r'"(?:[^"\\]|\\.?)*+(?:"|\Z)'
_ADDRESS: Final = re.compile(rf"""(?:{_QUOTED}|<[^<>]*+>|\((?:[^()\\]|\\.?)*+\)?+|[^,;"<(]++|<)""", re.DOTALL)
_NAME: Final = re.compile(rf"""(?:{_QUOTED}|[^;"]++)""", re.DOTALL)
_WITH_NAME: Final = re.compile(r"(?P<name>.*?)<(?P<address>[^<>]*+)>\s*", re.DOTALL)
_ESCAPED: Final = re.compile(r"\\(.)", re.DOTALL)
_NOT_IN_A_PART: Final = re.compile(r"""[\s<>()\[\],;:"\\@]|[^\x21-\U0010ffff]""")


@dataclass(frozen=True, slots=True)
class Entry:
    """What stands between two separators of a list.

    Attributes:
        text: It, without blanks around it.
        position: Where it begins in the list, counted from 0.
    """

    text: str
    position: int

    @property
    def parts(self) -> tuple[str, str]:
        """The name, without the quotes around it, and the address; the name is empty where there is none."""
        found = _WITH_NAME.fullmatch(self.text)
        return (unquoted(found["name"]), found["address"].strip()) if found else ("", self.text)


def entries(text: str, *, of_names: bool = False) -> list[Entry]:
    """Take a list apart: of addresses at commas and semicolons, of names at semicolons, but not within quotes.

    Args:
        text: The list.
        of_names: Whether it is one of names, of which one may be empty.
    """
    inside, begin, at = _NAME if of_names else _ADDRESS, 0, 0
    found: list[Entry] = []
    while at <= len(text):
        piece = inside.match(text, at)
        if piece is None:
            found.append(Entry(text[begin:at].strip(), begin + _blanks(text[begin:at])))
            begin = at = at + 1
        else:
            at = piece.end()
    if of_names:
        return found if any(each.text for each in found) else []
    return [each for each in found if each.text]


def unquoted(text: str) -> str:
    """Give a name without the quotes around it."""
    said = text.strip()
    is_quoted = len(said) > 1 and said.startswith('"') and said.endswith('"')
    return _ESCAPED.sub(r"\1", said[1:-1]) if is_quoted else said


def recipients(addresses: str, names: str, scene: Scene, *, field: str) -> tuple[Mailbox | Group, ...]:
    """Give the recipients of one field.

    Args:
        addresses: The list of addresses.
        names: The list of names; a name that is empty leaves the one that the address brings along.
        scene: The values, and how they are written.
        field: What the list of addresses is called, for errors.

    Raises:
        AddressError: Something is no address.
        PlaceholderError: There are more names than addresses, or a value is nothing that an address is made of.
    """
    if not any(pattern_of(addresses).placeholders) and not names.strip():
        return parse_address_list(addresses, field=field)
    slots = [slot for each in entries(addresses) for slot in _slots(each, scene, field)]
    called = [name for each in entries(names, of_names=True) for name in _names(each, scene)]
    if len(slots) == 1 and len(called) > 1:
        called = ["; ".join(called)]
    if len(called) > len(slots):
        raise PlaceholderError(
            f"there are {len(called)} names for {len(slots)} addresses",
            field=f"{field}_names",
            remedy="Give names in the order of the addresses; put quotes around a name that holds a semicolon",
        )
    called += [""] * (len(slots) - len(called))
    return tuple(_called(slot, name) for slot, name in zip(slots, called, strict=True) if slot is not None)


def one_address(text: str, name: str, scene: Scene, *, field: str) -> Mailbox | None:
    """Give the one address of a field, with the name beside it; ``None`` when the values leave nothing of it.

    Raises:
        AddressError: It is not exactly one address.
        PlaceholderError: As :func:`recipients`.
    """
    found = recipients(text, name, scene, field=field)
    if len(found) > 1 or any(isinstance(each, Group) for each in found):
        raise AddressError("there is more than one address", field=field, remedy="Give exactly one")
    return next(iter(mailboxes(found)), None)


def _slots(entry: Entry, scene: Scene, field: str) -> Iterator[Mailbox | Group | None]:
    """Give the recipients of an entry; ``None`` where an attribute without a value stands for one."""
    pattern = pattern_of(entry.text)
    if (alone := pattern.alone) is not None:
        yield from _of_value(scene.value(alone), alone, field)
        return
    if not any(pattern.placeholders):
        try:
            yield from parse_address_list(entry.text, field=field)
        except AddressError as fault:
            fault.position = None if fault.position is None else entry.position + fault.position
            raise
        return
    name, address = entry.parts
    person = _person(address, scene, field)
    if person is None:
        yield None
    else:
        yield _called(person, scene.text(name))


def _of_value(
    value: AttributeValue | None, place: Placeholder, field: str
) -> Sequence[Mailbox | Group | None]:
    match value:
        case None:
            return (None,)
        case Accounts(people=people):
            return people
        case str():
            try:
                return parse_address_list(value, field=field)
            except AddressError as fault:
                raise _told(fault, place) from None
        case _:
            raise _no_address(place, field)


def _person(address: str, scene: Scene, field: str) -> Mailbox | None:
    """Read an address in which places stand."""
    pattern = pattern_of(address)
    if (alone := pattern.alone) is not None:
        found = _of_value(scene.value(alone), alone, field)
        if len(found) != 1 or isinstance(found[0], Group):
            raise AddressError(
                f"{alone} stands for {len(found)} addresses, where one is needed",
                field=field,
                remedy="Let it stand alone between separators",
            )
        return found[0]

    def part(place: Placeholder) -> str:
        text = text_of(scene.value(place), locale=scene.locale, time_zone=scene.time_zone).strip()
        if _NOT_IN_A_PART.search(text):
            raise PlaceholderError(
                f"the value of {place.name!r} cannot be a part of an address",
                field=field,
                cause="It holds a blank or a character that separates addresses or their parts",
                remedy="Let the attribute hold the whole address, and stand alone",
            )
        return text

    return parse_mailbox(pattern.fill(part), field=field)


def _names(entry: Entry, scene: Scene) -> list[str]:
    alone = pattern_of(entry.text).alone
    if alone is None:
        return [scene.text(unquoted(entry.text))]
    match scene.value(alone):
        case Accounts(people=people):
            return [each.display_name for each in people]
        case str() as text:
            return [unquoted(each.text) for each in entries(text, of_names=True)] or [""]
        case _:
            return [scene.text(entry.text)]


def _called(person: Mailbox | Group, name: str) -> Mailbox | Group:
    if not name.strip() or isinstance(person, Group):
        return person
    return Mailbox(name, person.local_part, person.domain)


def _told(fault: AddressError, place: Placeholder) -> AddressError:
    return AddressError(
        fault.what,
        field=fault.field,
        cause=". ".join(each.rstrip(".") for each in (fault.cause, f"It is the value of {place}") if each),
        remedy=fault.remedy,
    )


def _no_address(place: Placeholder, field: str) -> PlaceholderError:
    return PlaceholderError(
        f"the attribute {place.name!r} is no address",
        field=field,
        remedy="Make it an account or a text",
    )


def _blanks(text: str) -> int:
    return len(text) - len(text.lstrip())
