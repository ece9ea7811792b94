"""Accepting on SQLite: many submitters' entries in a handful of statements."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias, cast
from zlib import crc32

from eilbote.model.ids import EntryId, MessageId
from eilbote.model.status import EntryState
from eilbote.outbox.entry import Acceptance, Lane
from eilbote.store.rows import entry_row
from eilbote.store.statements import RowStatement, named_sql
from eilbote.store.values import STATES, TEXTS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eilbote.outbox.entry import NewEntry
    from eilbote.store.sqlite_session import SqliteSession
    from eilbote.store.values import Row

_ENTRY: Final = RowStatement("accept_entry")
_BODY: Final = RowStatement("accept_body")
_RECIPIENT: Final = RowStatement("accept_recipient")
_BLOB: Final = RowStatement("accept_blob")
_KNOWN: Final = RowStatement("accept_known_keys")
EVENT: Final = RowStatement("event")
"""Tell that something happened."""
_SUBMITTED: Final = named_sql("sqlite", "accept_event")

_Key: TypeAlias = tuple[str, str]
_Use: TypeAlias = tuple[EntryId, bytes, EntryState, MessageId]
"""What a key was used for: entry, digest, where it stands, Message-ID."""


class _OpenAcceptance:
    """What an acceptance is while it is made; see :mod:`eilbote.model.finished`."""

    __slots__ = tuple(Acceptance.__slots__)

    id: EntryId
    is_new: bool
    is_same: bool
    state: EntryState
    message_id: MessageId


def accept(session: SqliteSession, calls: list[Sequence[NewEntry]]) -> list[list[Acceptance]]:
    """Take the entries of many calls."""
    used = _used_keys(session, calls)
    new: list[tuple[EntryId, NewEntry]] = []
    answers = [[_accept_one(session, entry, used, new) for entry in entries] for entries in calls]
    _write(session, new)
    return answers


def _used_keys(session: SqliteSession, calls: list[Sequence[NewEntry]]) -> dict[_Key, _Use]:
    keys = {
        (entry.organization, entry.idempotency_key): None
        for entries in calls
        for entry in entries
        if entry.idempotency_key is not None
    }
    rows = cast("list[tuple[str, str, EntryId, str, str, MessageId]]", _KNOWN.read(session.db, list(keys)))
    return {
        (organization, key): (entry, bytes.fromhex(digest), STATES[state], message_id)
        for organization, key, entry, digest, state, message_id in rows
    }


def _accept_one(
    session: SqliteSession, entry: NewEntry, used: dict[_Key, _Use], new: list[tuple[EntryId, NewEntry]]
) -> Acceptance:
    key = entry.idempotency_key
    before = None if key is None else used.get((entry.organization, key))
    if before is not None:
        number, digest, state, message_id = before
        return Acceptance(
            id=number, is_new=False, is_same=digest == entry.digest, state=state, message_id=message_id
        )
    number = EntryId(new[-1][0] + 1 if new else session.next_entry(entry.accepted))
    new.append((number, entry))
    if key is not None:
        used[entry.organization, key] = (number, entry.digest, EntryState.QUEUED, entry.message_id)
    acceptance = _OpenAcceptance()
    acceptance.id = number
    acceptance.is_new = acceptance.is_same = True
    acceptance.state = EntryState.QUEUED
    acceptance.message_id = entry.message_id
    acceptance.__class__ = Acceptance  # type: ignore[assignment]
    return acceptance  # type: ignore[return-value]  # it is one now


def _write(session: SqliteSession, new: list[tuple[EntryId, NewEntry]]) -> None:
    entries: list[Row] = []
    bodies: list[Row] = []
    recipients: list[Row] = []
    blobs: list[Row] = []
    lanes: dict[tuple[str, str], int] = {}
    for number, entry in new:
        place = organization, connection = entry.organization, entry.connections[0]
        lane = lanes.get(place)
        if lane is None:
            lane = lanes[place] = session.lane_number(Lane(organization, connection))
        frozen = entry.frozen
        entries.append(entry_row(entry, number, lane))
        bodies.append((number, frozen, crc32(frozen)))
        for at, one in enumerate(entry.recipients):
            recipients.append((number, at, one.address, TEXTS[one.kind]))
        if entry.blobs:
            blobs += [(number, sha256) for sha256 in dict.fromkeys(entry.blobs)]
    db = session.db
    _ENTRY.run(db, entries)
    _BODY.run(db, bodies)
    _RECIPIENT.run(db, recipients)
    _BLOB.run(db, blobs)
    if new:
        db.execute(_SUBMITTED, (new[0][0], new[-1][0]))
