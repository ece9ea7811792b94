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
from functools import cached_property
from types import NoneType
from typing import TYPE_CHECKING, Self

from eilbote.config.config import Config
from eilbote.config.mail_environment import MailEnvironment
from eilbote.config.reading import read_config
from eilbote.connections.connection import Connection
from eilbote.connections.known import DEFAULT, NOWHERE, KnownConnections
from eilbote.connections.stored_book import StoredBook
from eilbote.engine.look_check import check_look
from eilbote.engine.outbox_parts import check_outbox_parts
from eilbote.engine.random_ids import RandomIds
from eilbote.engine.services import ServiceDesks, Services
from eilbote.engine.submit import Submitter
from eilbote.engine.system_clock import SystemClock
from eilbote.engine.ways import Ways
from eilbote.errors import SettingsError
from eilbote.model.kinds import check_kind
from eilbote.settings.endpoint_book import EndpointBook
from eilbote.store.beside import Beside
from eilbote.store.connection_file import ConnectionFile
from eilbote.store.connection_variables import ConnectionVariables
from eilbote.store.open_store import is_in_memory, open_blobs, open_store

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping
    from pathlib import Path
    from types import TracebackType

    from eilbote.author.flow.store import FlowStore
    from eilbote.author.process.store import ProcessStore
    from eilbote.compose.dkim import DkimSigner
    from eilbote.engine.courier import Courier
    from eilbote.engine.courier_options import CourierOptions
    from eilbote.engine.everybody import Everybody
    from eilbote.engine.flow_wiring import Wiring
    from eilbote.engine.probe_findings import Probe
    from eilbote.engine.snapshot import Snapshots
    from eilbote.engine.transports import Transports
    from eilbote.model.clock import Clock
    from eilbote.model.ids import IdSource
    from eilbote.model.secret import Secret
    from eilbote.outbox.store import BlobStore, OutboxStore
    from eilbote.record.report import Report
    from eilbote.settings.records import Records

_DAY = 86_400.0
_NO_CONNECTIONS: Mapping[str, Connection | str] = {}


class Eilbote(ServiceDesks):
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
        records: Another place for stored connections, settings and tokens than the database, or memory when the outbox is there.
        flows: Another place for flows and their runs; otherwise they are where records are by themselves.
        processes: Another place for processes, routes and instances; otherwise they are where flows are by themselves.

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
        records: Records | None = None,
        flows: FlowStore | None = None,
        processes: ProcessStore | None = None,
    ) -> None:
        check_outbox_parts(
            data_dir=data_dir,
            database_url=database_url,
            connections=connections,
            author=author,
            dkim=dkim,
            clock=clock,
            ids=ids,
            store=store,
            blobs=blobs,
            records=records,
            flows=flows,
            processes=processes,
        )
        check_kind(config, (Config, NoneType), field="config", fault=SettingsError)
        config = config or read_config(data_dir=data_dir, database_url=database_url)
        if isinstance(connections, str | Connection):
            connections = {DEFAULT: connections}
        clock = clock or SystemClock()
        url = config.database_url.reveal()
        in_memory = store is not None and is_in_memory(store)
        store = store or open_store(url, busy_seconds=config.busy_seconds)
        self._config = config
        self._beside = Beside(
            None if in_memory else url,
            data_dir=config.data_dir,
            environment=os.environ,
            busy_seconds=config.busy_seconds,
            records=records,
            flows=flows,
            processes=processes,
        )
        self._in_memory = in_memory
        self._records = self._beside.records
        self._settings = EndpointBook(
            settings=self._records.settings,
            environment=MailEnvironment(os.environ, clock=clock),
            revision=self._records.connections.revision,
            clock=clock,
            check=check_look,
        )
        self._connections = KnownConnections(
            given=connections,
            environment=ConnectionVariables(os.environ),
            stored=StoredBook(self._records.connections, clock=clock, tokens=self._records.tokens),
            file=ConnectionFile(config.connections_file),
            endpoints=self._settings,
            unconfigured=Connection.from_uri(NOWHERE) if config.capture.enabled else None,
        )
        ways = Ways(
            self._connections,
            clock=clock,
            ids=ids or RandomIds(),
            largest_message=config.largest_message,
            dkim=dkim,
        )
        blobs = blobs or open_blobs(store, config.blobs_dir)
        submitter = Submitter(
            store,
            blobs,
            ways,
            clock=clock,
            author=author,
            on_accepted=self._nudge,
            suppressions=lambda: self.services.suppressions,
        )
        super().__init__(store, blobs, submitter, clock=clock)
        self._working: list[Everybody] = []
        self._author = author

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
    async def courier(self, *, report: Report | None = None) -> AsyncGenerator[Everybody, None]:
        """Deliver in this process while the block lasts, work what falls due of flows and processes, and tell people what has happened.

        At its end what is on its way may finish, within the grace time of the settings; the rest stays in the outbox
        for the next courier. When the block ends with an exception nothing is waited for.

        Args:
            report: Hears what happens; the logger ``eilbote`` when ``None``.
        """
        working = everybody_for(self, report=report)
        running = asyncio.create_task(working.run())
        self._working.append(working)
        try:
            yield working
        except BaseException:
            working.stop()
            raise
        finally:
            self._working.remove(working)
            working.stop()
            await running

    async def deliver_due(self) -> None:
        """Deliver what is due now, work the runs and instances that are, tell people, and return.

        What a server refuses for now waits for the next courier, and so does what waits for its message.
        """
        working = everybody_for(self)
        self._working.append(working)
        try:
            await working.run(once=True)
        finally:
            self._working.remove(working)

    async def test(
        self,
        connection: str = DEFAULT,
        *,
        mail_from: str | None = None,
        verify: str | tuple[str, ...] = (),
        suggest: bool = False,
        check_sender: bool = False,
    ) -> Probe:
        """Try a connection stage by stage, as :meth:`Mailer.test` does, with the tokens that are kept here; sends no mail.

        Args:
            connection: Its name: of a connection, or of the endpoint ``notification``.
            mail_from: See :meth:`Mailer.test`.
            verify: Addresses to ask the server about.
            suggest: Look where the same host would have answered; not on behalf of an organization.
            check_sender: Ask the name servers whether receivers will believe the sender.

        Raises:
            ConfigurationError: There is no such connection, or it cannot be used.
            AddressError: ``mail_from`` or something in ``verify`` is no address.
        """
        from eilbote.engine.probe_kept import probe_kept

        found = await self._connections.find(connection)
        return await probe_kept(
            found,
            clock=self.clock,
            tokens=self._records.tokens,
            egress=self._config.egress.policy if found.public_only else None,
            mail_from=mail_from,
            verify=verify,
            suggest=suggest,
            check_sender=check_sender,
        )

    async def close(self) -> None:
        """Finish what was begun, and let go of the outbox."""
        self._is_open = False
        try:
            await self._beside.close()
        finally:
            await self._store.close()

    @property
    def config(self) -> Config:
        """The settings, each with where it came from."""
        return self._config

    @property
    def connections(self) -> KnownConnections:
        """The connections this program knows, by their names; ``connections.stored`` keeps, changes and forgets some."""
        return self._connections

    @property
    def settings(self) -> EndpointBook:
        """The endpoints ``notification`` and ``system``, and what host and organizations say about them."""
        return self._settings

    @property
    def records(self) -> Records:
        """Stored connections, settings and tokens, behind their ports; opened when they are first asked."""
        return self._records

    @property
    def flow_store(self) -> FlowStore:
        """Flows and their runs, behind their port; opened when it is first asked."""
        return self._beside.flows

    @cached_property
    def services(self) -> Services:  # pyright: ignore[reportIncompatibleMethodOverride] - put together once
        """The desks of those who run a host, put together when they are first used."""
        from eilbote.config.parts import service_parts

        return Services(
            service_parts(
                self._config,
                beside=self._beside,
                outbox=lambda: self.store,
                blobs=self._blobs,
                submitter=self._submitter,
                connections=self._connections,
                settings=self._settings,
                tokens=self._records.tokens,
                consents=self._records.consents,
                environment=os.environ,
                is_in_memory=self._in_memory,
                clock=self.clock,
                author=self._author,
            )
        )

    @property
    def snapshots(self) -> Snapshots:
        """Packs flows, connections, settings and subscriptions into one file, and brings them back."""
        from eilbote.engine.snapshot import Snapshots

        return Snapshots(self._beside, connections=self._connections, clock=self.clock)

    @cached_property
    def wiring(self) -> Wiring:  # pyright: ignore[reportIncompatibleMethodOverride] - put together once
        """What works flows and processes, put together when they are first used."""
        from eilbote.config.parts import flow_parts
        from eilbote.engine.flow_wiring import Wiring

        return Wiring(flow_parts(self._config, self.services, questions=self._beside.questions))

    # -- within ------------------------------------------------------------------------------------------------

    def _nudge(self) -> None:
        for each in self._working:
            each.nudge()


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
    from eilbote.engine.courier_options import CourierOptions
    from eilbote.engine.courier_wiring import make_courier

    config, shelf = eilbote.config, eilbote.captured
    if transports is None and shelf is not None:
        from eilbote.engine.capture_wiring import capturing_transports

        transports = capturing_transports(
            shelf, clock=eilbote.clock, egress=config.egress.policy, tokens=eilbote.records.tokens
        )
    return make_courier(
        eilbote,
        tokens=eilbote.records.tokens,
        egress=config.egress.policy,
        report=eilbote.wiring.report(report),
        transports=transports,
        options=options
        or CourierOptions(
            lease_seconds=config.courier.lease_seconds,
            grace_seconds=config.courier.grace_seconds,
            retention_seconds=config.retention.days * _DAY,
        ),
        rules=eilbote.services.mail_rules,
    )


def everybody_for(eilbote: Eilbote, *, report: Report | None = None) -> Everybody:
    """Put together everybody who works for an open outbox: a courier, and those who work flows and processes and tell people.

    Args:
        eilbote: Whose outbox it is.
        report: Hears what the courier does; the log when ``None``.
    """
    return eilbote.wiring.everybody(courier_for(eilbote, report=report), eilbote.services.workers(report))
