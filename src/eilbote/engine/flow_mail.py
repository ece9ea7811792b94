"""The messages of flows: handed to the outbox once for each visit of a node, then waited for.

The key of a message is the name of the visit. Whoever takes a run up again looks first whether the outbox has an entry under that
name: if so that one is meant, even where the message would read differently by now, because a file that was fetched again has
changed meanwhile.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final, Protocol

from eilbote.author.flow.store import Awaits, LateResult
from eilbote.engine.flow_effects import Done, Parked, with_node
from eilbote.engine.flow_mail_result import accepted_only, deferred, forgotten, is_settled, settled
from eilbote.errors import AlreadySubmittedError, EntryNotFoundError, UnreadableEntryError
from eilbote.model.ids import entry_id_text
from eilbote.model.moment import later
from eilbote.model.submission import SubmissionOptions
from eilbote.outbox.frozen import checksum, thaw
from eilbote.outbox.store import EntryFilter
from eilbote.record.log import EventLog
from eilbote.record.notice import Notice, NoticeKind

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from eilbote.author.flow.effect import SendEmail
    from eilbote.author.flow.inline_connection import InlineConnection
    from eilbote.author.flow.step import Outcome
    from eilbote.engine.flow_effects import Asked, Performed
    from eilbote.errors import AttachmentError
    from eilbote.model.draft import Draft
    from eilbote.model.ids import EntryId
    from eilbote.model.submission import Submission
    from eilbote.outbox.store import OutboxStore
    from eilbote.record.report import Report

    WithFiles = Callable[[SendEmail], Awaitable[tuple[Draft, Sequence[AttachmentError]]]]

_WITH_FILES_AT_ONCE: Final = 8
"""Messages whose files are in memory at the same time: each may have 25 MiB of them."""


class Submit(Protocol):
    """Hands a message to the outbox."""

    async def __call__(self, draft: Draft, options: SubmissionOptions, *, author: str) -> Submission:
        """Hand it in; see :meth:`Submitter.submit <eilbote.engine.submit.Submitter.submit>`."""
        ...


class Connections(Protocol):
    """Gives the connections that nodes name or hold (:class:`~eilbote.engine.flow_connections.FlowConnections`)."""

    async def named(
        self, said: str | InlineConnection, *, organization: str, flow: str, node: str
    ) -> tuple[str, ...]:
        """Give the names for a submission; none for the default connection."""
        ...


class FlowMail:
    """Sends the messages of flows.

    Args:
        submit: Hands a message to the outbox.
        outbox: Where messages and their fates are.
        with_files: Fetches the files of a message, each once, and gives the draft with them.
        connections: Gives the connections that nodes name or hold.
        report: Hears which files were left out, and why; the log when ``None``.
    """

    def __init__(
        self,
        submit: Submit,
        outbox: Callable[[], OutboxStore],
        *,
        with_files: WithFiles,
        connections: Connections,
        report: Report | None = None,
    ) -> None:
        self._submit = submit
        self._outbox = outbox
        self._with_files = with_files
        self._connections = connections
        self._report = report or EventLog()
        self._files = asyncio.Semaphore(_WITH_FILES_AT_ONCE)

    async def perform(self, asked: Asked, effect: SendEmail, /) -> Performed:
        """Hand the message in, or look what became of it.

        Raises:
            EilboteError: It cannot be handed in.
        """
        entry, is_new = asked.kept.entry, False
        if entry is None:
            entry, is_new = await self._entry(asked, effect)
        until = later(asked.since, effect.limit_seconds)
        parked = Parked(awaits=Awaits.MAIL, due=until, entry=entry)
        if is_new and effect.waits and asked.certain < until:
            return parked  # it cannot be settled yet, and who looks for that is told when it is
        performed = await self._looked_at(asked, effect, entry, is_late=asked.certain >= until)
        return performed or parked

    async def _looked_at(
        self, asked: Asked, effect: SendEmail, entry: EntryId, *, is_late: bool
    ) -> Done | None:
        """Look how far a message is; ``None`` when the run waits for it."""
        try:
            history = await self._outbox().history(entry)
        except EntryNotFoundError:
            return Done(outcome=with_node(forgotten(entry_id_text(entry)), asked.run.at or ""))
        shows = effect.shows_bcc
        if is_settled(history.entry):
            path = await reverse_path(self._outbox(), entry)
            return self._done(asked, settled(history, reverse_path=path, shows_bcc=shows))
        if effect.waits and not is_late:
            return None
        path = await reverse_path(self._outbox(), entry)
        late = (
            ()
            if effect.late is None
            else (
                LateResult(
                    entry=entry,
                    run=asked.kept.id,
                    node=asked.run.at or "",
                    target=effect.late,
                    shows_bcc=shows,
                ),
            )
        )
        if not effect.waits:
            return self._done(asked, accepted_only(history.entry, reverse_path=path, shows_bcc=shows), late)
        outcome = deferred(
            history,
            seconds=effect.limit_seconds,
            fails=effect.deferred_fails,
            reverse_path=path,
            shows_bcc=shows,
        )
        return self._done(asked, outcome, late)

    def _done(self, asked: Asked, outcome: Outcome, late: tuple[LateResult, ...] = ()) -> Done:
        return Done(outcome=with_node(outcome, asked.run.at or ""), late=late)

    async def _entry(self, asked: Asked, effect: SendEmail) -> tuple[EntryId, bool]:
        """Give the visit's entry, made now if there is none yet; the second value tells."""
        key = f"flow/{asked.run.key}"
        organization = asked.kept.organization
        if asked.again and (found := await self._found(key, organization)) is not None:
            return found, False
        try:
            if effect.fetch:
                async with self._files:
                    draft, left_out = await self._with_files(effect)
                    submission = await self._submitted(asked, effect, draft, key)
                self._tell(asked, submission.id, left_out)
            else:
                submission = await self._submitted(asked, effect, effect.draft, key)
        except AlreadySubmittedError:
            # Another worker, which has lost the run by now, was quicker and had other files.
            found = await self._found(key, organization)
            if found is None:
                raise
            return found, False
        return submission.id, submission.is_new

    async def _submitted(self, asked: Asked, effect: SendEmail, draft: Draft, key: str) -> Submission:
        # The connection comes last: one that stands in the node is forgotten when no message goes through it for long.
        connections = await self._connections.named(
            effect.connection,
            organization=asked.kept.organization,
            flow=asked.kept.flow,
            node=asked.run.at or "",
        )
        options = SubmissionOptions(
            idempotency_key=key, connections=connections, organization=asked.kept.organization
        )
        return await self._submit(draft, options, author=asked.author)

    def _tell(self, asked: Asked, entry: EntryId, left_out: Sequence[AttachmentError]) -> None:
        for fault in left_out:
            self._report.noticed(
                Notice(
                    kind=NoticeKind.FILE_LEFT_OUT,
                    at=asked.now,
                    text=f"{asked.run.at}: {fault}",
                    entry=entry,
                    flow=asked.kept.flow,
                    run=asked.kept.id,
                    organization=asked.kept.organization,
                )
            )

    async def _found(self, key: str, organization: str) -> EntryId | None:
        which = EntryFilter(idempotency_key=key, organization=organization)
        found = await self._outbox().entries(which, limit=1)
        return found[0].id if found else None


async def reverse_path(outbox: OutboxStore, entry: EntryId) -> str:
    """Give where failures of a message return; nothing when what is stored of it cannot be read."""
    try:
        octets = await outbox.frozen(entry)
        return thaw(octets, checksum(octets)).reverse_path
    except (EntryNotFoundError, UnreadableEntryError):
        return ""
