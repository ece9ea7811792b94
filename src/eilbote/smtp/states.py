"""The two state tables: a session (RFC 5321 §3.1 to §3.8) and a mail transaction in it (§3.3).

A state changes by looking into its table and nowhere else; what the table does not hold is refused. The
tables are also printed in ``docs/states.md``, and a test compares the two.
"""

from __future__ import annotations

from enum import IntEnum, auto
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, TypeVar

from eilbote.errors import LocalProtocolError

if TYPE_CHECKING:
    from collections.abc import Mapping

# IntEnum and not Enum: its members hash in C, and these tables are asked for every message.


class SessionState(IntEnum):
    """Where a session stands."""

    GREETING = auto()
    """Connected; the server speaks first."""
    CONNECTED = auto()
    """Greeted, or just secured by STARTTLS; nothing is known about the server."""
    HELLO = auto()
    """EHLO or HELO was sent."""
    READY = auto()
    """Nothing is under way; mail may be sent."""
    STARTTLS = auto()
    """STARTTLS was sent."""
    TLS_DUE = auto()
    """The server agreed; the next octets are TLS, and none in clear may be heard or said."""
    AUTH = auto()
    """AUTH or an answer within it was sent."""
    CHALLENGE = auto()
    """The server waits for an answer within an authentication."""
    MAIL = auto()
    """At least one transaction is under way."""
    CHECK = auto()
    """NOOP, VRFY or RSET was sent between transactions."""
    QUIT = auto()
    """QUIT was sent."""
    OVER = auto()
    """Nothing can be said any more."""


class SessionEvent(IntEnum):
    """What changes the state of a session."""

    WELCOME = auto()
    """A positive greeting."""
    SEND_HELLO = auto()
    SEND_STARTTLS = auto()
    SEND_AUTH = auto()
    SEND_RESPONSE = auto()
    SEND_CHECK = auto()
    SEND_QUIT = auto()
    POSITIVE = auto()
    """2yz to the command just sent."""
    CHALLENGED = auto()
    """334 within an authentication."""
    NEGATIVE = auto()
    """4yz or 5yz to the command just sent."""
    SECURED = auto()
    """The TLS handshake is done."""
    BEGIN = auto()
    """A transaction begins while none is under way."""
    SETTLED = auto()
    """The last transaction under way is over."""
    LOST = auto()
    """421, a broken connection, or a broken rule."""


class TransactionState(IntEnum):
    """How far a transaction has come."""

    WAITING = auto()
    """Nothing of it was sent."""
    ENVELOPE = auto()
    """MAIL, RCPT and perhaps DATA are being sent or answered."""
    CONTENT = auto()
    """The server waits for the content; it is not completely sent."""
    LONE_DOT = auto()
    """The server waits for content although it accepted nobody."""
    STREAMED = auto()
    """Envelope and content were sent ahead; the envelope is still being answered."""
    VERDICT = auto()
    """The content was sent completely; only the server's word on it is missing."""
    CLOSING = auto()
    """The lone dot was sent."""
    OVER = auto()
    """Every recipient has an answer."""


class TransactionEvent(IntEnum):
    """What changes the state of a transaction."""

    BEGIN = auto()
    """Its first command goes out."""
    GO_ON = auto()
    """The content may follow, for at least one recipient."""
    GO_ON_FOR_NOBODY = auto()
    """354, although nobody was accepted (RFC 2920 §3.1)."""
    STREAM = auto()
    """Envelope and content go out together (RFC 3030 §2 with RFC 2920)."""
    ANSWERED = auto()
    """Every command of a streamed envelope was answered."""
    SENT = auto()
    """The content, or the lone dot, went out completely."""
    REFUSED = auto()
    """There will be no content: MAIL, every RCPT or DATA was refused."""
    FINAL = auto()
    """The reply to the content, or to the lone dot."""
    AGAIN = auto()
    """It was refused only because of what stood before it; it goes back to its beginning."""
    LATE = auto()
    """Its moment has passed before its content was begun; it leaves without one."""
    CUT = auto()
    """421: the server ends the session, and with it the oldest transaction (RFC 5321 §3.8)."""


_S, _E = SessionState, SessionEvent

SESSION: Final[Mapping[SessionState, Mapping[SessionEvent, SessionState]]] = MappingProxyType(
    {
        _S.GREETING: {_E.WELCOME: _S.CONNECTED, _E.LOST: _S.OVER},
        _S.CONNECTED: {_E.SEND_HELLO: _S.HELLO, _E.SEND_QUIT: _S.QUIT, _E.LOST: _S.OVER},
        _S.HELLO: {_E.POSITIVE: _S.READY, _E.NEGATIVE: _S.CONNECTED, _E.LOST: _S.OVER},
        _S.READY: {
            _E.SEND_STARTTLS: _S.STARTTLS,
            _E.SEND_AUTH: _S.AUTH,
            _E.SEND_CHECK: _S.CHECK,
            _E.SEND_QUIT: _S.QUIT,
            _E.BEGIN: _S.MAIL,
            _E.LOST: _S.OVER,
        },
        _S.STARTTLS: {_E.POSITIVE: _S.TLS_DUE, _E.NEGATIVE: _S.READY, _E.LOST: _S.OVER},
        # RFC 3207 §4.2: after the handshake both sides know nothing of each other.
        _S.TLS_DUE: {_E.SECURED: _S.CONNECTED, _E.LOST: _S.OVER},
        _S.AUTH: {
            _E.POSITIVE: _S.READY,
            _E.CHALLENGED: _S.CHALLENGE,
            _E.NEGATIVE: _S.READY,
            _E.LOST: _S.OVER,
        },
        _S.CHALLENGE: {_E.SEND_RESPONSE: _S.AUTH, _E.LOST: _S.OVER},
        _S.MAIL: {_E.SETTLED: _S.READY, _E.LOST: _S.OVER},
        _S.CHECK: {_E.POSITIVE: _S.READY, _E.NEGATIVE: _S.READY, _E.LOST: _S.OVER},
        _S.QUIT: {_E.POSITIVE: _S.OVER, _E.NEGATIVE: _S.OVER, _E.LOST: _S.OVER},
        _S.OVER: {},
    }
)

_T, _H = TransactionState, TransactionEvent

TRANSACTION: Final[Mapping[TransactionState, Mapping[TransactionEvent, TransactionState]]] = MappingProxyType(
    {
        _T.WAITING: {_H.BEGIN: _T.ENVELOPE, _H.LATE: _T.OVER},
        _T.ENVELOPE: {
            _H.GO_ON: _T.CONTENT,
            _H.GO_ON_FOR_NOBODY: _T.LONE_DOT,
            _H.STREAM: _T.STREAMED,
            _H.REFUSED: _T.OVER,
            _H.AGAIN: _T.WAITING,
            _H.LATE: _T.OVER,
            _H.CUT: _T.OVER,
        },
        # After 354 there is no way back (RFC 5321 §4.1.1.4); LATE is for BDAT, before its first chunk.
        _T.CONTENT: {_H.SENT: _T.VERDICT, _H.LATE: _T.OVER, _H.CUT: _T.OVER},
        _T.LONE_DOT: {_H.SENT: _T.CLOSING, _H.CUT: _T.OVER},
        _T.STREAMED: {_H.ANSWERED: _T.VERDICT, _H.CUT: _T.OVER},
        _T.VERDICT: {_H.FINAL: _T.OVER, _H.CUT: _T.OVER},
        _T.CLOSING: {_H.FINAL: _T.OVER, _H.CUT: _T.OVER},
        _T.OVER: {},
    }
)

_State = TypeVar("_State", SessionState, TransactionState)
_Event = TypeVar("_Event", SessionEvent, TransactionEvent)


def after(table: Mapping[_State, Mapping[_Event, _State]], state: _State, event: _Event) -> _State:
    """Look up the next state.

    Raises:
        LocalProtocolError: The table has no such transition.
    """
    following = table[state].get(event)
    if following is None:
        raise LocalProtocolError(f"{event.name} is not possible in state {state.name}")
    return following
