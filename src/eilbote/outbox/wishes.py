"""What becomes of an entry when somebody wants something: granted with its consequences, or refused with the reason."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from eilbote.model.attempt import EventKind
from eilbote.model.moment import later
from eilbote.outbox.lifecycle import LIFECYCLE, Action, Phase, phase_of, state_of
from eilbote.outbox.store import Wish

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eilbote.model.moment import Moment
    from eilbote.model.status import EntryState

RETRY_SECONDS: Final = 24 * 60 * 60.0
"""What a retried entry has left at least: a person's wish goes before a time that was set long ago."""

_ACTIONS: Final = MappingProxyType(
    {
        Wish.RETRY: Action.RETRY,
        Wish.CANCEL: Action.CANCEL,
        Wish.HOLD: Action.HOLD,
        Wish.RELEASE: Action.RELEASE,
    }
)
_EVENTS: Final = MappingProxyType(
    {
        Wish.RETRY: EventKind.RETRIED,
        Wish.CANCEL: EventKind.CANCELLED,
        Wish.HOLD: EventKind.HELD,
        Wish.RELEASE: EventKind.RELEASED,
    }
)

_ON_ITS_WAY: Final = (
    "it is on its way: its content may be going out at this moment. Wait until the attempt has ended"
)
_BEING_TRIED: Final = "a courier has it already and tries it now"
_NOT_HELD: Final = "it is not held, so there is nothing to release"
_FINISHED: Final = "it is finished: every recipient was accepted or has failed"
_CANCELLED: Final = "it was cancelled, and that is final. Submit the message again, under another key"

REFUSALS: Final[Mapping[Phase, Mapping[Wish, str]]] = MappingProxyType(
    {
        Phase.WAITING: {Wish.RELEASE: _NOT_HELD},
        Phase.CLAIMED: {Wish.RETRY: _BEING_TRIED, Wish.RELEASE: _NOT_HELD},
        Phase.TRANSMITTING: {
            Wish.RETRY: _BEING_TRIED,
            Wish.CANCEL: _ON_ITS_WAY,
            Wish.HOLD: _ON_ITS_WAY,
            Wish.RELEASE: _NOT_HELD,
        },
        Phase.HELD: {
            # Not the same as a release: a retry of everything must not send what was held for a reason.
            Wish.RETRY: "it is held. Look at the reason, then release it",
            Wish.HOLD: "it is held already",
        },
        Phase.DONE: {Wish.CANCEL: _FINISHED, Wish.HOLD: _FINISHED, Wish.RELEASE: _FINISHED},
        Phase.CANCELLED: {
            Wish.RETRY: _CANCELLED,
            Wish.CANCEL: "it is cancelled already",
            Wish.HOLD: _CANCELLED,
            Wish.RELEASE: _CANCELLED,
        },
    }
)
"""Why each wish that the lifecycle does not allow is refused; a test compares the two."""

NOBODY_FAILED: Final = "every recipient was accepted, so there is nothing to try again"
NO_SUCH_ENTRY: Final = "there is no such entry; it may have been pruned"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What must be known of an entry to decide about a wish.

    Attributes:
        state: Its state.
        transmitting: Whether its content may be on its way.
        attempts: How many were made.
        has_failed: Whether some recipient has failed.
        due: When it is due.
        expires: When its time is over.
    """

    state: EntryState
    transmitting: bool
    attempts: int
    has_failed: bool
    due: Moment
    expires: Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What a granted wish makes of an entry, all of it, for one transaction.

    Attributes:
        state: The new one; the entry is neither transmitting nor in anybody's hands.
        due: The new one.
        expires: The new one.
        reason: Why it stands still, if it does; replaces what was there.
        reopens_failed: The failed recipients are to be reached again: their status becomes deferred, and the entry
            is not finished any more.
        finishes: The entry is finished now.
        takes_claim: A courier had claimed it: the epoch grows, so that the courier's note that it begins the
            content fails.
        event: What to tell.
    """

    state: EntryState
    due: Moment
    expires: Moment
    reason: str
    reopens_failed: bool
    finishes: bool
    takes_claim: bool
    event: EventKind


def grant(wish: Wish, standing: Standing, *, now: Moment) -> Grant | str:
    """Decide about a wish: what becomes of the entry, or why not."""
    phase = phase_of(standing.state, transmitting=standing.transmitting)
    if refusal := _refusal(wish, phase, has_failed=standing.has_failed):
        return refusal
    following = LIFECYCLE[phase][_ACTIONS[wish]]
    again = phase is Phase.DONE
    retried = wish is Wish.RETRY
    return Grant(
        state=state_of(following, tried=standing.attempts > 0 or again),
        due=now if retried else standing.due,
        expires=max(standing.expires, later(now, RETRY_SECONDS)) if retried else standing.expires,
        reason="somebody wanted it held" if wish is Wish.HOLD else "",
        reopens_failed=again,
        finishes=following is Phase.CANCELLED,
        takes_claim=phase is Phase.CLAIMED,
        event=_EVENTS[wish],
    )


def suited(state: EntryState, *, transmitting: bool, has_failed: bool) -> tuple[Wish, ...]:
    """Give the wishes that would be granted as an entry stands, so that nobody is offered what is refused.

    Args:
        state: Its state.
        transmitting: Whether its content may be on its way.
        has_failed: Whether some recipient has failed.
    """
    phase = phase_of(state, transmitting=transmitting)
    return tuple([wish for wish in Wish if _refusal(wish, phase, has_failed=has_failed) is None])


def _refusal(wish: Wish, phase: Phase, *, has_failed: bool) -> str | None:
    if _ACTIONS[wish] not in LIFECYCLE[phase]:
        return REFUSALS[phase][wish]
    return NOBODY_FAILED if phase is Phase.DONE and not has_failed else None
