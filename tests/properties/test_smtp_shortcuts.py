"""The short ways of the SMTP core say and hear what the long ways do."""

from __future__ import annotations

from collections import deque
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import example, given, settings

from eilbote.deliver.delivery import Delivery
from eilbote.errors import EilboteError
from eilbote.model.envelope import DsnRequest, Envelope
from eilbote.model.finished import finished_envelope
from eilbote.model.message import BodyKind, Message
from eilbote.smtp.commands import (
    GROUP_OCTETS,
    Bdat,
    Data,
    Ehlo,
    Mail,
    Rcpt,
    everyday_envelope,
    mail_line,
    octets,
    rcpt_line,
    whole_content,
)
from eilbote.smtp.content import PIECE_OCTETS
from eilbote.smtp.extensions import Extensions
from eilbote.smtp.pace import SessionOptions
from eilbote.smtp.replies import Reply, ReplyParser, enhanced_in
from eilbote.smtp.requirements import unmet
from eilbote.smtp.script import Route, envelope_octets
from eilbote.smtp.session import Session
from eilbote.smtp.states import SessionState
from eilbote.smtp.transaction import Transaction

STREAMS = ["PIPELINING", "CHUNKING", "8BITMIME", "SIZE"]
PIECES = st.text("ab@.<> =\r\n\0\x7f\x85\u2028\u200d\ud800ü", max_size=8)


@given(PIECES, PIECES, PIECES, st.booleans())
@example("a\u200d@b", "c@d", "", True)
@example("a@b", "c@d\r\nRCPT TO:<e@f>", "", True)
@example("a@b", "c@d", "\n", False)
@example("a@b", "c@d\ud800", "", False)
@example("a@b", "c@d", " SIZE=3", True)
def test_an_everyday_envelope(reverse_path: str, forward_path: str, parameters: str, data: bool) -> None:
    def attempt(way: str) -> bytes | str:
        try:
            if way == "short":
                made = everyday_envelope(reverse_path, forward_path, parameters, data=data)
                if made is not None:
                    return made
            lines = [mail_line(reverse_path, parameters), rcpt_line(forward_path, "")]
            return octets([*lines, "DATA"] if data else lines)
        except EilboteError as refusal:
            return str(refusal)

    assert attempt("short") == attempt("long")


@given(st.integers(min_value=0, max_value=2**63))
def test_a_whole_content(size: int) -> None:
    assert whole_content(size) == octets((Bdat(size).line(),))


@given(
    st.sampled_from(["", "a@b.example", "jürgen@b.example"]),
    st.sampled_from(["c@d.example", "müller@d.example"]),
    st.sampled_from(BodyKind),
    st.booleans(),
    st.sampled_from(Route),
    st.sampled_from([Extensions(), Extensions(announces_size=True, smtputf8=True)]),
)
def test_the_script_of_one_recipient(  # noqa: PLR0917 - drawn by name
    reverse_path: str, path: str, body: BodyKind, smtputf8: bool, route: Route, extensions: Extensions
) -> None:
    message = Message(message_id="<m@x>", segments=(b"x\r\n",), size=3, body=body, smtputf8=smtputf8)
    parameters = ["SIZE=3"] if extensions.announces_size else []
    if body is not BodyKind.SEVEN_BIT:
        parameters.append(f"BODY={body.value}")
    if smtputf8 or not (reverse_path + path).isascii():
        parameters.append("SMTPUTF8")
    lines = [Mail(reverse_path, tuple(parameters)).line(), Rcpt(path).line()]
    if route is Route.DATA:
        lines.append(Data().line())

    envelope = Envelope(reverse_path=reverse_path, forward_paths=(path,))

    assert envelope_octets(envelope, message, extensions, route) == octets(lines)


ANNOUNCED = st.lists(
    st.sampled_from(["CHUNKING", "8BITMIME", "BINARYMIME", "SMTPUTF8", "SIZE", "SIZE 2", "SIZE 3"])
).map(lambda keywords: ["PIPELINING", *keywords])
CONTENTS = st.sampled_from(
    [
        (b"x\r\n",),
        (b"x\r\n", b"y\r\n"),
        (b"x\n",),
        (b"",),
        (),
        (b"x" * PIECE_OCTETS + b"\r\n",),
        (bytearray(b"x\r\n"),),
    ]
)


@given(
    st.sampled_from(["", "a@b.example", "jürgen@b.example", "a" * GROUP_OCTETS + "@b.example", "a\r\n@b"]),
    st.lists(st.sampled_from(["c@d.example", "müller@d.example", "c\x7f@d"]), max_size=2),
    CONTENTS,
    st.sampled_from(BodyKind),
    st.tuples(st.booleans(), st.booleans(), st.sampled_from([None, DsnRequest()])),
    st.sampled_from([0, 1, 4]),
    ANNOUNCED,
)
@example("a@b.example", ["c@d.example"], (b"x\r\n",), BodyKind.SEVEN_BIT, (False, False, None), 4, STREAMS)
@settings(max_examples=300, deadline=None)
def test_the_everyday_message(  # noqa: PLR0917 - drawn by name
    reverse_path: str,
    paths: list[str],
    segments: tuple[bytes, ...],
    body: BodyKind,
    wishes: tuple[bool, bool, DsnRequest | None],
    window: int,
    announced: list[str],
) -> None:
    """What is begun at once is what was asked, made and prepared one after the other."""
    smtputf8, require_tls, dsn = wishes
    envelope = finished_envelope(reverse_path, tuple(paths), (), dsn, require_tls=require_tls)
    message = Message(
        message_id="<m@x>", segments=segments, size=sum(map(len, segments)), body=body, smtputf8=smtputf8
    )
    short, long = (ready_for(announced, window) for _ in range(2))
    letter = Delivery(envelope, message)
    if not short.begin_everyday([letter]):
        return
    assert unmet(envelope, message, short.extensions, secure=False, chunking=window > 0) is None
    long.begin(Transaction(envelope, message, letter))
    assert short.oldest is not None
    assert long.oldest is not None
    assert vars(short.oldest) == vars(long.oldest)
    assert (short.state, short.is_fenced) == (long.state, long.is_fenced)
    assert b"".join(short.data_to_send(5.0)) == b"".join(long.data_to_send(5.0))
    assert vars(short.oldest) == vars(long.oldest)


@given(
    st.lists(st.tuples(st.integers(1, 3), st.booleans(), st.integers(0, 1)), min_size=1, max_size=4),
    st.integers(0, 4),
)
@example([(1, True, 0), (2, True, 1), (1, False, 0), (1, True, 0)], 0)
@settings(deadline=None)
def test_streams_launched_together(drawn: list[tuple[int, bool, int]], sent_before: int) -> None:
    """A stream that is launched with others is what it is when it is launched by itself."""

    def made() -> deque[Transaction]:
        session, all_of_them = ready_for(STREAMS, 4), deque[Transaction]()
        for at, (recipients, pipelining, more) in enumerate(drawn):
            paths = tuple(f"c{each}@d.example" for each in range(recipients))
            envelope = finished_envelope("a@b.example", paths, (), None, require_tls=False)
            segments = (b"x" * at + b"\r\n", b"y\r\n")[: 1 + more]
            size = sum(map(len, segments))
            message = Message(message_id="<m@x>", segments=segments, size=size, body=BodyKind.SEVEN_BIT)
            transaction = Transaction(envelope, message, at)
            transaction.prepare(Route.STREAM, session.extensions, pipelining=pipelining)
            all_of_them.append(transaction)
        return all_of_them

    together, alone = made(), made()
    mine: list[bytes] = []
    theirs: list[bytes] = []
    first = min(sent_before, len(drawn))
    reached = Transaction.launch_streams(together, first, len(drawn), mine, 5.0)
    assert reached == next((at for at in range(first, len(drawn)) if not drawn[at][1]), len(drawn))
    for at in range(first, reached):
        assert alone[at].launch(theirs, 5.0, rset=at > 0)
    assert b"".join(mine) == b"".join(theirs)
    assert list(map(vars, together)) == list(map(vars, alone))


EVERYDAY = {
    "reverse_path": "a@b.example",
    "paths": ("c@d.example",),
    "segments": (b"x\r\n",),
    "size": 3,
    "body": BodyKind.EIGHT_BIT,
    "smtputf8": False,
    "require_tls": False,
    "dsn": None,
    "not_after": None,
    "announced": [*STREAMS[:-1], "SIZE 3"],
}


def is_everyday(window: int, **changes: object) -> bool:
    given: dict[str, Any] = {**EVERYDAY, **changes}
    envelope = finished_envelope(
        given["reverse_path"], given["paths"], (), given["dsn"], require_tls=given["require_tls"]
    )
    message = Message(
        message_id="<m@x>",
        segments=given["segments"],
        size=given["size"],
        body=given["body"],
        smtputf8=given["smtputf8"],
    )
    letter = Delivery(envelope, message, not_after=given["not_after"])
    return ready_for(given["announced"], window).begin_everyday([letter])


def test_most_messages_are_everyday() -> None:
    """Or nothing would be compared above."""
    assert is_everyday(1)
    assert is_everyday(4)
    assert is_everyday(1, reverse_path="")


@pytest.mark.parametrize(
    "changes",
    [
        {"paths": ("c@d.example", "e@f.example")},
        {"paths": ("müller@d.example",)},
        {"paths": ("c@d.example>\r\nRCPT TO:<e@f.example",)},
        {"reverse_path": "jürgen@b.example"},
        {"reverse_path": "a" * GROUP_OCTETS + "@b.example"},
        {"segments": (b"x\n\n",)},
        {"segments": (b"x", b"\r\n")},
        {"segments": (b"x" * PIECE_OCTETS + b"\r\n",), "size": PIECE_OCTETS + 2, "announced": STREAMS},
        {"size": 4},
        {"body": BodyKind.BINARY},
        {"smtputf8": True},
        {"require_tls": True},
        {"dsn": DsnRequest()},
        {"not_after": 5.0},
        {"announced": ["PIPELINING", "CHUNKING", "SIZE"]},
        {"announced": ["CHUNKING", "8BITMIME", "SIZE"]},
    ],
)
@pytest.mark.parametrize("window", [1, 4])
def test_what_is_not_everyday(window: int, changes: dict[str, object]) -> None:
    """What needs a closer look, or something that is not announced, gets it."""
    assert not is_everyday(window, **changes)


DRAWN_PATHS = st.sampled_from(
    [
        "c@d.example",
        "e@f.example",
        "\u00fcber@d.example",
        "c@d.example\r\n",
        "a" * GROUP_OCTETS + "@b.example",
        "a" * (GROUP_OCTETS - 80) + "@b.example",
    ]
)


@given(
    st.lists(st.tuples(DRAWN_PATHS, DRAWN_PATHS, st.sampled_from(BodyKind)), min_size=1, max_size=4),
    st.sampled_from([1, 4]),
)
@example([("a@b.example", "c@d.example", BodyKind.SEVEN_BIT), ("", "e@f.example", BodyKind.EIGHT_BIT)], 4)
@example([("a@b.example", "c@d.example", BodyKind.SEVEN_BIT), ("", "e@f\r\n", BodyKind.EIGHT_BIT)], 4)
@settings(deadline=None)
def test_several_at_once_are_each_of_them(drawn: list[tuple[str, str, BodyKind]], window: int) -> None:
    """What is begun together is what is begun one after the other; one that is not everyday leaves none begun."""
    letters: list[Delivery] = []
    for at, (reverse_path, path, body) in enumerate(drawn):
        envelope = finished_envelope(reverse_path, (path,), (), None, require_tls=False)
        content = b"x" * at + b"\r\n"
        message = Message(message_id="<m@x>", segments=(content,), size=at + 2, body=body)
        letters.append(Delivery(envelope, message))
    together, alone = (ready_for(STREAMS, window) for _ in range(2))
    all_everyday = [alone.begin_everyday([letter]) for letter in letters].count(False) == 0
    assert together.begin_everyday(letters) == all_everyday
    if not all_everyday:
        assert (together.under_way, together.state) == (0, SessionState.READY)
        return
    assert together.state == alone.state
    for stage in ("begun", "sent"):
        mine, theirs = (list(session._under_way) for session in (together, alone))  # noqa: SLF001 - they are the result
        assert list(map(vars, mine)) == list(map(vars, theirs)), stage
        assert [transaction.tag for transaction in mine] == letters
        assert b"".join(together.data_to_send(5.0)) == b"".join(alone.data_to_send(5.0))


def ready_for(announced: list[str], window: int) -> Session:
    """Give a session with a server that announces these."""
    session = Session(SessionOptions(chunking_window=window))
    session.receive(b"220 sink\r\n")
    session.send(Ehlo("client.example.org"))
    session.data_to_send()
    lines = ["sink", *announced]
    session.receive(
        "".join(f"250-{line}\r\n" for line in lines[:-1]).encode() + f"250 {lines[-1]}\r\n".encode()
    )
    return session


@given(
    st.lists(
        st.tuples(
            st.sampled_from([250, 354, 421, 450, 550]),
            st.from_regex(
                r"([2-6]\.[0-9]{1,2}\.[0-9]{1,3})?[ x]?(Ok|\x80|ü| queued as [0-9A-F]{4})?", fullmatch=True
            ),
        ),
        min_size=1,
        max_size=6,
    )
)
@example([(250, "2.0.0 Ok"), (250, "5.0.0 Ok"), (550, "2.0.0 Ok"), (250, "2.0.0"), (250, "2.0.0Ok")])
@example([(250, "2.0.10 Ok"), (250, "2.0.105 Ok"), (250, "2.0.0\u00fc"), (250, "2.0.0 \u00fc")])
def test_the_codes_of_a_reply(replies: list[tuple[int, str]]) -> None:
    data = b"".join(f"{code} {text}\r\n".encode() for code, text in replies)
    for _ in ("for the first time", "and from memory, in another session"):
        heard: list[Reply] = []
        ReplyParser().feed(data, heard)
        assert heard == [Reply(code, (text,), enhanced_in(text, code)) for code, text in replies]
