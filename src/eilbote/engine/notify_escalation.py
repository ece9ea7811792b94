"""Takes the steps that are due because nobody has acknowledged an event.

A step raises an event of its own under a name made of what it is about, and is noted afterwards. Whoever is killed in between does it again, and
those who are meant are told once.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

from eilbote.author.notification.decision import decide_step
from eilbote.author.notification.defaults import default_subscription
from eilbote.author.notification.escalated import escalated
from eilbote.author.notification.escalation import Escalation
from eilbote.author.notification.store import RaisedFilter
from eilbote.author.notification.subscription import Cadence
from eilbote.engine.event_ids import event_id
from eilbote.errors import EilboteError, OutboxError, SettingsError
from eilbote.model.moment import later

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from eilbote.author.notification.people import People
    from eilbote.author.notification.store import NotificationStore
    from eilbote.author.notification.subscription import Subscription
    from eilbote.author.notification.telling import KeptEvent
    from eilbote.model.moment import Moment

_AT_ONCE: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ended:
    """Why a step is not taken."""

    reason: str


async def take_steps(
    store: NotificationStore, now: Moment, *, people: Callable[[str], Awaitable[People]]
) -> int:
    """Take every step that is due; gives how many there were.

    Args:
        store: Where events and steps are.
        now: The time.
        people: Gives who has an account at the host and in an organization.

    Raises:
        OutboxError: The database does not answer; what was not noted is done again later, and tells once.
    """
    taken = 0
    while due := await store.escalations_due(now, limit=_AT_ONCE):
        for each in due:
            try:
                await _take(store, each, now, people)
            except OutboxError:
                raise
            except EilboteError as fault:
                # One that cannot be taken must not keep the others waiting, nor all that is told.
                await store.escalated(each, raised="", reason=str(fault), following=None, now=now)
        taken += len(due)
    return taken


async def _take(
    store: NotificationStore,
    due: Escalation,
    now: Moment,
    people: Callable[[str], Awaitable[People]],
) -> None:
    found = await store.events(RaisedFilter(id=due.event), limit=1)
    wish = await _wish(store, due, now)
    if isinstance(wish, _Ended) or not found:
        reason = wish.reason if isinstance(wish, _Ended) else "the event is gone"
        await store.escalated(due, raised="", reason=reason, following=None, now=now)
        return
    raised = await _raise(store, found[0], wish, due, now=now, people=people)
    await store.escalated(due, raised=raised, reason="", following=_following(wish, due, now), now=now)


async def _wish(store: NotificationStore, due: Escalation, now: Moment) -> Subscription | _Ended:
    """Give the subscription, as it is by now, if it still has the step."""
    try:
        known = await store.subscription(due.subscription) or default_subscription(due.subscription)
    except SettingsError:
        return _Ended(reason="the subscription is damaged")
    if known is None or due.step >= len(known.escalation):
        return _Ended(reason="the subscription has no such step any more")
    if known.cadence is Cadence.NEVER or (known.muted_until is not None and now < known.muted_until):
        return _Ended(reason="the subscription was silenced")
    return known


async def _raise(
    store: NotificationStore,
    kept: KeptEvent,
    wish: Subscription,
    due: Escalation,
    *,
    now: Moment,
    people: Callable[[str], Awaitable[People]],
) -> str:
    step = wish.escalation[due.step]
    id_ = event_id("escalation", due.event, due.subscription, str(due.step))
    event = escalated(kept.event, step, due.step, id_=id_, now=now)
    meant = await people(event.organization)
    decide = partial(decide_step, people=meant, subscription=wish, step=due.step)
    return (await store.raise_event(event, decide)).event


def _following(wish: Subscription, due: Escalation, now: Moment) -> Escalation | None:
    number = due.step + 1
    if number >= len(wish.escalation):
        return None
    return Escalation(
        event=due.event,
        subscription=due.subscription,
        step=number,
        due=later(now, 60.0 * wish.escalation[number].after_minutes),
    )
