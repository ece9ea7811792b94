"""An SPF record, read as far as it matters to whoever publishes it (RFC 7208): who is included, and how many look-ups."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

MOST_LOOKUPS: Final = 10
"""More than these, through everything that is included, make a record void (RFC 7208 §4.6.4)."""

_NAME: Final = re.compile(r"[a-z0-9_](?:[a-z0-9_.-]{0,251}[a-z0-9_])?\.?\Z", re.ASCII)
_LOOKED_UP: Final = frozenset({"a", "mx", "ptr", "exists"})


@dataclass(frozen=True, slots=True, kw_only=True)
class SpfRecord:
    """What one record says.

    Attributes:
        includes: The names it includes, in their order; what holds macros is left out.
        redirect: The name that speaks in its place; empty when none does.
        own_lookups: How many terms of it cost a look-up each, the includes and the redirect among them.
        allows_anybody: Whether it ends in ``+all``.
    """

    includes: tuple[str, ...] = ()
    redirect: str = ""
    own_lookups: int = 0
    allows_anybody: bool = False

    @property
    def follows(self) -> tuple[str, ...]:
        """The names to look up next."""
        return (*self.includes, self.redirect) if self.redirect else self.includes


def is_spf(text: str) -> bool:
    """Tell whether a TXT record is an SPF record (RFC 7208 §4.5)."""
    return text.lower() == "v=spf1" or text.lower().startswith("v=spf1 ")


def read_spf(text: str) -> SpfRecord:
    """Read a record; terms that are not understood are passed over."""
    includes: list[str] = []
    redirect, lookups, anybody = "", 0, False
    for term in text.lower().split()[1:]:
        qualifier = term[0] if term[0] in "+-~?" else ""
        name, separator, value = term[len(qualifier) :].partition(":")
        if separator and name == "include":
            lookups += 1
            if _NAME.match(value):
                includes.append(value.rstrip("."))
        elif term.startswith("redirect="):
            lookups += 1
            target = term.removeprefix("redirect=")
            redirect = target.rstrip(".") if _NAME.match(target) else ""
        elif name.partition("/")[0] in _LOOKED_UP:
            lookups += 1
        elif name == "all" and qualifier in {"", "+"}:
            anybody = True
    return SpfRecord(includes=tuple(includes), redirect=redirect, own_lookups=lookups, allows_anybody=anybody)
