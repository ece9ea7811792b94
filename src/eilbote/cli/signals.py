"""How commands that run until they are ended hear of it: Ctrl-C (SIGINT) and SIGTERM, by the event loop."""

from __future__ import annotations

import asyncio
import signal
from contextlib import suppress
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

_ENDING: Final = (signal.SIGINT, signal.SIGTERM)


def hear_signals(heard: Callable[[], None]) -> None:
    """Have a function called each time somebody wants the command to end.

    Event loops know signals on POSIX, and in the main thread. Elsewhere they keep the effect that Python gives them, and Ctrl-C
    ends the command by :class:`KeyboardInterrupt`.
    """
    with suppress(NotImplementedError, ValueError):
        for number in _ENDING:
            asyncio.get_running_loop().add_signal_handler(number, heard)


def hear_signals_no_more() -> None:
    """Give signals back the effect that Python gives them: the next one ends the command at once."""
    for number in _ENDING:
        asyncio.get_running_loop().remove_signal_handler(number)
