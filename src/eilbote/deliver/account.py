"""The deliveries a session answers for, and how each of them leaves it.

A delivery leaves in exactly one of three ways: settled, with the server's word or with a reason why it was not
asked; in doubt, when its content was sent completely and the server's word is missing (RFC 1047); or handed
back, when the server certainly has not taken it and another session may send it. What was decided is never
handed back, and a message of which a part was delivered is never sent again as a whole; a fault in this program
changes nothing about that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from eilbote.deliver import session_faults
from eilbote.deliver.settlement import delivery_of, has_results
from eilbote.errors import EilboteError, LocalProtocolError
from eilbote.smtp.requirements import unmet
from eilbote.smtp.states import SessionState
from eilbote.smtp.transaction import Transaction

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eilbote.deliver.delivery import Delivery
    from eilbote.deliver.settlement import Settlement
    from eilbote.errors import DeliveryError
    from eilbote.model.redactor import Redactor
    from eilbote.smtp.events import Event
    from eilbote.smtp.session import Session

_CLOSING_CODE = 421


class Account:
    """What one session owes its owner.

    Args:
        session: The core.
        settlement: Writes the receipts.
        server: ``host:port``.
        redactor: What strikes the session's secrets out of texts.
        chunking: Whether BDAT may be used at all.

    Attributes:
        delivered: Deliveries the server has decided on.
        early: Deliveries settled without asking the server, not yet told to the owner.
    """

    __slots__ = (
        "_chunking",
        "_handed_back",
        "_next_parts",
        "_redactor",
        "_server",
        "_session",
        "_settlement",
        "delivered",
        "early",
    )

    def __init__(
        self, session: Session, settlement: Settlement, *, server: str, redactor: Redactor, chunking: bool
    ) -> None:
        self._session = session
        self._settlement = settlement
        self._server = server
        self._redactor = redactor
        self._chunking = chunking
        self._handed_back: list[Delivery] = []
        self._next_parts: list[Transaction] = []
        self.early: list[Delivery] = []
        self.delivered = 0

    # -- in -----------------------------------------------------------------------------------------------

    def begin(self, deliveries: Sequence[Delivery]) -> None:
        """Take deliveries into the session, or settle those at once that the server cannot take."""
        if len(deliveries) > 1 and self._begin_together(deliveries):
            return
        session = self._session
        for delivery in deliveries:
            error: EilboteError | None
            try:
                if session.begin_everyday((delivery,)):
                    continue
                error = unmet(
                    delivery.envelope,
                    delivery.message,
                    session.extensions,
                    secure=session.secure,
                    chunking=self._chunking,
                    server=self._server,
                )
                if error is None:
                    session.begin(self._settlement.begin(delivery))
            except LocalProtocolError as fault:
                error = fault
            except Exception as fault:  # noqa: BLE001 - one message that cannot be said must not stop the others
                error = session_faults.not_begun(fault, redactor=self._redactor)
            if error is not None:
                self._settlement.refuse(delivery, error)
                self.early.append(delivery)

    def _begin_together(self, deliveries: Sequence[Delivery]) -> bool:
        try:
            return self._session.begin_everyday(deliveries)
        except Exception:  # noqa: BLE001 - each by itself tells which one it is, and why
            return False

    # -- out ----------------------------------------------------------------------------------------------

    def settle_accepted(self, events: Sequence[Event], now: float, done: list[Delivery]) -> int:
        """Take the first ones of a wake-up, as far as everybody said yes to them; give how many that were."""
        settled = self._settlement.settle_accepted(events, now)
        done += settled
        self.delivered += len(settled)
        return len(settled)

    def settle(self, transaction: Transaction, now: float, done: list[Delivery]) -> None:
        """Take a transaction that is over; begin the next part of its delivery, if there is one."""
        if not transaction.is_accepted_by_all and self._belongs_elsewhere(transaction):
            self._handed_back.append(delivery_of(transaction))
            return
        outcome = self._settlement.settle(transaction, now)
        if isinstance(outcome, Transaction):
            # A part that cannot begin is settled with the end of the session.
            self._next_parts.append(outcome)
            if self._session.state is not SessionState.OVER:
                self._session.begin(outcome)
                self._next_parts.pop()
        else:
            self.delivered += 1
            done.append(outcome)

    def _belongs_elsewhere(self, transaction: Transaction) -> bool:
        """Whether the server ended a session that has served, for its age or the number of its messages.

        It has not looked at this message then, so the message goes to another session. A later part of a message
        that others have already stays: sent again as a whole, it would reach them twice.
        """
        verdict = transaction.verdict
        return (
            verdict is not None
            and verdict.code == _CLOSING_CODE
            and self.delivered > 0
            and transaction.mail_reply is None
            and not has_results(transaction)
        )

    def run_out(self, late: list[Transaction]) -> None:
        """Take transactions whose moment passed before their content was begun; the list is emptied."""
        for transaction in late:
            fault = session_faults.out_of_time(stage=transaction.stage, server=self._server)
            self.early.append(self._settlement.give_up(transaction, fault))
        late.clear()

    def conclude(self, unheard: Sequence[Event], now: float, done: list[Delivery]) -> None:
        """Settle what the server has decided, although the session is given up; none of it is sent again."""
        # A fault while the next part of a delivery began is told with that part, in `close`.
        begun = {id(delivery_of(transaction)) for transaction in self._next_parts}
        for event in unheard:
            if not isinstance(event, Transaction) or id(delivery_of(event)) in begun:
                continue
            try:
                outcome = self._settlement.settle(event, now)
            except Exception as fault:  # noqa: BLE001 - a result without its words is better than none
                done.append(self._unwritten(event, fault))
            else:
                if isinstance(outcome, Transaction):
                    self._next_parts.append(outcome)
                else:
                    done.append(outcome)

    def close(
        self,
        error: DeliveryError,
        done: list[Delivery],
        *,
        culprit: Transaction | None = None,
        fault: EilboteError | None = None,
    ) -> None:
        """Let everything go that is still here, because the session is over.

        Args:
            error: What ended it.
            done: Takes what is settled by that.
            culprit: The transaction whose content ended it, if one did.
            fault: What was wrong with that content.
        """
        done += self.early
        self.early = []
        next_parts, self._next_parts = self._next_parts, []
        for transaction in (*next_parts, *self._session.abandon()):
            if transaction is culprit and fault is not None:
                done.append(self._settlement.give_up(transaction, fault))
                continue
            try:
                delivery, is_settled = self._settlement.break_off(transaction, error)
            except Exception as problem:  # noqa: BLE001 - as in conclude
                delivery, is_settled = self._unwritten(transaction, problem), True
            (done if is_settled else self._handed_back).append(delivery)

    def _unwritten(self, transaction: Transaction, fault: Exception) -> Delivery:
        delivery = delivery_of(transaction)
        delivery.receipt = None
        delivery.error = session_faults.unwritten(fault, server=self._server)
        return delivery

    def handed_back(self) -> list[Delivery]:
        """Take the deliveries that another session may send; the server has certainly taken none of them."""
        handed_back, self._handed_back = self._handed_back, []
        return handed_back
