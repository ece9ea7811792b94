"""An outbox on a real disk, used as a program uses it."""

import asyncio
import os
import resource
import tracemalloc
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from email import message_from_bytes
from pathlib import Path

import pytest

from eilbote import (
    Attachment,
    AttachmentError,
    ConnectionNotFoundError,
    Draft,
    Eilbote,
    EntryFilter,
    EntryId,
    EntryNotFoundError,
    EntryState,
    IllegalTransitionError,
    OutboxError,
    OutboxUnavailableError,
    Secret,
    SettingsError,
    entry_id_text,
)
from eilbote.engine.courier import Courier
from eilbote.testing import Catcher, ManualClock, MemoryOutbox, fall_silent, refuse

NOWHERE = "smtp://127.0.0.1:1?from=orders@example.org"
DRAFT = Draft(to="anna@example.org", subject="Order 4711", text="It is ready.")


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("EILBOTE_"):
            monkeypatch.delenv(name)


@asynccontextmanager
async def opened(folder: Path, connection: str = NOWHERE) -> AsyncIterator[Eilbote]:
    async with Eilbote(data_dir=folder, connections=connection) as eilbote:
        yield eilbote


@contextmanager
def files_of_at_most(octets: int) -> Iterator[None]:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (octets, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def blobs_in(folder: Path) -> list[Path]:
    return [path for path in (folder / "blobs").rglob("*") if path.is_file() and path.name != ".lock"]


def files_in(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def large_file(folder: Path, size: int = 300_000) -> Path:
    path = folder / "report.pdf"
    path.write_bytes(os.urandom(size))
    return path


@pytest.mark.asyncio
async def test_what_was_submitted_is_there_after_the_program_has_ended(tmp_path: Path) -> None:
    path = large_file(tmp_path)
    content = path.read_bytes()
    async with opened(tmp_path / "data") as eilbote:
        submission = await eilbote.submit(
            DRAFT.replace(attachments=[Attachment.from_file(path)]), idempotency_key="k"
        )
    path.unlink()

    async with opened(tmp_path / "data") as eilbote:
        history = await eilbote.history(submission.id)
        message = await eilbote.message(entry_id_text(submission.id))
        again = await eilbote.entries(EntryFilter(idempotency_key="k"))

    parsed = message_from_bytes(message.octets())
    assert history.entry.state is EntryState.QUEUED
    assert [entry.id for entry in again] == [submission.id]
    assert parsed["Message-ID"] == submission.message_id
    assert parsed.get_payload()[1].get_payload(decode=True) == content


@pytest.mark.asyncio
async def test_two_programs_share_one_outbox_and_one_key(tmp_path: Path) -> None:
    async with opened(tmp_path) as one, opened(tmp_path) as other:
        submissions = await asyncio.gather(
            *(each.submit(DRAFT, idempotency_key="k") for each in (one, other) * 10)
        )

    assert len({submission.id for submission in submissions}) == 1
    assert sum(submission.is_new for submission in submissions) == 1


@pytest.mark.asyncio
async def test_a_courier_delivers_what_is_submitted_in_its_program(tmp_path: Path) -> None:
    async with Catcher() as catcher, opened(tmp_path, catcher.uri) as eilbote:
        async with eilbote.courier():
            submission = await eilbote.submit(DRAFT.replace(from_="orders@example.org"))
            caught = await catcher.next()

        assert (await eilbote.history(submission.id)).entry.state is EntryState.DONE
    assert caught.subject == "Order 4711"


@pytest.mark.asyncio
async def test_what_is_not_delivered_stays_with_the_servers_words(tmp_path: Path) -> None:
    async with (
        Catcher(faults=[refuse("rcpt", "451 4.3.0 not now")]) as catcher,
        opened(tmp_path, catcher.uri) as eilbote,
    ):
        submission = await eilbote.submit(DRAFT.replace(from_="orders@example.org"))
        await eilbote.deliver_due()
        entry = (await eilbote.history(submission.id)).entry

    assert entry.state is EntryState.DEFERRED
    assert entry.recipients[0].text.endswith("not now")


class WatchedOutbox(MemoryOutbox):
    """An outbox in memory that tells when a content is about to go out."""

    def __init__(self) -> None:
        super().__init__()
        self.transmitting = asyncio.Event()

    async def transmit(self, claims: Sequence[tuple[EntryId, int]]) -> list[bool]:
        self.transmitting.set()
        return await super().transmit(claims)


@pytest.mark.asyncio
async def test_a_block_that_breaks_off_waits_for_nothing(tmp_path: Path) -> None:
    """A server that has fallen silent would be given the whole grace time otherwise."""
    store = WatchedOutbox()

    async def broken(eilbote: Eilbote) -> None:
        async with eilbote.courier():
            await eilbote.submit(DRAFT.replace(from_="orders@example.org"))
            await store.transmitting.wait()
            raise KeyError("x")

    async with (
        Catcher(faults=[fall_silent("content")]) as catcher,
        Eilbote(data_dir=tmp_path, connections=catcher.uri, store=store) as eilbote,
    ):
        async with asyncio.timeout(15):
            with pytest.raises(KeyError):
                await broken(eilbote)
        assert await store.couriers() == []


@pytest.mark.asyncio
async def test_a_courier_of_the_same_program_is_told_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nudged: list[int] = []
    monkeypatch.setattr(Courier, "nudge", lambda _: nudged.append(1))
    async with opened(tmp_path) as eilbote:
        await eilbote.submit(DRAFT)
        async with eilbote.courier():
            await eilbote.submit(DRAFT)
            await eilbote.submit(DRAFT)
        await eilbote.submit(DRAFT)

    assert len(nudged) == 2


# -- wishes ----------------------------------------------------------------------------------------------------


@pytest.mark.asyncio
async def test_an_entry_is_held_released_cancelled_and_no_more(tmp_path: Path) -> None:
    async with opened(tmp_path) as eilbote:
        entry = (await eilbote.submit(DRAFT)).id

        async def state() -> EntryState:
            return (await eilbote.history(entry)).entry.state

        await eilbote.hold(entry)
        assert await state() is EntryState.HELD
        await eilbote.release(entry_id_text(entry))
        assert await state() is EntryState.QUEUED
        await eilbote.cancel(entry)
        assert await state() is EntryState.CANCELLED
        with pytest.raises(IllegalTransitionError, match="cancelled"):
            await eilbote.retry(entry)


@pytest.mark.parametrize("wish", ["retry", "cancel", "hold", "release"])
@pytest.mark.asyncio
async def test_what_is_not_there_cannot_be_wished_for(wish: str, tmp_path: Path) -> None:
    async with opened(tmp_path) as eilbote:
        with pytest.raises(EntryNotFoundError):
            await getattr(eilbote, wish)(17)
        with pytest.raises(EntryNotFoundError):
            await getattr(eilbote, wish)("no id")


@pytest.mark.asyncio
async def test_figures_and_events_tell_what_is_there(tmp_path: Path) -> None:
    async with opened(tmp_path) as eilbote:
        await eilbote.submit(DRAFT)
        figures = await eilbote.figures()
        (event,) = await eilbote.events()

        assert figures.entries[EntryState.QUEUED] == 1
        assert await eilbote.events(after=event.sequence) == []
        assert await eilbote.pauses() == []
        assert await eilbote.resume("default") is False


# -- faults ----------------------------------------------------------------------------------------------------


@pytest.mark.asyncio
async def test_an_outbox_that_is_not_open_says_how_to_open_it(tmp_path: Path) -> None:
    eilbote = Eilbote(data_dir=tmp_path, connections=NOWHERE)

    with pytest.raises(OutboxError, match="async with Eilbote"):
        await eilbote.submit(DRAFT)
    with pytest.raises(OutboxError, match="async with Eilbote"):
        await eilbote.entries()


@pytest.mark.asyncio
async def test_a_full_disk_stores_neither_entry_nor_half_an_attachment(tmp_path: Path) -> None:
    draft = DRAFT.replace(attachments=[Attachment.from_file(large_file(tmp_path))])
    async with opened(tmp_path / "data") as eilbote:
        with files_of_at_most(200_000), pytest.raises(OutboxUnavailableError, match="Make room"):
            await eilbote.submit(draft, idempotency_key="k")

        assert await eilbote.entries() == []
        assert blobs_in(tmp_path / "data") == []
        assert (await eilbote.submit(draft, idempotency_key="k")).is_new


@pytest.mark.asyncio
async def test_a_file_that_shrinks_on_its_way_stores_neither_entry_nor_temporary_file(
    tmp_path: Path,
) -> None:
    path = large_file(tmp_path)
    draft = DRAFT.replace(attachments=[Attachment.from_file(path)])
    os.truncate(path, 100_000)
    async with opened(tmp_path / "data") as eilbote:
        with pytest.raises(AttachmentError, match="changed its size"):
            await eilbote.submit(draft)

        assert await eilbote.entries() == []
        assert blobs_in(tmp_path / "data") == []


@pytest.mark.asyncio
async def test_connections_that_are_kept_are_found_by_name(tmp_path: Path) -> None:
    async with Eilbote(data_dir=tmp_path) as eilbote:
        with pytest.raises(ConnectionNotFoundError, match="not configured yet"):
            await eilbote.submit(DRAFT)
        await eilbote.connections.put("office", Secret(NOWHERE))
        submission = await eilbote.submit(DRAFT)
        await eilbote.connections.put("backup", Secret(NOWHERE))
        several = await eilbote.submit(DRAFT, connections=["backup", "office"])
        with pytest.raises(SettingsError, match="There are 2"):
            await eilbote.submit(DRAFT)
        with pytest.raises(ConnectionNotFoundError, match="Did you mean backup"):
            await eilbote.submit(DRAFT, connections="back-up")

        assert (await eilbote.history(submission.id)).entry.connections == ("office",)
        assert (await eilbote.history(several.id)).entry.connections == ("backup", "office")


@pytest.mark.asyncio
async def test_no_secret_of_a_connection_reaches_the_database(tmp_path: Path) -> None:
    uri = "smtps://orders:secret-word@mail.example.org?from=orders@example.org"
    async with Eilbote(data_dir=tmp_path, connections={"office": uri}) as eilbote:
        await eilbote.submit(DRAFT)
        await eilbote.submit(DRAFT, connections=uri.replace("orders:", "sales:"))

    contents = files_in(tmp_path)
    assert {"eilbote.db", "secret.keys"} <= contents.keys()
    assert not [name for name, content in contents.items() if b"secret-word" in content]


# -- other ways ------------------------------------------------------------------------------------------------


@pytest.mark.asyncio
async def test_users_can_test_their_programs_with_an_outbox_in_memory(tmp_path: Path) -> None:
    clock = ManualClock()
    async with Eilbote(
        data_dir=tmp_path, connections=NOWHERE, store=MemoryOutbox(), clock=clock, author="shop"
    ) as eilbote:
        submission = await eilbote.submit(DRAFT)
        entry = (await eilbote.history(submission.id)).entry

    assert entry.author == "shop"
    assert list(tmp_path.iterdir()) == []  # noqa: ASYNC240


@pytest.mark.asyncio
async def test_many_of_both_kinds_come_through_the_same_door(tmp_path: Path) -> None:
    letter = Draft(subject="For {{ name }}", text="Dear {{ name }}")
    async with opened(tmp_path) as eilbote:
        drafts = [result async for result in eilbote.submit_many([DRAFT, DRAFT])]
        single = [result async for result in eilbote.submit_many(DRAFT)]
        series = [
            result
            async for result in eilbote.submit_many(
                letter, [("a@example.org", {"name": "A"})], priority="high"
            )
        ]
        found = await eilbote.entries(EntryFilter(subject="for a"))

        assert [len(drafts), len(single), len(series)] == [2, 1, 1]
        assert [(entry.subject, entry.urgency) for entry in found] == [("For A", 0)]
        with pytest.raises(ValueError, match="a series has one draft"):
            eilbote.submit_many([DRAFT], [("a@example.org", {})])


@pytest.mark.asyncio
async def test_a_large_attachment_is_never_in_memory_as_a_whole(tmp_path: Path) -> None:
    draft = DRAFT.replace(attachments=[Attachment.from_file(large_file(tmp_path, 25_000_000))])
    async with opened(tmp_path / "data") as eilbote:
        await eilbote.submit(DRAFT)  # loads what is loaded once
        tracemalloc.start()
        try:
            submission = await eilbote.submit(draft, idempotency_key="k")
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()

        assert (await eilbote.history(submission.id)).entry.size > 33_000_000
    assert peak < 2_000_000


@pytest.mark.asyncio
async def test_a_database_on_a_server_keeps_large_parts_as_well(
    postgres_database: str, tmp_path: Path
) -> None:
    draft = DRAFT.replace(
        from_="orders@example.org", attachments=[Attachment.from_file(large_file(tmp_path))]
    )
    async with (
        Catcher() as catcher,
        Eilbote(
            data_dir=tmp_path / "data", database_url=postgres_database, connections=catcher.uri
        ) as eilbote,
    ):
        submission = await eilbote.submit(draft, idempotency_key="k")
        again = await eilbote.submit(draft, idempotency_key="k")
        await eilbote.deliver_due()
        caught = await catcher.next()

        assert (again.id, again.is_new) == (submission.id, False)
        assert (await eilbote.history(submission.id)).entry.state is EntryState.DONE
        assert (await eilbote.message(submission.id)).octets() == caught.octets
    assert files_in(tmp_path).keys() == {"report.pdf"}
