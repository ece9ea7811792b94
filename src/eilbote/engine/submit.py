"""The first half of the sentence: author, compose, outbox. It ends in one durable transaction of the store.

What is promised:

* When :meth:`Submitter.submit` returns, the message is on the disk: envelope and octets as every attempt sends them.
* When it raises, nothing was accepted. Only who is cancelled, or loses the database in mid-sentence, cannot know;
  submitting again under the same idempotency key tells, and makes no second message.
* Everything that can be known to be wrong is refused here, with its field, and not in the courier later.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, NamedTuple

from eilbote.engine.digest import digest_of
from eilbote.engine.large_parts import SharedParts, has_large_parts, store_large_parts
from eilbote.engine.submission_nouns import new_entry, new_submission
from eilbote.errors import AlreadySubmittedError, DraftError, EilboteError
from eilbote.model.attachment import FileContent
from eilbote.model.draft import Draft, Priority
from eilbote.model.ids import entry_id_text
from eilbote.model.kinds import check_kind
from eilbote.model.moment import Moment, as_datetime, later, moment_of
from eilbote.outbox.entry import URGENCY_HIGH, URGENCY_LOW, URGENCY_NORMAL
from eilbote.outbox.frozen import freeze
from eilbote.outbox.store import EntryFilter

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from eilbote.compose.composed import Composed
    from eilbote.engine.suppression_desk import SuppressionDesk
    from eilbote.engine.ways import Way, Ways
    from eilbote.model.clock import Clock
    from eilbote.model.envelope import Envelope
    from eilbote.model.submission import Submission, SubmissionOptions
    from eilbote.outbox.entry import Acceptance, NewEntry
    from eilbote.outbox.store import BlobStore, OutboxStore

URGENCIES = {
    Priority.HIGH: URGENCY_HIGH,
    Priority.NORMAL: URGENCY_NORMAL,
    Priority.LOW: URGENCY_LOW,
}
LONGEST_SUBJECT = 200
_CLOCKS_DIFFER_SECONDS = 300.0
_SMALL = 64 * 1024


class Times(NamedTuple):
    """When a message may go out."""

    accepted: Moment
    due: Moment
    expires: Moment


class Submitter:
    """Hands messages to the outbox.

    Args:
        store: The outbox.
        blobs: Where large parts go.
        ways: From names of connections to those who compose for them.
        clock: Tells the time.
        author: Who submits, for those who look at an entry later, such as ``cli``.
        on_accepted: Called after each acceptance, so that a courier of this process need not look for new mail.
        suppressions: Gives who gets nothing; nobody is asked when ``None``.
    """

    def __init__(
        self,
        store: OutboxStore,
        blobs: BlobStore,
        ways: Ways,
        *,
        clock: Clock,
        author: str = "",
        on_accepted: Callable[[], None] = lambda: None,
        suppressions: Callable[[], SuppressionDesk] | None = None,
    ) -> None:
        self.store = store
        self.blobs = blobs
        self.ways = ways
        self.clock = clock
        self.on_accepted = on_accepted
        self.author = author
        self._suppressions = suppressions

    async def submit(
        self, draft: Draft, options: SubmissionOptions, *, author: str | None = None
    ) -> Submission:
        """Compose a message and hand it to the outbox.

        Args:
            draft: What is said.
            options: How it is to be carried.
            author: Who submits it, when that is somebody else than usual, such as ``flow:invoice#17``.

        Raises:
            DraftError: The draft or an option cannot be used; nothing was accepted.
            ConfigurationError: A connection is unknown or cannot be used, or there is no From.
            AlreadySubmittedError: The key was used before, for another message.
            OutboxUnavailableError: The outbox cannot store anything for now; nothing was accepted.
        """
        check_kind(draft, (Draft,), field="draft", fault=DraftError)
        way = await self.ways.find(options.connections, options.organization)
        try:
            times = await self.times(options, way)
            composed = way.composer.compose(draft)
            digest = b"" if options.idempotency_key is None else await digest_in_turn(draft, options)
            entry = await self.entry(
                composed,
                draft,
                draft.subject,
                options=options,
                way=way,
                times=times,
                digest=digest,
                author=author,
            )
            (acceptance,) = await self.store.accept((entry,))
            submission = submission_of(acceptance, options.idempotency_key)
        except EilboteError:
            await self.ways.not_used(way)
            raise
        self.ways.used(way)
        self.on_accepted()
        return submission

    async def times(self, options: SubmissionOptions, way: Way) -> Times:
        """Decide when a message may go out.

        A time that has passed is let through when its key is known: who asks again what became of a submission gets
        the answer, however late it is.

        Raises:
            DraftError: A time has passed, or the message would expire before it is due.
        """
        now = moment_of(self.clock.now())
        if options.send_at is None and options.expires_at is None:
            return Times(now, now, later(now, way.connections[0].retry.lifetime_seconds))
        due = now if options.send_at is None else max(now, moment_of(options.send_at))
        if options.expires_at is None:
            expires = later(due, way.connections[0].retry.lifetime_seconds)
        else:
            expires = moment_of(options.expires_at)
            if options.send_at is not None and expires <= moment_of(options.send_at):
                raise DraftError(
                    f"the message would expire before it may be sent, at {_shown(options.send_at)}",
                    field="expires_at",
                    remedy="Give a time after send_at, or leave one of the two out",
                )
        passed = _passed(options, now)
        if passed is not None and not await self._is_known(options):
            raise passed
        return Times(now, due, expires)

    async def entry(
        self,
        composed: Composed,
        draft: Draft,
        subject: str,
        *,
        options: SubmissionOptions,
        way: Way,
        times: Times,
        digest: bytes = b"",
        shared: SharedParts | None = None,
        author: str | None = None,
    ) -> NewEntry:
        """Freeze a composed message; its large parts are stored first.

        Args:
            composed: Envelope and message.
            draft: What it was composed of.
            subject: For people who look for it.
            options: How it is to be carried.
            way: By which connections.
            times: When.
            digest: What makes it the same as another one under its key.
            shared: For a series, what parts shared by its messages were stored as.
            author: Who submits it; the submitter's own when ``None``.

        Raises:
            AttachmentError: A file cannot be read any more.
            SuppressedError: Nobody it is written to takes mail from us any more.
            OutboxUnavailableError: A large part cannot be stored.
        """
        envelope, message = composed
        await self.refuse_suppressed(envelope, options, author)
        blobs: Mapping[int, str] = {}
        if has_large_parts(message):
            message, blobs = await store_large_parts(message, self.blobs, shared)
        return new_entry(
            envelope,
            message,
            freeze(envelope, message, blobs),
            tuple(dict.fromkeys(blobs.values())) if blobs else (),
            subject[:LONGEST_SUBJECT],
            URGENCIES[options.priority or draft.priority],
            way.names,
            times,
            options,
            digest,
            self.author if author is None else author,
            way.composer.author_of(draft).addr_spec,
            sum(not each.inline for each in draft.attachments) if draft.attachments else 0,
        )

    async def refuse_suppressed(
        self, envelope: Envelope, options: SubmissionOptions, author: str | None
    ) -> None:
        """Refuse a message of which nobody would get anything.

        Raises:
            SuppressedError: All whom it is written to are on the suppression list.
            OutboxUnavailableError: Nobody can tell.
        """
        if self._suppressions is not None:
            desk = self._suppressions()
            if await desk.any():
                await desk.refuse(options.organization, envelope.forward_paths, author=author or self.author)

    async def _is_known(self, options: SubmissionOptions) -> bool:
        if options.idempotency_key is None:
            return False
        which = EntryFilter(idempotency_key=options.idempotency_key, organization=options.organization)
        return bool(await self.store.entries(which, limit=1))


async def digest_in_turn(
    draft: Draft, options: SubmissionOptions, *, to: str = "", values: Mapping[str, str] | None = None
) -> bytes:
    """Give the digest of a submission; what takes long is done in a thread.

    Raises:
        AttachmentError: A file cannot be read.
    """
    attachments = draft.attachments
    if attachments and (
        any(isinstance(each.content, FileContent) for each in attachments)
        or sum(each.size for each in attachments) > _SMALL
    ):
        return await asyncio.to_thread(
            digest_of, draft, connections=options.connections, to=to, values=values
        )
    return digest_of(draft, connections=options.connections, to=to, values=values)


def submission_of(acceptance: Acceptance, key: str | None) -> Submission:
    """Tell the submitter what the store made of an entry.

    Raises:
        AlreadySubmittedError: The key was used before, for another message.
    """
    if not acceptance.is_same:
        raise AlreadySubmittedError(
            f"the key {key!r} was used before, for another message: entry {entry_id_text(acceptance.id)}",
            field="idempotency_key",
            cause="Under one key only one message is accepted, and the two differ in what they say",
            remedy=f"Look at it with `eilbote outbox show {entry_id_text(acceptance.id)}`; "
            "a message of its own needs another key",
        )
    return new_submission(acceptance, key)


def _passed(options: SubmissionOptions, now: Moment) -> DraftError | None:
    """Say which time has passed already, if one has; a little is forgiven, for clocks differ."""
    if options.expires_at is not None and moment_of(options.expires_at) <= now:
        return DraftError(
            f"the message has expired already, at {_shown(options.expires_at)}",
            field="expires_at",
            cause=f"It is {_shown(as_datetime(now))}",
            remedy="Give a later time, or none for the connection's own limit",
        )
    if options.send_at is not None and moment_of(options.send_at) < later(now, -_CLOCKS_DIFFER_SECONDS):
        return DraftError(
            f"the time to send it has passed, {_shown(options.send_at)}",
            field="send_at",
            cause=f"It is {_shown(as_datetime(now))}",
            remedy="Give a time to come, or none to send it now",
        )
    return None


def _shown(time: datetime) -> str:
    return time.isoformat(sep=" ", timespec="seconds")
