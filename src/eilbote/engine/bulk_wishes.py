"""One wish for many entries: chosen by what they are, counted, and done by the hundred.

What a wish does not suit is left out of the choice; what has changed between choosing and doing is told with its reason.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from eilbote.errors import ConflictError, DraftError
from eilbote.model.status import EntryState
from eilbote.outbox.store import Wish

if TYPE_CHECKING:
    from eilbote.engine.desk import Desk
    from eilbote.model.ids import EntryId
    from eilbote.outbox.store import EntryFilter

MOST: Final = 100_000
"""Entries that one wish may concern."""
_AT_ONCE: Final = 500
_MOST_REFUSALS: Final = 100
_SUITS: Final = {
    Wish.RETRY: (EntryState.DEFERRED, EntryState.DONE),
    Wish.CANCEL: (EntryState.QUEUED, EntryState.DEFERRED, EntryState.HELD, EntryState.ACTIVE),
    Wish.HOLD: (EntryState.QUEUED, EntryState.DEFERRED, EntryState.ACTIVE),
    Wish.RELEASE: (EntryState.HELD,),
}
"""In which states an entry may have a wish granted; of those that are done only the ones that have failed are tried again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkOutcome:
    """What became of a wish for many.

    Attributes:
        chosen: How many entries it concerned.
        done: For how many it was granted.
        refused: Why it was not for others; at most 100 of them.
    """

    chosen: int
    done: int
    refused: tuple[tuple[EntryId, str], ...]


async def choose(desk: Desk, wish: Wish, which: EntryFilter) -> list[EntryId]:
    """Give the entries that a wish suits, of those that are meant.

    Raises:
        DraftError: There are more than one wish may concern.
    """
    states = tuple(state for state in _SUITS[wish] if not which.states or state in which.states)
    if not states:
        return []
    chosen: list[EntryId] = []
    for narrowed in _narrowed(wish, replace(which, states=states)):
        after: EntryId | None = None
        while page := await desk.entries(narrowed, limit=_AT_ONCE, after=after, newest_first=False):
            after = page[-1].id
            chosen += [entry.id for entry in page]
            if len(chosen) > MOST:
                raise DraftError(
                    f"this concerns more than {MOST:,} messages",
                    field="q",
                    remedy="Narrow the search, for instance with before: and after:",
                )
    return sorted(chosen)


def _narrowed(wish: Wish, which: EntryFilter) -> list[EntryFilter]:
    if wish is not Wish.RETRY:
        return [which]
    waiting = tuple(state for state in which.states if state is not EntryState.DONE)
    over = tuple(state for state in which.states if state is EntryState.DONE)
    return [
        *([replace(which, states=waiting)] if waiting else []),
        *([replace(which, states=over, failed=True)] if over else []),
    ]


async def wish_for_all(
    desk: Desk, wish: Wish, entries: list[EntryId], *, expected: int | None = None
) -> BulkOutcome:
    """Do what somebody wants with entries.

    Args:
        desk: Where they are.
        wish: What is wanted.
        entries: Which; each once.
        expected: How many whoever wants it believes there are.

    Raises:
        ConflictError: There are not as many as expected; nothing was done.
        OutboxUnavailableError: The database does not answer; what was done before stays done.
    """
    if expected is not None and expected != len(entries):
        raise ConflictError(
            f"this concerns {len(entries):,} messages, and not {expected:,}",
            field="expected",
            cause="Others have come, or some have changed, since they were counted",
            remedy="Look again, and count again",
        )
    done = 0
    refused: list[tuple[EntryId, str]] = []
    for begin in range(0, len(entries), _AT_ONCE):
        some = entries[begin : begin + _AT_ONCE]
        for entry, refusal in zip(some, await desk.apply(wish, some), strict=True):
            if refusal is None:
                done += 1
            elif len(refused) < _MOST_REFUSALS:
                refused.append((entry, refusal))
    return BulkOutcome(chosen=len(entries), done=done, refused=tuple(refused))
