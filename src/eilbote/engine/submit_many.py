"""Many messages in one go: composed in short slices, accepted in batches, one result for each in their order.

While one batch is written to the disk the next one is composed, and no more than that is in memory. The event loop is
given back every few milliseconds, so a program that submits ten thousand messages still answers meanwhile.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterable
from contextlib import aclosing
from dataclasses import replace
from itertools import repeat
from typing import TYPE_CHECKING, Final, TypeAlias, TypeVar

from eilbote.compose.placeholders import Pattern
from eilbote.compose.series_recipient import SeriesRecipient, read_recipient
from eilbote.engine.submit import Submitter, digest_in_turn, submission_of
from eilbote.engine.unforeseen import unforeseen
from eilbote.errors import DraftError, EilboteError, OutboxError
from eilbote.model.draft import Draft
from eilbote.model.submission import SubmissionOptions, SubmissionResult

if TYPE_CHECKING:
    from collections.abc import (
        AsyncGenerator,
        AsyncIterator,
        Awaitable,
        Callable,
        Iterable,
        Iterator,
        Mapping,
    )

    from eilbote.engine.large_parts import SharedParts
    from eilbote.model.submission import Submission
    from eilbote.outbox.entry import Acceptance, NewEntry

_T = TypeVar("_T")
DraftItem: TypeAlias = "Draft | tuple[Draft, SubmissionOptions]"
"""A draft, or a draft with options of its own."""
RecipientItem: TypeAlias = "SeriesRecipient | tuple[str, Mapping[str, str]]"
"""A recipient of a series, or an address with its values."""

_BATCH: Final = 250
_BATCH_OCTETS: Final = 4 * 1024 * 1024
_SLICE_SECONDS: Final = 0.003
"""Whoever sleeps meanwhile is awake two turns of the loop after the one in which its time has come: three slices."""
_LONGEST_KEY: Final = 255


def submit_drafts(
    submitter: Submitter,
    drafts: Iterable[DraftItem] | AsyncIterable[DraftItem],
    options: SubmissionOptions,
    *,
    author: str | None = None,
) -> AsyncGenerator[SubmissionResult, None]:
    """Submit drafts; a key in ``options`` stands for the whole, each draft gets ``KEY:INDEX`` made from it.

    ``author`` says who submits them, when that is somebody else than usual.

    Drafts are taken as there is room for them, so a generator of a million is fine. Nothing is raised for a single
    one: ``error`` tells why it was refused. Who leaves early leaves the rest unsubmitted, but for what was taken.
    """

    async def prepare(index: int, item: DraftItem) -> NewEntry:
        match item:
            case Draft():
                draft, own = item, _with_key(options, str(index))
            case (Draft() as draft, SubmissionOptions() as own):
                pass
            case _:
                raise _no_draft(item, index)
        way = await submitter.ways.find(own.connections, own.organization)
        submitter.ways.used(way)
        times = await submitter.times(own, way)
        composed = way.composer.compose(draft)
        digest = b"" if own.idempotency_key is None else await digest_in_turn(draft, own)
        return await submitter.entry(
            composed,
            draft,
            draft.subject,
            options=own,
            way=way,
            times=times,
            digest=digest,
            author=author,
        )

    return _submit_each(submitter, drafts, prepare)


async def submit_series(
    submitter: Submitter,
    draft: Draft,
    recipients: Iterable[RecipientItem] | AsyncIterable[RecipientItem],
    options: SubmissionOptions,
) -> AsyncGenerator[SubmissionResult, None]:
    """Submit one draft for many, each with own values; what they share is composed and stored once.

    A key in ``options`` stands for the whole, each recipient gets ``KEY:ADDRESS`` made from it: a series that was
    broken off can be submitted again, and nobody gets it twice.

    Raises:
        DraftError: The draft cannot be said safely, whoever it is for, or an option cannot be used.
        ConfigurationError: A connection is unknown or cannot be used, or there is no From.
    """
    way = await submitter.ways.find(options.connections, options.organization)
    submitter.ways.used(way)
    times = await submitter.times(options, way)
    series = way.composer.series(draft)
    subject = Pattern(draft.subject, "subject")
    shared: SharedParts = {}

    async def prepare(_: int, item: RecipientItem) -> NewEntry:
        recipient = read_recipient(item)
        composed = series.compose(recipient)
        own, digest = options, b""
        if options.idempotency_key is not None:
            to = composed.envelope.forward_paths[0]
            own = _with_key(options, to)
            digest = await digest_in_turn(draft, options, to=to, values=recipient.values)
        return await submitter.entry(
            composed,
            draft,
            subject.fill(recipient.values),
            options=own,
            way=way,
            times=times,
            digest=digest,
            shared=shared,
        )

    async with aclosing(_submit_each(submitter, recipients, prepare)) as results:
        async for result in results:
            yield result


async def _submit_each(
    submitter: Submitter,
    items: Iterable[_T] | AsyncIterable[_T],
    prepare: Callable[[int, _T], Awaitable[NewEntry]],
) -> AsyncGenerator[SubmissionResult, None]:
    tick = asyncio.get_running_loop().time
    batch = _Batch(submitter, 0)
    writing: asyncio.Task[list[SubmissionResult]] | None = None
    slice_ends = tick() + _SLICE_SECONDS
    try:
        async for item in _each(items):
            await batch.add(item, prepare)
            if batch.is_full:
                if writing is not None:
                    for result in await asyncio.shield(writing):
                        yield result
                writing = asyncio.create_task(batch.accept())
                batch = _Batch(submitter, batch.next_index)
            if tick() >= slice_ends:
                await asyncio.sleep(0)
                slice_ends = tick() + _SLICE_SECONDS
        if writing is not None:
            for result in await asyncio.shield(writing):
                yield result
        writing = asyncio.create_task(batch.accept())
        for result in await asyncio.shield(writing):
            yield result
    finally:
        if writing is not None and not writing.done():
            await asyncio.wait((writing,))  # whoever leaves should leave nothing behind that still goes on


class _Batch:
    """Messages that are accepted together, and the errors of those that were refused between them."""

    __slots__ = ("_first", "_made", "_octets", "_submitter")

    def __init__(self, submitter: Submitter, first: int) -> None:
        self._submitter = submitter
        self._first = first
        self._made: list[NewEntry | EilboteError] = []
        self._octets = 0

    @property
    def next_index(self) -> int:
        return self._first + len(self._made)

    @property
    def is_full(self) -> bool:
        return len(self._made) >= _BATCH or self._octets >= _BATCH_OCTETS

    async def add(self, item: _T, prepare: Callable[[int, _T], Awaitable[NewEntry]]) -> None:
        try:
            entry = await prepare(self.next_index, item)
        except EilboteError as error:
            self._made.append(error)
        except Exception as error:  # noqa: BLE001 - one draft must not end the series of all others
            self._made.append(unforeseen(error))
        else:
            self._made.append(entry)
            self._octets += len(entry.frozen)

    async def accept(self) -> list[SubmissionResult]:
        answers = await self._answers([made for made in self._made if not isinstance(made, EilboteError)])
        return [
            _result(index, made if isinstance(made, EilboteError) else next(answers))
            for index, made in enumerate(self._made, self._first)
        ]

    async def _answers(self, entries: list[NewEntry]) -> Iterator[Submission | EilboteError]:
        if not entries:
            return iter(())
        try:
            acceptances = await self._submitter.store.accept(entries)
        except OutboxError as error:
            return repeat(error)
        self._submitter.on_accepted()
        return map(_answer, acceptances, entries)


def _answer(acceptance: Acceptance, entry: NewEntry) -> Submission | EilboteError:
    try:
        return submission_of(acceptance, entry.idempotency_key)
    except EilboteError as error:
        return error


def _result(index: int, answer: Submission | EilboteError) -> SubmissionResult:
    if isinstance(answer, EilboteError):
        return SubmissionResult(index=index, error=answer)
    return SubmissionResult(index=index, submission=answer)


async def _each(items: Iterable[_T] | AsyncIterable[_T]) -> AsyncIterator[_T]:
    if isinstance(items, AsyncIterable):
        async for item in items:
            yield item
    else:
        for item in items:
            yield item


def _no_draft(item: object, index: int) -> DraftError:
    return DraftError(
        f"a value of type {type(item).__name__} cannot stand here",
        field=f"drafts[{index}]",
        remedy="Give a Draft, or a pair of a Draft and its SubmissionOptions",
    )


def _with_key(options: SubmissionOptions, suffix: str) -> SubmissionOptions:
    if options.idempotency_key is None:
        return options
    key = f"{options.idempotency_key}:{suffix}"
    if len(key) > _LONGEST_KEY or not key.isascii():
        key = f"{options.idempotency_key[: _LONGEST_KEY - 65]}:{hashlib.sha256(key.encode()).hexdigest()}"
    return replace(options, idempotency_key=key)
