"""What the exercises are played with: an empty outbox, entries to hand in, and outcomes to settle them with."""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final, TypeAlias

from eilbote.model.attempt import Attempt, Event, EventKind, Outcome
from eilbote.model.ids import CourierId, MessageId
from eilbote.model.moment import Moment, later, moment_of
from eilbote.model.status import EntryState, RecipientKind, RecipientStatus
from eilbote.model.submission import InDoubtPolicy, PartialPolicy
from eilbote.outbox.entry import URGENCY_NORMAL, Claim, Lane, NewEntry, NewRecipient
from eilbote.outbox.settlement import Settlement
from eilbote.testing.expectation import expect
from eilbote.testing.manual_clock import ManualClock

if TYPE_CHECKING:
    from eilbote.model.ids import EntryId
    from eilbote.outbox.store import OutboxStore

Outbox: TypeAlias = "Callable[[], OutboxStore]"
"""Gives handles, not yet opened, on one outbox, which is empty at first; several may be open at once."""

Exercise: TypeAlias = Callable[[Outbox], Awaitable[None]]
"""Raises :class:`AssertionError`, naming the rule, when a store does not keep it."""

NOW: Final = moment_of(ManualClock().now())
"""The moment at which an exercise begins; no store looks at a clock of its own."""

OFFICE: Final = Lane("", "office")


@asynccontextmanager
async def opened(outbox: Outbox) -> AsyncGenerator[OutboxStore, None]:
    """Open a handle, and close it in the end."""
    store = outbox()
    await store.open()
    try:
        yield store
    finally:
        await store.close()


def at(seconds: float) -> Moment:
    """Give the moment some seconds after :data:`NOW`."""
    return later(NOW, seconds)


def new_entry(
    name: str = "a",
    *,
    organization: str = "",
    connections: tuple[str, ...] = ("office",),
    recipients: int = 1,
    urgency: int = URGENCY_NORMAL,
    due: Moment = NOW,
    accepted: Moment = NOW,
    key: str | None = None,
    digest: bytes = b"one digest",
    blobs: tuple[str, ...] = (),
    subject: str | None = None,
    author: str = "exercise",
    sender: str = "orders@example.org",
    attachments: int = 0,
    on_in_doubt: InDoubtPolicy = InDoubtPolicy.RETRY,
    on_partial: PartialPolicy = PartialPolicy.RETRY_REST,
) -> NewEntry:
    """Make an entry; ``name`` is found in its subject, its octets and its addresses."""
    return NewEntry(
        organization=organization,
        connections=connections,
        message_id=MessageId(f"<{name}@example.org>"),
        subject=f"Subject {name}" if subject is None else subject,
        frozen=f"octets of {name}".encode(),
        blobs=blobs,
        size=1000,
        recipients=tuple(
            NewRecipient(
                f"{name}-{number}@example.org", RecipientKind.TO if number == 0 else RecipientKind.CC
            )
            for number in range(recipients)
        ),
        urgency=urgency,
        due=due,
        expires=later(accepted, 4 * 24 * 3600),
        accepted=accepted,
        on_in_doubt=on_in_doubt,
        on_partial=on_partial,
        idempotency_key=key,
        digest=digest,
        author=author,
        sender=sender,
        attachments=attachments,
    )


async def accept(store: OutboxStore, *entries: NewEntry) -> list[EntryId]:
    """Hand in, and give the ids."""
    return [acceptance.id for acceptance in await store.accept(entries)]


async def courier(store: OutboxStore, name: str = "courier-1") -> CourierId:
    """Begin a courier of this process."""
    await store.begin_courier(CourierId(name), host="host", process=os.getpid(), now=NOW)
    return CourierId(name)


async def claim_one(
    store: OutboxStore, holder: CourierId, *, lane: Lane = OFFICE, now: Moment = NOW
) -> Claim:
    """Claim the one entry that is due in a lane.

    Raises:
        AssertionError: There is another number of them.
    """
    claims = await store.claim(holder, lane, limit=10, now=now)
    expect(len(claims), 1, "what is due can be claimed")
    return claims[0]


async def claimed(store: OutboxStore, entry: NewEntry | None = None) -> tuple[CourierId, Claim]:
    """Hand an entry in, begin a courier, and claim it."""
    await accept(store, entry or new_entry())
    holder = await courier(store)
    return holder, await claim_one(store, holder, lane=_first_lane(entry))


def _first_lane(entry: NewEntry | None) -> Lane:
    return Lane(entry.organization, entry.connections[0]) if entry else OFFICE


def outcome(number: int, status: RecipientStatus) -> Outcome:
    """Say what a server said of a recipient: 250, 451, 550, or nothing."""
    match status:
        case RecipientStatus.ACCEPTED:
            return Outcome(number=number, status=status, reply_code=250, text="2.0.0 taken")
        case RecipientStatus.DEFERRED:
            return Outcome(
                number=number, status=status, reply_code=451, enhanced_status_code="4.7.1", text="later"
            )
        case RecipientStatus.FAILED:
            return Outcome(
                number=number, status=status, reply_code=550, enhanced_status_code="5.1.1", text="nobody"
            )
        case RecipientStatus.IN_DOUBT:
            return Outcome(number=number, status=status, text="lost after the final dot")


def attempt(holder: CourierId, claim: Claim, *statuses: RecipientStatus, started: Moment = NOW) -> Attempt:
    """Describe an attempt at the pending recipients of a claim, in their order."""
    return Attempt(
        number=claim.attempts + 1,
        started=started,
        seconds=0.125,
        courier=holder,
        connection=claim.lane.connection,
        server="mail.example.org:465",
        tls_version="TLSv1.3",
        stage="content",
        reply="250 2.0.0 taken",
        outcomes=tuple(
            outcome(pending.number, status) for pending, status in zip(claim.pending, statuses, strict=True)
        ),
        transcript="C: MAIL FROM:<a@example.org>\nS: 250 2.1.0 good",
    )


def told(claim: Claim, kind: EventKind, *recipients: int, moment: Moment = NOW, text: str = "") -> Event:
    """Describe what a settlement tells."""
    return Event(
        kind=kind,
        at=moment,
        entry=claim.id,
        recipients=recipients,
        connection=claim.lane.connection,
        organization=claim.lane.organization,
        text=text,
    )


def settlement(
    holder: CourierId,
    claim: Claim,
    *statuses: RecipientStatus,
    state: EntryState = EntryState.DONE,
    due: Moment = NOW,
    connection: str | None = None,
    reason: str = "",
    given_up: tuple[int, ...] = (),
    events: tuple[Event, ...] = (),
) -> Settlement:
    """Settle a claim with one status for each pending recipient; without any, nothing was tried."""
    return Settlement(
        id=claim.id,
        epoch=claim.epoch,
        state=state,
        due=due,
        lane=claim.lane if connection is None else Lane(claim.lane.organization, connection),
        reason=reason,
        attempt=attempt(holder, claim, *statuses) if statuses else None,
        given_up=given_up,
        events=events,
    )


async def brought_to_done(store: OutboxStore, holder: CourierId, *statuses: RecipientStatus) -> Claim:
    """Claim the one due entry and settle it as done, now."""
    claim = await claim_one(store, holder)
    expect(
        await store.settle([settlement(holder, claim, *statuses)]), [True], "the holder of a claim settles it"
    )
    return claim
