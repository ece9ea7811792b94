"""Every dialogue of the corpus, replayed against the SMTP core: whole, line by line, octet by octet."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from eilbote.model.envelope import DsnRequest, Envelope, Notify, Return
from eilbote.model.message import BodyKind, Message
from eilbote.smtp.commands import Ehlo
from eilbote.smtp.events import Answered, Broken, Closing
from eilbote.smtp.pace import SessionOptions
from eilbote.smtp.session import Session
from eilbote.smtp.states import SessionState
from eilbote.smtp.transaction import Transaction
from eilbote.testing.dialogue_file import CHUNKINGS, DialogueFile, cut

if TYPE_CHECKING:
    from eilbote.testing.dialogue_file import Chunking, DialogueMessage

FOLDER = Path(__file__).parents[1] / "dialogues"
DIALOGUES = [
    dialogue
    for path in sorted(FOLDER.glob("*.dialogue"))
    if "host" not in (dialogue := DialogueFile.read(path)).options
]


def announced(dialogue: DialogueFile) -> bytes:
    """What the server says to EHLO."""
    words = [word.strip() for word in dialogue.options.get("announce", "").split(",") if word.strip()]
    lines = ["mail.example.net", *words]
    last = len(lines) - 1
    return "".join(
        f"250{' ' if index == last else '-'}{line}\r\n" for index, line in enumerate(lines)
    ).encode()


def ready_session(dialogue: DialogueFile) -> Session:
    window = int(dialogue.options.get("window", "1"))
    session = Session(SessionOptions(chunking_window=window))
    session.receive(b"220 mail.example.net\r\n")
    session.send(Ehlo("client.example.org"))
    session.data_to_send()
    session.receive(announced(dialogue))
    return session


def dsn_of(dialogue: DialogueFile) -> DsnRequest | None:
    if "dsn" not in dialogue.options:
        return None
    notify, ret, envelope_id = dialogue.options["dsn"].split()
    return DsnRequest(
        notify=frozenset(map(Notify, notify.split(","))), ret=Return(ret), envelope_id=envelope_id
    )


def transaction_for(number: int, message: DialogueMessage, dialogue: DialogueFile) -> Transaction:
    envelope = Envelope(
        reverse_path=message.reverse_path, forward_paths=message.forward_paths, dsn=dsn_of(dialogue)
    )
    content = Message(
        message_id=f"<{number}@example.org>",
        segments=(message.content,),
        size=len(message.content),
        body=BodyKind(dialogue.options.get("body", "7BIT")),
    )
    transaction = Transaction(envelope, content, number)
    late, _, moment = dialogue.options.get("not-after", "").partition(" at ")
    if late == str(number):
        transaction.not_after = float(moment)
    return transaction


def outcome_lines(transaction: Transaction) -> list[str]:
    lines = []
    for path, (stage, reply) in zip(transaction.envelope.forward_paths, transaction.decisions(), strict=True):
        assert reply is not None
        enhanced = str(reply.enhanced) if reply.enhanced is not None else "-"
        lines.append(f"{transaction.tag} {path} {reply.code} {enhanced} {stage}")
    return lines


class Replay:
    """One dialogue on its way through one session. Whatever the server says takes it a second."""

    def __init__(self, dialogue: DialogueFile) -> None:
        self.session = ready_session(dialogue)
        self.waiting = [
            transaction_for(number, message, dialogue) for number, message in enumerate(dialogue.messages, 1)
        ]
        self.outcomes: list[str] = []
        self.sent = b""
        self.time = 0.0
        self.pump()

    def pump(self) -> None:
        session = self.session
        while (
            self.waiting
            and session.under_way < session.window
            and session.state in {SessionState.READY, SessionState.MAIL}
        ):
            session.begin(self.waiting.pop(0))
        if session.state is not SessionState.OVER:
            self.sent += b"".join(session.data_to_send(self.time))
        if session.late:
            self.outcomes += [f"{transaction.tag} late" for transaction in session.late]
            session.late.clear()
            self.pump()

    def hear(self, octets: bytes) -> None:
        for event in self.session.receive(octets):
            match event:
                case Transaction():
                    self.outcomes += outcome_lines(event)
                case Closing(reply=reply):
                    self.outcomes.append(f"closing {reply.code}")
                case Broken():
                    self.outcomes.append("broken")
                case Answered():
                    raise AssertionError(event)
        self.pump()

    def end(self) -> None:
        for transaction in self.session.abandon():
            if transaction.is_decided:
                fate = "decided"
            elif transaction.content_is_out:
                fate = "in-doubt"
            else:
                fate = "handed-back"
            self.outcomes.append(f"{transaction.tag} {fate}")


@pytest.mark.parametrize("how", CHUNKINGS)
@pytest.mark.parametrize("dialogue", DIALOGUES, ids=lambda dialogue: dialogue.name)
def test_dialogue(dialogue: DialogueFile, how: Chunking) -> None:
    if dialogue.options.get("only", how) != how:
        how = "whole"
    replay = Replay(dialogue)
    for turn in dialogue.turns:
        if turn.side == "C":
            assert replay.sent == turn.octets  # neither less, nor anything sent too early
            replay.sent = b""
        elif turn.side == "S":
            assert replay.sent == b""
            replay.time += 1.0
            for piece in cut(turn.octets, how):
                if replay.session.state is not SessionState.OVER:
                    replay.hear(piece)
    assert replay.sent == b""
    replay.end()
    assert replay.outcomes == list(dialogue.outcomes)
    assert not replay.waiting


def test_the_corpus_is_complete() -> None:
    assert len(DIALOGUES) >= 40
