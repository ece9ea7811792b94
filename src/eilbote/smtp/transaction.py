"""One mail transaction (RFC 5321 §3.3): one envelope, one content, an answer for every recipient.

A send cursor and a receive cursor walk the same list of commands. The sender runs ahead in groups; how far
depends on the route:

* ``DATA``: MAIL, every RCPT and DATA in one group; the content after 354 (RFC 2920 §3.1).
* ``BDAT``: MAIL and every RCPT; the content after their replies (RFC 3030 §2).
* ``STREAM``: MAIL, every RCPT and the content in one go (RFC 3030 with RFC 2920).

Without PIPELINING a group is a single command. A group stays below 8 KB, so that no server has to hold more
than that before it can answer; a long list of recipients is sent in several groups.

No I/O happens here, and no clock is read.
"""

from __future__ import annotations

from enum import IntEnum, auto
from typing import TYPE_CHECKING, NamedTuple

from eilbote.errors import LocalProtocolError, RemoteProtocolError
from eilbote.smtp.commands import DATA_LINE, LONE_DOT, Bdat, mail_line, octets, rcpt_line
from eilbote.smtp.requirements import mail_parameters, rcpt_parameters
from eilbote.smtp.states import TRANSACTION, TransactionEvent, TransactionState, after
from eilbote.smtp.transparency import Stuffer, stuff

if TYPE_CHECKING:
    from collections.abc import Iterator

    from eilbote.model.envelope import Envelope
    from eilbote.model.message import Message
    from eilbote.smtp.extensions import Extensions
    from eilbote.smtp.replies import Reply
    from eilbote.smtp.transcript import Transcript

GROUP_OCTETS = 8 * 1024
_IN_MEMORY_OCTETS = 256 * 1024
_OK = 250
_GO_AHEAD = 354
_BAD_SEQUENCE = 503
_RSET = octets(("RSET",))


class Route(IntEnum):
    """How the content travels."""

    DATA = auto()
    BDAT = auto()
    STREAM = auto()


_NOBODY: dict[int, Reply] = {}  # never written to

_S, _E = TransactionState, TransactionEvent

# What three lines of the table come to when the server says yes to everything; looked up once, here.
_ACCEPTED = after(TRANSACTION, after(TRANSACTION, _S.WAITING, _E.BEGIN), _E.GO_ON)
_SETTLED = after(
    TRANSACTION, after(TRANSACTION, after(TRANSACTION, _S.ENVELOPE, _E.STREAM), _E.ANSWERED), _E.FINAL
)


class Decision(NamedTuple):
    """What decided on one recipient.

    Attributes:
        stage: What the reply answered: mail, rcpt, data or content.
        reply: The reply; ``None`` when there was none.
    """

    stage: str
    reply: Reply | None


class Transaction:
    """One envelope and one content, on their way through a session.

    Args:
        envelope: Where it goes; its paths have been checked.
        message: What goes.
        tag: Whatever the caller wants to find again when the transaction is over.

    Attributes:
        state: How far it has come.
        route: How its content travels.
        verdict: The reply to DATA, to the content, or the 421 that cut it off; ``None`` until there is one.
        is_in_memory: Whether the content is small and at hand, so that it can be sent in one piece.
        begun_at: The time handed in when MAIL was sent.
        released_at: The time handed in when the content was allowed, or sent without asking.
        content_failed: The content was sent and refused.
        leaves_server_open: The server may still hold its envelope, so RSET must come next.
        is_behind_failure: Its MAIL was sent behind a content that was then refused.

    Raises:
        LocalProtocolError: The content does not end in CRLF.
    """

    __slots__ = (
        "_acceptance",
        "_accepted",
        "_answered",
        "_awaits_rset",
        "_begins_with_rset",
        "_first_group",
        "_group_end",
        "_is_released",
        "_lines",
        "_mail",
        "_octets",
        "_pipelining",
        "_refused",
        "_restarted",
        "_sent",
        "begun_at",
        "content_failed",
        "envelope",
        "is_behind_failure",
        "is_in_memory",
        "leaves_server_open",
        "message",
        "released_at",
        "route",
        "state",
        "tag",
        "verdict",
    )

    def __init__(self, envelope: Envelope, message: Message, tag: object = None) -> None:
        segments = message.segments
        last = segments[-1] if segments else b""
        if isinstance(last, bytes) and last[-2:] != b"\r\n":
            raise _unfinished()
        self.is_in_memory = message.size <= _IN_MEMORY_OCTETS and all(
            isinstance(segment, bytes) for segment in segments
        )
        self.envelope = envelope
        self.message = message
        self.tag = tag
        self.state = TransactionState.WAITING
        self.route = Route.DATA
        self.verdict: Reply | None = None
        self._mail: Reply | None = None
        self._refused = _NOBODY
        self._accepted = self._sent = self._answered = 0
        self._is_released = False
        self._restarted = False
        self.begun_at = self.released_at = 0.0
        self.content_failed = False
        self.leaves_server_open = False
        self.is_behind_failure = False

    # -- sending ----------------------------------------------------------------------------------------

    def prepare(self, route: Route, extensions: Extensions, *, pipelining: bool) -> None:
        """Write the envelope's commands; nothing is sent yet.

        Raises:
            LocalProtocolError: The content does not end in CRLF, or a command would hold a control character.
        """
        envelope = self.envelope
        lines = [mail_line(envelope.reverse_path, mail_parameters(envelope, self.message, extensions))]
        dsn = envelope.dsn if extensions.dsn else None
        if dsn is None:
            lines += [rcpt_line(path, "") for path in envelope.forward_paths]
        else:
            lines += [rcpt_line(path, rcpt_parameters(path, dsn)) for path in envelope.forward_paths]
        if route is Route.DATA:
            lines.append(DATA_LINE)
        self._lines = lines
        self._octets = octets(lines)
        if not pipelining:
            self._first_group = 1
        elif len(self._octets) <= GROUP_OCTETS:
            self._first_group = len(lines)
        else:
            self._first_group = _end_of_group(lines, 0)
        self._pipelining = pipelining
        self.route = route

    def launch(self, now: float, *, rset: bool) -> None:
        """Begin to send: from here on the server hears of it.

        Args:
            now: The time.
            rset: Begin with RSET, because a transaction may stand open at the server.
        """
        count = len(self.envelope.forward_paths) + 1
        acceptance = [_OK] * (count + rset)
        if self.route is not Route.BDAT:
            acceptance.append(_GO_AHEAD if self.route is Route.DATA else _OK)
        self._acceptance = acceptance
        self._group_end = self._first_group
        self._awaits_rset = self._begins_with_rset = rset
        self._mail = None
        self._refused = {}
        self._accepted = self._sent = self._answered = 0
        self._is_released = False
        self.begun_at = self.released_at = now
        self.state = after(TRANSACTION, self.state, TransactionEvent.BEGIN)

    def advance(self, out: list[bytes], transcript: Transcript | None = None) -> bool:
        """Add what may be sent now; say whether that was the last of it."""
        match self.state:
            case TransactionState.ENVELOPE:
                if self._sent > self._answered:
                    return False
                self._add_group(out, transcript)
                if self.route is not Route.STREAM or self._sent < len(self._lines):
                    return False
                self._add_content(out, transcript)
                self.state = after(TRANSACTION, self.state, TransactionEvent.STREAM)
                return True
            case TransactionState.CONTENT:
                if not self.is_in_memory:
                    return False
                self._add_content(out, transcript)
            case TransactionState.LONE_DOT:
                out.append(LONE_DOT)
                if transcript is not None:
                    transcript.client(".")
            case _:
                return True
        self.state = after(TRANSACTION, self.state, TransactionEvent.SENT)
        return True

    def _add_group(self, out: list[bytes], transcript: Transcript | None) -> None:
        first, lines = self._sent, self._lines
        end = self._group_end
        if first == 0 and self._begins_with_rset:
            out.append(_RSET)
        out.append(self._octets if end - first == len(lines) else octets(lines[first:end]))
        self._sent = end
        if end < len(lines):
            self._group_end = _end_of_group(lines, end) if self._pipelining else end + 1
        if transcript is not None:
            for line in (["RSET"] if first == 0 and self._begins_with_rset else []) + lines[first:end]:
                transcript.client(line)

    def _add_content(self, out: list[bytes], transcript: Transcript | None) -> None:
        content = self.message.octets()
        if self.route is Route.DATA:
            out.append(stuff(content))
            out.append(LONE_DOT)
        else:
            out.append(octets((Bdat(len(content)).line(),)))
            out.append(content)
            if transcript is not None:
                transcript.client(Bdat(len(content)).line())
        if transcript is not None:
            transcript.content(len(content))

    # -- streaming --------------------------------------------------------------------------------------

    @property
    def is_streaming(self) -> bool:
        """Whether the server waits for a content that must be delivered in pieces."""
        return self.state is TransactionState.CONTENT

    def pieces(self) -> Iterator[bytes]:
        """Give the content as it goes over the wire, piece by piece, without its final dot.

        Reading the next piece may read a file.

        Raises:
            LocalProtocolError: The content does not end in CRLF.
        """
        if self.route is not Route.DATA:
            yield octets((Bdat(self.message.size).line(),))
            yield from self.message.chunks()
            return
        stuffer = Stuffer()
        for segment in self.message.segments:
            if isinstance(segment, bytes):
                yield stuffer.feed(segment)
            elif segment.dot_free:
                yield from map(stuffer.pass_over, segment.chunks())
            else:
                yield from map(stuffer.feed, segment.chunks())
        if not stuffer.ends_line:
            raise _unfinished()

    def finish_streaming(self, out: list[bytes], transcript: Transcript | None = None) -> None:
        """Add the end of a content that was delivered in pieces."""
        self.state = after(TRANSACTION, self.state, TransactionEvent.SENT)
        if self.route is Route.DATA:
            out.append(LONE_DOT)
        if transcript is not None:
            transcript.content(self.message.size)

    # -- receiving --------------------------------------------------------------------------------------

    def take_acceptance(self, replies: list[Reply], at: int, now: float = 0.0) -> int:
        """Take a whole round of replies at once if each says yes; give how many that were, or 0.

        The way of nearly all mail, and the same in effect as :meth:`receive` for each of them.
        """
        state = self.state
        if state is TransactionState.VERDICT:
            reply = replies[at]
            if reply.code != _OK:
                return 0
            self.verdict = reply
            self.state = _SETTLED
            return 1
        if self._answered or (
            state is not TransactionState.ENVELOPE and state is not TransactionState.STREAMED
        ):
            return 0
        acceptance = self._acceptance
        count = len(acceptance)
        if (
            len(replies) - at < count
            or self._sent < len(self._lines)
            or self._awaits_rset is not self._begins_with_rset
            or [reply.code for reply in replies[at : at + count]] != acceptance
        ):
            return 0
        self._mail = replies[at + self._begins_with_rset]
        self._awaits_rset = False
        self._answered = len(self._lines)
        self._accepted = len(self.envelope.forward_paths)
        self._is_released = True
        if state is TransactionState.STREAMED:
            self.verdict = replies[at + count - 1]
            self.state = _SETTLED
        else:
            self.released_at = now
            self.state = _ACCEPTED
        return count

    def receive(self, reply: Reply, now: float = 0.0) -> None:
        """Hear the reply to the oldest unanswered command.

        Raises:
            RemoteProtocolError: No such reply is possible here.
        """
        state = self.state
        match state:
            case TransactionState.VERDICT | TransactionState.CLOSING:
                if reply.is_intermediate:
                    raise _out_of_step(reply, "the content")
                if state is TransactionState.VERDICT:
                    self._hear_verdict(reply)
                self.state = after(TRANSACTION, self.state, TransactionEvent.FINAL)
            case TransactionState.ENVELOPE | TransactionState.STREAMED if self._answered < self._sent:
                self._hear_envelope(reply)
                if self.state is TransactionState.CONTENT:
                    self.released_at = now
                    self._is_released = True
            case TransactionState.CONTENT | TransactionState.LONE_DOT:
                raise RemoteProtocolError(
                    f"the server said {str(reply)[:80]!r} before the content was sent",
                    cause="what comes before the final dot cannot be the answer to it",
                    remedy="Nothing more is sent in this session",
                )
            case _:
                raise _out_of_step(reply, "nothing")

    def _hear_envelope(self, reply: Reply) -> None:
        if self._awaits_rset:
            if not reply.is_positive:
                raise _out_of_step(reply, "RSET")
            self._awaits_rset = False
            return
        index = self._answered
        self._answered = index + 1
        if index == 0:
            self._hear_mail(reply)
        elif index <= len(self.envelope.forward_paths):
            self._hear_rcpt(index - 1, reply)
        else:
            self._hear_data(reply)
        if self._answered == len(self._lines) and self.state is TransactionState.STREAMED:
            self.state = after(TRANSACTION, self.state, TransactionEvent.ANSWERED)

    def _hear_mail(self, reply: Reply) -> None:
        if reply.is_intermediate:
            raise _out_of_step(reply, "MAIL")
        self._mail = reply
        self._give_up_if_hopeless()

    def _hear_rcpt(self, index: int, reply: Reply) -> None:
        if reply.is_intermediate:
            raise _out_of_step(reply, "RCPT")
        if reply.is_positive:
            self._accepted += 1
        else:
            self._refused[index] = reply
        if index + 1 < len(self.envelope.forward_paths) or self._is_hopeless():
            self._give_up_if_hopeless()
        elif self.route is Route.BDAT:
            self.state = after(TRANSACTION, self.state, TransactionEvent.GO_ON)

    def _hear_data(self, reply: Reply) -> None:
        if reply.is_positive or (reply.is_intermediate and reply.code != _GO_AHEAD):
            raise _out_of_step(reply, "DATA")
        if reply.code != _GO_AHEAD:
            self.verdict = reply
            self._refuse()
        elif not self._is_hopeless():
            self.state = after(TRANSACTION, self.state, TransactionEvent.GO_ON)
        elif self._accepted:
            # MAIL was refused, RCPT was not: an envelope of somebody else stands open at the server, and even
            # a lone dot would send an empty message there.
            raise _out_of_step(reply, "DATA")
        else:
            self.state = after(TRANSACTION, self.state, TransactionEvent.GO_ON_FOR_NOBODY)

    def _hear_verdict(self, reply: Reply) -> None:
        if self._is_hopeless() and reply.is_positive and self._accepted:
            # As above: MAIL was refused, and yet the server took the content for somebody.
            raise _out_of_step(reply, "the content")
        self.verdict = reply
        self.content_failed = not reply.is_positive
        # BDAT for nobody is refused, and nothing says that the refusal closes the transaction.
        self.leaves_server_open = self.content_failed and self._is_hopeless()

    def _is_hopeless(self) -> bool:
        mail = self._mail
        return (mail is not None and not mail.is_positive) or len(self._refused) == len(
            self.envelope.forward_paths
        )

    def _give_up_if_hopeless(self) -> None:
        """End the envelope when it is refused and every command sent so far is answered."""
        if self._answered == self._sent and self.state is TransactionState.ENVELOPE and self._is_hopeless():
            self._refuse()

    def _refuse(self) -> None:
        mail = self._mail
        if mail is not None and mail.code == _BAD_SEQUENCE and self.is_behind_failure and not self._restarted:
            # The refused content before it left its transaction open at the server; that says nothing about
            # this message. It is begun again, behind a RSET.
            self._restarted = True
            self.verdict = None
            self.state = after(TRANSACTION, self.state, TransactionEvent.AGAIN)
            return
        self.leaves_server_open = (mail is not None and mail.is_positive) or self._accepted > 0
        self.state = after(TRANSACTION, self.state, TransactionEvent.REFUSED)

    def cut(self, reply: Reply) -> None:
        """Hear 421: the server ends the session instead of answering."""
        self.verdict = reply
        self.state = after(TRANSACTION, self.state, TransactionEvent.CUT)

    # -- results ----------------------------------------------------------------------------------------

    @property
    def mail_reply(self) -> Reply | None:
        """The reply to MAIL."""
        return self._mail if self.state is not TransactionState.WAITING else None

    def decisions(self) -> list[Decision]:
        """Give what decided on each forward-path, in the envelope's order."""
        count = len(self.envelope.forward_paths)
        mail = self._mail
        if mail is not None and not mail.is_positive:
            return [Decision("mail", mail)] * count
        common = Decision(self.stage, self.verdict)
        if not self._refused:
            return [common] * count
        refused = self._refused
        return [Decision("rcpt", refused[index]) if index in refused else common for index in range(count)]

    @property
    def stage(self) -> str:
        """What the latest missing or decisive reply answers: mail, rcpt, data or content."""
        if self._answered == 0:
            return "mail"
        if self._answered <= len(self.envelope.forward_paths) and not self._is_released:
            return "rcpt"
        return "content" if self._is_released or self.route is not Route.DATA else "data"

    @property
    def everybody_accepted(self) -> bool:
        """Whether MAIL and every RCPT were accepted, so that one reply decides for all."""
        return self._accepted == len(self.envelope.forward_paths) and not self._is_hopeless()

    @property
    def was_answered(self) -> bool:
        """Whether the server has said anything to it."""
        return self._mail is not None

    @property
    def content_is_out(self) -> bool:
        """Whether the server has everything it needs to take the message, and has not said what it did."""
        if self.state is TransactionState.STREAMED:
            return not self._is_hopeless()
        return self.state is TransactionState.VERDICT and not self._is_hopeless()

    @property
    def is_decided(self) -> bool:
        """Whether every recipient was refused already, although replies are still missing."""
        return self.state is not TransactionState.WAITING and self._is_hopeless()


def _end_of_group(lines: list[str], first: int) -> int:
    """Find how many commands fit into one group, at least one."""
    size = 0
    for index in range(first, len(lines)):
        size += len(lines[index].encode()) + 2
        if size > GROUP_OCTETS and index > first:
            return index
    return len(lines)


def _out_of_step(reply: Reply, command: str) -> RemoteProtocolError:
    return RemoteProtocolError(
        f"the server said {str(reply)[:80]!r}, which cannot answer {command}",
        cause="from here on nobody could tell which reply answers which command",
        remedy="Nothing more is sent in this session",
    )


def _unfinished() -> LocalProtocolError:
    return LocalProtocolError(
        "the content does not end in CR LF",
        cause="the final dot would become part of its last line (RFC 5321 §4.1.1.4)",
    )
