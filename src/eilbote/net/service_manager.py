"""Tells the service manager how this process is: the datagrams of systemd's ``sd_notify``, without its library.

The manager names a socket in ``NOTIFY_SOCKET``, a path or, with ``@`` in front, an abstract name, and takes lines of ``NAME=value``
there (the manual page sd_notify(3)). Where no manager asks, nothing is said. Nothing here ever fails: a manager that cannot be told
does not keep mail from being sent.
"""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

_SOCKET: Final = "NOTIFY_SOCKET"
_WATCHDOG: Final = "WATCHDOG_USEC"
_WATCHDOG_PROCESS: Final = "WATCHDOG_PID"
_MICROSECONDS: Final = 1_000_000


class ServiceManager:
    """What started this process, if it wants to hear of it.

    Args:
        environment: The variables that it has set.
        process: The number of this process.
    """

    def __init__(self, environment: Mapping[str, str], *, process: int) -> None:
        name = environment.get(_SOCKET, "")
        self._address = f"\0{name[1:]}" if name.startswith("@") else name
        self.watchdog_seconds = _watchdog(environment, process) if self._address else None
        """After how long without :meth:`alive` it takes this process for hung; ``None`` when it never does."""

    def ready(self, status: str) -> None:
        """Say that everything is served from now on."""
        self._tell(f"READY=1\nSTATUS={_one_line(status)}")

    def stopping(self, status: str) -> None:
        """Say that this process is coming to its end."""
        self._tell(f"STOPPING=1\nSTATUS={_one_line(status)}")

    def alive(self) -> None:
        """Say that this process still turns."""
        self._tell("WATCHDOG=1")

    def _tell(self, text: str) -> None:
        if not self._address:
            return
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as door:
                door.connect(self._address)
                door.sendall(text.encode())
        except (OSError, AttributeError):  # there is no such socket any more, or no such thing on this system
            return


def _watchdog(environment: Mapping[str, str], process: int) -> float | None:
    text = environment.get(_WATCHDOG, "")
    if not (text.isascii() and text.isdecimal()) or int(text) == 0:
        return None
    meant = environment.get(_WATCHDOG_PROCESS, "")
    return None if meant and meant != str(process) else int(text) / _MICROSECONDS


def _one_line(text: str) -> str:
    return " ".join(text.split())
