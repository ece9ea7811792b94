"""Who gets no mail from us any more: entered, looked up, and asked before every message.

The question is asked for every message and nearly always answered with no, so whether there is anybody at all is remembered for a
second. Who is entered in another process is heard of within that second. The question is asked once for all who submit at the moment at
which that second is over: fifty readers of the database would keep each of them waiting for the other forty-nine.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from eilbote.errors import DraftError, SuppressedError
from eilbote.model.address import parse_mailbox
from eilbote.model.moment import later, moment_of
from eilbote.record.suppression import Suppression, SuppressionReason
from eilbote.record.webhook import HookEvent

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
    from datetime import datetime

    from eilbote.model.clock import Clock
    from eilbote.model.ids import EntryId
    from eilbote.record.suppression import SuppressionStore

_REMEMBERED_SECONDS: Final = 1.0
_LONGEST_DETAIL: Final = 1000
_MOST_NAMED: Final = 10
_DAY_SECONDS: Final = 86_400.0
_OF_ACCOUNTS: Final = "notification:account."
"""By whom mail is submitted without which somebody cannot come in: no wish to get nothing keeps it back."""
_WORDS: Final = {
    SuppressionReason.HARD_BOUNCE: "its mail came back for good",
    SuppressionReason.REFUSED: "its server does not know it",
    SuppressionReason.COMPLAINT: "its owner has complained",
    SuppressionReason.UNSUBSCRIBED: "its owner wants no more mail",
    SuppressionReason.MANUAL: "somebody has entered it",
}


class SuppressionDesk:
    """The list of those who get nothing.

    Args:
        store: Gives where it is kept.
        clock: Tells the time.
        days: For how long an address is kept that a server said something about; 0 for ever.
        tell: Hears of those who are new.
    """

    def __init__(
        self,
        store: Callable[[], SuppressionStore],
        *,
        clock: Clock,
        days: float = 0.0,
        tell: Callable[[HookEvent], Awaitable[object]] | None = None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._days = days
        self._tell = tell
        self._is_empty = False
        self._asked = float("-inf")
        self._asking = asyncio.Lock()

    # -- the list ---------------------------------------------------------------------------------------------

    async def add(
        self,
        organization: str,
        address: str,
        reason: SuppressionReason,
        *,
        detail: str = "",
        entry: EntryId | None = None,
        expires: datetime | None = None,
    ) -> Suppression:
        """Enter an address, in place of what was entered for it before.

        Args:
            organization: From whom it gets nothing; empty for everybody.
            address: The address.
            reason: Why.
            detail: What a server has said, or somebody's own words.
            entry: The message it came of.
            expires: Until when; by the settings when ``None``, and for ever when somebody has entered it.

        Raises:
            AddressError: It is no address.
            DraftError: The time has passed.
            OutboxUnavailableError: The database does not answer.
        """
        mailbox = parse_mailbox(address, field="address")
        now = moment_of(self._clock.now())
        until = None if expires is None else moment_of(expires)
        if until is not None and until <= now:
            raise DraftError(
                "the time until which it counts has passed",
                field="expires",
                remedy="Give a later time, or none",
            )
        if (
            until is None
            and self._days
            and reason in {SuppressionReason.HARD_BOUNCE, SuppressionReason.REFUSED}
        ):
            until = later(now, self._days * _DAY_SECONDS)
        one = Suppression(
            organization=organization,
            address=mailbox.addr_spec.lower(),
            reason=reason,
            detail=_plain(detail),
            entry=entry,
            created=now,
            expires=until,
        )
        is_new = await self._store().add((one,))
        self._asked = float("-inf")
        if is_new and self._tell is not None:
            await self._tell(
                HookEvent(
                    id=f"suppression-{organization}-{one.address}-{now}",
                    kind="suppression.added",
                    organization=organization,
                    at=now,
                    data={"address": one.address, "reason": one.reason.value, "detail": one.detail},
                )
            )
        return one

    async def remove(self, organization: str, address: str) -> bool:
        """Let an address get mail again; says whether it was on the list."""
        self._asked = float("-inf")
        return await self._store().remove(organization, address)

    async def list(
        self,
        organization: str | None = None,
        *,
        address: str = "",
        limit: int = 100,
        after: tuple[str, str] = ("", ""),
    ) -> Sequence[Suppression]:
        """Give those on the list; see :meth:`SuppressionStore.list <eilbote.record.suppression.SuppressionStore.list>`."""
        return await self._store().list(organization, address=address, limit=limit, after=after)

    async def show(self, organization: str, address: str) -> Suppression | None:
        """Give one of an organization's own list."""
        found = await self._store().suppressed(organization, (address,), now=moment_of(self._clock.now()))
        return next((each for each in found if each.organization == organization), None)

    # -- the question -----------------------------------------------------------------------------------------

    async def any(self) -> bool:
        """Tell whether there is anybody on it, as of a second ago."""
        now = self._clock.monotonic()
        if self._asking.locked() or now - self._asked >= _REMEMBERED_SECONDS:
            async with self._asking:
                if now - self._asked >= _REMEMBERED_SECONDS:
                    await self._ask(now)
        return not self._is_empty

    async def _ask(self, now: float) -> None:
        self._asked = now  # before the answer: whoever is entered meanwhile has the question asked again
        try:
            self._is_empty = not await self._store().any()
        except BaseException:
            self._asked = float("-inf")
            raise

    async def check(self, organization: str, addresses: Collection[str]) -> Mapping[str, Suppression]:
        """Give those of some addresses who get nothing, as they were written, each with why."""
        if not addresses or not await self.any():
            return {}
        found = await self._store().suppressed(organization, addresses, now=moment_of(self._clock.now()))
        known = {each.address: each for each in found}
        return {
            address: known[folded] for address in addresses if (folded := folded_address(address)) in known
        }

    async def refuse(self, organization: str, addresses: Collection[str], *, author: str = "") -> None:
        """Refuse a message of which nobody would get anything. The others of a message get it, and those on the list are left out later.

        Args:
            organization: From whom.
            addresses: To whom.
            author: Who submits it; mail about accounts goes to those as well who want no more mail.

        Raises:
            SuppressedError: All of them are on the list.
            OutboxUnavailableError: The database does not answer.
        """
        found = await self.check(organization, addresses)
        if author.startswith(_OF_ACCOUNTS):
            found = {
                address: each
                for address, each in found.items()
                if each.reason is not SuppressionReason.UNSUBSCRIBED
            }
        if found and len(found) == len(set(addresses)):
            named = [f"{address}: {why(each)}" for address, each in found.items()]
            more = f"; and {len(named) - _MOST_NAMED} more" if len(named) > _MOST_NAMED else ""
            raise SuppressedError(
                "nobody it is written to takes mail from us any more",
                field="to",
                cause="; ".join(named[:_MOST_NAMED]) + more,
                remedy="Write to somebody else, or take the address off the list: eilbote suppression remove",
            )


def folded_address(address: str) -> str:
    """Write an address as those on the list are."""
    import unicodedata

    return unicodedata.normalize("NFC", address).casefold().strip()


def why(suppression: Suppression) -> str:
    """Say why somebody gets nothing, in words."""
    words = _WORDS[suppression.reason]
    return f"{words} ({suppression.detail})" if suppression.detail else words


def _plain(text: str) -> str:
    line = " ".join(text.encode("utf-8", "replace").decode().split())
    return "".join(each for each in line if each.isprintable())[:_LONGEST_DETAIL]
