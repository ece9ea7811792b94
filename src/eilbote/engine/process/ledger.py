"""What the engine notes beside an instance: which deeds were begun, and why it cannot be worked at all.

It is kept in the state of the instance, under a field of its own, and so in the same transaction.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Collection

    from eilbote.model.data import Data

FIELD: Final = "engine"
"""Of the state of a kept instance."""
_NOTHING: Final[Mapping[str, str]] = MappingProxyType({})
_NO_ERROR: Final[Mapping[str, Data]] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """Notes of the engine.

    Attributes:
        begun: Deeds that may have been begun, by their keys, each with what was decided before: who gets a message.
        broken: Why the instance cannot be worked at all; empty when it can.
    """

    begun: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    broken: Mapping[str, Data] = field(default_factory=lambda: _NO_ERROR)

    def begin(self, notes: Mapping[str, str]) -> Ledger:
        """Note that deeds are begun."""
        return replace(self, begun={**self.begun, **notes})

    def settle(self, key: str) -> Ledger:
        """Note that a deed is settled."""
        return replace(self, begun={name: note for name, note in self.begun.items() if name != key})

    def only(self, keys: Collection[str]) -> Ledger:
        """Give what is to be remembered of these deeds."""
        return replace(self, begun={key: note for key, note in self.begun.items() if key in keys})

    def data(self) -> dict[str, Data]:
        """Give it as plain data; empty when there is nothing to keep."""
        told: dict[str, Data] = {}
        if self.begun:
            told["begun"] = dict(self.begun)
        if self.broken:
            told["broken"] = dict(self.broken)
        return told


def with_ledger(state: Mapping[str, Data], ledger: Ledger) -> dict[str, Data]:
    """Put a ledger beside the state of an instance."""
    noted = ledger.data()
    plain = {name: value for name, value in state.items() if name != FIELD}
    return {**plain, FIELD: noted} if noted else plain


def read_ledger(state: Mapping[str, Data]) -> tuple[dict[str, Data], Ledger]:
    """Give the state of an instance, and the ledger beside it; what is damaged in that counts as begun by nobody."""
    plain = {name: value for name, value in state.items() if name != FIELD}
    noted = state.get(FIELD)
    if not isinstance(noted, dict):
        return plain, Ledger()
    begun, broken = noted.get("begun"), noted.get("broken")
    return plain, Ledger(
        begun={key: str(note) for key, note in begun.items()} if isinstance(begun, dict) else {},
        broken=broken if isinstance(broken, dict) else {},
    )
