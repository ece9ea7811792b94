"""An event loop in a thread of its own, with something open in it, for programs that have no event loop or may not stop theirs.

What is opened belongs to that loop: it is opened, used and closed there. A process that was forked has none of its parent's
threads; it opens for itself and leaves what its parent has open alone.
"""

from __future__ import annotations

import asyncio
import os
from concurrent.futures import Future
from threading import Lock, Thread
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from contextlib import AbstractAsyncContextManager

_T = TypeVar("_T")
_R = TypeVar("_R")


class LoopThread(Generic[_T]):
    """Keeps something open in an event loop of its own; use it from any thread but that one.

    Args:
        name: What the thread is called, for those who look at stacks.
        opening: Gives what is to be open while the thread runs; called in the loop, once each time it is opened.
    """

    def __init__(self, name: str, opening: Callable[[], AbstractAsyncContextManager[_T]]) -> None:
        self._name = name
        self._opening = opening
        self._lock = Lock()
        self._running: _Running[_T] | None = None
        self._process = 0

    def open(self) -> bool:
        """Open it, if it is not; says whether it was this call that did.

        Raises:
            Exception: Whatever opening it raises; then nothing is left behind.
        """
        with self._lock:
            if self._running is not None and self._process == os.getpid():
                return False
            self._running, self._process = _Running(self._name, self._opening), os.getpid()
            try:
                self._running.begin()
            except BaseException:
                self._running = None
                raise
            return True

    def call(self, work: Callable[[_T], Coroutine[object, object, _R]]) -> _R:
        """Have something done with what is open, and wait for it; it is opened first, if it is not.

        Raises:
            Exception: Whatever the work raises.
        """
        self.open()
        running = self._running
        if running is None:  # somebody else has closed it at this very moment
            return self.call(work)
        return running.call(work)

    def close(self) -> None:
        """Close it and end the thread; does nothing when it is not open."""
        with self._lock:
            running, self._running = self._running, None
            if running is not None and self._process == os.getpid():
                running.end()


class _Running(Generic[_T]):
    def __init__(self, name: str, opening: Callable[[], AbstractAsyncContextManager[_T]]) -> None:
        self._opening = opening
        self._ready: Future[tuple[asyncio.AbstractEventLoop, asyncio.Event, _T]] = Future()
        # A daemon: a program that forgets to close still ends. What was submitted is on the disk by then.
        self._thread = Thread(target=self._work, name=name, daemon=True)
        self._failed: BaseException | None = None

    def begin(self) -> None:
        self._thread.start()
        self._ready.result()

    def call(self, work: Callable[[_T], Coroutine[object, object, _R]]) -> _R:
        loop, _, opened = self._ready.result()
        doing = asyncio.run_coroutine_threadsafe(work(opened), loop)
        try:
            return doing.result()
        except BaseException:
            doing.cancel()  # the program was interrupted; does nothing to work that has ended
            raise

    def end(self) -> None:
        loop, over, _ = self._ready.result()
        loop.call_soon_threadsafe(over.set)
        self._thread.join()
        if self._failed is not None:
            raise self._failed

    def _work(self) -> None:
        try:
            asyncio.run(self._serve())
        except BaseException as fault:  # noqa: BLE001 - it is raised in the thread that waits for it
            if self._ready.done():
                self._failed = fault
            else:
                self._ready.set_exception(fault)

    async def _serve(self) -> None:
        over = asyncio.Event()
        async with self._opening() as opened:
            self._ready.set_result((asyncio.get_running_loop(), over, opened))
            await over.wait()
