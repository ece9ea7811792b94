"""Many messages in one go: a result for each in its order, bounded batches, and nothing twice when it is repeated."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import aclosing
from email import message_from_bytes

import pytest
import pytest_asyncio
from tests.unit.engine.outbox_scene import NONE, CountingOutbox, Scene

from eilbote import (
    AddressError,
    AlreadySubmittedError,
    Attachment,
    ConnectionNotFoundError,
    Draft,
    DraftError,
    EntryFilter,
    OutboxUnavailableError,
    PlaceholderError,
    SeriesRecipient,
    SubmissionOptions,
    SubmissionResult,
)
from eilbote.engine.submit_many import submit_drafts, submit_series
from eilbote.outbox.entry import Acceptance, NewEntry

LETTER = Draft(subject="For {{ name }}", text="Dear {{ name }}")
KEY = SubmissionOptions(idempotency_key="run-1")


@pytest_asyncio.fixture
async def scene() -> Scene:
    scene = Scene()
    await scene.store.open()
    return scene


def drafts(count: int) -> Iterator[Draft]:
    for number in range(count):
        yield Draft(to=f"a{number}@example.org", subject=str(number), text="Hi!")


async def count_entries(scene: Scene) -> int:
    return len(await scene.store.entries(EntryFilter(), limit=10_000))


def ids(results: list[SubmissionResult]) -> list[int | None]:
    return [result.submission and result.submission.id for result in results]


@pytest.mark.asyncio
async def test_each_draft_has_its_result_in_order_and_they_are_accepted_together(scene: Scene) -> None:
    results = [result async for result in submit_drafts(scene.submitter(), drafts(600), NONE)]

    entries = await scene.store.entries(EntryFilter(), limit=1000, newest_first=False)
    assert [result.index for result in results] == list(range(600))
    assert ids(results) == [entry.id for entry in entries]
    assert [entry.subject for entry in entries] == [str(number) for number in range(600)]
    assert scene.store.batches == [250, 250, 100]
    assert scene.nudges == 3


@pytest.mark.asyncio
async def test_what_is_refused_stands_between_the_others(scene: Scene) -> None:
    own = SubmissionOptions(connections=("nowhere",))
    items = [*drafts(1), Draft(subject="for nobody"), (Draft(to="a@example.org"), own), None, *drafts(1)]

    results = [result async for result in submit_drafts(scene.submitter(), items, NONE)]

    assert [type(result.error).__name__ for result in results] == [
        "NoneType",
        "NoRecipientsError",
        "ConnectionNotFoundError",
        "DraftError",
        "NoneType",
    ]
    assert [result.submission is None for result in results] == [False, True, True, True, False]
    assert await count_entries(scene) == 2


@pytest.mark.asyncio
async def test_an_error_nobody_has_foreseen_ends_no_other(scene: Scene) -> None:
    strange = Draft(to="a@example.org", text="Hi!")
    object.__setattr__(strange, "subject", 17)

    results = [result async for result in submit_drafts(scene.submitter(), [strange, *drafts(1)], NONE)]

    assert isinstance(results[0].error, DraftError)
    assert results[0].error.__cause__ is not None
    assert results[1].submission is not None


@pytest.mark.asyncio
async def test_while_the_outbox_takes_nothing_each_is_told_so(scene: Scene) -> None:
    submitter = scene.submitter()
    scene.store.is_full = True
    async with aclosing(submit_drafts(submitter, drafts(600), NONE)) as results:
        first = await anext(results)
        scene.store.is_full = False
        rest = [result async for result in results]

    assert isinstance(first.error, OutboxUnavailableError)
    refused = [result for result in (first, *rest) if result.error is not None]
    assert len(refused) in (250, 500), "whole batches"
    assert await count_entries(scene) == 600 - len(refused)


@pytest.mark.asyncio
async def test_repeating_the_call_after_a_break_doubles_nothing(scene: Scene) -> None:
    async with aclosing(submit_drafts(scene.submitter(), drafts(600), KEY)) as results:
        broken_off = [await anext(results) for _ in range(10)]

    again = [result async for result in submit_drafts(scene.submitter(), drafts(600), KEY)]

    assert ids(again)[:10] == ids(broken_off)
    assert await count_entries(scene) == 600
    keys = {entry.idempotency_key for entry in await scene.store.entries(EntryFilter(), limit=1000)}
    assert {"run-1:0", "run-1:599"} <= keys


@pytest.mark.asyncio
async def test_who_leaves_early_leaves_the_rest_unsubmitted(scene: Scene) -> None:
    taken = 0

    def counted() -> Iterator[Draft]:
        nonlocal taken
        for draft in drafts(100_000):
            taken += 1
            yield draft

    async with aclosing(submit_drafts(scene.submitter(), counted(), NONE)) as results:
        await anext(results)

    assert taken <= 750
    assert await count_entries(scene) <= taken


@pytest.mark.asyncio
async def test_they_may_come_one_by_one_from_somewhere_else(scene: Scene) -> None:
    async def coming() -> AsyncIterator[Draft]:
        for draft in drafts(3):
            await asyncio.sleep(0)
            yield draft

    results = [result async for result in submit_drafts(scene.submitter(), coming(), NONE)]

    assert len(results) == 3


@pytest.mark.asyncio
async def test_nothing_gives_nothing(scene: Scene) -> None:
    assert [result async for result in submit_drafts(scene.submitter(), [], NONE)] == []
    assert scene.store.batches == []


@pytest.mark.asyncio
async def test_large_drafts_are_written_in_smaller_batches(scene: Scene) -> None:
    large = (Draft(to="a@example.org", text="x" * 70 + "\n" + "y\n" * 60_000) for _ in range(60))

    results = [result async for result in submit_drafts(scene.submitter(), large, NONE)]

    assert len(results) == 60
    assert max(scene.store.batches) < 30


@pytest.mark.asyncio
async def test_others_have_their_turn_meanwhile(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """By a clock on which every message takes a millisecond; the store in memory never waits."""
    turns, milliseconds = 0, 0

    async def tick() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    def time() -> float:
        nonlocal milliseconds
        milliseconds += 1
        return milliseconds / 1000

    ticking = asyncio.create_task(tick())
    monkeypatch.setattr(asyncio.get_running_loop(), "time", time)
    results = [result async for result in submit_drafts(scene.submitter(), drafts(240), NONE)]
    ticking.cancel()

    assert len(results) == 240
    assert turns >= 40, "at least after every sixth message"


class SlowOutbox(CountingOutbox):
    """An outbox that takes some turns of the loop to accept."""

    async def accept(self, entries: Sequence[NewEntry]) -> list[Acceptance]:
        for _ in range(20):
            await asyncio.sleep(0)
        return await super().accept(entries)


@pytest.mark.asyncio
async def test_when_the_drafts_break_off_what_is_being_written_is_written(scene: Scene) -> None:
    def broken() -> Iterator[Draft]:
        yield from drafts(251)
        raise KeyError("x")

    scene.store = SlowOutbox()
    await scene.store.open()
    results = submit_drafts(scene.submitter(), broken(), NONE)

    with pytest.raises(KeyError):
        await anext(results)

    assert await count_entries(scene) == 250


@pytest.mark.asyncio
async def test_whoever_is_cancelled_leaves_no_half_of_a_batch(scene: Scene) -> None:
    scene.store = SlowOutbox()
    await scene.store.open()

    async def submit() -> None:
        async with aclosing(submit_drafts(scene.submitter(), drafts(10), NONE)) as results:
            await anext(results)

    submitting = asyncio.create_task(submit())
    for _ in range(10):
        await asyncio.sleep(0)
    assert await count_entries(scene) == 0, "it is being written"
    submitting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await submitting

    assert await count_entries(scene) == 10


# -- one draft for many ----------------------------------------------------------------------------------------


def people(count: int) -> list[tuple[str, dict[str, str]]]:
    return [(f"a{number}@example.org", {"name": f"N{number}"}) for number in range(count)]


@pytest.mark.asyncio
async def test_everybody_of_a_series_gets_a_message_of_their_own(scene: Scene) -> None:
    recipients = [*people(2), SeriesRecipient("Max <max@example.org>", {"name": "Max"})]

    results = [result async for result in submit_series(scene.submitter(), LETTER, recipients, NONE)]

    entries = await scene.store.entries(EntryFilter(), limit=10, newest_first=False)
    assert len(results) == 3
    assert [entry.subject for entry in entries] == ["For N0", "For N1", "For Max"]
    assert [entry.recipients[0].address for entry in entries][2] == "max@example.org"
    parsed = message_from_bytes(await scene.octets(entries[2].id))
    assert (parsed["To"], parsed.get_payload().strip()) == ("Max <max@example.org>", "Dear Max")
    assert len({entry.message_id for entry in entries}) == 3


@pytest.mark.asyncio
async def test_what_a_series_shares_is_stored_once(scene: Scene) -> None:
    letter = LETTER.replace(attachments=[Attachment.from_bytes(bytes(range(256)) * 400, filename="a.bin")])

    results = [result async for result in submit_series(scene.submitter(), letter, people(300), NONE)]

    assert all(result.submission for result in results)
    assert (scene.blobs.puts, len(scene.blobs.parts)) == (1, 1)


@pytest.mark.asyncio
async def test_a_recipient_that_cannot_be_written_to_stands_between_the_others(scene: Scene) -> None:
    recipients = [*people(1), ("not an address", {"name": "x"}), ("a@example.org", {}), *people(1)]

    results = [result async for result in submit_series(scene.submitter(), LETTER, recipients, NONE)]

    assert [type(result.error) for result in results] == [
        type(None),
        AddressError,
        PlaceholderError,
        type(None),
    ]


@pytest.mark.asyncio
async def test_a_series_that_is_repeated_reaches_nobody_twice_in_whatever_order(scene: Scene) -> None:
    first = [result async for result in submit_series(scene.submitter(), LETTER, people(20), KEY)]

    again = [result async for result in submit_series(scene.submitter(), LETTER, people(25)[::-1], KEY)]

    assert ids(again)[::-1][:20] == ids(first)
    assert await count_entries(scene) == 25
    (entry,) = await scene.store.entries(EntryFilter(idempotency_key="run-1:a3@example.org"), limit=2)
    assert entry.subject == "For N3"


@pytest.mark.asyncio
async def test_other_values_under_the_same_key_are_told(scene: Scene) -> None:
    submitter = scene.submitter()
    recipients = [("a@example.org", {"name": "A"}), ("a@example.org", {"name": "B"})]

    results = [result async for result in submit_series(submitter, LETTER, recipients, KEY)]

    assert results[0].submission is not None
    assert isinstance(results[1].error, AlreadySubmittedError)


@pytest.mark.asyncio
async def test_a_long_address_still_makes_a_key(scene: Scene) -> None:
    options = SubmissionOptions(idempotency_key="k" * 250)
    long = [(f"{'a' * 60}{number}@{'b' * 60}.example.org", {"name": "x"}) for number in range(2)]

    results = [result async for result in submit_series(scene.submitter(), LETTER, long, options)]

    keys = [result.submission.idempotency_key for result in results if result.submission]
    assert len(set(keys)) == 2
    assert all(key is not None and len(key) <= 255 for key in keys)


@pytest.mark.asyncio
async def test_a_series_that_nobody_can_get_is_refused_as_a_whole(scene: Scene) -> None:
    with pytest.raises(DraftError, match="has a To"):
        await anext(submit_series(scene.submitter(), LETTER.replace(to="a@example.org"), people(1), NONE))
    with pytest.raises(ConnectionNotFoundError):
        await anext(
            submit_series(scene.submitter(), LETTER, people(1), SubmissionOptions(connections=("x",)))
        )
