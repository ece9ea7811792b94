"""What is needed to work one instance: the time, who does its deeds, who hears of it, and how it is kept."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from eilbote.author.process.instance import InstanceStatus
from eilbote.author.process.interpret.instance_state import instance_data
from eilbote.author.process.kept import KeptWait, WaitKind
from eilbote.engine.process.ledger import with_ledger
from eilbote.model.moment import later
from eilbote.record.notice import Notice

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from eilbote.author.process.instance import Instance
    from eilbote.author.process.kept import KeptInstance
    from eilbote.author.process.store import ProcessStore
    from eilbote.engine.process.ledger import Ledger
    from eilbote.engine.process.process_deeds import Deeds
    from eilbote.engine.process.tasks import TaskTeller
    from eilbote.engine.wall_clock import WallClock
    from eilbote.model.data import Data
    from eilbote.model.ids import EntryId
    from eilbote.model.moment import Moment
    from eilbote.record.notice import NoticeKind
    from eilbote.record.report import Report

_HELD_SECONDS: Final = 10.0
"""After which an instance that could go on is let go of, so that those of others come to a worker that long ones would fill."""
_TURN_SECONDS: Final = 0.05
"""After which leases are prolonged and others go on, though an instance could."""
_RECHECK_SECONDS: Final = 60.0


class Turn:
    """A turn, during which nobody else of this process gets to work.

    Args:
        monotonic: Tells seconds that never run backwards.
    """

    __slots__ = ("_end", "_monotonic", "was_over")

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._end = monotonic() + _TURN_SECONDS
        self.was_over = False

    def __call__(self) -> bool:
        """Tell whether it is over."""
        self.was_over = self.was_over or self._monotonic() >= self._end
        return self.was_over


class InstanceKeeper:
    """Keeps instances, and knows who else has to do with them.

    Args:
        store: Where they are kept.
        deeds: Does what they want.
        people: Tells people of their tasks.
        time: Tells the time, and how much of it is certain.
        report: Hears what they do.
        monotonic: Tells seconds that never run backwards.
        is_stopping: Whether whoever works is to let go of instances at the next good place.
    """

    def __init__(
        self,
        store: ProcessStore,
        deeds: Deeds,
        *,
        people: TaskTeller,
        time: WallClock,
        report: Report,
        monotonic: Callable[[], float],
        is_stopping: Callable[[], bool] = lambda: False,
    ) -> None:
        self._time = time
        self._report = report
        self._monotonic = monotonic
        self._is_stopping = is_stopping
        self.store = store
        """Where instances are kept."""
        self.deeds = deeds
        """Does what instances want."""
        self.people = people
        """Tells people of their tasks."""

    def now(self) -> Moment:
        """Give the time as it is shown."""
        return self._time.now()

    def certain(self) -> Moment:
        """Give the time that is certain, by which timers fire; it lags behind a clock that has just been set forward."""
        return self._time.certain_now()

    def turn(self) -> Turn:
        """Begin a turn."""
        return Turn(self._monotonic)

    def monotonic(self) -> float:
        """Give seconds that never run backwards."""
        return self._monotonic()

    def lets_go(self, since: float) -> bool:
        """Whether an instance is to be let go of that was taken up then: others may wait for its place."""
        return self._is_stopping() or self._monotonic() - since >= _HELD_SECONDS

    def due_of(self, moments: Sequence[Moment | None]) -> Moment | None:
        """Give when an instance is to be looked at that waits for these moments; they come by the time that is certain."""
        known = [moment for moment in moments if moment is not None]
        if not known:
            return None
        due, now = min(known), self.now()
        ahead = self._time.ahead(now)
        if not ahead or due > now:
            return due
        return later(now, max(1.0, min(_RECHECK_SECONDS, (due - now + ahead) / 1000)))

    async def keep(
        self,
        kept: KeptInstance,
        instance: Instance,
        ledger: Ledger,
        *,
        holds: bool,
        due: Moment | None = None,
        mails: Mapping[str, EntryId] | None = None,
        taken_in: Sequence[str] = (),
    ) -> KeptInstance:
        """Keep how an instance stands; what vanished from what people have to do is closed.

        Raises:
            ProcessError: It holds something that cannot be kept.
            OutboxError: It cannot be kept for now, or by this worker any more.
        """
        runs = instance.status is InstanceStatus.RUNNING
        keys = {wanted.key for wanted in instance.wanted} | {each.key for each in instance.incidents}
        waits = _waits(instance, mails or {}) if runs else ()
        written = await self.store.keep(
            replace(
                kept,
                status=instance.status,
                stage=instance.state,
                incidents=len(instance.incidents),
                correlation=instance.correlation,
                state=with_ledger(instance_data(instance), ledger.only(keys)),
                waits=waits,
                due=due if runs else None,
            ),
            taken_in=taken_in,
            holds=holds,
            now=self.now(),
        )
        open_now = {wait.key for wait in waits}
        gone = [wait.key for wait in kept.waits if wait.kind is WaitKind.TASK and wait.key not in open_now]
        if gone:
            await self.people.closed(written, gone, now=self.now())
        return replace(written, text=kept.text)

    def tell(self, kind: NoticeKind, kept: KeptInstance, text: str = "", *, count: int = 0) -> None:
        """Tell those who look after it what an instance does."""
        self._report.noticed(
            Notice(
                kind=kind,
                at=self.now(),
                text=text,
                count=count,
                process=kept.process,
                instance=kept.id,
                organization=kept.organization,
            )
        )


def _waits(instance: Instance, mails: Mapping[str, EntryId]) -> tuple[KeptWait, ...]:
    """Give what an instance waits for, as rows tell it."""
    tasks = [
        KeptWait(kind=WaitKind.TASK, key=task.key, name=task.title, correlation=task.record, due=task.due)
        for task in instance.waits.tasks
    ]
    messages = [
        KeptWait(kind=WaitKind.MESSAGE, key=each.key, name=each.name, correlation=each.correlation)
        for each in instance.waits.messages
    ]
    wanted = {each.key for each in instance.wanted}
    entries = [
        KeptWait(kind=WaitKind.MAIL, key=key, entry=entry) for key, entry in mails.items() if key in wanted
    ]
    return (*tasks, *messages, *entries)


def words_of(error: Mapping[str, Data]) -> str:
    """Give an error in one line."""
    element, field, what = error.get("element"), error.get("field"), error.get("message")
    where = ".".join(str(each) for each in (element, field) if each)
    return f"{where}: {what}" if where else str(what)
