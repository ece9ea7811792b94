"""The book of who did what: records that hang together by their hashes, so that nobody takes one out unseen.

Each record's hash covers the record and the hash before it. Whoever knows a later hash can prove that nothing before it was changed;
whoever can write the database can still cut off the end, so the latest hash is worth being noted elsewhere.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from eilbote.accounts.principal import PrincipalKind
    from eilbote.model.moment import Moment

_NOTHING: Mapping[str, object] = MappingProxyType({})
BEGINNING: Final = "0" * 64
"""The hash before the first record."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """What somebody did, before it is written down.

    Attributes:
        at: When.
        organization: Whom it concerns; empty for the host.
        kind: What kind of somebody did it.
        who: Id of the user or the key.
        name: For people.
        action: What: ``<thing>.<verb>``, such as ``connection.update``, ``user.sign_in``, ``user.sign_in_failed``.
        thing: To which thing: its kind and its id or name, ``connection:acme/office``.
        before: What it was, as far as it changed; secrets as ``"***"``.
        after: What it is, the same way.
        door: See :class:`~eilbote.accounts.principal.Origin`.
        address: The same.
        request: The same.
    """

    at: Moment
    organization: str
    kind: PrincipalKind
    who: str
    name: str
    action: str
    thing: str = ""
    before: Mapping[str, object] = field(default_factory=lambda: _NOTHING)
    after: Mapping[str, object] = field(default_factory=lambda: _NOTHING)
    door: str = ""
    address: str = ""
    request: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRecord:
    """A deed in the book.

    Attributes:
        sequence: Its place, from 1 on, without a gap.
        deed: What was done.
        hash: SHA-256 in hexadecimal over the hash before it and the deed.
    """

    sequence: int
    deed: Deed
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFilter:
    """Which records; each field that is given narrows the choice.

    Attributes:
        organization: Whom it concerns; all when ``None``.
        action: Beginning with this: ``user.`` or ``user.sign_in``. When it begins with a dot, ending with this: ``.delete``.
        thing: Concerning this thing. When it ends with a colon, concerning anything of that kind: ``connection:``.
        who: Done by this user or key.
        since: At this moment or later.
        before: Before this moment.
    """

    organization: str | None = None
    action: str = ""
    thing: str = ""
    who: str = ""
    since: Moment | None = None
    before: Moment | None = None


def deed_data(deed: Deed) -> dict[str, object]:
    """Give a deed as plain data, by the names of its fields."""
    return {
        "at": deed.at,
        "organization": deed.organization,
        "kind": deed.kind.value,
        "who": deed.who,
        "name": deed.name,
        "action": deed.action,
        "thing": deed.thing,
        "before": dict(deed.before),
        "after": dict(deed.after),
        "door": deed.door,
        "address": deed.address,
        "request": deed.request,
    }


def chained(previous: str, sequence: int, deed: Deed) -> str:
    """Give the hash of a deed that follows a hash."""
    said = json.dumps(
        [
            *(previous, sequence, deed.at, deed.organization, deed.kind.value, deed.who, deed.name),
            *(deed.action, deed.thing, dict(deed.before), dict(deed.after)),
            *(deed.door, deed.address, deed.request),
        ],
        ensure_ascii=True,
        sort_keys=True,
        separators=(",", ":"),
    )
    return hashlib.sha256(said.encode()).hexdigest()


def first_break(records: Iterable[AuditRecord], *, before: str = BEGINNING, sequence: int = 0) -> int | None:
    """Give the sequence of the first record that does not follow from the one before it; ``None`` when all do.

    Args:
        records: In order, without a gap.
        before: The hash before the first of them.
        sequence: The sequence of the record with that hash.
    """
    for record in records:
        sequence += 1
        if record.sequence != sequence or record.hash != chained(before, sequence, record.deed):
            return sequence
        before = record.hash
    return None
