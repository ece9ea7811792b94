"""The front of composition: a draft goes in, an envelope and a message come out (RFC 5321 §2.3.1, RFC 5322).

Header and envelope are written from the same parsed addresses. Bcc is in the envelope alone. What comes out is
final: nothing later adds to it or changes it, so a message can be stored and sent again octet by octet.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from eilbote.compose.body import Meeting, body_of
from eilbote.compose.calendar import calendar_text
from eilbote.compose.composed import Composed, Finisher, composed
from eilbote.compose.date_field import CurrentDate, date_field
from eilbote.compose.header_fields import check_message_id
from eilbote.compose.header_section import author_section, own_section, shared_section
from eilbote.compose.limits import ComposeLimits
from eilbote.compose.recipients import envelope_for
from eilbote.compose.skeleton import Skeleton, are_everyday, traits_of
from eilbote.compose.tree import Tokens
from eilbote.connections.allowed_senders import check_sender
from eilbote.connections.integrator_errors import missing_from
from eilbote.model.message import BodyKind

if TYPE_CHECKING:
    from eilbote.compose.dkim import DkimSigner
    from eilbote.compose.series import Series
    from eilbote.model.address import Mailbox
    from eilbote.model.clock import Clock
    from eilbote.model.draft import Draft
    from eilbote.model.ids import IdSource
    from eilbote.model.invitation import Invitation

_DEFAULT_LIMITS = ComposeLimits()
_SEVEN_BIT = BodyKind.SEVEN_BIT


class Composer:
    """Composes messages; one composer serves one connection.

    Args:
        clock: Tells the time for the Date field.
        ids: Gives Message-IDs and boundaries nobody else has.
        default_from: The author of drafts that name none.
        allowed_senders: Whom drafts may name as author and sender, for each connection that says so.
        message_id_domain: What stands after the @ in Message-IDs; the author's domain when ``None``.
        limits: How much one message may hold.
        signer: Signs every message with DKIM, if given. Signed messages are composed as 7bit, because a relay
            that converts 8bit would break the signature (RFC 6376 §5.3).
    """

    def __init__(
        self,
        *,
        clock: Clock,
        ids: IdSource,
        default_from: Mailbox | None = None,
        allowed_senders: tuple[tuple[str, ...], ...] = (),
        message_id_domain: str | None = None,
        limits: ComposeLimits = _DEFAULT_LIMITS,
        signer: DkimSigner | None = None,
    ) -> None:
        self._ids = ids
        self._default_from = default_from
        self._allowed_senders = allowed_senders
        self._message_id_domain = message_id_domain
        self._limits = limits
        self._clock = clock
        self._date = CurrentDate(clock)
        self._tokens = Tokens(ids)
        self._finisher = Finisher(limits, signer, clock)
        # Of the latest draft, as far as the next one may share it.
        self._traits: tuple[object, ...] | None = None
        self._skeleton: Skeleton | None = None

    @property
    def limits(self) -> ComposeLimits:
        """How much one message may hold."""
        return self._limits

    @property
    def signer(self) -> DkimSigner | None:
        """Who signs every message, if somebody does."""
        return self._finisher.signer

    def compose(
        self, draft: Draft, *, body: BodyKind = BodyKind.SEVEN_BIT, message_id: str | None = None
    ) -> Composed:
        """Compose one message.

        Args:
            draft: What the author wants said.
            body: The most the next hop takes; the message says what it needs.
            message_id: The Message-ID for a draft that has none, so that a message that is composed again keeps
                its own; minted when ``None``.

        Raises:
            DraftError: Something in the draft cannot be sent safely, with field and position.
            SettingsError: Neither the draft nor this composer names an author.
        """
        from_ = draft.from_
        if from_ is None or self._allowed_senders:
            from_ = self._author(draft)
        traits = traits_of(draft)
        if traits == self._traits:
            made = self._compose_alike(draft, from_, body, message_id)
            if made is not None:
                return made
        elif self._finisher.signer is None and are_everyday(traits):
            self._traits, self._skeleton = traits, None
        envelope = envelope_for(draft, from_)
        if draft.message_id is not None:
            message_id = check_message_id(draft.message_id, field="message_id")
        elif message_id is None:
            message_id = f"<{self._ids.token()}@{self._message_id_domain or from_.domain}>"
        meeting = (
            None if draft.invitation is None else self._meeting(draft.invitation, draft, from_, message_id)
        )
        root = body_of(
            draft, body if self._finisher.signer is None else _SEVEN_BIT, self._limits, self._tokens, meeting
        )
        date = self._date.field() if draft.date is None else date_field(draft.date)
        author, utf8_author = author_section(draft, from_)
        own, utf8_own = own_section(draft, date, message_id)
        header = (author, own, shared_section(draft, draft.unsubscribe, draft.headers), root.header)
        message = self._finisher.finish(
            message_id, header, root.content, root.kind, smtputf8=utf8_author or utf8_own
        )
        return composed(Composed, (envelope, message))

    def series(self, draft: Draft, *, body: BodyKind = BodyKind.SEVEN_BIT) -> Series:
        """Prepare one draft for many recipients, each with values for its placeholders.

        Args:
            draft: What they all get. To, Cc and Bcc are empty: every recipient gets a message of their own.
            body: The most the next hop takes.

        Raises:
            DraftError: Something in the draft cannot be sent safely, or does not suit a series.
            SettingsError: Neither the draft nor this composer names an author.
        """
        from eilbote.compose.series import Series

        from_ = self._author(draft)
        return Series(
            draft,
            from_,
            body if self._finisher.signer is None else _SEVEN_BIT,
            ids=self._ids,
            message_id_domain=self._message_id_domain,
            date=self._date,
            tokens=self._tokens,
            limits=self._limits,
            finisher=self._finisher,
        )

    def author_of(self, draft: Draft) -> Mailbox:
        """Tell whom a message made of a draft names as its author.

        Raises:
            SettingsError: Neither the draft nor this composer names one.
        """
        from_ = draft.from_ or self._default_from
        if from_ is None:
            raise missing_from()
        return from_

    def _author(self, draft: Draft) -> Mailbox:
        from_ = self.author_of(draft)
        for allowed in self._allowed_senders:
            check_sender(from_, allowed)
            if draft.sender is not None:
                check_sender(draft.sender, allowed, field="sender")
        return from_

    def _meeting(self, invitation: Invitation, draft: Draft, from_: Mailbox, message_id: str) -> Meeting:
        moment = draft.date or self._clock.now()
        # The Message-ID stays when a message is composed again, and so does a UID made from it.
        return Meeting(invitation, calendar_text(invitation, draft, from_, moment, message_id.strip("<>")))

    def _compose_alike(
        self, draft: Draft, from_: Mailbox, body: BodyKind, message_id: str | None
    ) -> Composed | None:
        """Compose a draft that has the traits of the one before; ``None`` if it needs the long way all the same."""
        skeleton = self._skeleton
        if skeleton is None:
            skeleton = self._skeleton = Skeleton(
                draft, from_, tokens=self._tokens, largest=self._finisher.surely_allowed
            )
        if message_id is None:
            message_id = f"<{self._ids.token()}@{self._message_id_domain or from_.domain}>"
        return skeleton.fill(draft, body, self._date.field(), message_id)
