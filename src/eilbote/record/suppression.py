"""Who gets no mail from us any more, and why: addresses that bounced for good, complained, or were entered by somebody."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from eilbote.model.ids import EntryId
    from eilbote.model.moment import Moment


class SuppressionReason(StrEnum):
    """Why somebody gets nothing."""

    HARD_BOUNCE = "hard_bounce"
    """A delivery status notification said so, for good (RFC 3464)."""
    REFUSED = "refused"
    """The server refused the recipient for good while we were talking to it, with 5.1.x."""
    COMPLAINT = "complaint"
    UNSUBSCRIBED = "unsubscribed"
    MANUAL = "manual"


@dataclass(frozen=True, slots=True, kw_only=True)
class Suppression:
    """An address that gets nothing from an organization.

    Attributes:
        organization: From whom; empty for the host, whose list counts for everybody.
        address: The address; compared in small letters.
        reason: Why.
        detail: What the server or the notification said, or somebody's own words; at most 1,000 characters.
        entry: The message it came of, if any.
        created: Since when.
        expires: Until when; ``None`` for ever.
    """

    organization: str
    address: str
    reason: SuppressionReason
    detail: str = ""
    entry: EntryId | None = None
    created: Moment
    expires: Moment | None = None


class SuppressionStore(Protocol):
    """Keeps them; whatever it has said is durable when it returns.

    Every call may raise :class:`~eilbote.errors.OutboxUnavailableError`: the database does not answer, and nothing was kept.
    """

    async def close(self) -> None:
        """Let go of the database."""
        ...

    async def suppressed(
        self, organization: str, addresses: Collection[str], *, now: Moment
    ) -> Sequence[Suppression]:
        """Give what holds for any of some addresses: an organization's own, and the host's. Asked before every submission."""
        ...

    async def any(self) -> bool:
        """Tell whether there is any at all, cheaply; whoever submits asks this first."""
        ...

    async def add(self, suppressions: Sequence[Suppression]) -> int:
        """Keep them, in place of what was kept for the same address; gives how many are new."""
        ...

    async def remove(self, organization: str, address: str) -> bool:
        """Forget one; says whether there was one."""
        ...

    async def list(
        self,
        organization: str | None = None,
        *,
        address: str = "",
        limit: int = 100,
        after: tuple[str, str] = ("", ""),
    ) -> Sequence[Suppression]:
        """Give them in the order of organization and address, behind one of them.

        Args:
            organization: Whose; all when ``None``.
            address: Whose address contains this, in any letter case.
            limit: At most so many.
            after: Organization and address of the last one of the page before.
        """
        ...

    async def prune(self, *, now: Moment) -> int:
        """Forget those that have expired; gives their number."""
        ...
