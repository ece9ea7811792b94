"""Where people ask about entries, and say what they want done with them."""

from __future__ import annotations

from types import NoneType
from typing import TYPE_CHECKING

from eilbote.connections.repository import qualified
from eilbote.engine.outbox_parts import check_limit, read_id
from eilbote.errors import DraftError, IllegalTransitionError, OutboxError
from eilbote.model.ids import EntryId, entry_id_text
from eilbote.model.kinds import check_kind
from eilbote.model.moment import moment_of
from eilbote.outbox.frozen import checksum, thaw
from eilbote.outbox.store import EntryFilter, Wish

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eilbote.model.attempt import Event
    from eilbote.model.clock import Clock
    from eilbote.model.message import Message
    from eilbote.outbox.entry import Entry, History
    from eilbote.outbox.store import BlobStore, OutboxFigures, OutboxStore, Pause


class Desk:
    """The part of an outbox that people use once their messages are in it.

    Args:
        store: The outbox.
        blobs: Where large parts are.
        clock: Tells the time.
    """

    def __init__(self, store: OutboxStore, blobs: BlobStore, *, clock: Clock) -> None:
        self._store = store
        self._blobs = blobs
        self._clock = clock
        self._is_open = False

    @property
    def store(self) -> OutboxStore:
        """The outbox behind its port, for what has no method here.

        Raises:
            OutboxError: It is not open.
        """
        self._check_open()
        return self._store

    @property
    def blobs(self) -> BlobStore:
        """Where large parts of messages are, behind its port."""
        return self._blobs

    @property
    def clock(self) -> Clock:
        """What tells the time."""
        return self._clock

    # -- looking -----------------------------------------------------------------------------------------------

    async def history(self, entry: EntryId | str) -> History:
        """Tell everything about an entry: what became of each recipient, every attempt, every event.

        Raises:
            EntryNotFoundError: There is none.
        """
        return await self.store.history(read_id(entry))

    async def entries(
        self,
        which: EntryFilter | None = None,
        *,
        limit: int = 100,
        after: EntryId | None = None,
        newest_first: bool = True,
    ) -> list[Entry]:
        """List entries, page by page.

        Args:
            which: Which ones; all when ``None``.
            limit: At most so many.
            after: The last one of the page before.
            newest_first: In the order of their acceptance, from which end.

        Raises:
            DraftError: An argument is of the wrong kind.
        """
        check_kind(which, (EntryFilter, NoneType), field="which", fault=DraftError)
        check_limit(limit)
        return await self.store.entries(
            which or EntryFilter(), limit=limit, after=after, newest_first=newest_first
        )

    async def count(self, which: EntryFilter | None = None, *, at_most: int = 10_000) -> int:
        """Count entries, and stop at a number: what comes beyond it is not looked at.

        Args:
            which: Which ones; all when ``None``.
            at_most: Where counting ends.

        Raises:
            DraftError: An argument is of the wrong kind.
        """
        check_kind(which, (EntryFilter, NoneType), field="which", fault=DraftError)
        check_limit(at_most, field="at_most")
        return await self.store.count(which or EntryFilter(), at_most=at_most)

    async def message(self, entry: EntryId | str) -> Message:
        """Give the message of an entry as every attempt sends it; its ``chunks()`` are the octets.

        Raises:
            EntryNotFoundError: There is none.
            UnreadableEntryError: What is stored is damaged.
        """
        octets = await self.store.frozen(read_id(entry))
        frozen = thaw(octets, checksum(octets))
        return frozen.message(
            {
                blob.sha256: await self._blobs.get(blob.sha256, size=blob.size, dot_free=blob.dot_free)
                for blob in frozen.blobs
            }
        )

    async def figures(self) -> OutboxFigures:
        """Count what is in the outbox."""
        return await self.store.figures(moment_of(self._clock.now()))

    async def octets(self) -> int:
        """Tell how much room the whole database takes, what is not of the outbox included."""
        return await self.store.octets()

    async def events(self, *, after: int = 0, limit: int = 1000) -> list[Event]:
        """Tell what happened, in order.

        Args:
            after: The sequence of the last one that was heard.
            limit: At most so many.

        Raises:
            DraftError: ``limit`` is no number of events.
        """
        check_limit(limit)
        return await self.store.events(after=after, limit=limit)

    # -- wishes ------------------------------------------------------------------------------------------------

    async def retry(self, entry: EntryId | str) -> None:
        """Try an entry now; failed recipients of a finished one are tried again.

        Raises:
            EntryNotFoundError: There is none.
            IllegalTransitionError: Its state does not allow it.
        """
        await self._want(Wish.RETRY, entry)

    async def cancel(self, entry: EntryId | str) -> None:
        """Call an entry back before it is on its way.

        Raises:
            EntryNotFoundError: There is none.
            IllegalTransitionError: It is on its way, or finished.
        """
        await self._want(Wish.CANCEL, entry)

    async def hold(self, entry: EntryId | str) -> None:
        """Let an entry stand still until it is released.

        Raises:
            EntryNotFoundError: There is none.
            IllegalTransitionError: Its state does not allow it.
        """
        await self._want(Wish.HOLD, entry)

    async def release(self, entry: EntryId | str) -> None:
        """Let an entry that is held go on.

        Raises:
            EntryNotFoundError: There is none.
            IllegalTransitionError: It is not held.
        """
        await self._want(Wish.RELEASE, entry)

    async def apply(self, wish: Wish, entries: Sequence[EntryId]) -> list[str | None]:
        """Do the same with many entries; for each ``None``, or why its state does not allow it."""
        return await self.store.apply(wish, entries, now=moment_of(self._clock.now()))

    async def pauses(self) -> list[Pause]:
        """Tell which connections take no mail for now, and why."""
        return await self.store.pauses()

    async def resume(self, connection: str) -> bool:
        """Use a paused connection again; says whether it was paused.

        Raises:
            SettingsError: That cannot be a name.
        """
        return await self.store.resume(qualified(connection), now=moment_of(self._clock.now()))

    async def _want(self, wish: Wish, entry: EntryId | str) -> None:
        number = read_id(entry)
        (refusal,) = await self.apply(wish, (number,))
        if refusal is not None:
            await self.store.history(number)  # tells when there is no such entry
            raise IllegalTransitionError(
                f"the entry {entry_id_text(number)} cannot be used so: {refusal}", field="id"
            )

    def _check_open(self) -> None:
        if not self._is_open:
            raise OutboxError(
                "the outbox is not open",
                remedy="Write `async with Eilbote(...) as eilbote:` and use it inside the block",
            )
