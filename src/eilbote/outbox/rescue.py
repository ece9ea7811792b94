"""What becomes of an entry whose courier is gone.

What was only claimed has certainly not been sent: it waits again as if nobody had taken it. What was transmitting
may have been taken by the server or not (RFC 1047): every recipient of the attempt is in doubt, which is written
down, and the entry's policy decides whether it is sent again at once or stands still until somebody decides. After a few doubts about one message it stands
still in any case.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from eilbote.model.attempt import Attempt, Event, EventKind, Outcome
from eilbote.model.status import RecipientStatus
from eilbote.model.submission import InDoubtPolicy
from eilbote.outbox.entry import Lane
from eilbote.outbox.lifecycle import Action, Phase, after, state_of
from eilbote.outbox.settlement import Settlement

if TYPE_CHECKING:
    from eilbote.model.ids import CourierId, EntryId
    from eilbote.model.moment import Moment

_NOT_SENT: Final = "its courier is gone; nothing had been sent"
_IN_DOUBT: Final = (
    "its courier is gone while the content may have been on its way; nobody knows whether the server took it"
)
PARKED: Final = "in doubt: the message may have been delivered. Release it to send it again, or cancel it"
"""Why an entry is held by its policy for the doubt."""

MOST_DOUBTS: Final = 3
"""How often one recipient may be in doubt before a person has to look, whatever the entry's policy.

A session that breaks in the one instant behind the content is bad luck; three in a row for one message are a server, a
filter or a fault of ours that takes it each time and never says so, and every further attempt is one more copy. Two
repetitions keep the promise of ``retry`` through a restart of the server and one of our own.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Orphan:
    """An entry that a courier held when it was gone.

    Attributes:
        id: The entry.
        epoch: The lost claim's; the rescue makes a new one.
        organization: On whose behalf.
        connection: Through which it was to go.
        courier: Who held it.
        attempts: How many were made before.
        transmitting: Whether the content may have been on its way.
        on_in_doubt: The entry's policy.
        pending: The numbers of the recipients still to be reached.
        doubts: The most attempts that one of these has had before that ended in doubt.
    """

    id: EntryId
    epoch: int
    organization: str
    connection: str
    courier: CourierId
    attempts: int
    transmitting: bool
    on_in_doubt: InDoubtPolicy
    pending: tuple[int, ...]
    doubts: int = 0


def rescue(orphan: Orphan, *, now: Moment) -> Settlement:
    """Decide what becomes of an entry whose courier is gone; the epoch grows when it is written."""
    return _in_doubt(orphan, now) if orphan.transmitting else _not_sent(orphan, now)


def reason_to_park(policy: InDoubtPolicy, *, doubts: int) -> str | None:
    """Say why an entry in doubt has to be held for a person; ``None`` when it may be sent again.

    Args:
        policy: The entry's.
        doubts: How often one of its recipients has been in doubt, this time included.
    """
    if policy is InDoubtPolicy.PARK:
        return PARKED
    if doubts < MOST_DOUBTS:
        return None
    return (
        f"in doubt {doubts} times: the server may have taken the message each time without saying so. Look at the "
        "server, then release it for one more attempt, or cancel it"
    )


def _not_sent(orphan: Orphan, now: Moment) -> Settlement:
    return Settlement(
        id=orphan.id,
        epoch=orphan.epoch,
        state=state_of(after(Phase.CLAIMED, Action.RESCUE), tried=orphan.attempts > 0),
        due=now,
        lane=Lane(orphan.organization, orphan.connection),
        reason=_NOT_SENT,
        events=(_event(orphan, EventKind.RESCUED, now, _NOT_SENT),),
    )


def _in_doubt(orphan: Orphan, now: Moment) -> Settlement:
    reason = reason_to_park(orphan.on_in_doubt, doubts=orphan.doubts + 1)
    action = Action.RESCUE if reason is None else Action.RESCUE_PARKED
    doubt = _event(orphan, EventKind.IN_DOUBT, now, _IN_DOUBT, orphan.pending)
    return Settlement(
        id=orphan.id,
        epoch=orphan.epoch,
        state=state_of(after(Phase.TRANSMITTING, action), tried=True),
        due=now,
        lane=Lane(orphan.organization, orphan.connection),
        reason=_IN_DOUBT if reason is None else reason,
        attempt=Attempt(
            number=orphan.attempts + 1,
            started=now,  # when it really began died with its courier
            seconds=0.0,
            courier=orphan.courier,
            connection=orphan.connection,
            stage="content",
            reply=_IN_DOUBT,
            outcomes=tuple(
                Outcome(number=number, status=RecipientStatus.IN_DOUBT, text=_IN_DOUBT)
                for number in orphan.pending
            ),
        ),
        events=(doubt,) if reason is None else (doubt, _event(orphan, EventKind.HELD, now, reason)),
    )


def _event(orphan: Orphan, kind: EventKind, at: Moment, text: str, recipients: tuple[int, ...] = ()) -> Event:
    return Event(
        kind=kind,
        at=at,
        entry=orphan.id,
        recipients=recipients,
        connection=orphan.connection,
        organization=orphan.organization,
        text=text,
    )
