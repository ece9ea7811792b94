"""What a server decided, recipient by recipient."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from eilbote.model.status import EnhancedStatusCode, RecipientKind, RecipientStatus

if TYPE_CHECKING:
    from eilbote.errors import EilboteError
    from eilbote.model.envelope import Envelope

_ACCEPTED = RecipientStatus.ACCEPTED


@dataclass(frozen=True, slots=True)
class RecipientResult:
    """What became of one recipient in one attempt.

    Attributes:
        address: The forward-path.
        status: accepted, deferred, failed or in_doubt.
        reply_code: The decisive reply's code, 0 when the server never said a word on it.
        enhanced_status_code: Its enhanced status code, if it had one.
        text: The reply's text, control characters replaced, at most 1,024 characters.
        kind: The address field that named the recipient.
    """

    address: str
    status: RecipientStatus
    reply_code: int = 0
    enhanced_status_code: EnhancedStatusCode | None = None
    text: str = ""
    kind: RecipientKind = RecipientKind.TO


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """The outcome of one attempt at one message.

    Attributes:
        message_id: The Message-ID, with angle brackets.
        envelope: The envelope that was offered; ``None`` when the draft could not be composed.
        results: One result for each forward-path, in the envelope's order.
        reply: The reply to the content as one text, such as ``250 2.0.0 Ok: queued as 4f``; empty if none.
        size: Octets of the message.
        envelope_seconds: From the first octet of MAIL to the reply that allowed the content.
        content_seconds: From there to the reply after the final dot.
        server: ``host:port`` of the peer that decided.
        tls_version: For instance ``TLSv1.3``; empty without TLS.
        extensions: The EHLO keywords with their parameters, as announced.
        attempts: How many sessions were needed in this call.
        error: Why the server could not be asked or did not answer, if so.
        index: The draft's place in the series it was part of, counted from 0.
        transcript: Where not everybody accepted: the opening of the session and the dialogue about this message,
            one line each, secrets struck out, at most 8 KiB of its end.
    """

    message_id: str
    envelope: Envelope | None
    results: tuple[RecipientResult, ...]
    reply: str = ""
    size: int = 0
    envelope_seconds: float = 0.0
    content_seconds: float = 0.0
    server: str = ""
    tls_version: str = ""
    extensions: tuple[str, ...] = ()
    attempts: int = 1
    error: EilboteError | None = None
    index: int = 0
    transcript: str = ""

    def _with_status(self, status: RecipientStatus) -> tuple[RecipientResult, ...]:
        return tuple(result for result in self.results if result.status is status)

    @property
    def accepted(self) -> tuple[RecipientResult, ...]:
        """Recipients the next hop took."""
        return self._with_status(RecipientStatus.ACCEPTED)

    @property
    def deferred(self) -> tuple[RecipientResult, ...]:
        """Recipients worth another attempt."""
        return self._with_status(RecipientStatus.DEFERRED)

    @property
    def failed(self) -> tuple[RecipientResult, ...]:
        """Recipients refused for good."""
        return self._with_status(RecipientStatus.FAILED)

    @property
    def in_doubt(self) -> tuple[RecipientResult, ...]:
        """Recipients about whom nobody knows."""
        return self._with_status(RecipientStatus.IN_DOUBT)

    @property
    def ok(self) -> bool:
        """Whether there were recipients, and every one was accepted."""
        for result in self.results:  # not all(...): whoever sends in bulk asks for every message
            if result.status is not _ACCEPTED:
                return False
        return bool(self.results)
