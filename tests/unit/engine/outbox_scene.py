"""A submitter with everything in memory: an outbox, large parts, connections, a clock that stands still."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from eilbote import Connection, OutboxUnavailableError, SubmissionOptions
from eilbote.connections.known import KnownConnections
from eilbote.connections.stored_book import StoredBook
from eilbote.engine.submit import Submitter
from eilbote.engine.ways import Ways
from eilbote.model.ids import EntryId
from eilbote.model.message import OctetSource
from eilbote.model.moment import Moment
from eilbote.outbox.entry import Acceptance, NewEntry
from eilbote.outbox.frozen import BlobReference, FrozenMessage, checksum, thaw
from eilbote.store.lazy_records import LazyRecords
from eilbote.store.memory_records import MemoryRecords
from eilbote.testing import FixedIds, ManualClock, MemoryOutbox

NONE = SubmissionOptions()


class MemoryBook:
    """Connections in memory."""

    def __init__(self) -> None:
        self.kept: dict[str, Connection] = {}

    async def names(self) -> tuple[str, ...]:
        return tuple(sorted(self.kept))

    async def get(self, name: str) -> Connection:
        return self.kept[name]

    def place(self, name: str) -> str:
        return f"the {name} of a test"


class MemoryBlobs:
    """Large parts in memory."""

    def __init__(self) -> None:
        self.parts: dict[str, bytes] = {}
        self.puts = 0

    async def put(self, source: OctetSource) -> str:
        self.puts += 1
        octets = b"".join(source.chunks())
        sha256 = hashlib.sha256(octets).hexdigest()
        self.parts[sha256] = octets
        return sha256

    async def get(self, sha256: str, *, size: int, dot_free: bool) -> "Part":
        return Part(self.parts[sha256], dot_free)

    async def sweep(self, in_use: set[str], *, older_than: Moment) -> int:
        return 0


@dataclass
class Part:
    """A large part."""

    octets: bytes
    dot_free: bool

    @property
    def size(self) -> int:
        return len(self.octets)

    def chunks(self) -> Iterator[bytes]:
        yield self.octets


class CountingOutbox(MemoryOutbox):
    """An outbox in memory that counts what it is asked, and takes nothing when it is told so."""

    def __init__(self) -> None:
        super().__init__()
        self.batches: list[int] = []
        self.is_full = False

    async def accept(self, entries: Sequence[NewEntry]) -> list[Acceptance]:
        self.batches.append(len(entries))
        if self.is_full:
            raise OutboxUnavailableError("the outbox is full")
        return await super().accept(entries)


@dataclass
class Scene:
    """Everything together."""

    store: CountingOutbox = field(default_factory=CountingOutbox)
    blobs: MemoryBlobs = field(default_factory=MemoryBlobs)
    book: MemoryBook = field(default_factory=MemoryBook)
    records: LazyRecords = field(default_factory=lambda: LazyRecords(MemoryRecords))
    clock: ManualClock = field(default_factory=ManualClock)
    nudges: int = 0

    def submitter(self, *, largest_message: int = 50_000_000, **given: str | Connection) -> Submitter:
        known = KnownConnections(
            given=given or {"office": "smtps://mail.example.org?from=orders@example.org"},
            stored=StoredBook(self.records.connections, clock=self.clock),
            file=self.book,
        )
        return Submitter(
            self.store,
            self.blobs,
            Ways(known, clock=self.clock, ids=FixedIds(), largest_message=largest_message, dkim=None),
            clock=self.clock,
            author="test",
            on_accepted=self._nudge,
        )

    def _nudge(self) -> None:
        self.nudges += 1

    async def thawed(self, entry: EntryId) -> FrozenMessage:
        octets = await self.store.frozen(entry)
        return thaw(octets, checksum(octets))

    async def octets(self, entry: EntryId) -> bytes:
        pieces = (await self.thawed(entry)).pieces
        return b"".join(
            self.blobs.parts[piece.sha256] if isinstance(piece, BlobReference) else piece for piece in pieces
        )
