"""From the replies of a transaction to a receipt: what became of each recipient, of each message.

Most transactions are accepted whole by one reply; that way is short. The others are judged by
:mod:`eilbote.deliver.verdict`, reply by reply.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from eilbote.connections.integrator_errors import authentication_required
from eilbote.deliver.delivery import Delivery
from eilbote.deliver.receipts import accepted_receipt, settle_accepted
from eilbote.deliver.split import Split
from eilbote.deliver.verdict import is_recipient_limit, judge_error, status_of
from eilbote.errors import AuthenticationError, DisconnectedError, InDoubtError
from eilbote.model.receipt import Receipt, RecipientResult
from eilbote.model.status import RecipientKind, RecipientStatus
from eilbote.smtp.attempt import dialogue_of, tail_of
from eilbote.smtp.authentication_facts import LOGIN_WANTED
from eilbote.smtp.explain import explain
from eilbote.smtp.transaction import Transaction

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eilbote.errors import DeliveryError, EilboteError
    from eilbote.model.envelope import Envelope
    from eilbote.model.redactor import Redactor
    from eilbote.smtp.events import Event
    from eilbote.smtp.replies import Reply

_OK: Final = 250
_ACCEPTED: Final = RecipientStatus.ACCEPTED


class Settlement:
    """Writes the receipts of one session.

    Args:
        server: ``host:port``.
        redactor: Knows the secrets that no text may show.
        largest: Recipients of one transaction; more are split.
        anonymous: The session has no credentials.

    Attributes:
        tls_version: For instance ``TLSv1.3``; empty without TLS.
        extensions: The EHLO keywords with their parameters.
        opening: What was said before mail, secrets struck out.
    """

    __slots__ = ("_anonymous", "_largest", "_redactor", "_server", "extensions", "opening", "tls_version")

    def __init__(self, *, server: str, redactor: Redactor, largest: int, anonymous: bool) -> None:
        self._server = server
        self._redactor = redactor
        self._largest = largest
        self._anonymous = anonymous
        self.tls_version = ""
        self.extensions: tuple[str, ...] = ()
        self.opening: tuple[str, ...] = ()

    # -- before -----------------------------------------------------------------------------------------

    def begin(self, delivery: Delivery) -> Transaction:
        """Make the first transaction of a delivery.

        Raises:
            LocalProtocolError: The content does not end in CRLF.
        """
        if len(delivery.envelope.forward_paths) <= self._largest:
            transaction = Transaction(delivery.envelope, delivery.message, delivery)
            if delivery.not_after is not None:
                transaction.not_after = delivery.not_after
            return transaction
        return _next_part(Split(delivery, self._largest))

    def refuse(self, delivery: Delivery, error: EilboteError) -> None:
        """Settle a delivery of which nothing can be sent here."""
        delivery.error = error
        results = _all(delivery.envelope, RecipientStatus.FAILED, error.what)
        delivery.receipt = self._receipt(delivery, results, error=error, told=tail_of(self.opening))

    # -- after ------------------------------------------------------------------------------------------

    def settle_accepted(self, events: Sequence[Event], now: float) -> list[Delivery]:
        """Settle the first ones of a wake-up together, as far as everybody said yes; the same as :meth:`settle` for each."""
        return settle_accepted(events, now, self._redactor, self._server, self.tls_version, self.extensions)

    def settle(self, transaction: Transaction, now: float) -> Delivery | Transaction:
        """Write down what became of a transaction that is over.

        Gives the delivery, settled; or the next transaction of a delivery that needs more than one.
        """
        tag = transaction.tag
        if type(tag) is not Delivery:
            return self._settle_part(transaction, now)
        verdict = transaction.verdict
        if transaction.is_accepted_by_all and verdict is not None and verdict.code == _OK:
            lines = verdict.lines
            text = self._redactor.presentable(lines[0] if len(lines) == 1 else verdict.text)
            tag.error = None
            tag.receipt = accepted_receipt(
                tag,
                verdict.enhanced,
                text,
                transaction.released_at - transaction.begun_at,
                now - transaction.released_at,
                self._server,
                self.tls_version,
                self.extensions,
            )
            return tag
        if _over_limit(transaction):
            transaction.tag = Split.whole(tag)
            return self._settle_part(transaction, now)
        tag.error = self._site_fault(transaction)
        tag.receipt = self._receipt(
            tag,
            self._judged(transaction),
            verdict=verdict,
            envelope_seconds=transaction.released_at - transaction.begun_at,
            content_seconds=now - transaction.released_at,
            error=tag.error,
            told=self._told(transaction),
        )
        return tag

    def _settle_part(self, transaction: Transaction, now: float) -> Delivery | Transaction:
        split = _split_of(transaction)
        over_limit = _over_limit(transaction)
        split.settle(self._judged(transaction), over_limit)
        verdict = transaction.verdict
        if not transaction.is_accepted_by_all or verdict is None or not verdict.is_positive:
            split.dialogue += dialogue_of(transaction, self._redactor)
        split.envelope_seconds += transaction.released_at - transaction.begun_at
        split.content_seconds += now - transaction.released_at
        error = self._site_fault(transaction)
        cut = verdict is not None and verdict.code == 421  # noqa: PLR2004 - RFC 5321 §3.8
        if not split.is_complete and error is None and not cut:
            return _next_part(split)
        return self._close_split(split, "the server was not asked", verdict, error)

    def _close_split(
        self,
        split: Split,
        why: str,
        verdict: Reply | None,
        error: EilboteError | None,
        *,
        rest_is: RecipientStatus = RecipientStatus.DEFERRED,
    ) -> Delivery:
        delivery = split.delivery
        rest = _all(delivery.envelope, rest_is, why)
        delivery.error = error
        delivery.receipt = self._receipt(
            delivery,
            tuple(split.results.get(index, result) for index, result in enumerate(rest)),
            verdict=verdict,
            envelope_seconds=split.envelope_seconds,
            content_seconds=split.content_seconds,
            error=error,
            told=tail_of((*self.opening, *split.dialogue)),
        )
        return delivery

    def give_up(self, transaction: Transaction, fault: EilboteError) -> Delivery:
        """Settle a transaction whose content cannot be finished, or must not be begun.

        Recipients the server has refused stay refused, and parts that were delivered before it stay delivered.
        """
        verdict = judge_error(fault)
        rest = _all(transaction.envelope, verdict.status, fault.what)
        if transaction.mail_reply is not None:
            judged = self._judged(transaction)
            rest = tuple(own if own.reply_code else other for own, other in zip(judged, rest, strict=True))
        tag = transaction.tag
        if isinstance(tag, Delivery):
            tag.error = fault
            tag.receipt = self._receipt(tag, rest, error=fault, told=self._told(transaction))
            return tag
        split = _split_of(transaction)
        split.settle(rest, [])
        split.dialogue += dialogue_of(transaction, self._redactor)
        return self._close_split(split, fault.what, None, fault, rest_is=verdict.status)

    def break_off(self, transaction: Transaction, error: DeliveryError) -> tuple[Delivery, bool]:
        """Decide what becomes of a transaction when the session breaks.

        Gives the delivery, and whether it is settled. If it is not, the server has certainly not taken it and
        it can be sent again as a whole.
        """
        tag = transaction.tag
        in_doubt = transaction.content_is_out
        doubt = self._in_doubt(error) if in_doubt else None
        if isinstance(tag, Delivery):
            if not in_doubt and not transaction.is_decided:
                tag.attempts += transaction.mail_reply is not None
                return tag, False
            tag.error = doubt
            tag.receipt = self._receipt(
                tag, self._judged(transaction), error=doubt, told=self._told(transaction)
            )
            return tag, True
        split = _split_of(transaction)
        split.dialogue += dialogue_of(transaction, self._redactor)
        if in_doubt or transaction.is_decided:
            split.settle(self._judged(transaction), [])
        elif not split.results:
            split.delivery.attempts += transaction.mail_reply is not None
            return split.delivery, False
        return self._close_split(split, error.what, None, doubt or error), True

    # -- details ----------------------------------------------------------------------------------------

    def _judged(self, transaction: Transaction) -> tuple[RecipientResult, ...]:
        envelope = transaction.envelope
        return tuple(
            self._result(path, kind, decision.stage, decision.reply)
            for path, kind, decision in zip(
                envelope.forward_paths, _kinds(envelope), transaction.decisions(), strict=True
            )
        )

    def _result(self, path: str, kind: RecipientKind, stage: str, reply: Reply | None) -> RecipientResult:
        if reply is None:
            return RecipientResult(path, RecipientStatus.IN_DOUBT, kind=kind)
        status = status_of(reply.code, reply.enhanced, stage=stage)
        return RecipientResult(path, status, reply.code, reply.enhanced, self.shown(reply), kind)

    def _receipt(
        self,
        delivery: Delivery,
        results: tuple[RecipientResult, ...],
        *,
        verdict: Reply | None = None,
        envelope_seconds: float = 0.0,
        content_seconds: float = 0.0,
        error: EilboteError | None = None,
        told: str = "",
    ) -> Receipt:
        message = delivery.message
        return Receipt(
            message_id=message.message_id,
            envelope=delivery.envelope,
            results=results,
            reply=self._line(verdict),
            size=message.size,
            envelope_seconds=envelope_seconds,
            content_seconds=content_seconds,
            server=self._server,
            tls_version=self.tls_version,
            extensions=self.extensions,
            attempts=delivery.attempts + 1,
            error=error,
            index=delivery.index,
            transcript="" if all(result.status is _ACCEPTED for result in results) else told,
        )

    def _told(self, transaction: Transaction) -> str:
        return tail_of((*self.opening, *dialogue_of(transaction, self._redactor)))

    def _line(self, reply: Reply | None) -> str:
        return "" if reply is None else self._redactor.presentable(str(reply))

    def shown(self, reply: Reply) -> str:
        """Give a reply's text as it may be stored: no secrets, no controls, at most 1,024 characters."""
        return self._redactor.presentable(reply.text)

    def _site_fault(self, transaction: Transaction) -> DeliveryError | None:
        """Find out whether everybody was refused because of the connection, not of the message (RFC 4954 §6).

        Many servers, Postfix among them, put off the refusal from MAIL to RCPT.
        """
        stage, reply = transaction.decisions()[0]
        if reply is None or reply.code not in LOGIN_WANTED or not transaction.is_decided:
            return None
        explanation = explain(reply, stage=stage, server=self._server)
        enhanced = str(reply.enhanced) if reply.enhanced is not None else None
        field = explanation.field if explanation is not None else "user"
        if self._anonymous and field == "user":
            return authentication_required(
                server=self._server,
                reply_code=reply.code,
                enhanced_status_code=enhanced,
                reply_text=self.shown(reply),
                stage=stage,
            )
        if field == "security":
            what = "the server takes no mail without TLS"
        elif self._anonymous:
            what = "Authentication required"
        else:
            what = "the server does not take this session as authenticated"
        return AuthenticationError(
            what,
            field=field,
            stage=stage,
            server=self._server,
            reply_code=reply.code,
            enhanced_status_code=enhanced,
            reply_text=self.shown(reply),
            cause=explanation.cause if explanation is not None else None,
            remedy=explanation.remedy if explanation is not None else "Set user and password",
        )

    def closing(self, reply: Reply) -> DisconnectedError:
        """Say that the server closes the session (RFC 5321 §3.8)."""
        explanation = explain(reply, stage="session", server=self._server)
        return DisconnectedError(
            "the server closed the session",
            server=self._server,
            reply_code=reply.code,
            enhanced_status_code=str(reply.enhanced) if reply.enhanced is not None else None,
            reply_text=self.shown(reply),
            cause=explanation.cause if explanation is not None else f"it said: {self.shown(reply)}",
            remedy=explanation.remedy if explanation is not None else "Try again in a new session",
        )

    def _in_doubt(self, error: DeliveryError) -> InDoubtError:
        return InDoubtError(
            "the session broke after the message was sent and before the server's verdict",
            stage="content",
            server=self._server,
            cause=error.what if error.cause is None else f"{error.what}: {error.cause}",
            remedy="Nobody knows whether it was taken; sending it again may deliver it twice",
            transcript=error.transcript,
        )


def _kinds(envelope: Envelope) -> tuple[RecipientKind, ...]:
    return envelope.kinds or (RecipientKind.ENVELOPE,) * len(envelope.forward_paths)


def _all(envelope: Envelope, status: RecipientStatus, text: str) -> tuple[RecipientResult, ...]:
    return tuple(
        RecipientResult(path, status, text=text, kind=kind)
        for path, kind in zip(envelope.forward_paths, _kinds(envelope), strict=True)
    )


def _split_of(transaction: Transaction) -> Split:
    tag = transaction.tag
    assert isinstance(tag, Split)  # noqa: S101 - begin() and settle() put nothing else there
    return tag


def _next_part(split: Split) -> Transaction:
    delivery = split.delivery
    transaction = Transaction(split.take_next(), delivery.message, split)
    transaction.not_after = delivery.not_after
    return transaction


def delivery_of(transaction: Transaction) -> Delivery:
    """Find the delivery a transaction is for."""
    tag = transaction.tag
    return tag if isinstance(tag, Delivery) else _split_of(transaction).delivery


def has_results(transaction: Transaction) -> bool:
    """Say whether earlier parts of this delivery have their results, so that it must not be sent again whole."""
    tag = transaction.tag
    return isinstance(tag, Split) and bool(tag.results)


def _over_limit(transaction: Transaction) -> list[int]:
    """Find the recipients a server had no room for in this transaction (RFC 5321 §4.5.3.1.10).

    They are worth another transaction at once if this one was accepted; if it was not, there are none.
    """
    verdict = transaction.verdict
    if verdict is None or not verdict.is_positive:
        return []
    return [
        index
        for index, decision in enumerate(transaction.decisions())
        if decision.stage == "rcpt"
        and decision.reply is not None
        and is_recipient_limit(decision.reply.code, decision.reply.enhanced)
    ]
