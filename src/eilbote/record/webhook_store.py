"""The port behind which webhooks and their deliveries are kept; secrets are encrypted there."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eilbote.model.moment import Moment
    from eilbote.record.webhook import DeliveryState, HookDelivery, Webhook


class Feed(StrEnum):
    """What is read and turned into deliveries, each with a position of its own."""

    OUTBOX = "outbox"
    """By the sequence of its events."""
    NOTIFICATIONS = "notifications"
    """By the moment of system events."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HookOwner:
    """Whose a webhook is.

    Attributes:
        organization: Empty for the host.
        has_secret: Whether there is anything left to sign its deliveries with, readable or not.
    """

    organization: str
    has_secret: bool


class WebhookStore(Protocol):
    """Keeps webhooks; whatever it has said is durable when it returns.

    Every call may raise :class:`~eilbote.errors.OutboxUnavailableError`: the database does not answer, and nothing was kept.
    """

    async def close(self) -> None:
        """Let go of the database."""
        ...

    async def webhooks(self, organization: str | None = None) -> Sequence[Webhook]:
        """Give all of one organization, or of all, in the order of their ids.

        One whose secret cannot be decrypted is left out, with a line in the log, so that the others are served; asked for by its id it
        says what is wrong, and it can be dropped.
        """
        ...

    async def webhook(self, id: str) -> Webhook | None:  # noqa: A002 - its own word
        """Give one.

        Raises:
            SecretKeyError: A secret cannot be decrypted.
        """
        ...

    async def owner(self, id: str) -> HookOwner | None:  # noqa: A002 - its own word
        """Tell whose one is, without decrypting anything."""
        ...

    async def keep(self, webhook: Webhook) -> Webhook:
        """Keep one; gives it with its next revision.

        Raises:
            ConflictError: The id is taken, or somebody has changed it meanwhile.
        """
        ...

    async def drop(self, id: str) -> bool:  # noqa: A002 - its own word
        """Forget one with its deliveries; says whether there was one."""
        ...

    async def count_failures(
        self,
        id: str,  # noqa: A002 - its own word
        failures: int,
        *,
        since: Moment | None,
    ) -> None:
        """Note how many attempts in a row have failed, and since when, without a new revision."""
        ...

    async def position(self, feed: Feed = Feed.OUTBOX) -> int:
        """Give how far a feed was turned into deliveries; 0 when it never was."""
        ...

    async def enqueue(
        self, deliveries: Sequence[HookDelivery], *, feed: Feed = Feed.OUTBOX, position: int | None = None
    ) -> int:
        """Keep deliveries, and how far a feed was read, in one transaction; those that are known are left as they are.

        Gives how many were new. Two who read a feed at once do no harm: a position never goes back. What is known is known by its
        id and its webhook together. A delivery that has ended is kept as it is, for the log.
        """
        ...

    async def claim(self, worker: str, *, limit: int, now: Moment, until: Moment) -> Sequence[HookDelivery]:
        """Take deliveries that are due, the oldest first; nobody else gets them before ``until``."""
        ...

    async def settle(self, delivery: HookDelivery, *, worker: str) -> bool:
        """Write what became of an attempt, and let go; ``False`` when somebody else has taken it over."""
        ...

    async def deliveries(
        self, webhook: str, *, state: DeliveryState | None = None, limit: int = 50, after: str = ""
    ) -> Sequence[HookDelivery]:
        """Give the deliveries to a webhook, the latest first, behind one of them."""
        ...

    async def delivery(self, webhook: str, id: str) -> HookDelivery | None:  # noqa: A002 - its own word
        """Give one."""
        ...

    async def redeliver(self, webhook: str, id: str, *, now: Moment) -> bool:  # noqa: A002 - its own word
        """Have one delivered again, now; says whether there was one."""
        ...

    async def next_due(self) -> Moment | None:
        """Tell when the next attempt is due."""
        ...

    async def prune(self, *, before: Moment, limit: int = 500) -> int:
        """Forget deliveries that ended before a moment; gives their number."""
        ...
