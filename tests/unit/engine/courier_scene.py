"""A courier with everything it needs, in memory, and time that a test turns."""

import asyncio
import copy
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace

from tests.unit.engine.hand_turned import HandTurned
from tests.unit.engine.memory_transport import Decide, MemoryTransport, receipt_for

from eilbote.connections.connection import Connection
from eilbote.deliver.transport import Capabilities
from eilbote.engine.courier import Courier
from eilbote.engine.courier_options import CourierOptions
from eilbote.engine.transports import Transports
from eilbote.errors import ConnectionNotFoundError, EilboteError
from eilbote.model.attempt import Event, EventKind
from eilbote.model.envelope import Envelope
from eilbote.model.ids import EntryId, MessageId
from eilbote.model.message import Message, OctetSource
from eilbote.model.moment import Moment, later, moment_of
from eilbote.model.status import RecipientKind
from eilbote.model.submission import InDoubtPolicy, PartialPolicy
from eilbote.outbox.entry import Entry, NewEntry, NewRecipient
from eilbote.outbox.frozen import freeze
from eilbote.outbox.store import EntryFilter, OutboxStore
from eilbote.record.notice import Notice, NoticeKind
from eilbote.store.memory_outbox import MemoryOutbox
from eilbote.testing import FixedIds

OCTETS = b"Message-ID: <m@x.example>\r\n\r\nHello\r\n"


class NoBlobs:
    """No message here has large parts."""

    async def put(self, source: OctetSource) -> str:
        raise AssertionError

    async def get(self, sha256: str, *, size: int, dot_free: bool) -> OctetSource:
        raise AssertionError

    async def sweep(self, in_use: set[str], *, older_than: Moment) -> int:
        return 0


class Book:
    """Connections by name, changed by assignment."""

    def __init__(self, *names: str) -> None:
        self.kept: dict[str, Connection] = {name: connection(name) for name in names}

    async def names(self) -> tuple[str, ...]:
        return tuple(self.kept)

    async def get(self, name: str) -> Connection:
        if name not in self.kept:
            raise ConnectionNotFoundError(f"no connection is called {name}")
        return self.kept[name]

    async def put(self, name: str, uri: object) -> bool:
        raise AssertionError

    async def remove(self, name: str) -> None:
        raise AssertionError


def connection(name: str, password: str = "one") -> Connection:
    return Connection.from_uri(f"smtps://user:{password}@{name}.example.org", name=name)


class Server(MemoryTransport):
    """A way out that can be down, slow, or closed."""

    def __init__(self) -> None:
        super().__init__(self._decide_now)
        self.decide: Decide = receipt_for
        self.down: EilboteError | None = None

    def _decide_now(self, envelope: Envelope, message: Message) -> object:
        return self.decide(envelope, message)

    async def ready(self) -> Capabilities:
        self._refusal = copy.copy(self.down)  # each attempt has an error of its own
        return await super().ready()


class Heard:
    """Remembers everything that is told."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.notices: list[Notice] = []

    def happened(self, events: object) -> None:
        self.events += events  # type: ignore[operator]

    def noticed(self, notice: Notice) -> None:
        self.notices.append(notice)

    def kinds(self) -> list[EventKind]:
        return [event.kind for event in self.events]

    def noticed_kinds(self) -> list[NoticeKind]:
        return [notice.kind for notice in self.notices]


class Scene:
    """One outbox, some connections, a courier."""

    def __init__(self, *names: str, store: OutboxStore | None = None, **options: float) -> None:
        names = names or ("office",)
        self.time = HandTurned()
        self.store: OutboxStore = store or MemoryOutbox()
        self.book = Book(*names)
        self.servers: dict[str, Server] = {name: Server() for name in names}
        self.heard = Heard()
        self.options = CourierOptions(**({"poll_seconds": 1.0} | options))  # type: ignore[arg-type]
        self.courier = self.another_courier()

    def another_courier(self, names: str = "shift") -> Courier:
        return Courier(
            store=self.store,
            blobs=NoBlobs(),
            transports=Transports(clock=self.time.clock, make=lambda made: self.servers[made.name]),
            connections=self.book,
            clock=self.time.clock,
            ids=FixedIds(names),
            report=self.heard,
            options=self.options,
            random=lambda: 0.5,
            sleep=self.time.sleep,
        )

    @property
    def office(self) -> Server:
        return self.servers["office"]

    def now(self) -> Moment:
        return moment_of(self.time.clock.now())

    async def submit(self, count: int = 1, **changes: object) -> list[EntryId]:
        new = [self.new_entry(**changes) for _ in range(count)]
        return [acceptance.id for acceptance in await self.store.accept(new)]

    def new_entry(self, *, recipients: int = 1, lifetime: float = 345_600.0, **changes: object) -> NewEntry:
        addresses = tuple(f"r{number}@example.org" for number in range(recipients))
        envelope = Envelope(reverse_path="a@example.org", forward_paths=addresses)
        message = Message(message_id="<m@x.example>", segments=(OCTETS,), size=len(OCTETS))
        now = self.now()
        entry = NewEntry(
            organization="",
            connections=("office",),
            message_id=MessageId("<m@x.example>"),
            subject="Hello",
            frozen=freeze(envelope, message),
            blobs=(),
            size=len(OCTETS),
            recipients=tuple(NewRecipient(address, RecipientKind.TO) for address in addresses),
            urgency=1,
            due=now,
            expires=later(now, lifetime),
            accepted=now,
            on_in_doubt=InDoubtPolicy.RETRY,
            on_partial=PartialPolicy.RETRY_REST,
        )
        return replace(entry, **changes)  # type: ignore[arg-type]

    @asynccontextmanager
    async def running(self, courier: Courier | None = None) -> AsyncIterator[asyncio.Task[None]]:
        """Run a courier while the block lasts, then stop it."""
        courier = courier or self.courier
        await self.store.open()
        task = asyncio.get_running_loop().create_task(courier.run())
        try:
            await self.time.settle()
            yield task
        finally:
            courier.stop()
            await self.time.turn(5.0)
            await self.time.turn(self.options.grace_seconds + 10.0)
            assert task.done()
            task.result()

    async def entry(self, entry: EntryId) -> Entry:
        return (await self.store.history(entry)).entry

    async def entries(self) -> list[Entry]:
        return await self.store.entries(EntryFilter(), limit=1_000_000, newest_first=False)

    async def states(self) -> Mapping[str, int]:
        counts: dict[str, int] = {}
        for entry in await self.entries():
            counts[entry.state] = counts.get(entry.state, 0) + 1
        return counts
