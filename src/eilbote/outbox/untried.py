"""What becomes of a claimed entry that was not attempted: given back, moved on, set apart, or given up for its time.

Nothing of this is an attempt. What concerns the connection and not the message must not use up anybody's retries, and
whatever is given back stands as it stood before the claim.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from eilbote.model.attempt import Event, EventKind
from eilbote.model.moment import as_datetime, later
from eilbote.outbox.entry import Lane
from eilbote.outbox.lifecycle import Action, Phase, after, state_of
from eilbote.outbox.settlement import Settlement

if TYPE_CHECKING:
    from eilbote.model.ids import EntryId
    from eilbote.model.moment import Moment
    from eilbote.outbox.entry import Claim
    from eilbote.outbox.retry import Chance

BREATH_SECONDS: Final = 5.0
"""How long an entry rests that came back untried from a connection in trouble: long enough not to run in a circle
while the trouble is being noticed, and shorter than any retry."""

REST_SECONDS: Final = 60.0
"""How long an entry rests about which something cannot be known at the moment."""

_NOT_BELIEVED: Final = (
    "by a clock that was just set forward its time is over; it waits until that clock can be believed"
)

REASON_CHARACTERS: Final = 500
"""How much of a reason is kept with an entry; its attempts keep more."""


def put_back(
    claim: Claim, *, now: Moment, reason: str = "", connection: str | None = None, due: Moment | None = None
) -> Settlement:
    """Give a claimed entry back untried; nothing is counted as an attempt.

    Args:
        claim: What was claimed.
        now: The time.
        reason: Why, for the person who looks at it.
        connection: Which connection it waits for next; by default the same.
        due: When it may be claimed again; by default at once.
    """
    return Settlement(
        id=claim.id,
        epoch=claim.epoch,
        state=state_of(after(Phase.CLAIMED, Action.PUT_BACK), tried=claim.attempts > 0),
        due=now if due is None else due,
        lane=claim.lane if connection is None else Lane(claim.lane.organization, connection),
        reason=reason[:REASON_CHARACTERS],
    )


def expire(claim: Claim, *, now: Moment) -> Settlement:
    """Give up a claimed entry whose time is over; whoever was not accepted by then has failed."""
    return give_up(
        Expired(
            id=claim.id,
            epoch=claim.epoch,
            lane=claim.lane,
            expires=claim.expires,
            pending=tuple(pending.number for pending in claim.pending),
        ),
        now=now,
    )


def rest(claim: Claim, *, now: Moment) -> Settlement:
    """Let a claimed entry wait until it is certain whether its time is over.

    It is deferred, tried or not: such times are moved with the clock when that is set back.
    """
    back = put_back(claim, now=now, reason=_NOT_BELIEVED, due=later(now, REST_SECONDS))
    return replace(back, state=state_of(after(Phase.CLAIMED, Action.PUT_BACK), tried=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class Expired:
    """An entry whose time is over.

    Attributes:
        id: Which.
        epoch: Its newest claim's, or the one that was taken back last.
        lane: Where it waits.
        expires: When its time was over.
        pending: The numbers of the recipients still to be reached.
    """

    id: EntryId
    epoch: int
    lane: Lane
    expires: Moment
    pending: tuple[int, ...]


def give_up(expired: Expired, *, now: Moment) -> Settlement:
    """Give up an entry whose time is over, claimed or not: behind a paused connection nobody claims it."""
    event = Event(
        kind=EventKind.GAVE_UP,
        at=now,
        entry=expired.id,
        recipients=expired.pending,
        connection=expired.lane.connection,
        organization=expired.lane.organization,
        text=time_is_over(expired.expires),
    )
    return Settlement(
        id=expired.id,
        epoch=expired.epoch,
        state=state_of(after(Phase.WAITING, Action.FINISH), tried=True),
        due=now,
        lane=expired.lane,
        given_up=expired.pending,
        events=(event,),
    )


def fail_over(
    claim: Claim, *, now: Moment, reason: str, random: Chance, closed: frozenset[str] = frozenset()
) -> Settlement:
    """Give back an entry that its connection certainly has not sent, to the next connection that takes mail.

    At once if that stands further down the entry's list; else after a breath, so that an entry whose connections are
    all broken does not run in a circle.
    """
    current = claim.lane.connection
    here = claim.connections.index(current) if current in claim.connections else -1
    others = (*claim.connections[here + 1 :], *claim.connections[: max(here, 0)])
    certain = not any(pending.in_doubt for pending in claim.pending)
    following = next((name for name in others if name not in closed and name != current), None)
    if following is None or not certain:
        return put_back(claim, now=now, reason=reason, due=after_a_breath(claim, now, random))
    onward = claim.connections.index(following) > here
    due = now if onward else after_a_breath(claim, now, random)
    return put_back(claim, now=now, reason=reason, connection=following, due=due)


def after_a_breath(claim: Claim, now: Moment, random: Chance) -> Moment:
    """Rest, but not beyond the moment at which the entry's time is over and it fails."""
    return min(later(now, BREATH_SECONDS * (1.0 + random())), max(now, claim.expires))


def set_apart(claim: Claim, *, now: Moment, reason: str) -> Settlement:
    """Hold an entry that cannot be read, for somebody to look at, so that the others flow."""
    reason = reason[:REASON_CHARACTERS]
    return Settlement(
        id=claim.id,
        epoch=claim.epoch,
        state=state_of(after(Phase.TRANSMITTING, Action.POISON), tried=claim.attempts > 0),
        due=now,
        lane=claim.lane,
        reason=reason,
        events=(event_of(claim, EventKind.POISONED, now, reason),),
    )


def time_is_over(expires: Moment) -> str:
    """Say that nobody can be tried any more, and since when."""
    end = as_datetime(expires).isoformat(timespec="seconds")
    return f"not accepted in time: the last moment for it was {end}"


def event_of(claim: Claim, kind: EventKind, at: Moment, text: str, recipients: tuple[int, ...] = ()) -> Event:
    """Tell something about a claimed entry."""
    return Event(
        kind=kind,
        at=at,
        entry=claim.id,
        recipients=recipients,
        connection=claim.lane.connection,
        organization=claim.lane.organization,
        text=text,
    )


def leave_out(
    claim: Claim, numbers: tuple[int, ...], *, now: Moment, kind: EventKind, reason: str
) -> Settlement:
    """Fail some recipients of a claimed entry untried; for the others it goes back to its place.

    Args:
        claim: What was claimed.
        numbers: Who is left out, at least one.
        now: The time.
        kind: What is told of it.
        reason: Why.
    """
    event = event_of(claim, kind, now, reason[:REASON_CHARACTERS], numbers)
    if len(numbers) < len(claim.pending):
        return replace(put_back(claim, now=now, due=claim.accepted), given_up=numbers, events=(event,))
    return Settlement(
        id=claim.id,
        epoch=claim.epoch,
        state=state_of(after(Phase.WAITING, Action.FINISH), tried=True),
        due=now,
        lane=claim.lane,
        given_up=numbers,
        events=(event,),
    )
