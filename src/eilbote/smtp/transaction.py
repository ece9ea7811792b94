"""One mail transaction (RFC 5321 §3.3): one envelope, one content, an answer for every recipient.

A send cursor and a receive cursor walk the same list of commands. The half that sends, and how far it runs
ahead, is :mod:`eilbote.smtp.transaction_sending`; here the replies are heard, and what they decide is kept. No
I/O happens here, and no clock is read.
"""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple

from eilbote.smtp.commands import RSET_LINE
from eilbote.smtp.out_of_step import cannot_answer, too_early
from eilbote.smtp.script import Route
from eilbote.smtp.states import TRANSACTION, TransactionEvent, TransactionState, after
from eilbote.smtp.transaction_sending import Sending

if TYPE_CHECKING:
    from collections import deque

    from eilbote.smtp.replies import Reply

_OK = 250
_GO_AHEAD = 354
_BAD_SEQUENCE = 503
_code_of = itemgetter(0)  # of a reply

_S, _E = TransactionState, TransactionEvent

# As in the sending half: the lines of the table that nearly all mail takes, looked up once.
_ACCEPTED = after(TRANSACTION, _S.ENVELOPE, _E.GO_ON)
_SETTLED = after(TRANSACTION, _S.VERDICT, _E.FINAL)
_STREAM_SETTLED = after(TRANSACTION, after(TRANSACTION, _S.STREAMED, _E.ANSWERED), _E.FINAL)
_ENVELOPE, _CONTENT, _STREAMED, _VERDICT = _S.ENVELOPE, _S.CONTENT, _S.STREAMED, _S.VERDICT
_STREAM = Route.STREAM


class Decision(NamedTuple):
    """What decided on one recipient.

    Attributes:
        stage: What the reply answered: mail, rcpt, data or content.
        reply: The reply; ``None`` when there was none.
    """

    stage: str
    reply: Reply | None


class Transaction(Sending):
    """One envelope and one content, on their way through a session; made as its sending half is.

    Attributes:
        verdict: The reply to DATA, to the content, or the 421 that cut it off; ``None`` until there is one.
        heard: The replies to its envelope so far, in the order of its commands.
        is_accepted_by_all: MAIL and every RCPT were accepted, so that one reply decides for everybody.
        is_consumed: The server has answered the content, or the lone dot: it holds no envelope of this any more.
        is_behind_failure: Its MAIL was sent behind a content that was then refused.
        is_behind_closing: It was sent behind a command that was answered by 421; the server did not look at it.
    """

    # As in the sending half: what most transactions never change stands at the class.
    verdict: Reply | None = None
    heard: list[Reply] | None = None
    is_accepted_by_all = False
    is_consumed = False
    is_behind_failure = False
    is_behind_closing = False
    _mail: Reply | None = None
    _refused: dict[int, Reply] | None = None
    _accepted = 0
    _is_released = False
    _restarted = False
    _cut_in: TransactionState | None = None

    # -- receiving --------------------------------------------------------------------------------------

    def take_acceptance(self, replies: list[Reply], at: int, now: float = 0.0) -> int:
        """Take a whole round of replies at once if each says yes; give how many that were, or 0.

        The way of nearly all mail, and the same in effect as :meth:`receive` for each of them.
        """
        acceptance = self._acceptance
        if acceptance is None:
            if self.state is not _VERDICT or self.route is _STREAM:
                return 0  # in a stream not all may have said yes to the envelope
            reply = replies[at]
            if reply.code != _OK:
                return 0
            self.verdict = reply
            self.is_consumed = True
            self.state = _SETTLED
            return 1
        count = len(acceptance)
        round_ = replies[at : at + count]
        if list(map(_code_of, round_)) != acceptance:
            return 0
        self._acceptance = None
        if self._awaits_rset:
            self._awaits_rset = False
            del round_[0]
        self._mail = round_[0]
        self.heard = round_
        self.is_accepted_by_all = True
        self._answered = self._sent
        self._is_released = True
        if self.state is _ENVELOPE:
            self.released_at = now
            self.state = _ACCEPTED
        else:
            self.verdict = round_[-1]
            self.is_consumed = True
            self.state = _STREAM_SETTLED
        return count

    @staticmethod
    def take_acceptances(under_way: deque[Transaction], replies: list[Reply], over: list[Transaction]) -> int:
        """Take the streamed transactions at the front that are answered in full, if every reply of a wake-up says yes.

        The same in effect as :meth:`take_acceptance` for one after the other, asked once. Where one says anything else, none is taken.

        Args:
            under_way: The transactions, the oldest first; those that are over are taken out.
            replies: What was heard.
            over: Takes those that are over.

        Returns:
            How many replies were taken.
        """
        count, at = len(replies), 0
        if list(map(_code_of, replies)).count(_OK) != count:
            return 0
        while under_way:
            transaction: Transaction = under_way[0]
            acceptance = transaction._acceptance
            if acceptance is None or transaction.state is not _STREAMED:
                break
            end = at + len(acceptance)
            if end > count:
                break
            heard = replies[at:end]
            if transaction._awaits_rset:
                transaction._awaits_rset = False
                del heard[0]
            transaction._acceptance = None
            transaction._mail = heard[0]
            transaction.heard = heard
            transaction.is_accepted_by_all = transaction.is_consumed = transaction._is_released = True
            transaction._answered = transaction._sent
            transaction.verdict = heard[-1]
            transaction.state = _STREAM_SETTLED
            over.append(under_way.popleft())
            at = end
        return at

    def receive(self, reply: Reply, now: float = 0.0) -> None:
        """Hear the reply to the oldest unanswered command.

        Raises:
            RemoteProtocolError: No such reply is possible here.
        """
        state = self.state
        self._acceptance = None
        if state is _VERDICT or state is TransactionState.CLOSING:
            self._hear_end(reply)
        elif (state is _ENVELOPE or state is _STREAMED) and (
            self._answered < self._sent or self._awaits_rset
        ):
            self._hear_envelope(reply)
            if self.state is _CONTENT:
                self.released_at = now
                self._is_released = True
        elif state is _CONTENT or state is TransactionState.LONE_DOT:
            raise too_early(reply)
        else:
            raise cannot_answer(reply, "nothing")

    def _hear_end(self, reply: Reply) -> None:
        if reply.is_intermediate:
            raise cannot_answer(reply, "the content")
        if self.state is _VERDICT:
            if reply.is_positive and self._is_hopeless() and self._accepted:
                # MAIL was refused, and yet the server took the content for somebody.
                raise cannot_answer(reply, "the content")
            self.verdict = reply
        # BDAT for nobody is refused, and nothing says that the refusal closes the transaction.
        self.is_consumed = self.route is Route.DATA or not self._is_hopeless()
        self.state = after(TRANSACTION, self.state, TransactionEvent.FINAL)

    def _hear_envelope(self, reply: Reply) -> None:
        if self._awaits_rset:
            if not reply.is_positive:
                raise cannot_answer(reply, RSET_LINE)
            self._awaits_rset = False
            return
        index = self._answered
        self._answered = index + 1
        if self.heard is None:
            self.heard = [reply]
        else:
            self.heard.append(reply)
        if index > len(self.envelope.forward_paths):
            self._hear_data(reply)
        elif reply.is_intermediate:
            raise cannot_answer(reply, "MAIL" if index == 0 else "RCPT")
        elif index == 0:
            self._mail = reply
            self._give_up_if_hopeless()
        else:
            self._hear_rcpt(index - 1, reply)
        if self.state is _STREAMED and self._answered == self._count:
            self.state = after(TRANSACTION, self.state, TransactionEvent.ANSWERED)

    def _hear_rcpt(self, index: int, reply: Reply) -> None:
        if reply.is_positive:
            self._accepted += 1
            self.is_accepted_by_all = (
                self._accepted == len(self.envelope.forward_paths) and not self._is_hopeless()
            )
        elif self._refused is None:
            self._refused = {index: reply}
        else:
            self._refused[index] = reply
        if self._is_hopeless():
            self._give_up_if_hopeless()
        elif self.route is Route.BDAT and self._answered == self._count:
            self.state = after(TRANSACTION, self.state, TransactionEvent.GO_ON)

    def _hear_data(self, reply: Reply) -> None:
        if reply.is_positive or (reply.is_intermediate and reply.code != _GO_AHEAD):
            raise cannot_answer(reply, "DATA")
        if reply.code != _GO_AHEAD:
            self.verdict = reply
            self._refuse()
        elif not self._is_hopeless():
            self.state = after(TRANSACTION, self.state, TransactionEvent.GO_ON)
        elif self._accepted:
            # MAIL was refused, RCPT was not: an envelope of somebody else stands open at the server, and even
            # a lone dot would send an empty message there.
            raise cannot_answer(reply, "DATA")
        else:
            self.state = after(TRANSACTION, self.state, TransactionEvent.GO_ON_FOR_NOBODY)

    def _is_hopeless(self) -> bool:
        """Whether every recipient is refused already."""
        mail = self._mail
        if mail is not None and not mail.is_positive:
            return True
        return self._refused is not None and len(self._refused) == len(self.envelope.forward_paths)

    def _give_up_if_hopeless(self) -> None:
        """End the envelope when it is refused and every command sent so far is answered."""
        if self._answered == self._sent and self.state is _ENVELOPE and self._is_hopeless():
            self._refuse()

    def _refuse(self) -> None:
        mail = self._mail
        if (
            self.is_behind_failure
            and mail is not None
            and mail.code == _BAD_SEQUENCE
            and self.route is not Route.STREAM
            and not self._restarted
        ):
            # The refused content before it left its transaction open at the server; that says nothing about
            # this message. It is begun again, behind a RSET.
            self._restarted = True
            self._accepted = 0
            self.is_accepted_by_all = False
            self._mail = self._refused = self.verdict = self.heard = None
            self.state = after(TRANSACTION, self.state, TransactionEvent.AGAIN)
            return
        self.state = after(TRANSACTION, self.state, TransactionEvent.REFUSED)

    def cut(self, reply: Reply) -> None:
        """Hear 421: the server ends the session instead of answering."""
        self.verdict = reply
        self._cut_in = self.state
        self.state = after(TRANSACTION, self.state, TransactionEvent.CUT)

    # -- results ----------------------------------------------------------------------------------------

    @property
    def was_sent(self) -> bool:
        """Whether its content went out completely."""
        if self._sent and self.route is Route.STREAM:
            return self._sent == self._count
        return self.is_consumed or self.state is _VERDICT or self._cut_in is _VERDICT

    @property
    def mail_reply(self) -> Reply | None:
        """The reply to MAIL; ``None`` while there is none."""
        return self._mail

    @property
    def stage(self) -> str:
        """What the oldest missing, or the decisive, reply answers: mail, rcpt, data or content."""
        if self._answered == 0:
            return "mail"
        if self._is_released or self.state is _VERDICT:
            return "content"
        if self._answered <= len(self.envelope.forward_paths):
            return "rcpt"
        return "data" if self.route is Route.DATA else "content"

    def decisions(self) -> list[Decision]:
        """Give what decided on each forward-path, in the envelope's order."""
        count = len(self.envelope.forward_paths)
        mail = self._mail
        if mail is not None and not mail.is_positive:
            return [Decision("mail", mail)] * count
        common = Decision(self.stage, self.verdict)
        refused = self._refused
        if refused is None:
            return [common] * count
        return [Decision("rcpt", refused[index]) if index in refused else common for index in range(count)]

    @property
    def was_refused(self) -> bool:
        """Whether the content was sent and refused."""
        return self.is_consumed and self.verdict is not None and self.verdict.code >= 400  # noqa: PLR2004

    @property
    def leaves_server_open(self) -> bool:
        """Whether the server may still hold this envelope, so that RSET must come next."""
        mail = self._mail
        return not self.is_consumed and ((mail is not None and mail.is_positive) or self._accepted > 0)

    @property
    def content_is_out(self) -> bool:
        """Whether the server has all it needs to take the message, and has not said what it did."""
        if self.is_behind_closing or self._is_hopeless():
            return False
        return self.state is _STREAMED or self.state is _VERDICT

    @property
    def is_decided(self) -> bool:
        """Whether every recipient was refused, although replies are still missing."""
        return self._is_hopeless()
