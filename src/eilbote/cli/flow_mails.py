"""The messages of a run, found in the outbox by the names of its visits."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from eilbote.cli.flow_view import StepMail
from eilbote.errors import EntryNotFoundError
from eilbote.outbox.store import EntryFilter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eilbote.app import Eilbote
    from eilbote.engine.flow_view import FlowRun
    from eilbote.outbox.entry import Entry

_WITHOUT_MAIL: Final = frozenset(
    {"branch", "end", "for_each", "http_request", "raise_notification", "set_value", "wait"}
)
_STEPS_KEPT: Final = 1000
"""Of a longer run the oldest steps are forgotten, and with them how often it had been to a node."""
_MOST_LOOKED_UP: Final = 200
_MOST_PEOPLE: Final = 100


async def mails_of(eilbote: Eilbote, run: FlowRun) -> Sequence[StepMail]:
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
            StepMail(step=number, entry=entry) for entry in await _entries(eilbote, run, key, step.kind)
        ]
    if run.node:
        key = f"flow/{run.id}/{run.node}/{visits[run.node]}"
        waiting = await _entries(eilbote, run, key, "ask" if run.entry is None else "")
        found += [StepMail(step=len(run.steps), entry=entry) for entry in waiting]
    return found


async def _entries(eilbote: Eilbote, run: FlowRun, key: str, kind: str) -> list[Entry]:
    if kind != "ask":
        return await _under(eilbote, run, key)
    entries: list[Entry] = []
    for number in range(_MOST_PEOPLE):
        more = await _under(eilbote, run, f"{key}/{number}")
        if not more:
            break
        entries += more
    return entries


async def _under(eilbote: Eilbote, run: FlowRun, key: str) -> list[Entry]:
    which = EntryFilter(idempotency_key=key, organization=run.organization)
    try:
        return list(await eilbote.entries(which, limit=1))
    except EntryNotFoundError:
        return []
