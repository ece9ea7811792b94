"""One at a time, among the tasks and processes of a machine: locks on files, which the kernel lets go of when their holder dies.

The file is deleted by whoever held it, so that none is left behind but by a process that was killed. Whoever gets a lock
therefore looks whether it is still that of the file of this name.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final
from weakref import WeakValueDictionary

from eilbote.errors import OutboxUnavailableError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

_FIRST_PAUSE, _LAST_PAUSE = 0.005, 0.1
"""Between two tries. A thread that waits in the kernel would hear at once, but could not be called back when its task ends."""
_SUFFIX: Final = ".lock"


class TokenLocks:
    """Locks by name.

    Args:
        folder: Where their files lie; made when it is first needed, for its owner alone.
    """

    __slots__ = ("_folder", "_tasks")

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._tasks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    @asynccontextmanager
    async def held(self, name: str) -> AsyncGenerator[None]:
        """Hold a lock; others wait, in this process and in others.

        Args:
            name: Letters, digits and hyphens.

        Raises:
            OutboxUnavailableError: Its file cannot be made or locked.
        """
        path = self._folder / f"{name}{_SUFFIX}"
        async with task_lock(self._tasks, name):
            try:
                descriptor = await self._locked(path)
            except OSError as fault:
                raise OutboxUnavailableError(
                    f"{path} cannot be locked",
                    cause=fault.strerror,
                    remedy="See that its folder may be written to and lies on a local disk",
                ) from fault
            try:
                yield
            finally:
                path.unlink(missing_ok=True)
                os.close(descriptor)

    async def _locked(self, path: Path) -> int:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        pause = _FIRST_PAUSE
        while True:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if _is_still(descriptor, path):
                    return descriptor
            except BlockingIOError:
                await self._pause_without(descriptor, pause)
                pause = min(2 * pause, _LAST_PAUSE)
                continue
            except BaseException:
                os.close(descriptor)
                raise
            os.close(descriptor)

    async def _pause_without(self, descriptor: int, seconds: float) -> None:
        os.close(descriptor)
        await asyncio.sleep(seconds)


def task_lock(locks: WeakValueDictionary[str, asyncio.Lock], name: str) -> asyncio.Lock:
    """Give the lock of a name, which lasts as long as anybody holds it or waits for it."""
    lock = locks.get(name)
    if lock is None:
        lock = locks[name] = asyncio.Lock()
    return lock


def _is_still(descriptor: int, path: Path) -> bool:
    """Tell whether an open file is the one of this name."""
    try:
        named = path.stat()
    except FileNotFoundError:
        return False
    mine = os.fstat(descriptor)
    return (mine.st_dev, mine.st_ino) == (named.st_dev, named.st_ino)
