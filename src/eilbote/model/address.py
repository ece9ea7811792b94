"""Addresses (RFC 5322 §3.4): the parsed form that header and envelope both come from, and how to get it.

Everything that names an address for people, a :class:`Draft` for instance, takes text or parsed objects; these
functions turn either into parsed objects, or refuse it with the field and the position.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

from eilbote.errors import AddressError
from eilbote.model.address_parser import MAX_ADDRESSES, parse, parse_simple
from eilbote.model.mailbox import Group, Mailbox

__all__ = ["Group", "Mailbox", "mailboxes", "parse_address_list", "parse_mailbox"]

_PARSED = (Mailbox, Group)
_CACHED_CHARACTERS = 320  # longer texts are not kept: they are lists, and rarely come twice


def parse_mailbox(value: str | Mailbox, *, field: str) -> Mailbox:
    """Read exactly one address.

    Args:
        value: ``anna@example.org``, ``Anna <anna@example.org>``, or a mailbox, which is given back.
        field: The name of the field for errors.

    Raises:
        AddressError: It is not exactly one address, with ``field`` and the position.
    """
    if isinstance(value, Mailbox):
        return value
    if not isinstance(value, str):
        raise _no_address_list(value, field)
    try:
        found = _parse_cached(value)  # an author's text comes again and again, and gives the same object
    except AddressError as exc:
        exc.field = field
        raise
    if len(found) == 1 and isinstance(found[0], Mailbox):
        return found[0]
    raise AddressError(
        "there is no address" if not found else "there is more than one address",
        field=field,
        remedy="Write exactly one address: Name <local-part@domain>",
    )


def parse_address_list(
    value: str | Mailbox | Group | Iterable[str | Mailbox | Group], *, field: str
) -> tuple[Mailbox | Group, ...]:
    """Read any number of addresses.

    Args:
        value: One text with commas or semicolons, one parsed address, or several of either.
        field: The name of the field for errors.

    Raises:
        AddressError: Something in it is not an address, with ``field`` and the position; or there are more
            than 10,000.
    """
    if isinstance(value, str):
        return _parse_text(value, field)
    if isinstance(value, _PARSED):
        return (value,)
    if not isinstance(value, tuple | list) and (
        isinstance(value, bytes | bytearray | Mapping) or not isinstance(value, Iterable)
    ):
        raise _no_address_list(value, field)  # pyright: ignore[reportUnknownArgumentType] - it may be anything
    found: list[Mailbox | Group] = []
    for index, item in enumerate(value):  # pyright: ignore[reportUnknownArgumentType] - checked one by one below
        if isinstance(item, _PARSED):
            found.append(item)
        elif isinstance(item, str):
            found += _parse_text(item, f"{field}[{index}]")
        else:
            raise _no_address_list(item, f"{field}[{index}]")
        if len(found) > MAX_ADDRESSES:
            raise AddressError(
                f"there are more than {MAX_ADDRESSES:,} addresses",
                field=field,
                remedy="Send in several messages",
            )
    return tuple(found)


def mailboxes(items: Iterable[Mailbox | Group]) -> Iterator[Mailbox]:
    """Give the mailboxes in order, those of groups too."""
    for item in items:
        if isinstance(item, Group):
            yield from item.mailboxes
        else:
            yield item


def _parse_text(text: str, field: str) -> tuple[Mailbox | Group, ...]:
    simple = parse_simple(text)
    if simple is not None:
        return (simple,)
    try:
        return _parse_cached(text) if len(text) <= _CACHED_CHARACTERS else parse(text)
    except AddressError as exc:
        exc.field = field
        raise


_parse_cached = lru_cache(maxsize=4096)(parse)


def _no_address_list(value: object, field: str) -> AddressError:
    return AddressError(
        f"{type(value).__name__} is not an address",
        field=field,
        remedy="Give a text, a Mailbox, a Group, or a list of them",
    )
