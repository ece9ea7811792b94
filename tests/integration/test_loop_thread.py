"""A thread with an event loop of its own is there while it is needed, and leaves nothing behind."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from eilbote.adapters.loop_thread import LoopThread


@dataclass
class Door:
    """Something that is opened and closed."""

    said: list[str] = field(default_factory=list)
    fails: str = ""

    @asynccontextmanager
    async def opening(self) -> AsyncGenerator[str]:
        if self.fails == "open":
            raise ValueError("does not open")
        self.said.append("opened")
        yield threading.current_thread().name
        if self.fails == "close":
            raise ValueError("does not close")
        self.said.append("closed")


async def shout(name: str) -> str:
    await asyncio.sleep(0)
    return name.upper()


async def stumble(_: str) -> str:
    raise KeyError("stumbled")


def test_it_is_opened_used_and_closed_in_its_own_loop() -> None:
    door, before = Door(), threading.active_count()
    thread = LoopThread("the name", door.opening)

    assert thread.call(shout) == "THE NAME"
    assert thread.call(shout) == "THE NAME"
    assert thread.open() is False
    thread.close()
    thread.close()
    assert door.said == ["opened", "closed"]
    assert threading.active_count() == before


def test_after_closing_it_can_be_opened_again() -> None:
    door = Door()
    thread = LoopThread("x", door.opening)
    for _ in range(2):
        assert thread.open() is True
        thread.close()

    assert door.said == ["opened", "closed"] * 2


def test_what_work_raises_is_raised_and_the_next_work_goes_on() -> None:
    thread = LoopThread("x", Door().opening)
    with pytest.raises(KeyError, match="stumbled"):
        thread.call(stumble)

    assert thread.call(shout) == "X"
    thread.close()


def test_what_opening_raises_is_raised_and_no_thread_is_left() -> None:
    before = threading.active_count()
    thread = LoopThread("x", Door(fails="open").opening)
    for _ in range(2):
        with pytest.raises(ValueError, match="does not open"):
            thread.call(shout)

    thread.close()
    assert threading.active_count() == before


def test_what_closing_raises_is_raised() -> None:
    thread = LoopThread("x", Door(fails="close").opening)
    thread.open()
    with pytest.raises(ValueError, match="does not close"):
        thread.close()


def test_many_threads_share_one() -> None:
    door = Door()
    thread, heard = LoopThread("x", door.opening), list[str]()
    callers = [threading.Thread(target=lambda: heard.append(thread.call(shout))) for _ in range(20)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    thread.close()

    assert heard == ["X"] * 20
    assert door.said == ["opened", "closed"]


@pytest.mark.filterwarnings("ignore:This process.*multi-threaded:DeprecationWarning")  # from Python 3.12 on
def test_a_forked_process_opens_for_itself_and_leaves_its_parents_alone() -> None:
    """Servers and workers fork after they have sent something; the thread stays behind in the parent."""
    door = Door()
    thread = LoopThread("x", door.opening)
    thread.open()
    child = os.fork()
    if child == 0:
        signal.alarm(10)  # where this is broken it would wait for ever for its parent's thread
        works = thread.call(shout) == "X" and door.said == ["opened", "opened"]
        thread.close()
        os._exit(0 if works else 1)

    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert thread.call(shout) == "X"
    thread.close()
    assert door.said == ["opened", "closed"]
