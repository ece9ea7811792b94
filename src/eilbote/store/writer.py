"""One thread that writes, many that wait: group commit.

Whoever wants something written hands it over and awaits it. The thread takes everything that has gathered, up to a
bound, does it in one transaction, and wakes all of them at once: the disk is flushed once for hundreds of
submitters, and nobody is answered before it was.

Rules it keeps:

* A wish that fails does not fail its neighbours: when a transaction fails on what is in it, each wish gets one of
  its own.
* What cannot be written *for now* (locked, no space, the disk gives errors) is tried again with growing pauses. A
  patient wish, one whose loss would make the outbox forget what a server said, waits until it is written or the
  store is closed; any other fails after its patience with nothing written.
* What is written together is done in the order of the ranks of its steps, and in the order of its coming within a
  step.
* Whoever's transaction is on the disk is answered just before the next one is flushed, so that they go on while the disk works
  and not while the interpreter's lock is wanted here. Where no wish has gathered meanwhile, they are answered at once.
"""

from __future__ import annotations

import asyncio
import math
import queue
import threading
from collections import deque
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, Final, Generic, Protocol, TypeVar

from eilbote.errors import OutboxUnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_BATCH: Final = 500
"""How many wishes a transaction takes at most; more would only make all of them wait longer."""
_FIRST_PAUSE, _LAST_PAUSE = 0.01, 2.0


class Fault(Enum):
    """What an exception in a transaction says about trying again."""

    LOCKED = "locked"
    """Somebody else writes; nothing is wrong."""
    PASSING = "passing"
    """The disk cannot take it for now; something smaller may still fit."""
    LASTING = "lasting"
    """The database is damaged or gone; trying again would not help."""
    OWN = "own"
    """It lies in what was to be written."""


class Session(Protocol):
    """A connection to a database, in the hands of the writer's thread."""

    def begin(self) -> None:
        """Begin a transaction that may write."""
        ...

    def commit(self) -> None:
        """Make it durable."""
        ...

    def rollback(self) -> None:
        """Forget it; never fails."""
        ...

    def close(self) -> None:
        """Let go of the database."""
        ...

    def fault(self, error: Exception) -> Fault:
        """Sort an exception."""
        ...

    def complaint(self, error: Exception, *, waited: float | None) -> Exception:
        """Say it as an error of the outbox, with the time somebody waited for it to pass."""
        ...


S = TypeVar("S", bound=Session)
P = TypeVar("P")
R = TypeVar("R")


@dataclass(frozen=True, slots=True, kw_only=True)
class Step(Generic[S, P, R]):
    """Something that can be done for many at once.

    Attributes:
        work: Does it for each payload and gives as many results, within a transaction.
        rank: The smaller goes first within a transaction.
        patient: Whether it is tried until it is written.
    """

    work: Callable[[S, list[P]], list[R]]
    rank: int
    patient: bool = False


@dataclass(slots=True, eq=False)
class _Wish:
    """One caller's payload, and where its result goes."""

    step: Step[Any, Any, Any]
    payload: Any
    future: asyncio.Future[Any]
    since: float


class Writer(Generic[S]):
    """Writes what is handed in, in a thread of its own.

    Args:
        session: The connection; from now on the thread's alone, and closed by it.
        busy_seconds: How long an impatient wish waits for what may pass.
        monotonic: Tells seconds that never run backwards.
    """

    def __init__(self, session: S, *, busy_seconds: float, monotonic: Callable[[], float]) -> None:
        self._session = session
        self._busy_seconds = busy_seconds
        self._monotonic = monotonic
        self._wishes: queue.SimpleQueue[_Wish | None] = queue.SimpleQueue()
        self._closing = threading.Event()
        self._owed: list[tuple[_Wish, Any]] = []  # answers that nobody has heard yet
        self._loop = asyncio.get_running_loop()
        self._thread = threading.Thread(target=self._live, name="eilbote-writer", daemon=True)
        self._thread.start()

    async def do(self, step: Step[S, P, R], payload: P) -> R:
        """Have something written; it is durable when this returns.

        A caller that is cancelled meanwhile does not learn whether it was written.

        Raises:
            OutboxError: Nothing of it was written.
        """
        if self._closing.is_set():
            raise OutboxUnavailableError("the outbox is closed", remedy="Open it again")
        future: asyncio.Future[R] = self._loop.create_future()
        self._wishes.put(_Wish(step, payload, future, self._monotonic()))
        return await future

    async def close(self) -> None:
        """Write what was handed in, once more if it has failed so far, then let go of the database."""
        if not self._closing.is_set():
            self._closing.set()
            self._wishes.put(None)
        await asyncio.to_thread(self._thread.join)

    # -- in the thread --------------------------------------------------------------------------------------

    def _live(self) -> None:
        gathered: list[_Wish] = []
        while True:
            if not self._gather(gathered):
                self._answer_owed()  # nothing to be done first
                first = self._wishes.get()
                if first is None:
                    break
                gathered.append(first)
                self._gather(gathered)
            self._write(gathered)
            gathered.clear()
        while self._gather(gathered):  # handed in while the store was being closed
            self._write(gathered)
            gathered.clear()
        self._answer_owed()
        self._session.close()

    def _gather(self, into: list[_Wish], *, bound: float = _BATCH) -> int:
        """Take what has come, up to a bound; gives how many there are now."""
        while len(into) < bound:
            try:
                wish = self._wishes.get_nowait()
            except queue.Empty:
                break
            if wish is None:
                self._wishes.put(None)  # the end; _live shall see it
                break
            into.append(wish)
        return len(into)

    def _write(self, wishes: list[_Wish]) -> None:
        """Write wishes, however long it takes; each has its answer when this returns."""
        pause = _FIRST_PAUSE
        while True:
            last = self._closing.is_set()
            wishes[:] = [wish for wish in wishes if not wish.future.cancelled()]
            error = self._try_together(wishes) if wishes else None
            if error is None:
                return
            self._give_up(wishes, error, everybody=last)
            if not wishes:
                return
            self._closing.wait(pause if self._session.fault(error) is not Fault.LOCKED else _FIRST_PAUSE)
            pause = min(pause * 2, _LAST_PAUSE)
            self._gather(wishes, bound=math.inf)  # all of them: the patience of each must be looked at

    def _try_together(self, wishes: list[_Wish]) -> Exception | None:
        """Write wishes in one transaction, else each in its own; leaves those to be tried again, and says why."""
        error = self._transact(wishes)
        if error is None:
            wishes.clear()
            return None
        if self._session.fault(error) is Fault.LOCKED:
            return error
        alone = deque(sorted(wishes, key=lambda wish: not wish.step.patient))
        wishes.clear()
        again: Exception | None = None
        while alone:
            wish = alone.popleft()
            error = self._transact([wish])
            if error is None:
                continue
            fault = self._session.fault(error)
            if fault in {Fault.OWN, Fault.LASTING}:
                self._answer([(wish, self._session.complaint(error, waited=None))])
                continue
            again = error
            wishes.append(wish)
            if fault is Fault.LOCKED:
                wishes.extend(alone)
                break
        return again

    def _transact(self, wishes: Iterable[_Wish]) -> Exception | None:
        groups: dict[Step[Any, Any, Any], list[_Wish]] = {}
        for wish in wishes:
            groups.setdefault(wish.step, []).append(wish)
        answers: list[tuple[_Wish, Any]] = []
        session = self._session
        try:
            session.begin()
            for step in sorted(groups, key=lambda step: step.rank):
                group = groups[step]
                answers += zip(group, step.work(session, [wish.payload for wish in group]), strict=True)
            self._answer_owed()
            session.commit()
        except Exception as error:  # noqa: BLE001 - whatever it was, those who wait must hear of it
            session.rollback()
            return error
        self._owed = answers
        return None

    def _give_up(self, wishes: list[_Wish], error: Exception, *, everybody: bool) -> None:
        """Answer those whose patience is over; the others wait, but nobody whose wish is written."""
        self._answer_owed()
        now = self._monotonic()
        answers: list[tuple[_Wish, Any]] = []
        stay: list[_Wish] = []
        for wish in wishes:
            waited = now - wish.since
            if everybody or (waited >= self._busy_seconds and not wish.step.patient):
                answers.append((wish, self._session.complaint(error, waited=waited)))
            else:
                stay.append(wish)
        wishes[:] = stay
        self._answer(answers)

    def _answer_owed(self) -> None:
        owed, self._owed = self._owed, []
        self._answer(owed)

    def _answer(self, answers: list[tuple[_Wish, Any]]) -> None:
        if answers and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(_wake, answers)


def _wake(answers: list[tuple[_Wish, Any]]) -> None:
    for wish, answer in answers:
        if wish.future.done():
            continue  # its caller was cancelled
        if isinstance(answer, Exception):
            wish.future.set_exception(answer)
        else:
            wish.future.set_result(answer)
