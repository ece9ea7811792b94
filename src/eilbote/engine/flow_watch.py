"""Looks what became of the messages that runs wait for, and wakes the runs whose messages are settled.

A run that waits lies in the database and costs nothing. What it waits for is looked at a page at a time; a courier of the same
process tells at once what it has settled, so that nobody waits for the next look.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from eilbote.engine.flow_mail import reverse_path
from eilbote.engine.flow_mail_result import forgotten, is_settled, settled
from eilbote.engine.mail_watch import MailWatch
from eilbote.errors import EntryNotFoundError, FlowError
from eilbote.model.ids import entry_id_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from eilbote.author.flow.step import Outcome
    from eilbote.author.flow.store import FlowStore, LateResult
    from eilbote.model.data import Data
    from eilbote.model.ids import EntryId
    from eilbote.model.moment import Moment
    from eilbote.outbox.store import OutboxStore


class FlowWatch(MailWatch):
    """What one worker knows of the messages that runs wait for, or want late results of.

    Args:
        store: Where runs are kept.
        outbox: Where messages are.
        now: Tells the time.
    """

    def __init__(
        self, store: FlowStore, outbox: Callable[[], OutboxStore], *, now: Callable[[], Moment]
    ) -> None:
        super().__init__(store, outbox, now=now, is_over=is_settled)
        self._store = store

    async def _tell(self, over: Sequence[EntryId]) -> int:
        woken = await super()._tell(over)
        wanted = await self._store.late_results(over)
        for late in wanted:
            await self._keep(late)
        return woken + len(wanted)

    async def _keep(self, late: LateResult) -> None:
        try:
            history = await self._outbox().history(late.entry)
        except EntryNotFoundError:
            outcome = forgotten(entry_id_text(late.entry))
        else:
            path = await reverse_path(self._outbox(), late.entry)
            outcome = settled(history, reverse_path=path, shows_bcc=late.shows_bcc)
        try:
            await self._store.keep_late(late, late_result(outcome, node=late.node), now=self._now())
        except FlowError:  # so many recipients that it cannot be kept
            await self._store.keep_late(late, _in_short(outcome), now=self._now())


def late_result(outcome: Outcome, *, node: str) -> dict[str, Data]:
    """Give what is kept of a message that a run did not wait for: the same that its node would have kept."""
    result: dict[str, Data] = dict(outcome.result)
    if outcome.error is not None:
        result = {"status": "failed", **result, "error": {**outcome.error, "node": node}}
    return result


def _in_short(outcome: Outcome) -> Mapping[str, Data]:
    kept = ("id", "status", "messageId", "attempts", "server", "response")
    return {name: outcome.result[name] for name in kept if name in outcome.result}
