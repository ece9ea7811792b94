"""The messages of a run, found in the outbox by the names of its visits."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from eilbote.errors import EntryNotFoundError
from eilbote.model.moment import moment_of
from eilbote.model.status import EntryState
from eilbote.outbox.store import EntryFilter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eilbote.engine.desk import Desk
    from eilbote.engine.flow_view import FlowRun
    from eilbote.outbox.entry import Entry

_WITHOUT_MAIL: Final = frozenset(
    {"branch", "end", "for_each", "http_request", "raise_notification", "set_value", "wait"}
)
_SETTLED: Final = frozenset({EntryState.DONE, EntryState.CANCELLED})
_GOING: Final = frozenset({EntryState.QUEUED, EntryState.ACTIVE})
_FIRST_PAUSE, _LONGEST_PAUSE = 0.02, 0.5
_STEPS_KEPT: Final = 1000
"""Of a longer run the oldest steps are forgotten, and with them how often it had been to a node."""
_MOST_LOOKED_UP: Final = 200
_MOST_PEOPLE: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class StepMail:
    """A message that a node has asked for.

    Attributes:
        step: The number of the step, from 0; that of the node that the run is at when it is one more than there are.
        entry: The entry in the outbox.
        waits_for: Why it is not settled yet, as far as that is known.
    """

    step: int
    entry: Entry
    waits_for: str = ""


async def mails_of(eilbote: Desk, run: FlowRun) -> Sequence[StepMail]:
    """Give the messages of a run, each with the step that asked for it; of a long run those of its first steps."""
    if not run.mails or len(run.steps) >= _STEPS_KEPT:
        return ()
    found: list[StepMail] = []
    visits: Counter[str] = Counter()
    looked_up = 0
    for number, step in enumerate(run.steps):
        turn = visits[step.node]
        visits[step.node] += 1
        if step.kind in _WITHOUT_MAIL or looked_up >= _MOST_LOOKED_UP:
            continue
        looked_up += 1
        key = f"flow/{run.id}/{step.node}/{turn}"
        found += [
            await _told(eilbote, number, entry) for entry in await _entries(eilbote, run, key, step.kind)
        ]
    if run.node:
        key = f"flow/{run.id}/{run.node}/{visits[run.node]}"
        waiting = await _entries(eilbote, run, key, "ask" if run.entry is None else "")
        found += [await _told(eilbote, len(run.steps), entry) for entry in waiting]
    return found


async def mails_on_their_way(eilbote: Desk, run: FlowRun, *, seconds: float) -> Sequence[StepMail]:
    """Give the messages of a run once none of them is on its way any more, or after some seconds.

    A run that asks people, or does not wait for its messages, goes on before they are delivered; whoever delivers for it should
    not leave with them in hand.
    """
    end, pause = eilbote.clock.monotonic() + seconds, _FIRST_PAUSE
    while True:
        mails = await mails_of(eilbote, run)
        now = moment_of(eilbote.clock.now())
        going = [
            mail
            for mail in mails
            if mail.entry.state in _GOING and mail.entry.due <= now and not mail.waits_for
        ]
        if not going or eilbote.clock.monotonic() >= end:
            return mails
        await asyncio.sleep(pause)
        pause = min(pause * 2, _LONGEST_PAUSE)


async def _told(eilbote: Desk, step: int, entry: Entry) -> StepMail:
    if entry.state in _SETTLED:
        return StepMail(step=step, entry=entry)
    return StepMail(step=step, entry=entry, waits_for=await why_it_waits(eilbote, entry))


async def why_it_waits(eilbote: Desk, entry: Entry) -> str:
    """Say why a message is not settled yet: what its server said, or why its connection rests; empty when nobody knows."""
    said = entry.reason or next((each.text for each in entry.recipients if each.text), "")
    if said:
        return said
    rests = [pause.reason for pause in await eilbote.pauses() if pause.connection == entry.connection]
    return f"{entry.connection} takes no mail for now: {rests[0]}" if rests else ""


async def _entries(eilbote: Desk, run: FlowRun, key: str, kind: str) -> list[Entry]:
    if kind != "ask":
        return await _under(eilbote, run, key)
    entries: list[Entry] = []
    for number in range(_MOST_PEOPLE):
        more = await _under(eilbote, run, f"{key}/{number}")
        if not more:
            break
        entries += more
    return entries


async def _under(eilbote: Desk, run: FlowRun, key: str) -> list[Entry]:
    which = EntryFilter(idempotency_key=key, organization=run.organization)
    try:
        return list(await eilbote.entries(which, limit=1))
    except EntryNotFoundError:
        return []
