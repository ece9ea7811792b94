"""The composition root: from settings to an outbox that takes messages; the only place that wires, and it wires once.

::

    async with Eilbote(connections={"office": "smtps://orders:secret@mail.example.org"}) as eilbote:
        submission = await eilbote.submit(draft, idempotency_key="invoice-17")
        async with eilbote.courier():
            ...
"""

from __future__ import annotations

import asyncio
import os
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Self, Unpack

from eilbote.config.reading import read_config
from eilbote.connections.connection import Connection
from eilbote.connections.known import DEFAULT, KnownConnections
from eilbote.engine.random_ids import RandomIds
from eilbote.engine.submission_settings import SubmissionSettings, options_of
from eilbote.engine.submit import Submitter
from eilbote.engine.system_clock import SystemClock
from eilbote.engine.ways import Ways
from eilbote.errors import DraftError, IllegalTransitionError, OutboxError
from eilbote.model.draft import Draft
from eilbote.model.ids import EntryId, entry_id_text, read_entry_id
from eilbote.model.moment import moment_of
from eilbote.outbox.frozen import checksum, thaw
from eilbote.outbox.store import EntryFilter, Wish
from eilbote.store.blob_files import BlobFiles
from eilbote.store.connection_file import ConnectionFile
from eilbote.store.open_store import open_store

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterable, Iterable, Mapping, Sequence
    from pathlib import Path
    from types import TracebackType

    from eilbote.compose.dkim import DkimSigner
    from eilbote.compose.series_recipient import SeriesRecipient
    from eilbote.config.config import Config
    from eilbote.connections.repository import ConnectionBook
    from eilbote.engine.courier import Courier
    from eilbote.engine.courier_options import CourierOptions
    from eilbote.engine.transports import Transports
    from eilbote.model.attempt import Event
    from eilbote.model.clock import Clock
    from eilbote.model.ids import IdSource
    from eilbote.model.message import Message
    from eilbote.model.secret import Secret
    from eilbote.model.submission import Submission, SubmissionOptions, SubmissionResult
    from eilbote.outbox.entry import Entry, History
    from eilbote.outbox.store import BlobStore, OutboxFigures, OutboxStore, Pause
    from eilbote.record.report import Report

_DAY = 86_400.0
_NO_CONNECTIONS: Mapping[str, Connection | str] = {}


class Eilbote:
    """An outbox and all that belongs to it; use it as a context manager.

    What is submitted is on the disk when ``submit`` returns, and a courier, in this process or another one, delivers it
    through outages and restarts. What is not given here is read from the environment and from ``eilbote.toml``. An
    ``Eilbote`` belongs to the event loop it is used in; any number of them and of processes may share one outbox.

    Args:
        data_dir: The folder of the outbox, of large attachments and of ``connections.toml``.
        database_url: Where the outbox is kept: ``sqlite:///PATH`` or ``postgresql://...``.
        connections: Connections by name, as settings or URIs; a single one is the default for messages that name
            none. They are known to this program only; others are kept in the data folder or the environment.
        dkim: Signs every message (RFC 6376).
        author: Who submits, for those who look at an entry later.
        clock: Tells the time; the machine's when ``None``.
        ids: Makes Message-IDs; random when ``None``.
        config: The settings, already read; then neither environment nor file is looked at for them.
        store: Another outbox than the database's, such as ``eilbote.testing.MemoryOutbox``.
        blobs: Another place for large parts than the data folder or the database.

    Raises:
        ConfigurationError: A setting or a connection cannot be used, with its field.
    """

    def __init__(
        self,
        *,
        data_dir: Path | str | None = None,
        database_url: str | Secret | None = None,
        connections: Mapping[str, Connection | str] | Connection | str = _NO_CONNECTIONS,
        dkim: DkimSigner | None = None,
        author: str = "",
        clock: Clock | None = None,
        ids: IdSource | None = None,
        config: Config | None = None,
        store: OutboxStore | None = None,
        blobs: BlobStore | None = None,
    ) -> None:
        if config is None:
            config = read_config(data_dir=data_dir, database_url=database_url)
        if isinstance(connections, str | Connection):
            connections = {DEFAULT: connections}
        self._config = config
        self._clock = clock or SystemClock()
        self._ids = ids or RandomIds()
        self._connections = KnownConnections(
            given=connections, environment=os.environ, kept=ConnectionFile(config.connections_file)
        )
        self._store = store or open_store(config.database_url.reveal(), busy_seconds=config.busy_seconds)
        self._blobs = blobs or BlobFiles(config.blobs_dir)
        self._is_open = False
        self._submitter = Submitter(
            self._store,
            self._blobs,
            Ways(
                self._connections,
                clock=self._clock,
                ids=self._ids,
                largest_message=config.largest_message,
                dkim=dkim,
            ),
            clock=self._clock,
            author=author,
            on_accepted=self._nudge,
        )
        self._couriers: list[Courier] = []

    async def __aenter__(self) -> Self:
        """Open the outbox; a new one is made when there is none.

        Raises:
            OutboxError: It cannot be opened, is damaged, or was made by an older or a newer eilbote.
        """
        await self._store.open()
        self._is_open = True
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it; what was submitted stays."""
        await self.close()

    @asynccontextmanager
    async def courier(self) -> AsyncGenerator[None, None]:
        """Deliver in this process while the block lasts.

        At its end what is on its way may finish, within the grace time of the settings; the rest stays in the outbox
        for the next courier. When the block ends with an exception nothing is waited for. What happens is told to the
        logger ``eilbote``.
        """
        courier = courier_for(self)
        running = asyncio.create_task(courier.run())
        self._couriers.append(courier)
        try:
            yield
        except BaseException:
            courier.stop()
            raise
        finally:
            self._couriers.remove(courier)
            courier.stop()
            await running

    async def close(self) -> None:
        """Finish what was begun, and let go of the outbox."""
        self._is_open = False
        await self._store.close()

    # -- what it is made of ------------------------------------------------------------------------------------

    @property
    def config(self) -> Config:
        """The settings, each with where it came from."""
        return self._config

    @property
    def connections(self) -> ConnectionBook:
        """The connections this program knows, and those that are kept."""
        return self._connections

    @property
    def store(self) -> OutboxStore:
        """The outbox behind its port, for what has no method here."""
        return self._opened()

    @property
    def blobs(self) -> BlobStore:
        """Where large parts of messages are, behind its port."""
        return self._blobs

    @property
    def clock(self) -> Clock:
        """What tells the time."""
        return self._clock

    # -- handing in --------------------------------------------------------------------------------------------

    async def submit(
        self, draft: Draft, options: SubmissionOptions | None = None, **settings: Unpack[SubmissionSettings]
    ) -> Submission:
        """Hand a message to the outbox; it is on the disk when this returns.

        Args:
            draft: What the author wants said.
            options: How it is to be carried.
            **settings: The same as keywords; they go before ``options``.

        Returns:
            The record of it. With an idempotency key that was used before for the same message, that of the earlier
            submission; ``is_new`` tells.

        Raises:
            DraftError: The draft or an option cannot be used, with its field; nothing was accepted.
            ConfigurationError: A connection is unknown or cannot be used, or there is no From.
            AlreadySubmittedError: The key was used before, for another message.
            OutboxUnavailableError: The outbox cannot store anything for now; nothing was accepted.
        """
        self._opened()
        return await self._submitter.submit(draft, options_of(options, settings))

    def submit_many(
        self,
        drafts: Draft
        | Iterable[Draft | tuple[Draft, SubmissionOptions]]
        | AsyncIterable[Draft | tuple[Draft, SubmissionOptions]],
        recipients: Iterable[SeriesRecipient | tuple[str, Mapping[str, str]]]
        | AsyncIterable[SeriesRecipient | tuple[str, Mapping[str, str]]]
        | None = None,
        options: SubmissionOptions | None = None,
        **settings: Unpack[SubmissionSettings],
    ) -> AsyncGenerator[SubmissionResult, None]:
        """Hand many messages to the outbox: drafts, or one draft for many recipients with values of their own.

        ::

            async for result in eilbote.submit_many(drafts): ...
            async for result in eilbote.submit_many(draft, [("anna@example.org", {"name": "Anna"}), ...]): ...

        They are taken as there is room for them. What the messages of a series share is composed and stored once.

        Args:
            drafts: Drafts, or pairs of a draft and its own options; or the one draft of a series, without its ``to``.
            recipients: Of a series, each with an address and values.
            options: How they are to be carried. An idempotency key stands for the whole: each message gets one made from
                it and its index or address, so the same call can be repeated after a break and doubles nothing.
            **settings: The same as keywords; they go before ``options``.

        Returns:
            One result for each, in order, each as soon as its message is on the disk. Nothing is raised for a single
            one: ``error`` tells why it was refused.

        Raises:
            DraftError: An option cannot be used, or the draft of a series cannot be said safely, whoever it is for.
            ConfigurationError: The connection of a series is unknown or cannot be used.
        """
        from eilbote.engine.submit_many import submit_drafts, submit_series

        self._opened()
        chosen = options_of(options, settings)
        if recipients is not None:
            if not isinstance(drafts, Draft):
                raise DraftError(
                    "a series has one draft",
                    field="drafts",
                    remedy="Give one Draft and its recipients, or many drafts and no recipients",
                )
            return submit_series(self._submitter, drafts, recipients, chosen)
        if isinstance(drafts, Draft):
            drafts = (drafts,)
        return submit_drafts(self._submitter, drafts, chosen)

    # -- looking -----------------------------------------------------------------------------------------------

    async def history(self, entry: EntryId | str) -> History:
        """Tell everything about an entry: what became of each recipient, every attempt, every event.

        Raises:
            EntryNotFoundError: There is none.
        """
        return await self._opened().history(_id(entry))

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
        """
        return await self._opened().entries(
            which or EntryFilter(), limit=limit, after=after, newest_first=newest_first
        )

    async def message(self, entry: EntryId | str) -> Message:
        """Give the message of an entry as every attempt sends it; its ``chunks()`` are the octets.

        Raises:
            EntryNotFoundError: There is none.
            UnreadableEntryError: What is stored is damaged.
        """
        octets = await self._opened().frozen(_id(entry))
        frozen = thaw(octets, checksum(octets))
        return frozen.message(
            {
                blob.sha256: await self._blobs.get(blob.sha256, size=blob.size, dot_free=blob.dot_free)
                for blob in frozen.blobs
            }
        )

    async def figures(self) -> OutboxFigures:
        """Count what is in the outbox."""
        return await self._opened().figures(moment_of(self._clock.now()))

    async def events(self, *, after: int = 0, limit: int = 1000) -> list[Event]:
        """Tell what happened, in order.

        Args:
            after: The sequence of the last one that was heard.
            limit: At most so many.
        """
        return await self._opened().events(after=after, limit=limit)

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
        return await self._opened().apply(wish, entries, now=moment_of(self._clock.now()))

    async def pauses(self) -> list[Pause]:
        """Tell which connections take no mail for now, and why."""
        return await self._opened().pauses()

    async def resume(self, connection: str) -> bool:
        """Use a paused connection again; says whether it was paused."""
        return await self._opened().resume(connection, now=moment_of(self._clock.now()))

    async def _want(self, wish: Wish, entry: EntryId | str) -> None:
        number = _id(entry)
        (refusal,) = await self.apply(wish, (number,))
        if refusal is not None:
            await self._opened().history(number)  # tells when there is no such entry
            raise IllegalTransitionError(
                f"the entry {entry_id_text(number)} cannot be used so: {refusal}", field="id"
            )

    def _nudge(self) -> None:
        for courier in self._couriers:
            courier.nudge()

    def _opened(self) -> OutboxStore:
        if not self._is_open:
            raise OutboxError(
                "the outbox is not open",
                remedy="Write `async with Eilbote(...) as eilbote:` and use it inside the block",
            )
        return self._store


def courier_for(
    eilbote: Eilbote,
    *,
    report: Report | None = None,
    transports: Transports | None = None,
    options: CourierOptions | None = None,
) -> Courier:
    """Make a courier for an open outbox; the caller runs and stops it.

    Args:
        eilbote: Whose messages it delivers.
        report: Hears what happens; the log when ``None``.
        transports: The ways out; SMTP when ``None``.
        options: How it works; by the settings when ``None``.
    """
    from eilbote.engine.courier import Courier
    from eilbote.engine.courier_options import CourierOptions
    from eilbote.engine.transports import Transports
    from eilbote.record.log import EventLog

    config = eilbote.config
    return Courier(
        store=eilbote.store,
        blobs=eilbote.blobs,
        transports=transports or Transports(clock=eilbote.clock),
        connections=eilbote.connections,
        clock=eilbote.clock,
        ids=RandomIds(),
        report=report or EventLog(),
        options=options
        or CourierOptions(
            lease_seconds=config.courier.lease_seconds,
            grace_seconds=config.courier.grace_seconds,
            retention_seconds=config.retention.days * _DAY,
        ),
    )


def _id(entry: EntryId | str) -> EntryId:
    return read_entry_id(entry) if isinstance(entry, str) else entry
