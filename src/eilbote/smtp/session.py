"""One SMTP session without I/O (RFC 5321 §3, RFC 2920, RFC 3030): octets in, events and octets out.

Before mail, the session says one command at a time (:meth:`Session.send`). Mail goes by transactions: the
caller hands them in with :meth:`Session.begin` and takes :meth:`Session.data_to_send` after every
:meth:`Session.receive`. The sender runs as far ahead of the receiver as the extensions allow:

* with PIPELINING, the end of one content and the whole envelope of the next message leave together, so a
  message in a stream costs one round trip (RFC 2920 §3.1);
* with CHUNKING and a window above 1, many messages are under way at once.

A transaction may have a moment after which its content must not be begun (:attr:`Transaction.not_after`). It is
held against the time in :meth:`Session.data_to_send`, the only place that lets a content out; and
:meth:`Sending.keep_in_step` sees to it that what leaves there does not wait in this process after all.

Replies come in the order of the commands, so the oldest transaction is the one that is being answered. A
reply nobody waits for, or one that came before the content it answers was sent, ends the session: from then
on nobody could tell which reply belongs to which message.
"""

from __future__ import annotations

from collections import deque
from itertools import islice
from typing import TYPE_CHECKING

from eilbote.errors import LocalProtocolError, RemoteProtocolError
from eilbote.smtp.commands import Auth, AuthResponse, Ehlo, octets
from eilbote.smtp.events import Answered, Broken, Closing
from eilbote.smtp.everyday import Everyday
from eilbote.smtp.extensions import Extensions, parse_extensions
from eilbote.smtp.out_of_step import injected, unexpected
from eilbote.smtp.pace import SessionOptions, pace_of
from eilbote.smtp.replies import ReplyParser
from eilbote.smtp.send_events import SEND_EVENTS
from eilbote.smtp.states import SESSION, SessionEvent, SessionState, TransactionState, after
from eilbote.smtp.transaction import Transaction

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eilbote.smtp.commands import SetupCommand
    from eilbote.smtp.events import Event
    from eilbote.smtp.everyday import Letter
    from eilbote.smtp.replies import Reply
    from eilbote.smtp.transcript import Transcript

_OK = 250
_WAITING = TransactionState.WAITING
_OVER = TransactionState.OVER
_SESSION_OVER, _TLS_DUE, _MAIL = SessionState.OVER, SessionState.TLS_DUE, SessionState.MAIL
_CLOSING_CODE = 421
_CHALLENGE_CODE = 334


class Session:
    """One dialogue with one server.

    Attributes:
        state: Where it stands.
        extensions: What the server announced in its latest reply to EHLO.
        window: How many transactions may be under way at once.
        heard: How many replies the latest octets completed.
        streaming: The transaction whose content the caller must deliver piece by piece, if any. The caller must
            look at the time once more before the first piece; after 354 only closing the session skips it.
        is_fenced: Whether a transaction had a moment that may pass, so that the time given must be exact.
        late: Transactions that left without their content because their moment had passed; the caller empties it.
    """

    __slots__ = (
        "_command",
        "_everyday",
        "_large_route",
        "_options",
        "_out",
        "_parser",
        "_route",
        "_rset_due",
        "_sent",
        "_transcript",
        "_under_way",
        "extensions",
        "heard",
        "is_fenced",
        "late",
        "pipelining",
        "secure",
        "state",
        "streaming",
        "window",
        "windowed",
    )

    def __init__(
        self, options: SessionOptions, *, transcript: Transcript | None = None, secure: bool = False
    ) -> None:
        self._options = options
        self._parser = ReplyParser()
        self._command: SetupCommand | None = None
        self._out: list[bytes] = []
        self._under_way: deque[Transaction] = deque()
        self._sent = 0  # how many of them are completely sent
        self._rset_due = False
        self._transcript = transcript
        self.state = SessionState.GREETING
        self.secure = secure
        self._learn(Extensions())
        self.streaming: Transaction | None = None
        self.heard = 0
        self.is_fenced = False
        self.late: list[Transaction] = []

    # -- before mail ------------------------------------------------------------------------------------

    def send(self, command: SetupCommand) -> None:
        """Say one command; the next one must wait for its :class:`Answered`.

        Raises:
            LocalProtocolError: The state does not allow it.
        """
        state = after(SESSION, self.state, SEND_EVENTS[type(command)])
        line = command.line()
        self._out.append(octets((line,)))
        self.state = state
        self._command = command
        if self._transcript is not None:
            self._transcript.client(command.shown() if isinstance(command, Auth | AuthResponse) else line)

    def tls_started(self) -> None:
        """Learn that the session is in TLS now; everything the server said before is forgotten.

        Raises:
            LocalProtocolError: The server has not agreed to STARTTLS.
        """
        self.state = after(SESSION, self.state, SessionEvent.SECURED)
        self.secure = True
        self._parser.forget()
        self._learn(Extensions())
        if self._transcript is not None:
            self._transcript.remark("TLS")

    def _learn(self, extensions: Extensions) -> None:
        self.extensions = extensions
        pace = pace_of(self._options, extensions)
        self.pipelining, self.windowed, self.window = pace.pipelining, pace.windowed, pace.window
        self._route, self._large_route = pace.route, pace.large_route
        self._everyday = Everyday(extensions, pace)

    # -- mail -------------------------------------------------------------------------------------------

    @property
    def under_way(self) -> int:
        """How many transactions are begun and not over."""
        return len(self._under_way)

    def room(self) -> int:
        """Tell how many more transactions may be begun now."""
        return self.window - len(self._under_way)

    @property
    def oldest(self) -> Transaction | None:
        """The transaction that is being answered."""
        return self._under_way[0] if self._under_way else None

    def begin(self, transaction: Transaction) -> None:
        """Take a transaction; its octets come out of :meth:`data_to_send` in turn.

        Raises:
            LocalProtocolError: No mail can be sent in this state, or a command would hold a control character.
        """
        route = self._route if transaction.is_in_memory else self._large_route
        transaction.prepare(route, self.extensions, pipelining=self.pipelining)
        if self.state is not _MAIL:
            self.state = after(SESSION, self.state, SessionEvent.BEGIN)
        self._under_way.append(transaction)
        if transaction.not_after is not None:
            self.is_fenced = True

    def begin_everyday(self, letters: Sequence[Letter]) -> bool:
        """Take messages as :meth:`begin` takes their transactions, if all are everyday and what they need is announced."""
        commands = self._everyday.commands(letters)
        if commands is None:
            return False
        transactions = Transaction.everyday(letters, commands, self._route)
        if self.state is not _MAIL:
            self.state = after(SESSION, self.state, SessionEvent.BEGIN)
        self._under_way += transactions
        return True

    def data_to_send(self, now: float = 0.0) -> list[bytes]:
        """Take everything that may be sent now, in order; empty means: wait for the server.

        Args:
            now: The time, for the transactions' records, and to hold against the moment of each content.
        """
        out, self._out = self._out, []
        if self.streaming is not None:
            return out
        under_way, at, transcript, is_fenced = self._under_way, self._sent, self._transcript, self.is_fenced
        end = min(len(under_way), self.window)
        if self.windowed and transcript is None and not (is_fenced or self._rset_due):
            at = Transaction.launch_streams(under_way, at, end, out, now)
        while at < end:
            transaction = under_way[at]
            if is_fenced and transaction.not_after is not None and now > transaction.not_after:
                if transaction.leave():
                    self._leave_out(at)
                    end = min(len(under_way), self.window)
                    continue
                if transaction.is_streaming:
                    self.streaming = transaction
                    break
            if transaction.state is _WAITING:
                # In a stream nobody knows whether the one before leaves a transaction open; a RSET closes it.
                rset = self._rset_due or (at > 0 and self.windowed)
                self._rset_due = False
                if is_fenced and transaction.not_after is not None:
                    transaction.keep_in_step(behind=islice(under_way, at))
                if not transaction.launch(out, now, rset=rset, transcript=transcript):
                    break
            elif not transaction.advance(out, transcript):
                if transaction.is_streaming:
                    self.streaming = transaction
                break
            at += 1
        self._sent = at
        return out

    def _leave_out(self, at: int) -> None:
        """Take out a transaction that left without its content."""
        transaction = self._under_way[at]
        del self._under_way[at]
        self.late.append(transaction)
        if transaction.leaves_server_open:
            self._rset_due = True
        if not self._under_way:
            self.state = after(SESSION, self.state, SessionEvent.SETTLED)

    def content_sent(self) -> None:
        """Learn that every octet of the streamed content was written; its end follows in data_to_send."""
        if self.streaming is None:
            raise LocalProtocolError("no content is being streamed")
        self.streaming.finish_streaming(self._out, self._transcript)
        self.streaming = None
        self._sent += 1

    def stop_transcript(self) -> None:
        """Note nothing more; mail in bulk has no time for it."""
        self._transcript = None

    def abandon(self) -> list[Transaction]:
        """End the session: the connection is lost, or must not be used any more; gives what is not over."""
        if self.state is not SessionState.OVER:
            self.state = after(SESSION, self.state, SessionEvent.LOST)
        abandoned = list(self._under_way)
        self._under_way.clear()
        self._sent = 0
        self._out.clear()
        self.streaming = None
        return abandoned

    # -- receiving --------------------------------------------------------------------------------------

    def receive(self, data: bytes, now: float = 0.0) -> list[Event]:
        """Hear octets of the server, and learn what they end.

        After :class:`Closing` or :class:`Broken` the session is over: take :meth:`abandon`.

        Args:
            data: What came, cut anywhere.
            now: The time, for the transactions' records.
        """
        events: list[Event] = []
        replies: list[Reply] = []
        broken: RemoteProtocolError | None = None
        try:
            if self.state is _TLS_DUE:
                raise injected()
            self._parser.feed(data, replies)
        except RemoteProtocolError as error:
            broken = error
        self.heard = len(replies)
        if self._transcript is not None:
            for reply in replies:
                self._transcript.server(reply.code, reply.lines)
        try:
            self._hear(replies, events, now)
        except RemoteProtocolError as error:
            broken = error
        if broken is not None and self.state is not SessionState.OVER:
            self.state = after(SESSION, self.state, SessionEvent.LOST)
            events.append(Broken(broken))
        return events

    def _hear(self, replies: list[Reply], events: list[Event], now: float) -> None:
        under_way = self._under_way
        at, count = 0, len(replies)
        if self.windowed and count > 1 and under_way:
            over: list[Transaction] = []
            at = Transaction.take_acceptances(under_way, replies, over)
            events += over
            self._sent -= len(over)
            if over and not under_way:
                self.state = after(SESSION, self.state, SessionEvent.SETTLED)
        while at < count:
            if under_way:
                oldest = under_way[0]
                taken = oldest.take_acceptance(replies, at, now)
                if not taken:
                    taken = 1
                    self._hear_one(oldest, replies[at], events, now)
                    if self.state is _SESSION_OVER:
                        return
                    if oldest.state is _OVER:
                        self._over(oldest, events)
                elif oldest.state is _OVER:  # as in _over; what was accepted leaves nothing to look back at
                    events.append(oldest)
                    under_way.popleft()
                    if self._sent:
                        self._sent -= 1
                    if not under_way:
                        self.state = after(SESSION, self.state, SessionEvent.SETTLED)
                at += taken
            else:
                self._hear_alone(replies[at], events)
                at += 1
                if self.state is _SESSION_OVER:
                    return
                # The server has agreed to STARTTLS: nothing may follow in clear.
                if self.state is _TLS_DUE and (at < count or not self._parser.is_between_replies):
                    raise injected()

    def _hear_one(self, oldest: Transaction, reply: Reply, events: list[Event], now: float) -> None:
        if oldest.state is TransactionState.WAITING:
            self._hear_alone(reply, events)
        elif reply.code == _CLOSING_CODE:
            oldest.cut(reply)
            self._over(oldest, events)
            self._close(reply, events)
        else:
            oldest.receive(reply, now)
            if oldest.state is _WAITING:
                self._sent = 0
                self._rset_due = True

    def _hear_alone(self, reply: Reply, events: list[Event]) -> None:
        """Hear a reply that no transaction waits for."""
        if reply.code == _CLOSING_CODE:
            if self._command is not None or self.state is SessionState.GREETING:
                events.append(Answered(self._command, reply))
            self._close(reply, events)
        else:
            events.append(self._answer(reply))

    def _over(self, transaction: Transaction, events: list[Event]) -> None:
        events.append(transaction)
        self._under_way.popleft()
        if self._sent:
            self._sent -= 1
        verdict = transaction.verdict
        if verdict is None or verdict.code != _OK:
            self._look_back(transaction)
        if not self._under_way:
            self.state = after(SESSION, self.state, SessionEvent.SETTLED)

    def _look_back(self, transaction: Transaction) -> None:
        """Find out in what state a transaction that was not accepted leaves the server."""
        if transaction.leaves_server_open:
            self._rset_due = True
        elif self._under_way and transaction.was_refused:
            following = self._under_way[0]
            following.is_behind_failure = following.state is not _WAITING

    def _close(self, reply: Reply, events: list[Event]) -> None:
        if self.state is not SessionState.OVER:
            self.state = after(SESSION, self.state, SessionEvent.LOST)
        for transaction in self._under_way:
            transaction.is_behind_closing = True
        events.append(Closing(reply))

    def _answer(self, reply: Reply) -> Answered:
        state = self.state
        if state is SessionState.GREETING:
            if reply.is_intermediate:
                raise unexpected(reply)
            event = SessionEvent.WELCOME if reply.is_positive else SessionEvent.LOST
            self.state = after(SESSION, state, event)
            return Answered(None, reply)
        command, self._command = self._command, None
        if command is None:
            raise unexpected(reply)
        if reply.code == _CHALLENGE_CODE and state is SessionState.AUTH:
            event = SessionEvent.CHALLENGED
        elif reply.is_intermediate:
            raise unexpected(reply)
        else:
            event = SessionEvent.POSITIVE if reply.is_positive else SessionEvent.NEGATIVE
        self.state = after(SESSION, state, event)
        if reply.is_positive and isinstance(command, Ehlo):
            self._learn(parse_extensions(reply))
        return Answered(command, reply)
