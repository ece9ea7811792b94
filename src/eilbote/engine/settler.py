"""Writes what became of claims: many at a time, while the sessions go on, and until the outbox has taken it.

What a server has decided must not be lost for a full disk, so a settlement that cannot be written is tried again
for as long as the courier lives, and whoever hands them in can see how many wait and take no new mail meanwhile.
The store fences: a settlement of a claim that was rescued by others writes nothing, and what the server had said
goes into the log.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Final, TypeAlias

from eilbote.engine.patience import Patience
from eilbote.engine.refused_addresses import enter_refused
from eilbote.errors import OutboxError, OutboxUnavailableError
from eilbote.model.status import EntryState
from eilbote.outbox.untried import REASON_CHARACTERS
from eilbote.record.notice import NoticeKind
from eilbote.record.report import AttemptReport, Tried

if TYPE_CHECKING:
    from collections.abc import Callable

    from eilbote.engine.shift import Shift
    from eilbote.model.attempt import Event
    from eilbote.outbox.settlement import Settlement

_MOST_AT_ONCE: Final = 500
_Unwritten: TypeAlias = "tuple[Settlement, Callable[[], None]]"
"""A settlement, and who wants to hear that it was written. A pair, for it is made for every message."""


class Settler:
    """Takes settlements and writes them in batches.

    Args:
        shift: Whose claims they are.
    """

    def __init__(self, shift: Shift) -> None:
        self._shift = shift
        self._unwritten: list[_Unwritten] = []
        self._writing = 0
        self._changed = asyncio.Event()
        self._patience = Patience()

    def put(self, settlement: Settlement, then: Callable[[], None]) -> None:
        """Take a settlement; ``then`` is called when it was written, or the claim was lost."""
        if not self._unwritten:
            self._changed.set()
        self._unwritten.append((settlement, then))

    @property
    def backlog(self) -> int:
        """How many are not written yet."""
        return len(self._unwritten) + self._writing

    async def run(self) -> None:
        """Write what comes, until cancelled."""
        while True:
            while not self._unwritten:
                self._changed.clear()
                await self._changed.wait()
            batch = self._unwritten[:_MOST_AT_ONCE]
            del self._unwritten[: len(batch)]
            self._writing = len(batch)
            settlements = [settlement for settlement, _ in batch]
            written = await self._write(settlements)
            rules = self._shift.rules
            if rules.enters_refused and rules.suppressions is not None:
                await enter_refused(settlements, written, rules.suppressions, self._shift.store)
            self._writing = 0
            self._tell(batch, written)
            self._changed.set()

    async def finish(self) -> None:
        """Wait until everything is written."""
        while self.backlog:
            self._changed.clear()
            await self._changed.wait()

    async def _write(self, settlements: list[Settlement]) -> list[bool]:
        shift = self._shift
        while True:
            try:
                written = await shift.store.settle(settlements)
            except OutboxError as error:
                if not isinstance(error, OutboxUnavailableError):
                    apart = await self._write_apart(settlements, error)
                    if apart is not None:
                        return apart
                if not self._patience.is_tried:
                    shift.notice(NoticeKind.OUTBOX_UNAVAILABLE, str(error), count=len(settlements))
                await shift.sleep(self._patience.pause())
            else:
                if self._patience.is_tried:
                    shift.notice(NoticeKind.OUTBOX_AVAILABLE)
                    self._patience.restore()
                return written

    async def _write_apart(self, settlements: list[Settlement], error: OutboxError) -> list[bool] | None:
        """Write the others, where one that cannot be written keeps them all; ``None`` when not even that can be done.

        Of the one nothing can be kept but that: its entry is held, for what was sent must not be sent again.
        """
        if len(settlements) > 1:
            return [written for one in settlements for written in await self._write([one])]
        reason = (
            f"what became of it cannot be written, it may have been sent: {_said(settlements[0])}. {error}"
        )
        bare = replace(
            settlements[0],
            state=EntryState.HELD,
            reason=reason[:REASON_CHARACTERS],
            attempt=None,
            given_up=(),
            events=(),
        )
        try:
            written = await self._shift.store.settle([bare])
        except OutboxError:
            return None
        self._shift.notice(NoticeKind.UNFORESEEN, reason, entry=bare.id, connection=bare.connection)
        return written

    def _tell(self, batch: list[_Unwritten], written: list[bool]) -> None:
        happened: list[Event] = []
        tried: list[Tried] = []
        for (settlement, then), is_written in zip(batch, written, strict=True):
            if is_written:
                happened += settlement.events
                if settlement.attempt is not None:
                    organization = settlement.lane.organization
                    tried.append(
                        Tried(entry=settlement.id, organization=organization, attempt=settlement.attempt)
                    )
            elif settlement.attempt is not None:
                self._shift.notice(
                    NoticeKind.LATE_RESULT,
                    f"others had taken the entry back before this result could be written: {_said(settlement)}",
                    entry=settlement.id,
                    connection=settlement.attempt.connection,
                )
            then()
        report = self._shift.report
        report.happened(happened)
        if tried and isinstance(report, AttemptReport):
            report.tried(tried)


def _said(settlement: Settlement) -> str:
    attempt = settlement.attempt
    if attempt is None:
        return ""
    outcomes = ", ".join(f"recipient {one.number} {one.status}" for one in attempt.outcomes)
    return f"{outcomes} ({attempt.reply})" if attempt.reply else outcomes
