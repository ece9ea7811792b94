"""The SMTP core under any replies, in any pieces, in any order."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

from hypothesis import example, given, settings
from hypothesis import strategies as st

from eilbote.errors import LocalProtocolError, RemoteProtocolError
from eilbote.model.envelope import Envelope
from eilbote.model.message import Message
from eilbote.smtp.commands import Ehlo
from eilbote.smtp.events import Broken, Closing
from eilbote.smtp.pace import SessionOptions
from eilbote.smtp.replies import Reply, ReplyParser
from eilbote.smtp.session import Session
from eilbote.smtp.states import (
    SESSION,
    TRANSACTION,
    SessionEvent,
    SessionState,
    TransactionEvent,
    TransactionState,
    after,
)
from eilbote.smtp.transaction import Transaction
from eilbote.smtp.transparency import Stuffer, stuff

if TYPE_CHECKING:
    import pytest

CODES = st.sampled_from(
    [200, 220, 221, 250, 250, 250, 251, 252, 354, 354, 421, 450, 451, 452, 500, 503, 550, 554]
)
# Pieces of plausible dialogues, so that the depths are reached: rounds of replies, right and wrong ones.
ROUNDS = st.sampled_from(
    [
        (250, 250, 354),
        (250, 250),
        (250,),
        (250, 250, 250),
        (250, 250, 250, 250),
        (250, 550, 354),
        (250, 550, 554),
        (250, 550),
        (250, 250, 451),
        (554,),
        (503, 503, 503),
        (553, 503, 354),
        (421,),
    ]
)
SEQUENCES = st.lists(CODES, max_size=24) | st.lists(ROUNDS, max_size=8).map(
    lambda rounds: [code for one in rounds for code in one]
)
ANNOUNCED = {
    "plain": b"250 sink\r\n",
    "pipelining": b"250-sink\r\n250 PIPELINING\r\n",
    "chunking": b"250-sink\r\n250-PIPELINING\r\n250 CHUNKING\r\n",
    "chunking, step by step": b"250-sink\r\n250 CHUNKING\r\n",
}
WINDOWS = st.sampled_from([0, 1, 4])
MESSAGES = st.lists(st.integers(1, 3), min_size=1, max_size=4)  # recipients of each


def ready(announced: str, window: int) -> Session:
    session = Session(SessionOptions(chunking_window=window))
    session.receive(b"220 sink\r\n")
    session.send(Ehlo("client.example.org"))
    session.data_to_send()
    session.receive(ANNOUNCED[announced])
    return session


def transactions(sizes: list[int]) -> list[Transaction]:
    return [
        Transaction(
            Envelope(
                reverse_path="a@example.org",
                forward_paths=tuple(f"r{number}.{index}@example.net" for index in range(size)),
            ),
            Message(message_id=f"<{number}@x>", segments=(b"hello\r\n",), size=7),
            number,
        )
        for number, size in enumerate(sizes)
    ]


def run(session: Session, waiting: list[Transaction], pieces: list[bytes]) -> tuple[list[object], bytes]:
    """Play octets against a session; give what became of everything, and what was sent."""
    waiting = list(waiting)
    outcomes: list[object] = []
    sent = b""

    def fill() -> bytes:
        while waiting and session.under_way < session.window and session.state is not SessionState.OVER:
            session.begin(waiting.pop(0))
        return b"".join(session.data_to_send()) if session.state is not SessionState.OVER else b""

    sent += fill()
    for piece in pieces:
        if session.state is SessionState.OVER:
            break
        for event in session.receive(piece):
            if isinstance(event, Transaction):
                outcomes.append((event.tag, event.decisions()))
            else:
                outcomes.append(type(event))
        sent += fill()
    outcomes += [
        (transaction.tag, transaction.is_decided, transaction.content_is_out, transaction.state)
        for transaction in session.abandon()
    ]
    return outcomes, sent


@given(st.sampled_from(sorted(ANNOUNCED)), WINDOWS, MESSAGES, SEQUENCES)
@settings(max_examples=400, deadline=None)
def test_any_replies_in_any_order_never_crash(
    announced: str, window: int, sizes: list[int], codes: list[int]
) -> None:
    session = ready(announced, window)
    outcomes, _ = run(session, transactions(sizes), [f"{code} x\r\n".encode() for code in codes])
    told = [outcome[0] for outcome in outcomes if isinstance(outcome, tuple)]
    assert len(told) == len(set(told)), "a transaction was told of twice"
    for outcome in outcomes:
        if isinstance(outcome, tuple) and len(outcome) == 2:
            assert all(decision.reply is not None for decision in outcome[1])


WAKE_UPS = st.lists(
    st.lists(ROUNDS, min_size=1, max_size=3).map(lambda rounds: [code for one in rounds for code in one]),
    max_size=8,
)


@given(st.sampled_from(sorted(ANNOUNCED)), WINDOWS, MESSAGES, WAKE_UPS)
@example("chunking", 4, [1, 1, 2], [[250] * 7, [250] * 5])
@example("chunking", 4, [1, 1, 1], [[250] * 5, [250] * 6])
@settings(max_examples=600, deadline=None)
def test_the_short_way_is_the_long_way(
    announced: str, window: int, sizes: list[int], wake_ups: list[list[int]]
) -> None:
    """What a whole round of yes does at once is what its replies do one by one."""
    number = count()
    pieces = [b"".join(f"{code} {next(number)}\r\n".encode() for code in codes) for codes in wake_ups]
    short = Course(ready(announced, window), transactions(sizes))
    long = Course(ready(announced, window), transactions(sizes), no_short_way=True)
    for piece in pieces:
        short.hear(piece)
        long.hear(piece)
        assert short.state() == long.state()


class _LongWay(Transaction):
    """A transaction that hears every reply by itself."""

    # Nothing is known to be a yes to all of it, so nothing is taken at once.
    _acceptance = property(lambda _self: None, lambda _self, _codes: None)  # type: ignore[assignment]

    def take_acceptance(self, replies: list[Reply], at: int, now: float = 0.0) -> int:
        return 0


class Course:
    def __init__(self, session: Session, waiting: list[Transaction], *, no_short_way: bool = False) -> None:
        self.session = session
        self.all = waiting
        if no_short_way:
            for transaction in waiting:
                transaction.__class__ = _LongWay
        self.waiting = list(waiting)
        self.sent = b""
        self.told: list[object] = []
        self.fill()

    def fill(self) -> None:
        session = self.session
        while self.waiting and session.under_way < session.window and session.state is not SessionState.OVER:
            session.begin(self.waiting.pop(0))
        if session.state is not SessionState.OVER:
            self.sent += b"".join(session.data_to_send())

    def hear(self, piece: bytes) -> None:
        if self.session.state is not SessionState.OVER:
            self.told += [
                event.tag if isinstance(event, Transaction) else type(event)
                for event in self.session.receive(piece)
            ]
            self.fill()

    def state(self) -> object:
        return (
            self.session.state,
            self.sent,
            self.told,
            [
                (
                    one.state,
                    one.decisions() if one.state is not TransactionState.WAITING else None,
                    one.is_decided,
                    (one.heard or [])[: 1 + len(one.envelope.forward_paths)],
                    (one.verdict, one.mail_reply, one.stage, one.was_sent),
                    (one.is_accepted_by_all, one.was_refused, one.leaves_server_open, one.content_is_out),
                )
                for one in self.all
            ],
        )


@given(
    st.sampled_from(sorted(ANNOUNCED)),
    WINDOWS,
    MESSAGES,
    SEQUENCES,
    st.lists(st.integers(1, 9), min_size=1, max_size=6),
)
@settings(max_examples=300, deadline=None)
def test_lines_cut_anywhere_make_no_difference(
    announced: str, window: int, sizes: list[int], codes: list[int], cuts: list[int]
) -> None:
    lines = [f"{code} x\r\n".encode() for code in codes]
    pieces = []
    for number, line in enumerate(lines):
        at = cuts[number % len(cuts)]
        pieces += [line[:at], line[at:]]
    by_line = run(ready(announced, window), transactions(sizes), lines)
    assert run(ready(announced, window), transactions(sizes), pieces) == by_line


def test_every_transition_is_in_the_table(monkeypatch: pytest.MonkeyPatch) -> None:
    """The only assignments to a state are values of its table."""
    seen: set[tuple[TransactionState, TransactionState]] = set()
    allowed = {(state, following) for state, events in TRANSACTION.items() for following in events.values()}

    class Watched:
        def __get__(self, owner: Transaction | None, kind: type | None = None) -> TransactionState:
            return (
                TransactionState.WAITING
                if owner is None
                else vars(owner).get("state", TransactionState.WAITING)
            )

        def __set__(self, owner: Transaction, value: TransactionState) -> None:
            seen.add((owner.state, value))
            vars(owner)["state"] = value

    monkeypatch.setattr(Transaction, "state", Watched())

    @given(st.sampled_from(sorted(ANNOUNCED)), WINDOWS, MESSAGES, SEQUENCES, st.booleans())
    @settings(max_examples=400, deadline=None)
    def play(announced: str, window: int, sizes: list[int], codes: list[int], whole: bool) -> None:
        lines = [f"{code} x\r\n".encode() for code in codes]
        run(ready(announced, window), transactions(sizes), [b"".join(lines)] if whole else lines)

    play()
    # What the usual way takes at once goes over several lines of the table.
    shortcuts = {
        (TransactionState.WAITING, TransactionState.STREAMED),
        (TransactionState.STREAMED, TransactionState.OVER),
    }
    assert seen - shortcuts <= allowed
    assert len(seen) >= 6


@given(st.sampled_from(SessionState), st.sampled_from(SessionEvent))
def test_session_table_gives_a_state_or_refuses(state: SessionState, event: SessionEvent) -> None:
    try:
        following = after(SESSION, state, event)
    except LocalProtocolError:
        assert event not in SESSION[state]
    else:
        assert following in SessionState


@given(st.sampled_from(TransactionState), st.sampled_from(TransactionEvent))
def test_transaction_table_gives_a_state_or_refuses(state: TransactionState, event: TransactionEvent) -> None:
    try:
        following = after(TRANSACTION, state, event)
    except LocalProtocolError:
        assert event not in TRANSACTION[state]
    else:
        assert following in TransactionState
        assert following is not state


def parse(pieces: list[bytes]) -> tuple[list[Reply], bool]:
    parser, replies = ReplyParser(), []
    try:
        for piece in pieces:
            parser.feed(piece, replies)
    except RemoteProtocolError:
        return replies, False
    return replies, True


TEXTS = st.text(st.characters(blacklist_characters="\r\n\0", blacklist_categories=("Cs",)), max_size=20)
LINES = st.builds(lambda code, text: f"{code} {text}\r\n".encode(), CODES, TEXTS)
MULTI = st.builds(
    lambda code, texts, text: (
        "".join(f"{code}-{one}\r\n" for one in texts).encode() + f"{code} {text}\r\n".encode()
    ),
    CODES,
    st.lists(TEXTS, max_size=4),
    TEXTS,
)


@given(st.lists(LINES | MULTI, max_size=8), st.data())
@settings(deadline=None)
def test_replies_do_not_depend_on_the_pieces(replies: list[bytes], data: st.DataObject) -> None:
    octets = b"".join(replies)
    places = sorted(data.draw(st.lists(st.integers(0, len(octets)), max_size=12)))
    pieces = [octets[first:last] for first, last in zip([0, *places], [*places, len(octets)], strict=True)]
    whole, fine = parse([octets])
    assert fine
    assert len(whole) == len(replies)
    assert parse(pieces) == (whole, True)


@given(
    st.binary(max_size=200)
    | st.from_regex(rb"([2-5][0-9][0-9][ -]?[a-z\r\n\0]{0,6}\r?\n?){0,4}", fullmatch=True)
)
@settings(max_examples=500, deadline=None)
def test_garbage_is_refused_or_read_and_always_the_same(octets: bytes) -> None:
    whole, fine = parse([octets])
    single, single_fine = parse([octets[index : index + 1] for index in range(len(octets))])
    assert single[: len(whole)] == whole[: len(single)]
    if fine:
        assert single_fine
        assert single == whole
    else:
        assert not single_fine


@given(st.binary(max_size=300) | st.text(".\r\na", max_size=60).map(str.encode), st.data())
@settings(max_examples=400, deadline=None)
def test_stuffing_in_pieces_is_stuffing_whole(octets: bytes, data: st.DataObject) -> None:
    # Message octets hold CRLF only; what generates them guarantees it.
    octets = octets.replace(b"\r", b"").replace(b"\n", b"\r\n") + b"\r\n"
    places = sorted(data.draw(st.lists(st.integers(0, len(octets)), max_size=8)))
    stuffer = Stuffer()
    stuffed = b"".join(
        stuffer.feed(octets[first:last])
        for first, last in zip([0, *places], [*places, len(octets)], strict=True)
    )
    assert stuffed == stuff(octets)
    assert stuffer.ends_line
    assert b"\r\n.\r\n" not in b"\r\n" + stuffed
    lines = [line.removeprefix(b".") for line in stuffed.split(b"\r\n")]
    assert b"\r\n".join(lines) == octets


def test_events_are_told_apart() -> None:
    session = ready("pipelining", 1)
    (event,) = session.receive(b"421 4.3.2 bye\r\n")
    assert isinstance(event, Closing)
    session = ready("pipelining", 1)
    (event,) = session.receive(b"250 unasked\r\n")
    assert isinstance(event, Broken)


MOMENTS = st.none() | st.floats(0, 6)


@given(
    st.sampled_from(sorted(ANNOUNCED)),
    WINDOWS,
    st.lists(st.tuples(st.integers(1, 3), MOMENTS), min_size=1, max_size=4),
    st.lists(st.tuples(ROUNDS, st.floats(0, 3)), max_size=10),
)
@settings(max_examples=600, deadline=None)
def test_no_content_is_begun_after_its_moment(
    announced: str,
    window: int,
    messages: list[tuple[int, float | None]],
    wake_ups: list[tuple[tuple[int, ...], float]],
) -> None:
    """Whatever the server says and however long it takes; and nothing is lost or told twice for it."""
    session = ready(announced, window)
    waiting = transactions([size for size, _ in messages])
    for transaction, (_, moment) in zip(waiting, messages, strict=True):
        content = f"content-{transaction.tag}\r\n".encode()
        transaction.message = Message(message_id="<1@x>", segments=(content,), size=len(content))
        transaction.not_after = moment
    told: list[object] = []
    now = 0.0
    for codes, seconds in [((), 0.0), *wake_ups]:
        now += seconds
        if codes and session.state is not SessionState.OVER:
            heard = session.receive(b"".join(f"{code} x\r\n".encode() for code in codes), now)
            told += [event.tag for event in heard if isinstance(event, Transaction)]
        while waiting and session.under_way < session.window and session.state is not SessionState.OVER:
            session.begin(waiting.pop(0))
        if session.state is SessionState.OVER:
            break
        out = b"".join(session.data_to_send(now))
        for number, (_, moment) in enumerate(messages):
            if f"content-{number}\r\n".encode() in out:
                assert moment is None or now <= moment
        told += [transaction.tag for transaction in session.late]
        assert all(not transaction.content_is_out for transaction in session.late)
        session.late.clear()
    told += [transaction.tag for transaction in (*session.abandon(), *waiting)]
    assert sorted(told) == list(range(len(messages)))  # type: ignore[type-var]
