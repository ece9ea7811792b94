"""Where programs hand in their messages: one, many, or one draft for many recipients."""

from __future__ import annotations

from collections.abc import AsyncIterable, Iterable
from functools import cached_property
from typing import TYPE_CHECKING, Unpack

from eilbote.engine.desk import Desk
from eilbote.engine.submission_settings import SubmissionSettings, options_of
from eilbote.errors import DraftError
from eilbote.model.draft import Draft
from eilbote.model.kinds import check_kind

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping

    from eilbote.compose.series_recipient import SeriesRecipient
    from eilbote.engine.submit import Submitter
    from eilbote.engine.submit_message import MessageSubmitter
    from eilbote.model.clock import Clock
    from eilbote.model.envelope import Envelope
    from eilbote.model.message import OctetSource
    from eilbote.model.submission import Submission, SubmissionOptions, SubmissionResult
    from eilbote.outbox.store import BlobStore, OutboxStore


class SubmissionDesk(Desk):
    """The part of an outbox where messages are handed in; the rest of it is the desk.

    Args:
        store: The outbox.
        blobs: Where large parts are.
        submitter: Composes messages and hands them to the outbox.
        clock: Tells the time.
    """

    def __init__(self, store: OutboxStore, blobs: BlobStore, submitter: Submitter, *, clock: Clock) -> None:
        super().__init__(store, blobs, clock=clock)
        self._submitter = submitter

    async def submit(
        self, draft: Draft, options: SubmissionOptions | None = None, **settings: Unpack[SubmissionSettings]
    ) -> Submission:
        """Hand a message to the outbox; it is on the disk when this returns.

        Args:
            draft: What the author wants said.
            options: How it is to be carried.
            **settings: The same as keywords; they go before ``options``.

        Returns:
            The record of it. With an idempotency key that was used before for the same message, that of the earlier
            submission; ``is_new`` tells.

        Raises:
            DraftError: The draft or an option cannot be used, with its field; nothing was accepted.
            ConfigurationError: A connection is unknown or cannot be used, or there is no From.
            AlreadySubmittedError: The key was used before, for another message.
            OutboxUnavailableError: The outbox cannot store anything for now; nothing was accepted.
        """
        self._check_open()
        return await self._submitter.submit(draft, options_of(options, settings))

    async def submit_message(
        self,
        octets: bytes | OctetSource,
        envelope: Envelope,
        options: SubmissionOptions | None = None,
        **settings: Unpack[SubmissionSettings],
    ) -> Submission:
        """Hand in a message that is composed already (RFC 5322); its octets go as they are.

        ``Bcc`` is taken out, and a Message-ID and a Date are added where there is none. Nothing else is changed.

        Args:
            octets: Header and body with CR LF line ends: ``message.as_bytes(policy=email.policy.SMTP)``. A source is read piece by piece.
            envelope: From whom and to whom it goes; the header says nothing about that.
            options: How it is to be carried.
            **settings: The same as keywords; they go before ``options``.

        Raises:
            DraftError: The message or an option cannot be used, with its field; nothing was accepted.
            ConfigurationError: A connection is unknown or cannot be used.
            AlreadySubmittedError: The key was used before, for another message.
            OutboxUnavailableError: The outbox cannot store anything for now; nothing was accepted.
        """
        self._check_open()
        return await self.messages.submit(octets, envelope, options_of(options, settings))

    @cached_property
    def messages(self) -> MessageSubmitter:
        """Hands in messages that are composed already, for doors that know more about them."""
        from eilbote.engine.submit_message import MessageSubmitter

        return MessageSubmitter(self._submitter)

    def submit_many(
        self,
        drafts: Draft
        | Iterable[Draft | tuple[Draft, SubmissionOptions]]
        | AsyncIterable[Draft | tuple[Draft, SubmissionOptions]],
        recipients: Iterable[SeriesRecipient | tuple[str, Mapping[str, str]]]
        | AsyncIterable[SeriesRecipient | tuple[str, Mapping[str, str]]]
        | None = None,
        options: SubmissionOptions | None = None,
        **settings: Unpack[SubmissionSettings],
    ) -> AsyncGenerator[SubmissionResult, None]:
        """Hand many messages to the outbox: drafts, or one draft for many recipients with values of their own.

        ::

            async for result in eilbote.submit_many(drafts): ...
            async for result in eilbote.submit_many(draft, [("anna@example.org", {"name": "Anna"}), ...]): ...

        They are taken as there is room for them. What the messages of a series share is composed and stored once.

        Args:
            drafts: Drafts, or pairs of a draft and its own options; or the one draft of a series, without its ``to``.
            recipients: Of a series, each with an address and values.
            options: How they are to be carried. An idempotency key stands for the whole: each message gets one made from
                it and its index or address, so the same call can be repeated after a break and doubles nothing.
            **settings: The same as keywords; they go before ``options``.

        Returns:
            One result for each, in order, each as soon as its message is on the disk. Nothing is raised for a single
            one: ``error`` tells why it was refused.

        Raises:
            DraftError: An option cannot be used, or the draft of a series cannot be said safely, whoever it is for.
            ConfigurationError: The connection of a series is unknown or cannot be used.
        """
        from eilbote.engine.submit_many import submit_drafts, submit_series

        self._check_open()
        chosen = options_of(options, settings)
        if recipients is not None:
            check_kind(recipients, (Iterable, AsyncIterable), field="recipients", fault=DraftError)
            if not isinstance(drafts, Draft):
                raise DraftError(
                    "a series has one draft",
                    field="drafts",
                    remedy="Give one Draft and its recipients, or many drafts and no recipients",
                )
            return submit_series(self._submitter, drafts, recipients, chosen)
        if isinstance(drafts, Draft):
            drafts = (drafts,)
        check_kind(drafts, (Iterable, AsyncIterable), field="drafts", fault=DraftError)
        return submit_drafts(self._submitter, drafts, chosen)
