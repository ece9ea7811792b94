"""Where messages of people and programs come in that must be let in: who may write in whose name, and how much.

Flows, processes and the host's own program submit beside it; whatever stands behind a door that strangers can knock at goes through here.
"""

from __future__ import annotations

from contextlib import aclosing
from dataclasses import replace
from typing import TYPE_CHECKING

from eilbote.connections.allowed_senders import check_sender
from eilbote.engine.submit_many import submit_drafts
from eilbote.errors import AddressError, DraftError, EilboteError, ThrottledError
from eilbote.model.address import parse_mailbox
from eilbote.model.submission import SubmissionResult
from eilbote.outbox.store import EntryFilter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eilbote.engine.quotas import Quotas, Taken
    from eilbote.engine.submit import Submitter
    from eilbote.model.draft import Draft
    from eilbote.model.submission import Submission, SubmissionOptions


class SubmissionGate:
    """Hands in messages on behalf of those who are let in.

    Args:
        submitter: Hands in everything.
        quotas: Tells how much an organization may hand in.
    """

    def __init__(self, submitter: Submitter, quotas: Quotas) -> None:
        self._submitter = submitter
        self._quotas = quotas

    async def submit(
        self, draft: Draft, options: SubmissionOptions, *, senders: tuple[str, ...], author: str
    ) -> Submission:
        """Hand in a message.

        Args:
            draft: What is said.
            options: How it is to be carried; ``organization`` says on whose behalf.
            senders: Addresses and domains (``@example.org``) in whose name it may be; empty for all.
            author: Who hands it in, such as ``api:billing``.

        Raises:
            ThrottledError: The organization has handed in as much as it may. A key that is known is answered all the same.
            DraftError: The draft or an option cannot be used, or names somebody who may not be named; nothing was accepted.
            ConfigurationError: A connection is unknown or cannot be used, or there is no From.
            AlreadySubmittedError: The key was used before, for another message.
            OutboxUnavailableError: The outbox cannot store anything for now; nothing was accepted.
        """
        with await self.take(options) as taken:
            await self._check_senders(draft, options, senders)
            submission = await self._submitter.submit(draft, options, author=author)
            taken.accepted += submission.is_new
        return submission

    async def submit_many(
        self,
        drafts: Sequence[tuple[Draft, SubmissionOptions] | EilboteError],
        *,
        organization: str,
        senders: tuple[str, ...],
        author: str,
    ) -> list[SubmissionResult]:
        """Hand in many messages in as few transactions as they need; one result each, in order.

        Args:
            drafts: Each with its options, or the reason why there is none.
            organization: On whose behalf all of them are.
            senders: See :meth:`submit`.
            author: See :meth:`submit`.

        Raises:
            ThrottledError: The organization may not hand in so many; nothing was accepted.
        """
        results = [
            SubmissionResult(index=index, error=each if isinstance(each, EilboteError) else None)
            for index, each in enumerate(drafts)
        ]
        good: list[tuple[int, tuple[Draft, SubmissionOptions]]] = []
        for index, each in enumerate(drafts):
            if isinstance(each, EilboteError):
                continue
            try:
                await self._check_senders(*each, senders)
            except EilboteError as fault:
                results[index] = replace(results[index], error=fault)
            else:
                good.append((index, each))
        if not good:
            return results
        with await self._quotas.take(organization, len(good)) as taken:
            submitting = submit_drafts(
                self._submitter, [each for _, each in good], good[0][1][1], author=author
            )
            async with aclosing(submitting) as stream:
                async for made in stream:
                    index = good[made.index][0]
                    results[index] = replace(made, index=index)
                    taken.accepted += made.submission is not None and made.submission.is_new
        return results

    async def take(self, options: SubmissionOptions) -> Taken:
        """Take room for one more message while it is handed in, here or elsewhere; see :meth:`Quotas.take`.

        Raises:
            ThrottledError: The organization has handed in as much as it may, and the message's key, if it has one, is not known.
        """
        try:
            return await self._quotas.take(options.organization)
        except ThrottledError:
            if not await self._is_known(options):
                raise
            return await self._quotas.take(options.organization, 0)  # it is there already, and counted

    async def _is_known(self, options: SubmissionOptions) -> bool:
        if options.idempotency_key is None:
            return False
        which = EntryFilter(idempotency_key=options.idempotency_key, organization=options.organization)
        return bool(await self._submitter.store.entries(which, limit=1))

    async def _check_senders(
        self, draft: Draft, options: SubmissionOptions, senders: tuple[str, ...]
    ) -> None:
        """Refuse From, Sender and a return path that are not allowed; the null path is everybody's."""
        if not senders:
            return
        from_ = draft.from_
        if from_ is None:
            way = await self._submitter.ways.find(options.connections, options.organization)
            try:
                from_ = way.composer.author_of(draft)
            finally:
                await self._submitter.ways.not_used(way)  # whoever submits it looks for it again
        check_sender(from_, senders, by_key=True)
        if draft.sender is not None:
            check_sender(draft.sender, senders, field="sender", by_key=True)
        if draft.reverse_path:
            try:
                path = parse_mailbox(draft.reverse_path, field="reverse_path")
            except AddressError as fault:
                raise DraftError(
                    f"nobody can tell whether {draft.reverse_path[:100]!r} may be used", field="reverse_path"
                ) from fault
            check_sender(path, senders, field="reverse_path", by_key=True)
