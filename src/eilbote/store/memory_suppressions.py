"""Suppressed addresses in memory, for tests and for programs that keep nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from eilbote.accounts.organization import HOST
from eilbote.store.account_faults import address_key

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from eilbote.model.moment import Moment
    from eilbote.record.suppression import Suppression


class MemorySuppressions:
    """A :class:`~eilbote.record.suppression.SuppressionStore` that keeps everything in this process, and nothing longer."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], Suppression] = {}

    async def close(self) -> None:
        """Do nothing: what is here stays."""

    async def suppressed(
        self, organization: str, addresses: Collection[str], *, now: Moment
    ) -> Sequence[Suppression]:
        """Give what holds for any of some addresses."""
        wanted = {(of, address_key(each)) for each in addresses for of in (HOST, organization)}
        return [
            self._kept[key]
            for key in sorted(wanted & self._kept.keys())
            if (until := self._kept[key].expires) is None or until > now
        ]

    async def any(self) -> bool:
        """Tell whether there is any at all."""
        return bool(self._kept)

    async def add(self, suppressions: Sequence[Suppression]) -> int:
        """Keep them, in place of what was kept for the same address."""
        before = len(self._kept)
        for one in suppressions:
            key = one.organization, address_key(one.address)
            self._kept[key] = replace(one, address=key[1])
        return len(self._kept) - before

    async def remove(self, organization: str, address: str) -> bool:
        """Forget one."""
        return self._kept.pop((organization, address_key(address)), None) is not None

    async def list(
        self,
        organization: str | None = None,
        *,
        address: str = "",
        limit: int = 100,
        after: tuple[str, str] = ("", ""),
    ) -> Sequence[Suppression]:
        """Give them in the order of organization and address, behind one of them."""
        behind, part = (after[0], address_key(after[1])), address_key(address)
        return [
            one
            for key, one in sorted(self._kept.items())
            if key > behind and organization in {None, one.organization} and part in key[1]
        ][:limit]

    async def prune(self, *, now: Moment) -> int:
        """Forget those that have expired."""
        gone = [key for key, one in self._kept.items() if one.expires is not None and one.expires <= now]
        for key in gone:
            del self._kept[key]
        return len(gone)
