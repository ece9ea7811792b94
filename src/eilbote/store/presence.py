"""Who lives on this machine: each courier holds a lock on a file of its own, and the kernel lets go when it dies.

So the end of a process is known at once and for certain, without waiting for a lease: whoever gets the lock on
another's file knows that its owner is gone. The files lie beside the database.
"""

from __future__ import annotations

import fcntl
import os
from contextlib import suppress
from typing import TYPE_CHECKING
from urllib.parse import quote

from eilbote.errors import OutboxUnavailableError

if TYPE_CHECKING:
    from pathlib import Path

    from eilbote.model.ids import CourierId


class Presence:
    """The locks of couriers.

    Args:
        folder: Where their files lie; made when it is first needed, for its owner alone.
    """

    __slots__ = ("_folder", "_held")

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._held: dict[CourierId, int] = {}

    def announce(self, courier: CourierId) -> None:
        """Hold a courier's lock until it is ended, or this process is.

        Raises:
            OutboxUnavailableError: The file cannot be made or locked.
        """
        path = self._path(courier)
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise self._cannot_lock(path, error) from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(descriptor)
            raise self._cannot_lock(path, error) from error
        self._held[courier] = descriptor

    def is_gone(self, courier: CourierId) -> bool:
        """Tell whether a courier's process has certainly ended."""
        if courier in self._held:
            return False
        try:
            descriptor = os.open(self._path(courier), os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            return True  # its file is made before it is noted, and deleted after it was ended
        except OSError:
            return False  # not known
        try:
            fcntl.flock(
                descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB
            )  # shared: two who look do not mislead each other
        except OSError:
            return False
        finally:
            os.close(descriptor)
        return True

    def end(self, courier: CourierId) -> None:
        """Let go of a courier's lock, and delete its file."""
        with suppress(OSError):
            self._path(courier).unlink()
        descriptor = self._held.pop(courier, None)
        if descriptor is not None:
            os.close(descriptor)

    def close(self) -> None:
        """Let go of every lock; the files stay for those who look whether their owners live."""
        for descriptor in self._held.values():
            os.close(descriptor)
        self._held.clear()

    def _path(self, courier: CourierId) -> Path:
        return self._folder / f"{quote(courier, safe='')}.lock"

    def _cannot_lock(self, path: Path, error: OSError) -> OutboxUnavailableError:
        return OutboxUnavailableError(
            f"{path} cannot be locked",
            cause=str(error),
            remedy="See that its folder may be written to and lies on a local disk",
        )
