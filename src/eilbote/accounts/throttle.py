"""How long somebody has to wait after wrong passwords: longer and longer, and never for ever.

Tries are counted twice: by who is tried from which place, and by the place alone. They are not counted by who is tried alone, or
anybody could lock somebody else out from anywhere. A try counts when it begins, so a thousand at the same moment are not one; the right
password takes it back.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from typing import Final, NamedTuple

from eilbote.model.moment import Moment, later

_MOST_DOUBLINGS: Final = 40
_IPV6_PLACE: Final = 64  # what one household or one machine has for itself (RFC 6177 section 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How many wrong tries are borne, and what comes then.

    Attributes:
        free: Tries before anybody has to wait.
        first_seconds: The first wait; each next one is twice as long.
        longest_seconds: No wait is longer.
        forgotten_seconds: After so long without a try everything is forgotten.
    """

    free: int
    first_seconds: float = 1.0
    longest_seconds: float = 900.0
    forgotten_seconds: float = 3600.0

    def pause(self, tries: int) -> float:
        """Give the seconds between the latest of so many tries and the next one."""
        if tries < self.free:
            return 0.0
        return min(self.longest_seconds, self.first_seconds * 2.0 ** min(tries - self.free, _MOST_DOUBLINGS))


SOMEBODY: Final = Patience(free=5)
"""Somebody, from one place: five typing errors, and from then on at most four tries in an hour."""
PLACE: Final = Patience(free=30, longest_seconds=60.0)
"""Anybody, from one place: an office behind one address has many people, who are not to wait for long because of one of them."""


class _Key(NamedTuple):
    """What is counted: tries from a place, or those of one name from there; ``None`` is no name, and an empty text is one."""

    place: str
    who: str | None = None


class Throttle:
    """Counts tries; keeps at most some thousands of counts, of which the oldest go first.

    Args:
        somebody: For one name from one place.
        place: For all names from one place.
        most: How many counts are kept.
    """

    def __init__(self, *, somebody: Patience = SOMEBODY, place: Patience = PLACE, most: int = 20_000) -> None:
        self._somebody = somebody
        self._place = place
        self._most = most
        self._tries: OrderedDict[_Key, tuple[int, Moment]] = OrderedDict()

    def admit(self, who: str, whence: str, *, now: Moment) -> float:
        """Count a try, and let it happen; or say how many seconds are to pass before the next one, and count nothing.

        Args:
            who: Which name is tried, in small letters.
            whence: The address it comes from; empty when there is none, and then the place is not counted.
            now: The time.

        Returns:
            0 when the try may happen.
        """
        place = place_of(whence)
        counts = [(_Key(place=place, who=who), self._somebody)]
        if place:
            counts.append((_Key(place=place), self._place))
        wait = max(self._wait(key, patience, now) for key, patience in counts)
        if wait > 0:
            return wait
        for key, patience in counts:
            self._tries[key] = (self._count(key, patience, now) + 1, now)
            self._tries.move_to_end(key)
        while len(self._tries) > self._most:
            self._tries.popitem(last=False)
        return 0.0

    def forgive(self, who: str, whence: str) -> None:
        """Take a try back that was right: the name begins anew there, and for the place it has not happened.

        The place does not begin anew, or whoever has one account could try all the others for as long as he likes.
        """
        place = place_of(whence)
        self._tries.pop(_Key(place=place, who=who), None)
        self._one_less(_Key(place=place))

    def take_back(self, who: str, whence: str) -> None:
        """Take a try back of which nobody could tell whether it was right: it has not happened, and those before it have."""
        place = place_of(whence)
        self._one_less(_Key(place=place, who=who))
        self._one_less(_Key(place=place))

    def _one_less(self, key: _Key) -> None:
        tries, at = self._tries.get(key, (0, Moment(0)))
        if tries > 1:
            self._tries[key] = (tries - 1, at)
        else:
            self._tries.pop(key, None)

    def _count(self, key: _Key, patience: Patience, now: Moment) -> int:
        tries, at = self._tries.get(key, (0, now))
        return 0 if now > later(at, patience.forgotten_seconds) else tries

    def _wait(self, key: _Key, patience: Patience, now: Moment) -> float:
        tries = self._count(key, patience, now)
        if not tries:
            return 0.0
        _, at = self._tries[key]
        # a clock that was turned back makes nobody wait for longer than the pause
        return max(0.0, (later(min(at, now), patience.pause(tries)) - now) / 1000)


def place_of(address: str) -> str:
    """Give what stands for one place: an IPv4 address, or the /64 of an IPv6 address; whatever else there is as it is."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return address[:100]
    if isinstance(found, IPv6Address):
        if found.ipv4_mapped is not None:
            return str(found.ipv4_mapped)
        return f"{IPv6Address(int(found) >> (128 - _IPV6_PLACE) << (128 - _IPV6_PLACE))}/{_IPV6_PLACE}"
    return str(found)
