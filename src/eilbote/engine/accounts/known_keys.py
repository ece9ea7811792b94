"""Keys that were right a moment ago, so that not every request asks the database.

Whoever revokes or changes a key in this process forgets it here, and it is refused at once; another process notices within
:data:`SECONDS`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from eilbote.accounts.api_key import ApiKey
    from eilbote.model.clock import Clock

SECONDS: Final = 3.0
_MOST: Final = 10_000


class KnownKeys:
    """Remembers keys for some seconds.

    Args:
        clock: Tells the time.

    Attributes:
        generation: Counts what was forgotten: whoever reads a key from the database and finds it changed must not remember what was read.
    """

    def __init__(self, *, clock: Clock) -> None:
        self._clock = clock
        self._keys: dict[str, tuple[float, ApiKey]] = {}
        self.generation = 0

    def get(self, id: str) -> ApiKey | None:  # noqa: A002 - its own word
        """Give a key that was read from the database a moment ago."""
        found = self._keys.get(id)
        return None if found is None or self._clock.monotonic() >= found[0] else found[1]

    def remember(self, key: ApiKey, *, generation: int) -> None:
        """Remember a key, unless something was forgotten since a generation."""
        if generation != self.generation:
            return
        if len(self._keys) >= _MOST:
            self._keys.clear()
        self._keys[key.id] = (self._clock.monotonic() + SECONDS, key)

    def forget(self, id: str = "") -> None:  # noqa: A002 - its own word
        """Forget a key; all of them without an id."""
        self.generation += 1
        if id:
            self._keys.pop(id, None)
        else:
            self._keys.clear()
