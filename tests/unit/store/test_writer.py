"""The writer's thread: who is written together, who fails alone, and who waits how long."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from eilbote.errors import OutboxError, OutboxUnavailableError
from eilbote.store.writer import Fault, Step, Writer

pytestmark = pytest.mark.asyncio


class LockedForNowError(Exception):
    """Somebody else writes."""


class NoSpaceError(Exception):
    """It does not fit for now."""


class DamagedError(Exception):
    """It will never work again."""


@dataclass
class Notebook:
    """A session that notes what was committed; tests say what goes wrong at a beginning or a commit."""

    at_begin: Callable[[], None] = lambda: None
    at_commit: Callable[[list[str]], None] = lambda _: None
    committed: list[list[str]] = field(default_factory=list)
    open: list[str] = field(default_factory=list)
    is_closed: bool = False

    def begin(self) -> None:
        self.open = []
        self.at_begin()

    def commit(self) -> None:
        self.at_commit(self.open)
        self.committed.append(self.open)

    def rollback(self) -> None:
        self.open = []

    def close(self) -> None:
        self.is_closed = True

    def fault(self, error: Exception) -> Fault:
        faults: dict[type[Exception], Fault] = {
            LockedForNowError: Fault.LOCKED,
            NoSpaceError: Fault.PASSING,
            DamagedError: Fault.LASTING,
        }
        return faults.get(type(error), Fault.OWN)

    def complaint(self, error: Exception, *, waited: float | None) -> Exception:
        if self.fault(error) in {Fault.LOCKED, Fault.PASSING}:
            return OutboxUnavailableError(f"{type(error).__name__} after {waited}")
        return OutboxError(type(error).__name__)


def note(session: Notebook, words: list[str]) -> list[str]:
    """Write words down; an impossible one raises."""
    for word in words:
        if word.startswith("impossible"):
            raise ValueError(word)
        session.open.append(word)
    return [word.upper() for word in words]


NOTE: Step[Notebook, str, str] = Step(work=note, rank=1)
URGENT: Step[Notebook, str, str] = Step(work=note, rank=0)
PATIENT: Step[Notebook, str, str] = Step(work=note, rank=2, patient=True)


class Gate:
    """Lets a transaction wait until the test has handed in what shall be gathered behind it."""

    def __init__(self) -> None:
        self.reached = threading.Event()
        self.opened = threading.Event()

    def __call__(self) -> None:
        self.reached.set()
        assert self.opened.wait(10)


def writer(session: Notebook, *, busy_seconds: float = 0.0) -> Writer[Notebook]:
    return Writer(session, busy_seconds=busy_seconds, monotonic=lambda: 0.0)


async def behind_a_gate(session: Notebook, *wishes: tuple[Step[Notebook, str, str], str]) -> list[object]:
    """Hand wishes in while the thread is busy with another, so that they are gathered; give their answers."""
    gate, free = Gate(), session.at_begin
    session.at_begin = gate
    thread = writer(session)
    first = asyncio.ensure_future(thread.do(NOTE, "first"))
    await asyncio.to_thread(gate.reached.wait, 10)
    session.at_begin = free
    waiting = [asyncio.ensure_future(thread.do(step, word)) for step, word in wishes]
    await asyncio.sleep(0)
    gate.opened.set()
    await first
    answers: list[object] = list(await asyncio.gather(*waiting, return_exceptions=True))
    await thread.close()
    return answers


async def test_what_gathers_while_the_disk_is_flushed_is_written_in_one_transaction() -> None:
    session = Notebook()

    answers = await behind_a_gate(session, *((NOTE, f"w{number}") for number in range(100)))

    assert session.committed == [["first"], [f"w{number}" for number in range(100)]]
    assert answers == [f"W{number}" for number in range(100)]


async def test_a_transaction_is_bounded() -> None:
    session = Notebook()

    await behind_a_gate(session, *((NOTE, f"w{number}") for number in range(1001)))

    assert [len(words) for words in session.committed] == [1, 500, 500, 1]


async def test_steps_go_in_the_order_of_their_ranks() -> None:
    session = Notebook()

    await behind_a_gate(session, (PATIENT, "c"), (NOTE, "b1"), (URGENT, "a"), (NOTE, "b2"))

    assert session.committed[1] == ["a", "b1", "b2", "c"]


async def first_answered_before(
    session: Notebook, set_trap: Callable[[], None], spring: Callable[[], None]
) -> None:
    """Have one word written while another waits behind it, whose transaction goes on when the first one is answered."""
    gate = Gate()
    session.at_begin = gate
    thread = writer(session)
    first = asyncio.ensure_future(thread.do(NOTE, "first"))
    await asyncio.to_thread(gate.reached.wait, 10)
    set_trap()
    second = asyncio.ensure_future(thread.do(PATIENT, "second"))
    await asyncio.sleep(0)
    gate.opened.set()
    async with asyncio.timeout(5):
        assert await first == "FIRST"
    spring()
    assert await second == "SECOND"
    await thread.close()


async def test_who_is_written_goes_on_while_the_next_transaction_is_flushed() -> None:
    session, flushing = Notebook(), Gate()

    def at_commit(words: list[str]) -> None:
        if words == ["second"]:
            flushing()

    def set_trap() -> None:
        session.at_begin, session.at_commit = lambda: None, at_commit

    await first_answered_before(session, set_trap, flushing.opened.set)

    assert session.committed == [["first"], ["second"]]


async def test_who_is_written_goes_on_while_the_next_transaction_cannot_begin() -> None:
    session, is_free = Notebook(), threading.Event()

    def at_begin() -> None:
        if not is_free.is_set():
            raise LockedForNowError

    def set_trap() -> None:
        session.at_begin = at_begin

    await first_answered_before(session, set_trap, is_free.set)

    assert session.committed == [["first"], ["second"]]


async def test_a_wish_that_fails_does_not_fail_its_neighbours() -> None:
    session = Notebook()

    answers = await behind_a_gate(session, (NOTE, "good"), (NOTE, "impossible"), (PATIENT, "also good"))

    assert answers[0] == "GOOD"
    assert isinstance(answers[1], OutboxError)
    assert answers[2] == "ALSO GOOD"
    assert sorted(word for words in session.committed[1:] for word in words) == ["also good", "good"]


async def test_a_commit_that_fails_is_no_answer() -> None:
    """Whoever is answered is on the disk: an error at the commit is an error for all of them."""
    session = Notebook()

    def damaged(_: list[str]) -> None:
        raise DamagedError

    session.at_commit = damaged
    thread = writer(session)
    with pytest.raises(OutboxError, match="DamagedError"):
        await thread.do(PATIENT, "w")
    await thread.close()

    assert session.committed == []


async def test_what_is_locked_is_refused_once_patience_is_over() -> None:
    session = Notebook()

    def locked() -> None:
        raise LockedForNowError

    session.at_begin = locked
    thread = writer(session)
    with pytest.raises(OutboxUnavailableError, match="LockedForNowError after 0"):
        await thread.do(NOTE, "w")
    session.at_begin = lambda: None
    await thread.close()

    assert session.committed == []


async def test_a_patient_wish_is_tried_until_it_is_written() -> None:
    """A server's 250 must not be forgotten because the disk was full when it was to be written down."""
    session = Notebook()
    failures = iter(range(3))

    def full(_: list[str]) -> None:
        if next(failures, None) is not None:
            raise NoSpaceError

    session.at_commit = full
    thread = writer(session)
    answer = await thread.do(PATIENT, "said 250")
    await thread.close()

    assert answer == "SAID 250"
    assert session.committed == [["said 250"]]


async def test_what_still_fits_is_written_while_something_else_does_not() -> None:
    session = Notebook()

    def full(words: list[str]) -> None:
        if "large" in words:
            raise NoSpaceError

    session.at_commit = full
    answers = await behind_a_gate(session, (NOTE, "large"), (PATIENT, "small"))

    assert isinstance(answers[0], OutboxUnavailableError)
    assert answers[1] == "SMALL"
    assert session.committed == [["first"], ["small"]]


async def test_what_is_left_of_the_space_goes_to_what_must_not_be_lost() -> None:
    session = Notebook()

    def room_for_one(words: list[str]) -> None:
        if len(words) > 1 or len(session.committed) > 1:
            raise NoSpaceError

    session.at_commit = room_for_one
    answers = await behind_a_gate(session, (NOTE, "a new one"), (PATIENT, "said 250"))

    assert session.committed == [["first"], ["said 250"]]
    assert isinstance(answers[0], OutboxUnavailableError)


async def test_whoever_comes_while_nothing_can_be_written_waits_no_longer_than_its_own_patience() -> None:
    session = Notebook()
    tried = threading.Event()

    def full(_: list[str]) -> None:
        tried.set()
        raise NoSpaceError

    session.at_commit = full
    thread = writer(session)
    patient = asyncio.ensure_future(thread.do(PATIENT, "said 250"))
    await asyncio.to_thread(tried.wait, 10)
    with pytest.raises(OutboxUnavailableError):
        await thread.do(NOTE, "a new one")
    session.at_commit = lambda _: None

    assert await patient == "SAID 250"
    await thread.close()


async def test_closing_tries_once_more_and_then_says_that_it_is_not_written() -> None:
    session = Notebook()
    tries: list[int] = []

    def full(_: list[str]) -> None:
        tries.append(1)
        raise NoSpaceError

    session.at_commit = full
    thread = writer(session)
    patient = asyncio.ensure_future(thread.do(PATIENT, "said 250"))
    await asyncio.sleep(0)
    await thread.close()

    with pytest.raises(OutboxUnavailableError):
        await patient
    assert session.is_closed
    assert tries


async def test_what_was_handed_in_before_closing_is_written() -> None:
    session = Notebook()
    thread = writer(session)
    waiting = [asyncio.ensure_future(thread.do(NOTE, f"w{number}")) for number in range(10)]
    await asyncio.sleep(0)
    await thread.close()

    assert await asyncio.gather(*waiting) == [f"W{number}" for number in range(10)]
    with pytest.raises(OutboxUnavailableError, match="closed"):
        await thread.do(NOTE, "late")


async def test_whoever_has_gone_before_it_was_begun_is_not_written() -> None:
    session = Notebook()
    gate = Gate()
    session.at_begin = gate
    thread = writer(session)
    first = asyncio.ensure_future(thread.do(NOTE, "first"))
    await asyncio.to_thread(gate.reached.wait, 10)
    session.at_begin = lambda: None
    gone = asyncio.ensure_future(thread.do(NOTE, "gone"))
    await asyncio.sleep(0)
    gone.cancel()
    await asyncio.sleep(0)
    gate.opened.set()
    await first
    await thread.close()

    assert session.committed == [["first"]]
