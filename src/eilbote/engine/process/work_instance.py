"""One instance in somebody's hands: what :mod:`eilbote.engine.process.run_process` does with it, turn by turn."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from eilbote.author.process.instance import DeedDone, InstanceStatus
from eilbote.author.process.interpret.interpret import cancel, give, go_on, settle
from eilbote.author.process.interpret.trigger_text import read_trigger
from eilbote.author.process.kept import WaitKind
from eilbote.engine.process.instance_keeper import words_of
from eilbote.engine.process.process_deeds import Asked, Parked
from eilbote.errors import EilboteError, OutboxError
from eilbote.record.notice import NoticeKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eilbote.author.process.definition import Definition
    from eilbote.author.process.instance import Instance, Wanted
    from eilbote.author.process.kept import KeptInstance
    from eilbote.engine.process.instance_keeper import InstanceKeeper
    from eilbote.engine.process.ledger import Ledger
    from eilbote.engine.process.process_deeds import Performed
    from eilbote.model.ids import EntryId
    from eilbote.model.moment import Moment

_AT_ONCE: Final = 8
"""Deeds of one instance that are under way at the same time."""


class Working:
    """Works one instance.

    Args:
        runs: Keeps it, and knows who else has to do with it.
        definition: Of which process.
        kept: The instance as it was claimed.
        instance: The same as the interpreter has it.
        ledger: What was noted of its deeds.
    """

    def __init__(
        self,
        runs: InstanceKeeper,
        definition: Definition,
        kept: KeptInstance,
        instance: Instance,
        ledger: Ledger,
    ) -> None:
        self._runs = runs
        self._definition = definition
        self._kept = kept
        self._instance = instance
        self._ledger = ledger
        self._again = frozenset(ledger.begun)
        self._parked: dict[str, Parked] = {}
        self._entries: dict[str, EntryId] = {
            wait.key: wait.entry
            for wait in kept.waits
            if wait.kind is WaitKind.MAIL and wait.entry is not None
        }
        self._taken_in: list[str] = []
        self._told = {incident.key for incident in instance.incidents}
        self._is_cut = False
        self._since = runs.monotonic()

    @property
    def kept(self) -> KeptInstance:
        """The instance as it was kept last."""
        return self._kept

    async def work(self) -> KeptInstance:
        """Go on until the instance has ended or waits, and let go of it.

        Raises:
            LeaseLostError: Somebody else has it by now.
            OutboxError: What is kept cannot be reached.
        """
        try:
            if self._is_called_back():
                return await self._call_back()
            self._take_in()
            self._told &= {incident.key for incident in self._instance.incidents}
            while await self._advance() and await self._have_done():
                if self._is_called_back():
                    return await self._call_back()
            if self._instance.status is InstanceStatus.RUNNING:
                return await self._let_go()
            return await self._end()
        except asyncio.CancelledError:
            # Told to stop at once: what is under way is kept, and somebody else goes on without waiting for the lease.
            with suppress(EilboteError):
                await self._keep(holds=False, due=self._runs.now())
            raise

    # -- its steps -----------------------------------------------------------------------------------------------

    def _take_in(self) -> None:
        """Give the instance what has happened to it; what nobody in it waits for is dropped, and told."""
        for trigger in self._kept.triggers:
            if trigger.id in self._taken_in:
                continue
            self._taken_in.append(trigger.id)
            try:
                happened = read_trigger(trigger.data)
                self._instance = give(self._definition, self._instance, happened, now=self._runs.certain())
            except EilboteError as fault:
                self._runs.tell(NoticeKind.TRIGGER_DROPPED, self._kept, str(fault))

    async def _advance(self) -> bool:
        """Let tokens go as far as they go; says whether the instance is still running and in our hands."""
        runs = self._runs
        while True:
            turn = runs.turn()
            self._instance = go_on(self._definition, self._instance, now=runs.certain(), is_enough=turn)
            await asyncio.sleep(0)  # others get their turn
            if self._instance.status is not InstanceStatus.RUNNING:
                return False
            if not turn.was_over:
                return True
            if runs.lets_go(self._since):
                self._is_cut = True
                return False

    async def _have_done(self) -> bool:
        """Have done what the instance wants; says whether anything came of it."""
        wanted = [each for each in self._instance.wanted if each.key not in self._parked]
        if not wanted:
            return False
        if self._runs.lets_go(self._since):
            self._is_cut = True
            return False
        settled = await self._begin([each for each in wanted if each.key not in self._ledger.begun])
        if self._is_called_back():
            return True
        return await self._perform([each for each in wanted if each.key in self._ledger.begun]) or settled

    async def _begin(self, fresh: Sequence[Wanted]) -> bool:
        """Keep that deeds are begun, with what must be decided before; says whether some are settled without that."""
        if not fresh:
            return False
        notes: dict[str, str] = {}
        is_settled = False
        for wanted in fresh:
            prepared = await self._runs.deeds.prepare(self._asked(wanted))
            if isinstance(prepared, str):
                notes[wanted.key] = prepared
            else:
                is_settled = self._heed(wanted, prepared) or is_settled
        if notes:
            self._ledger = self._ledger.begin(notes)
            await self._keep(holds=True)
            if self._kept.triggers and not self._is_called_back():
                self._take_in()
        return is_settled

    async def _perform(self, wanted: Sequence[Wanted]) -> bool:
        """Perform what was begun, some at a time; says whether anything is settled.

        What came of one may end the activity that others belong to: those that are not under way yet are left undone.
        """
        is_settled = False
        while wanted := self._still_wanted(wanted):
            some, wanted = wanted[:_AT_ONCE], wanted[_AT_ONCE:]
            performed = await asyncio.gather(
                *(self._runs.deeds.perform(self._asked(each)) for each in some), return_exceptions=True
            )
            fault: BaseException | None = None
            for each, outcome in zip(some, performed, strict=True):
                if isinstance(outcome, BaseException):
                    fault = fault or outcome
                else:
                    is_settled = self._heed(each, outcome) or is_settled
            if fault is not None:
                await self._leave_after(fault)
                raise fault
        return is_settled

    def _still_wanted(self, some: Sequence[Wanted]) -> Sequence[Wanted]:
        keys = {each.key for each in self._instance.wanted}
        return [each for each in some if each.key in keys]

    async def _leave_after(self, fault: BaseException) -> None:
        """Keep what is settled though something else could not be reached, so that it need not be found out again."""
        if isinstance(fault, OutboxError):
            with suppress(EilboteError):
                await self._keep(holds=True)

    def _heed(self, wanted: Wanted, outcome: Performed) -> bool:
        """Take in what came of a deed; says whether it is settled. Nobody asks any more for one whose activity was ended meanwhile."""
        if not self._still_wanted([wanted]):
            return False
        match outcome:
            case Parked():
                self._parked[wanted.key] = outcome
                if outcome.entry is not None:
                    self._entries[wanted.key] = outcome.entry
                return False
            case DeedDone():
                self._entries.pop(wanted.key, None)
                self._ledger = self._ledger.settle(wanted.key)
                self._again -= {wanted.key}
                self._told.discard(wanted.key)
                self._instance = settle(
                    self._definition, self._instance, wanted.key, outcome, now=self._runs.certain()
                )
                return True

    def _asked(self, wanted: Wanted) -> Asked:
        ledger, key = self._ledger, wanted.key
        return Asked(
            kept=self._kept,
            definition=self._definition,
            wanted=wanted,
            note=ledger.begun.get(key, ""),
            entry=self._entries.get(key),
            again=key in self._again,
            now=self._runs.now(),
        )

    # -- keeping -------------------------------------------------------------------------------------------------

    async def _let_go(self) -> KeptInstance:
        """Keep what the instance waits for; people are told of their tasks before that, once they are on the disk."""
        runs, tasks = self._runs, self._instance.waits.tasks
        due: list[Moment | None] = [self._instance.waits.due, *(each.due for each in self._parked.values())]
        if tasks:
            known = {wait.key for wait in self._kept.waits if wait.kind is WaitKind.TASK}
            if any(task.key not in known for task in tasks):
                await self._keep(holds=True)
            told = await runs.people.tell(self._kept, tasks, title=self._definition.title, now=runs.certain())
            due.append(told.again)
            for fault in told.faults:
                runs.tell(NoticeKind.TASK_UNTOLD, self._kept, str(fault))
        kept = await self._keep(holds=False, due=runs.now() if self._is_cut else runs.due_of(due))
        self._tell_incidents()
        return kept

    async def _end(self) -> KeptInstance:
        runs, instance = self._runs, self._instance
        kept = await self._keep(holds=False)
        if instance.status is InstanceStatus.FAILED:
            runs.tell(NoticeKind.INSTANCE_FAILED, kept, words_of(instance.error or {}))
        else:
            runs.tell(NoticeKind.INSTANCE_ENDED, kept, count=instance.steps)
        return kept

    def _is_called_back(self) -> bool:
        return self._kept.cancelled

    async def _call_back(self) -> KeptInstance:
        """End an instance that somebody has called back."""
        self._instance = cancel(self._instance, now=self._runs.certain())
        self._taken_in = [trigger.id for trigger in self._kept.triggers]
        kept = await self._keep(holds=False)
        self._runs.tell(NoticeKind.INSTANCE_ENDED, kept, "it was called back", count=self._instance.steps)
        return kept

    async def _keep(self, *, holds: bool, due: Moment | None = None) -> KeptInstance:
        self._kept = await self._runs.keep(
            self._kept,
            self._instance,
            self._ledger,
            holds=holds,
            due=due,
            mails=self._entries,
            taken_in=tuple(self._taken_in),
        )
        left = {trigger.id for trigger in self._kept.triggers}
        self._taken_in = [each for each in self._taken_in if each in left]
        return self._kept

    def _tell_incidents(self) -> None:
        for incident in self._instance.incidents:
            if incident.key not in self._told:
                what = incident.error.get("message") or incident.error.get("code") or ""
                self._runs.tell(NoticeKind.INSTANCE_INCIDENT, self._kept, f"{incident.element}: {what}")
