"""Whether the addresses of a route can be addresses once values are in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eilbote.author.process.route.finding import RouteFinding
from eilbote.author.process.route.placeholder import key_of, pattern_of
from eilbote.author.process.route.recipients import entries
from eilbote.author.process.route.route import AttributeType
from eilbote.errors import AddressError
from eilbote.model.address import parse_address_list
from eilbote.template.finding import Weight

if TYPE_CHECKING:
    from collections.abc import Iterator

    from eilbote.author.process.route.placeholder import Placeholder
    from eilbote.author.process.route.recipients import Entry
    from eilbote.author.process.route.route import Route

_FIELDS = ("to", "cc", "bcc")
_ADDRESSES = frozenset({AttributeType.TEXT, AttributeType.ACCOUNT})
_IN_PLACE = "placeholder"


def address_findings(route: Route) -> Iterator[RouteFinding]:
    """Give what is to be said about recipients, their names, and the sender."""
    said = route.properties
    if not any(entries(getattr(said, field)) for field in _FIELDS):
        yield _error("to", "there are no recipients", "Give addresses or account attributes in to, cc or bcc")
    for field in _FIELDS:
        yield from list_findings(route, field, getattr(said, field))
        yield from _names(route, field)
    yield from list_findings(route, "reply_to", said.reply_to)
    senders = entries(said.from_address)
    if len(senders) > 1:
        yield _error("from_address", "there is more than one sender address", "Give exactly one")
    else:
        yield from list_findings(route, "from_address", said.from_address)


def list_findings(route: Route, field: str, text: str) -> Iterator[RouteFinding]:
    """Give what is to be said about one list of addresses.

    Args:
        route: The route.
        field: What the list is called.
        text: The list.
    """
    pattern = pattern_of(text)
    listed = entries(text) if any(pattern.placeholders) else []
    if not listed:
        yield from _unreadable(text, field, 0)
    for each in listed:
        yield from _entry(route, field, each)


def _entry(route: Route, field: str, entry: Entry) -> Iterator[RouteFinding]:
    if not any(pattern_of(entry.text).placeholders):
        yield from _unreadable(entry.text, field, entry.position)
        return
    _, address = entry.parts
    begin = entry.position + entry.text.rfind(address)
    pattern = pattern_of(address)
    if (alone := pattern.alone) is not None:
        yield from _kind(route, field, alone, begin)
        return
    # What a value makes of it is seen when there is one; that it may be an address at all is seen now.
    tried = pattern.fill(lambda _: _IN_PLACE)
    for found in _unreadable(tried, field, begin):
        yield RouteFinding(
            severity=found.severity,
            field=field,
            position=begin,
            what=f"{address[:60]!r} is no address, whatever its values are",
            cause=found.what,
            remedy="Write {SystemName} alone, Name <{SystemName}>, or {SystemName}@example.org",
        )


def _kind(route: Route, field: str, place: Placeholder, position: int) -> Iterator[RouteFinding]:
    found = next((each for each in route.attributes if key_of(each.system_name) == place.key), None)
    if found is not None and found.type not in _ADDRESSES and found.type is not AttributeType.DOCUMENT:
        yield _error(
            field,
            f"{place} is no address",
            "Give the attribute the type account, or text",
            position=position + place.position,
        )


def _names(route: Route, field: str) -> Iterator[RouteFinding]:
    addresses = entries(getattr(route.properties, field))
    names = entries(getattr(route.properties, f"{field}_names"), of_names=True)
    open_ended = any(pattern_of(each.text).alone is not None for each in addresses)
    if len(names) > len(addresses) and not open_ended:
        yield _error(
            f"{field}_names",
            f"there are {len(names)} names for {len(addresses)} addresses",
            "Give names in the order of the addresses; put quotes around a name that holds a semicolon",
        )


def _unreadable(text: str, field: str, begin: int) -> Iterator[RouteFinding]:
    try:
        parse_address_list(text, field=field)
    except AddressError as fault:
        yield _error(
            field,
            fault.what,
            fault.remedy,
            cause=fault.cause,
            position=None if fault.position is None else begin + fault.position,
        )


def _error(
    field: str, what: str, remedy: str | None, *, cause: str | None = None, position: int | None = None
) -> RouteFinding:
    return RouteFinding(
        severity=Weight.ERROR, field=field, what=what, cause=cause, remedy=remedy, position=position
    )
