"""How long to wait before asking the outbox again that could not be asked: a little, then longer, never for ever."""

from __future__ import annotations

from typing import Final

_FIRST_SECONDS: Final = 0.1
_LONGEST_SECONDS: Final = 5.0


class Patience:
    """Pauses that grow while something fails, and begin anew when it works."""

    __slots__ = ("_next",)

    def __init__(self) -> None:
        self._next = _FIRST_SECONDS

    @property
    def is_tried(self) -> bool:
        """Whether the last attempt failed."""
        return self._next != _FIRST_SECONDS

    def pause(self) -> float:
        """Give the seconds to wait after a failure."""
        pause, self._next = self._next, min(_LONGEST_SECONDS, self._next * 2)
        return pause

    def restore(self) -> None:
        """Learn that it works again."""
        self._next = _FIRST_SECONDS
