"""The sending half of a mail transaction: its commands and its content, and when each may leave.

How far the sender runs ahead of the replies depends on the route:

* ``DATA``: MAIL, every RCPT and DATA in one group; the content after 354 (RFC 2920 §3.1).
* ``BDAT``: MAIL and every RCPT; the content after their replies (RFC 3030 §2).
* ``STREAM``: MAIL, every RCPT and the content in one go (RFC 3030 with RFC 2920).

Without PIPELINING a group is a single command. No I/O happens here, and no clock is read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from eilbote.smtp.commands import GROUP_OCTETS, LONE_DOT, RSET_LINE, Bdat, octets, whole_content
from eilbote.smtp.content import PIECE_OCTETS, fits_one_write, pieces_of
from eilbote.smtp.script import Route, codes_of_acceptance, end_of_group, envelope_octets
from eilbote.smtp.states import TRANSACTION, TransactionEvent, TransactionState, after
from eilbote.smtp.transparency import stuff

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import Self

    from eilbote.model.envelope import Envelope
    from eilbote.model.message import Message
    from eilbote.smtp.everyday import Letter
    from eilbote.smtp.extensions import Extensions
    from eilbote.smtp.transcript import Transcript

_RSET = octets((RSET_LINE,))
# A connected TCP socket takes so much whether or not the peer reads. Measured on Linux, where the system has not yet
# learned how fast the way is, with segments of 536 to 1,460 octets: 24 to 35 KB.
_AT_ONCE_OCTETS = 16 * 1024

_S, _E = TransactionState, TransactionEvent

# The lines of the table that nearly all mail takes, looked up once. What is assigned to a state is one of
# these, or comes from the table at that moment.
_BEGUN = after(TRANSACTION, _S.WAITING, _E.BEGIN)
_SENT = after(TRANSACTION, _S.CONTENT, _E.SENT)
_STREAMED = after(TRANSACTION, _BEGUN, _E.STREAM)
_WAITING, _ENVELOPE, _CONTENT = _S.WAITING, _S.ENVELOPE, _S.CONTENT
_DATA, _STREAM = Route.DATA, Route.STREAM


class Sending:
    """What of a transaction was sent, and what may be sent next.

    Args:
        envelope: Where it goes; its paths have been checked.
        message: What goes.
        tag: Whatever the caller wants to find again when the transaction is over.

    Attributes:
        state: How far the transaction has come.
        route: How its content travels.
        is_in_memory: Whether the content is small and at hand, so that it can be sent in one piece.
        is_stepwise: Each of its commands waited for the reply to the one before.
        not_after: The last moment at which its content may be begun; ``None`` for ever.
        begun_at: The time handed in when MAIL was sent.
        released_at: The time handed in when the content was allowed, or sent without asking.

    Raises:
        LocalProtocolError: The content does not end in CRLF.
    """

    # What most transactions never change and are never asked stands at the class: making one sets no more than it
    # has to. What every one is asked is faster found at itself.
    state = _WAITING
    is_stepwise = False
    # How many commands were sent, and how many of them the receiving half has heard the replies to.
    _sent = 0
    _answered = 0
    _acceptance: list[int] | None = None

    def __init__(self, envelope: Envelope, message: Message, tag: object = None) -> None:
        self.envelope = envelope
        self.message = message
        self.tag = tag
        self.not_after: float | None = None
        self._lines: list[bytes] | None = None
        self._awaits_rset = False
        segments = message.segments
        if len(segments) == 1 and type(content := segments[0]) is bytes and content[-2:] == b"\r\n":
            self.is_in_memory = message.size <= PIECE_OCTETS
        else:
            self.is_in_memory = fits_one_write(message)

    @classmethod
    def everyday(cls, letters: Sequence[Letter], commands: Sequence[bytes], route: Route) -> list[Self]:
        """Make those that are prepared already; their letters are their tags.

        Args:
            letters: Everyday mail: one recipient, and a content that is small and at hand in one piece.
            commands: The envelopes', as :mod:`eilbote.smtp.everyday` gives them.
            route: How such a content travels.
        """
        transactions: list[Self] = []
        count = 3 if route is _DATA else 2
        for letter in letters:
            made: Self = cls.__new__(cls)  # as __init__ and prepare() would make it, without looking again
            made.envelope = letter.envelope
            made.message = letter.message
            made.tag = letter
            made.not_after = None
            made.is_in_memory = True
            made.route = route
            made._octets = commands[len(transactions)]
            made._lines = None
            made._count = count
            made._awaits_rset = False
            transactions.append(made)
        return transactions

    def prepare(self, route: Route, extensions: Extensions, *, pipelining: bool) -> None:
        """Write the envelope's commands; nothing is sent yet.

        Raises:
            LocalProtocolError: A command would hold a control character.
        """
        self.route = route
        envelope = self.envelope
        self._octets = commands = envelope_octets(envelope, self.message, extensions, route)
        self._count = len(envelope.forward_paths) + (2 if route is _DATA else 1)
        # Commands are cut apart only when they do not leave together; no command holds a CR LF of its own.
        if not pipelining or len(commands) > GROUP_OCTETS:
            self._lines = commands.splitlines(keepends=True)
            self.is_stepwise = not pipelining

    def keep_in_step(self, behind: Iterable[Sending]) -> None:
        """Send the content after the replies to its envelope, unless all that is unanswered is little.

        What is written and does not fit into the system's buffer waits in this process, and would leave after the
        moment of this transaction, when nobody asks any more. Replies to its own envelope tell that the server has
        read everything that was written before.

        Args:
            behind: The transactions sent before this one that are not over.
        """
        if self.route is _STREAM and self.weight + sum(one.weight for one in behind) > _AT_ONCE_OCTETS:
            self.route = Route.BDAT

    @property
    def weight(self) -> int:
        """Octets on the wire, nearly: its envelope and its content."""
        return len(self._octets) + self.message.size

    def launch(
        self, out: list[bytes], now: float, *, rset: bool, transcript: Transcript | None = None
    ) -> bool:
        """Begin to send; say whether that was all there is to send.

        Args:
            out: Takes what may be sent now.
            now: The time.
            rset: Begin with RSET, because a transaction may stand open at the server.
            transcript: Takes a note of it, if there is one.
        """
        self.begun_at = self.released_at = now
        self._answered = 0
        self.state = _BEGUN
        if rset:
            self._awaits_rset = True
            out.append(_RSET)
        if self._lines is None and transcript is None:
            return self._send_everything(out, rset=rset)
        self._sent = 0
        if rset:
            if transcript is not None:
                transcript.client(RSET_LINE)
            if self.is_stepwise:
                return False
        return self._send_group(out, transcript)

    @staticmethod
    def launch_streams(under_way: Sequence[Sending], at: int, end: int, out: list[bytes], now: float) -> int:
        """Launch those that wait and leave as a whole, each behind RSET but the oldest; the same as :meth:`launch` for each.

        Args:
            under_way: The transactions, the oldest first.
            at: The first that is not sent.
            end: Up to which one may be sent.
            out: Takes what may be sent now.
            now: The time.

        Returns:
            The first that has to be looked at by itself.
        """
        while at < end:
            one: Sending = under_way[at]
            if one.state is not _WAITING or one.route is not _STREAM or one._lines is not None:
                break
            one.begun_at = one.released_at = now
            one._answered = 0
            one._sent = count = one._count
            if at:
                one._awaits_rset = True
                out.append(_RSET)
            one._acceptance = codes_of_acceptance(_STREAM, count - 1, at > 0)
            segments = one.message.segments
            content = segments[0] if len(segments) == 1 else one.message.octets()
            out += (one._octets, whole_content(len(content)), content)  # type: ignore[arg-type]  # as in _send_everything
            one.state = _STREAMED
            at += 1
        return at

    def _send_everything(self, out: list[bytes], *, rset: bool) -> bool:
        """Send what may leave at once when that is one group and nobody notes it: the way of nearly all mail."""
        route = self.route
        self._sent = count = self._count
        # Nothing is answered: what would be a yes to all of it?
        self._acceptance = codes_of_acceptance(route, count - 2 if route is _DATA else count - 1, rset)
        out.append(self._octets)
        if route is not _STREAM:
            return False
        segments = self.message.segments
        content = segments[0] if len(segments) == 1 else self.message.octets()
        out += (whole_content(len(content)), content)  # type: ignore[arg-type]  # asked for contents in memory only
        self.state = _STREAMED
        return True

    def advance(self, out: list[bytes], transcript: Transcript | None = None) -> bool:
        """Add what may be sent now; say whether that was the last of it."""
        state = self.state
        if state is _CONTENT:
            if not self.is_in_memory:
                return False
            self._add_content(out, transcript)
            self.state = _SENT
            return True
        if state is _ENVELOPE:
            if self._sent > self._answered or self._awaits_rset:
                return False
            return self._send_group(out, transcript)
        if state is TransactionState.LONE_DOT:
            out.append(LONE_DOT)
            if transcript is not None:
                transcript.client(".")
            self.state = after(TRANSACTION, state, TransactionEvent.SENT)
        return True

    def leave(self) -> bool:
        """Give the transaction up before its content; say whether that is possible now.

        It is not while replies are due, and not after 354: there the server waits for a content, and whatever
        ends that would be one.
        """
        state = self.state
        if state is _ENVELOPE:
            possible = self._sent == self._answered and not self._awaits_rset
        else:
            possible = state is _WAITING or (state is _CONTENT and self.route is not Route.DATA)
        if possible:
            self.state = after(TRANSACTION, state, TransactionEvent.LATE)
        return possible

    def _send_group(self, out: list[bytes], transcript: Transcript | None) -> bool:
        lines, route = self._lines, self.route
        if lines is None:
            group = self._octets
            self._sent = self._count
            # Everything is out and nothing answered: what would be a yes to all of it?
            self._acceptance = codes_of_acceptance(route, len(self.envelope.forward_paths), self._awaits_rset)
        else:
            first = self._sent
            self._sent = first + 1 if self.is_stepwise else end_of_group(lines, first)
            group = b"".join(lines[first : self._sent])
        out.append(group)
        if transcript is not None:
            for line in group.decode().split("\r\n")[:-1]:
                transcript.client(line)
        if route is not _STREAM or self._sent < self._count:
            return False
        self._add_content(out, transcript)
        self.state = _STREAMED
        return True

    def _add_content(self, out: list[bytes], transcript: Transcript | None) -> None:
        message = self.message
        content = message.segments[0] if len(message.segments) == 1 else message.octets()
        assert isinstance(content, bytes)  # noqa: S101 - asked for contents in memory only
        if self.route is _DATA:
            out += (stuff(content), LONE_DOT)
        else:
            out += (whole_content(len(content)), content)
        if transcript is not None:
            if self.route is not _DATA:
                transcript.client(Bdat(len(content)).line())
            transcript.content(len(content))

    # -- streaming --------------------------------------------------------------------------------------

    @property
    def is_streaming(self) -> bool:
        """Whether the server waits for a content that must be delivered in pieces."""
        return self.state is _CONTENT

    def pieces(self) -> Iterator[bytes]:
        """Give the content as it goes over the wire, piece by piece, without its final dot.

        Reading the next piece may read a file.

        Raises:
            LocalProtocolError: The content does not end in CRLF, or has not the size that was announced.
        """
        if self.route is not Route.DATA:
            yield octets((Bdat(self.message.size).line(),))
        yield from pieces_of(self.message, transparent=self.route is Route.DATA)

    def finish_streaming(self, out: list[bytes], transcript: Transcript | None = None) -> None:
        """Add the end of a content that was delivered in pieces."""
        self.state = after(TRANSACTION, self.state, TransactionEvent.SENT)
        if self.route is Route.DATA:
            out.append(LONE_DOT)
        if transcript is not None:
            transcript.content(self.message.size)

    @property
    def said(self) -> list[str]:
        """The commands of its envelope that were sent, without those that only made room for it."""
        return self._octets.decode().splitlines()[: self._sent] if self._sent else []
