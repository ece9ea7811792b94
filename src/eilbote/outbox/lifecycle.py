"""The life of an outbox entry as one table; nothing else decides what may become of an entry.

The table knows an entry by its *phase*. What people see, and what is stored, is its
:class:`~eilbote.model.status.EntryState`: a waiting entry is *queued* before its first attempt and *deferred* after
it; a claimed and a transmitting entry are both *active*, and a flag tells them apart. That flag is durable before
the first octet of the content goes out, so that after a crash an entry that was certainly not sent can be told
from one in doubt (RFC 1047): the two rows of the table that differ in what a rescue makes of them.

The table is also printed in ``docs/states.md``, and a test compares the two.
"""

from __future__ import annotations

from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from eilbote.errors import IllegalTransitionError
from eilbote.model.status import EntryState

if TYPE_CHECKING:
    from collections.abc import Mapping


class Phase(StrEnum):
    """Where an entry stands."""

    ABSENT = "absent"
    """Not stored yet, or forgotten."""
    WAITING = "waiting"
    """Queued before its first attempt, deferred after it; waits for its turn or its time."""
    CLAIMED = "claimed"
    """Active: in a courier's hands, and its content has certainly not been begun."""
    TRANSMITTING = "transmitting"
    """Active: its content may be on its way at this moment."""
    HELD = "held"
    """Stands still until somebody releases or cancels it."""
    DONE = "done"
    """Each recipient was accepted or has failed."""
    CANCELLED = "cancelled"
    """Called back by somebody before it was on its way."""


class Action(StrEnum):
    """What may happen to an entry."""

    ACCEPT = "accept"
    """A submission is stored."""
    CLAIM = "claim"
    """A courier takes it; its epoch grows."""
    TRANSMIT = "transmit"
    """The courier notes that the content may go out from now on; noting it again changes nothing."""
    PUT_BACK = "put_back"
    """The courier gives it back; nothing was tried."""
    DEFER = "defer"
    """An attempt ended and somebody is still to be reached."""
    PARK = "park"
    """An attempt ended in doubt, and the entry's policy wants a person to decide."""
    FINISH = "finish"
    """Nobody is left to be reached."""
    POISON = "poison"
    """The courier cannot read what is stored."""
    RESCUE = "rescue"
    """It is taken back from a courier that is gone; its epoch grows."""
    RESCUE_PARKED = "rescue_parked"
    """It is taken back in doubt, and the entry's policy wants a person to decide; its epoch grows."""
    RETRY = "retry"
    """Somebody wants another attempt now; of a finished entry, for those who failed."""
    HOLD = "hold"
    """Somebody wants it to stand still; taken from a courier that has only claimed it, its epoch grows."""
    RELEASE = "release"
    """Somebody lets it go on."""
    CANCEL = "cancel"
    """Somebody calls it back; taken from a courier that has only claimed it, its epoch grows."""
    PRUNE = "prune"
    """It is forgotten, some time after it was finished."""


_P, _A = Phase, Action

LIFECYCLE: Final[Mapping[Phase, Mapping[Action, Phase]]] = MappingProxyType(
    {
        _P.ABSENT: {_A.ACCEPT: _P.WAITING},
        _P.WAITING: {
            _A.CLAIM: _P.CLAIMED,
            _A.FINISH: _P.DONE,  # its time was over while nobody could claim it
            _A.RETRY: _P.WAITING,
            _A.HOLD: _P.HELD,
            _A.CANCEL: _P.CANCELLED,
        },
        _P.CLAIMED: {
            _A.TRANSMIT: _P.TRANSMITTING,
            _A.PUT_BACK: _P.WAITING,
            _A.FINISH: _P.DONE,  # its time was over before it could be tried
            _A.POISON: _P.HELD,
            _A.RESCUE: _P.WAITING,
            # A courier must note TRANSMIT before it begins a content, and the note fails for a claim it lost.
            _A.HOLD: _P.HELD,
            _A.CANCEL: _P.CANCELLED,
        },
        _P.TRANSMITTING: {
            _A.TRANSMIT: _P.TRANSMITTING,
            _A.PUT_BACK: _P.WAITING,
            _A.DEFER: _P.WAITING,
            _A.PARK: _P.HELD,
            _A.FINISH: _P.DONE,
            _A.POISON: _P.HELD,
            _A.RESCUE: _P.WAITING,
            _A.RESCUE_PARKED: _P.HELD,
        },
        _P.HELD: {_A.RELEASE: _P.WAITING, _A.CANCEL: _P.CANCELLED},
        _P.DONE: {_A.RETRY: _P.WAITING, _A.PRUNE: _P.ABSENT},
        # Final: a mass retry must not bring back what somebody has called back.
        _P.CANCELLED: {_A.PRUNE: _P.ABSENT},
    }
)

STATES: Final[Mapping[Phase, tuple[EntryState, ...]]] = MappingProxyType(
    {
        _P.ABSENT: (),
        _P.WAITING: (EntryState.QUEUED, EntryState.DEFERRED),
        _P.CLAIMED: (EntryState.ACTIVE,),
        _P.TRANSMITTING: (EntryState.ACTIVE,),
        _P.HELD: (EntryState.HELD,),
        _P.DONE: (EntryState.DONE,),
        _P.CANCELLED: (EntryState.CANCELLED,),
    }
)
"""Under which states the entries of a phase are stored."""

_PHASES: Final = MappingProxyType(
    {state: phase for phase, states in STATES.items() for state in states if phase is not _P.TRANSMITTING}
)


def after(phase: Phase, action: Action) -> Phase:
    """Look up the next phase.

    Raises:
        IllegalTransitionError: The table has no such transition.
    """
    following = LIFECYCLE[phase].get(action)
    if following is None:
        raise IllegalTransitionError(f"{action} is not possible for an entry that is {phase}")
    return following


def phase_of(state: EntryState, *, transmitting: bool) -> Phase:
    """Give the phase of a stored entry."""
    if transmitting and state is EntryState.ACTIVE:
        return Phase.TRANSMITTING
    return _PHASES[state]


def state_of(phase: Phase, *, tried: bool) -> EntryState:
    """Give the state under which an entry is stored.

    Args:
        phase: Where it stands.
        tried: Whether an attempt was ever made; tells deferred from queued.

    Raises:
        IllegalTransitionError: What is absent has no state.
    """
    states = STATES[phase]
    if not states:
        raise IllegalTransitionError("an entry that is absent has no state")
    return states[-1 if tried else 0]
