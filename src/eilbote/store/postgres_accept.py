"""Accepting on PostgreSQL: many submitters' entries in one statement, their events in another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple, cast
from zlib import crc32

from eilbote.model.attempt import EventKind
from eilbote.model.ids import EntryId, MessageId
from eilbote.model.status import EntryState
from eilbote.outbox.entry import Acceptance, Lane
from eilbote.store.postgres_rows import columns, tell
from eilbote.store.rows import entry_row
from eilbote.store.statements import named_sql
from eilbote.store.values import STATES, storable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eilbote.outbox.entry import NewEntry
    from eilbote.store.postgres_link import Db, Transaction
    from eilbote.store.values import Row

_ACCEPT: Final = named_sql("postgresql", "accept")
_KNOWN: Final = named_sql("postgresql", "known_keys")
_IS_KEPT: Final = "SELECT 1 FROM entry WHERE id = $1 AND message_id = $2"
_SUBMITTED: Final = EventKind.SUBMITTED.value

_Key = tuple[str, str]


class _Used(NamedTuple):
    """What a key was used for."""

    id: EntryId
    digest: bytes
    state: EntryState
    message_id: MessageId


def first_lane(entry: NewEntry) -> Lane:
    """Tell in which lane an entry begins."""
    return Lane(entry.organization, entry.connections[0])


async def accept(
    db: Transaction, calls: Sequence[Sequence[NewEntry]], lanes: Mapping[Lane, int]
) -> list[list[Acceptance]]:
    """Take the entries of many calls; of those under one key the first counts, and the others are compared with it."""
    entries = [entry for call in calls for entry in call]
    firsts: dict[_Key, int] = {}
    places: list[int] = []
    for place, entry in enumerate(entries):
        key = _key(entry)
        if key is None or firsts.setdefault(key, place) == place:
            places.append(place)
    numbers: dict[int, EntryId] = {}
    used: dict[_Key, _Used] = {}
    while left := [place for place in places if place not in numbers and _key(entries[place]) not in used]:
        numbers |= await _store(db, {place: entries[place] for place in left}, lanes)
        used |= await _used(db, [_key(entries[place]) for place in left if place not in numbers])
        # A key that was known a moment ago and is not any more was pruned in between: it is free.
    for key, place in firsts.items():
        if place in numbers:
            entry = entries[place]
            used[key] = _Used(numbers[place], entry.digest, EntryState.QUEUED, entry.message_id)
    await tell(db, [_submitted(numbers[place], entries[place]) for place in sorted(numbers)])
    answers = iter(
        [
            _new(entry, numbers[place]) if place in numbers else _known(entry, used[_key(entry) or ("", "")])
            for place, entry in enumerate(entries)
        ]
    )
    return [[next(answers) for _ in call] for call in calls]


async def is_kept(db: Db, answers: Sequence[Sequence[Acceptance]]) -> bool:
    """Look whether new entries are there: one of them, for they were stored in one transaction."""
    for one in (one for answer in answers for one in answer if one.is_new):
        return await db.fetchval(_IS_KEPT, one.id, one.message_id) is not None
    return True


def _key(entry: NewEntry) -> _Key | None:
    return None if entry.idempotency_key is None else (entry.organization, entry.idempotency_key)


async def _store(db: Db, entries: Mapping[int, NewEntry], lanes: Mapping[Lane, int]) -> dict[int, EntryId]:
    """Write entries, except those whose key is known; gives the number of each that was written."""
    states: list[Row] = []
    recipients: list[Row] = []
    blobs: list[Row] = []
    for row, entry in enumerate(entries.values(), start=1):
        _, *state = entry_row(entry, 0, lanes[first_lane(entry)])
        states.append((*state, entry.frozen, crc32(entry.frozen)))
        recipients += [
            (row, number, storable(one.address), one.kind.value)
            for number, one in enumerate(entry.recipients)
        ]
        blobs += [(row, sha256) for sha256 in dict.fromkeys(entry.blobs)]
    found = await db.fetch(_ACCEPT, *columns(states, 19), *columns(recipients, 4), *columns(blobs, 2))
    places = list(entries)
    return {places[row - 1]: EntryId(number) for row, number in cast("list[tuple[int, int]]", found)}


async def _used(db: Db, keys: Sequence[_Key | None]) -> dict[_Key, _Used]:
    """Tell what keys were used for."""
    wanted = [key for key in keys if key is not None]
    if not wanted:
        return {}
    rows = cast("list[tuple[str, str, int, bytes, str, str]]", await db.fetch(_KNOWN, *columns(wanted, 2)))
    return {
        (organization, key): _Used(EntryId(number), digest, STATES[state], MessageId(message_id))
        for organization, key, number, digest, state, message_id in rows
    }


def _new(entry: NewEntry, number: EntryId) -> Acceptance:
    return Acceptance(
        id=number, is_new=True, is_same=True, state=EntryState.QUEUED, message_id=entry.message_id
    )


def _known(entry: NewEntry, before: _Used) -> Acceptance:
    return Acceptance(
        id=before.id,
        is_new=False,
        is_same=before.digest == entry.digest,
        state=before.state,
        message_id=before.message_id,
    )


def _submitted(number: EntryId, entry: NewEntry) -> Row:
    return (_SUBMITTED, entry.accepted, number, "", entry.connections[0], entry.organization, "")
