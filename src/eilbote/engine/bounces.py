"""Takes returned mail: finds the entry it belongs to, tells it there, and enters whoever cannot be reached into the suppression list.

A returned mail finds its entry by the return path it came to (:mod:`eilbote.engine.return_paths`), which nobody else can make; otherwise by
the Message-ID of the message that is returned. Only recipients of that entry are believed to be concerned: what a mail says about anybody
else is nothing. A returned mail is never answered.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from eilbote.engine.suppression_desk import folded_address
from eilbote.errors import EntryNotFoundError
from eilbote.model.attempt import Event, EventKind
from eilbote.model.moment import moment_of
from eilbote.outbox.store import EntryFilter
from eilbote.record.dsn import Action, read_returned
from eilbote.record.suppression import SuppressionReason

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from eilbote.engine.return_paths import ReturnPaths
    from eilbote.engine.suppression_desk import SuppressionDesk
    from eilbote.model.clock import Clock
    from eilbote.model.ids import EntryId
    from eilbote.outbox.entry import Entry
    from eilbote.outbox.store import OutboxStore
    from eilbote.record.dsn import ReturnedMail, ReturnedRecipient

_MOST_WITH_ONE_ID: Final = 2
_TOLD: Final = frozenset({Action.FAILED, Action.DELAYED, Action.COMPLAINED})
_LONGEST_TEXT: Final = 500
_SMALL: Final = 32 * 1024


class BounceState(StrEnum):
    """What became of a received mail."""

    TAKEN = "taken"
    """It belongs to an entry, and is told there."""
    UNKNOWN = "unknown"
    """It is a notification, and belongs to nothing that is known here."""
    NO_BOUNCE = "no_bounce"
    """It is no notification."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounced:
    """What became of a received mail.

    Attributes:
        state: In one word.
        entry: To which entry it belongs.
        organization: Whose that is.
        recipients: What it says of whom, as far as they are recipients of that entry.
        suppressed: Who is on the suppression list for it now.
    """

    state: BounceState
    entry: EntryId | None = None
    organization: str = ""
    recipients: tuple[ReturnedRecipient, ...] = ()
    suppressed: tuple[str, ...] = ()


class BounceDesk:
    """Takes returned mail.

    Args:
        outbox: Gives the outbox, open.
        suppressions: Where those are entered who cannot be reached.
        return_paths: Reads our own return paths; ``None`` when there are none.
        enters_bounced: Whether anybody is entered.
        clock: Tells the time.
    """

    def __init__(
        self,
        outbox: Callable[[], OutboxStore],
        suppressions: SuppressionDesk,
        *,
        return_paths: ReturnPaths | None,
        enters_bounced: bool,
        clock: Clock,
    ) -> None:
        self._outbox = outbox
        self._suppressions = suppressions
        self._return_paths = return_paths
        self._enters_bounced = enters_bounced
        self._clock = clock

    async def take(
        self, octets: bytes, to: Sequence[str] = (), *, organization: str | None = None
    ) -> Bounced:
        """Take a mail.

        Args:
            octets: As it was received; what lies behind the first megabyte is not looked at.
            to: To which addresses it came, as far as that is known.
            organization: Whose it has to be; anybody's when ``None``.

        Raises:
            OutboxUnavailableError: The database does not answer; the mail is to be handed in again.
        """
        returned = (
            read_returned(octets) if len(octets) <= _SMALL else await asyncio.to_thread(read_returned, octets)
        )
        if returned is None:
            return Bounced(state=BounceState.NO_BOUNCE)
        entry = await self._entry(returned, to, organization)
        if entry is None:
            return Bounced(state=BounceState.UNKNOWN)
        concerned = _concerned(returned, entry)
        now = moment_of(self._clock.now())
        for number, said in concerned:
            if said.action in _TOLD:
                await self._outbox().note(
                    Event(
                        kind=EventKind.BOUNCED,
                        at=now,
                        entry=entry.id,
                        recipients=(number,),
                        connection=entry.connection,
                        organization=entry.organization,
                        text=_words(said)[:_LONGEST_TEXT],
                    )
                )
        suppressed = [
            entry.recipients[number].address
            for number, said in concerned
            if await self._suppress(entry, number, said)
        ]
        return Bounced(
            state=BounceState.TAKEN,
            entry=entry.id,
            organization=entry.organization,
            recipients=tuple([said for _, said in concerned]),
            suppressed=tuple(suppressed),
        )

    async def _entry(
        self, returned: ReturnedMail, to: Sequence[str], organization: str | None
    ) -> Entry | None:
        outbox = self._outbox()
        if self._return_paths is not None:
            for address in to:
                found = self._return_paths.entry_of(address)
                if found is None:
                    continue
                try:
                    entry = (await outbox.history(found)).entry
                except EntryNotFoundError:  # so long ago that it was forgotten
                    return None
                return entry if organization in {None, entry.organization} else None
        if not returned.message_id:
            return None
        which = EntryFilter(message_id=returned.message_id, organization=organization)
        entries = await outbox.entries(which, limit=_MOST_WITH_ONE_ID)
        entries = [entry for entry in entries if _concerned(returned, entry)] or entries
        return entries[0] if len(entries) == 1 else None

    async def _suppress(self, entry: Entry, number: int, said: ReturnedRecipient) -> bool:
        is_complaint = said.action is Action.COMPLAINED
        if not self._enters_bounced or not (said.is_hard or is_complaint):
            return False
        await self._suppressions.add(
            entry.organization,
            entry.recipients[number].address,
            SuppressionReason.COMPLAINT if is_complaint else SuppressionReason.HARD_BOUNCE,
            detail=_words(said),
            entry=entry.id,
        )
        return True


def _concerned(returned: ReturnedMail, entry: Entry) -> list[tuple[int, ReturnedRecipient]]:
    """Give which recipients of an entry are meant; the only one of an entry is meant by whatever address it was passed on to."""
    numbers = {folded_address(each.address): number for number, each in enumerate(entry.recipients)}
    found: dict[int, ReturnedRecipient] = {}
    for said in returned.recipients:
        named = [folded_address(each) for each in (said.original, said.address) if each]
        number = next((numbers[each] for each in named if each in numbers), None)
        if number is None and len(entry.recipients) == 1 and len(returned.recipients) == 1:
            number = 0
        if number is not None:
            found.setdefault(number, said)
    return sorted(found.items())


def _words(said: ReturnedRecipient) -> str:
    text = said.text if not said.status or said.status in said.text else f"{said.status} {said.text}"
    return f"{said.action.value}: {text}".strip(": ")
