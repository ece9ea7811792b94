"""What the outbox's store alone can do: accept, claim, note the transmission, settle; nothing composed, nothing sent.

Every message has 2 KB, a key of its own in no order, an attempt and two events. Beside the speed stands what a claim
costs when a hundred times as much waits: a queue that slows down as it grows never catches up.
"""

import asyncio
import statistics
import tempfile
import time
import uuid
from collections.abc import Awaitable, Callable, Iterator, Sequence
from pathlib import Path

from benchmarks.processes import ROOT, Cores, on_cores
from benchmarks.resources import Cost
from eilbote.model.attempt import Attempt, Event, EventKind, Outcome
from eilbote.model.ids import CourierId, MessageId
from eilbote.model.moment import Moment
from eilbote.model.status import EntryState, RecipientKind, RecipientStatus
from eilbote.model.submission import InDoubtPolicy, PartialPolicy
from eilbote.outbox.entry import Claim, Lane, NewEntry, NewRecipient
from eilbote.outbox.settlement import Settlement
from eilbote.outbox.store import OutboxStore
from eilbote.store.sqlite_outbox import SqliteOutbox

NOW = Moment(1_800_000_000_000)
LANE = Lane("", "office")
COURIER = CourierId("courier")
BODY = bytes(range(32, 96)) * 32
HANDS = 3
AT_ONCE = 200
FEW, MANY = 1_000, 100_000
CLAIMED = 50
EACH_TARGET_US = 100.0
P50_TARGET_MS = 4.0
P99_TARGET_MS = 40.0
GROWTH_TARGET = 1.3

Row = tuple[str, str, float | None, float]
"""Name, unit, target, value."""


def storing(cores: Cores, *, rounds: int) -> tuple[list[Cost], list[str]]:
    """Drive the store in a file as hard as it goes."""
    with (
        on_cores(cores.sending | cores.serving),
        tempfile.TemporaryDirectory(prefix=".bench-", dir=ROOT) as directory,
    ):
        runs = [
            asyncio.run(measure(lambda name, number=number: _in_a_file(Path(directory, str(number), name))))
            for number in range(rounds + 1)
        ][1:]  # the first one loads what is loaded once
    return [
        Cost(
            name=rows[0][0],
            unit=rows[0][1],
            target=rows[0][2],
            value=statistics.median(row[3] for row in rows),
        )
        for rows in zip(*runs, strict=True)
    ], []


def _in_a_file(folder: Path) -> OutboxStore:
    return SqliteOutbox(folder / "eilbote.db")


async def measure(new_store: Callable[[str], OutboxStore]) -> list[Row]:
    """Measure a kind of store; each case has an empty one of its own."""
    rows: list[Row] = []
    for submitters, count, p50, p99 in ((500, 15_000, None, None), (50, 5_000, P50_TARGET_MS, P99_TARGET_MS)):
        each, waits = await _run(new_store(f"accept-{submitters}"), count, submitters, hands=0)
        rows.append((f"accepted, {submitters} submitters, each", "µs", None, each))
        rows.append((f"accepted, {submitters} submitters, p50", "ms", p50, _quantile(waits, 0.5)))
        rows.append((f"accepted, {submitters} submitters, p99", "ms", p99, _quantile(waits, 0.99)))
    each, _ = await _run(new_store("whole"), 15_000, 500, hands=HANDS)
    rows.append(("accepted, claimed, noted and settled, 500 submitters, each", "µs", EACH_TARGET_US, each))
    few, many = await _claiming(new_store("few"), new_store("many"))
    rows.append((f"claimed while {FEW:,} wait, each", "µs", None, few))
    rows.append((f"claimed while {MANY:,} wait, each", "µs", None, many))
    rows.append(("the second of these, for one of the first", "times", GROWTH_TARGET, many / few))
    return rows


async def _run(store: OutboxStore, count: int, submitters: int, *, hands: int) -> tuple[float, list[float]]:
    """Have messages accepted, and settled if there are hands; gives microseconds a message, and the waits."""
    await store.open()
    await store.begin_courier(COURIER, host="bench", process=1, now=NOW)
    entries = iter([entry(number) for number in range(count)])
    waits: list[float] = []
    left = [count]
    before = time.perf_counter()
    work: list[Awaitable[None]] = [_submit(store, entries, waits) for _ in range(submitters)]
    await asyncio.gather(*work, *(_deliver(store, left) for _ in range(hands)))
    took = time.perf_counter() - before
    await store.close()
    return took / count * 1_000_000, waits


async def _submit(store: OutboxStore, entries: Iterator[NewEntry], waits: list[float]) -> None:
    for one in entries:
        before = time.perf_counter()
        await store.accept([one])
        waits.append((time.perf_counter() - before) * 1000)


async def _deliver(store: OutboxStore, left: list[int]) -> None:
    """Do what a courier does, without the server."""
    while left[0]:
        claims = await store.claim(COURIER, LANE, limit=AT_ONCE, now=NOW)
        assert all(await store.transmit([(claim.id, claim.epoch) for claim in claims]))
        assert all(await store.settle([settled(claim) for claim in claims]))
        left[0] -= len(claims)


async def _claiming(*stores: OutboxStore) -> list[float]:
    """Claim from stores in which few and many wait, in turns; gives microseconds a message."""
    times: list[list[float]] = []
    for store, waiting in zip(stores, (FEW, MANY), strict=True):
        await store.open()
        await store.begin_courier(COURIER, host="bench", process=1, now=NOW)
        for begin in range(0, waiting, 500):
            await store.accept([entry(number) for number in range(begin, begin + 500)])
        times.append([])
    for _ in range(FEW // CLAIMED):
        for store, taken in zip(stores, times, strict=True):
            before = time.perf_counter()
            assert len(await store.claim(COURIER, LANE, limit=CLAIMED, now=NOW)) == CLAIMED
            taken.append((time.perf_counter() - before) / CLAIMED * 1_000_000)
    for store in stores:
        await store.close()
    return [statistics.median(taken) for taken in times]


def entry(number: int) -> NewEntry:
    """Make a small message."""
    return NewEntry(
        organization="",
        connections=("office",),
        message_id=MessageId(f"<{number}@bench.example>"),
        subject=f"Invoice {number}",
        frozen=BODY,
        blobs=(),
        size=len(BODY),
        recipients=(NewRecipient(f"customer-{number}@example.org", RecipientKind.TO),),
        urgency=1,
        due=NOW,
        expires=Moment(NOW + 4 * 86_400_000),
        accepted=NOW,
        on_in_doubt=InDoubtPolicy.RETRY,
        on_partial=PartialPolicy.RETRY_REST,
        idempotency_key=uuid.UUID(int=(number + 1) * 0x9E3779B97F4A7C15F39CC0605CEDC835 % 2**128).hex,
        digest=bytes(32),
        author="bench",
    )


def settled(claim: Claim) -> Settlement:
    """Say that everybody was accepted."""
    numbers = tuple(one.number for one in claim.pending)
    return Settlement(
        id=claim.id,
        epoch=claim.epoch,
        state=EntryState.DONE,
        due=NOW,
        lane=claim.lane,
        attempt=Attempt(
            number=claim.attempts + 1,
            started=NOW,
            seconds=0.05,
            courier=COURIER,
            connection=claim.lane.connection,
            server="mail.example.org:465",
            tls_version="TLSv1.3",
            stage="content",
            reply="250 2.0.0 Ok: queued as 4XyZ",
            outcomes=tuple(
                Outcome(
                    number=number,
                    status=RecipientStatus.ACCEPTED,
                    reply_code=250,
                    enhanced_status_code="2.0.0",
                    text="Ok: queued as 4XyZ",
                )
                for number in numbers
            ),
        ),
        events=(
            Event(
                kind=EventKind.ACCEPTED,
                at=NOW,
                entry=claim.id,
                recipients=numbers,
                connection=claim.lane.connection,
                organization=claim.lane.organization,
            ),
        ),
    )


def _quantile(values: Sequence[float], part: float) -> float:
    return sorted(values)[int(len(values) * part)]
