"""The server breaks off, says goodbye or refuses somewhere in the middle of a window of chunks.

With CHUNKING and PIPELINING many messages are under way before the first of them is answered, and the replies of a wake-up are taken at
once. A client that counts replies one too few or one too many tells the sender that a message has arrived that was refused, or sends one
twice. So the server keeps a book of its own of what it has taken, for whom, and both books are compared, wherever the fault comes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

import pytest
from tests.attacks.hostile_server import GoneError, Peer, hostile
from tests.attacks.scene import transport_to

from eilbote.deliver.delivery import Delivery
from eilbote.model.envelope import Envelope
from eilbote.model.message import BodyKind, Message
from eilbote.model.receipt import Receipt
from eilbote.model.status import RecipientStatus

pytestmark = pytest.mark.asyncio

MESSAGES: Final = 9
WINDOW: Final = 4
REFUSED: Final = "refused@example.org"
ACCEPTED, DEFERRED, FAILED, IN_DOUBT = RecipientStatus


@dataclass
class Book:
    """What a server has taken, and where it fails.

    Attributes:
        taken: How often it has taken a message for somebody, by subject and address.
        at: Behind how many commands of mail the fault comes, in the first session.
        fault: Which.
        commands: How many there were.
    """

    at: int
    fault: str
    taken: Counter[tuple[str, str]] = field(default_factory=Counter[tuple[str, str]])
    commands: int = 0
    people: list[str] = field(default_factory=list[str])
    is_open: bool = False

    async def serve(self, peer: Peer) -> None:
        """Be a server that does as RFC 3030 says until the fault comes."""
        await peer.welcome("PIPELINING", "CHUNKING", "8BITMIME")
        self.is_open, is_mute = False, False
        while True:
            line = await peer.hear()
            verb, _, rest = line.partition(" ")
            content = await peer.hear_octets(int(rest.split(" ")[0])) if verb == "BDAT" else b""
            if verb == "QUIT":
                await peer.bye()
            self.commands += verb not in {"RSET", "NOOP"}
            fault = self.fault if self.commands == self.at and verb not in {"RSET", "NOOP"} else ""
            await self.leave(peer, fault)
            is_mute |= fault == "mute"
            reply = self.reply(verb, rest, content, fault if fault.isdecimal() else "")
            if not is_mute:
                peer.say(reply)
            elif verb == "BDAT":
                await self.leave(peer, "reset")

    @staticmethod
    async def leave(peer: Peer, fault: str) -> None:
        """Go, in one of three ways."""
        if fault == "goodbye":
            peer.say("421 4.3.2 going down")
        if fault == "reset":
            await peer.reset()
        elif fault in {"goodbye", "hang up"}:
            await peer.hang_up()
        else:
            return
        raise GoneError

    def reply(self, verb: str, rest: str, content: bytes, code: str) -> str:
        """Do what a command says, and answer; with the code of the fault, if there is one."""
        is_refused = bool(code) and not code.startswith("2")
        people, is_open = self.people, self.is_open
        if verb != "RCPT":
            self.people, self.is_open = [], verb == "MAIL" and not is_refused
        if is_refused:
            return f"{code} no"
        address = rest.removeprefix("TO:<").removesuffix(">")
        if verb == "RCPT" and address == REFUSED:
            return "550 5.1.1 nobody"
        if (verb == "RCPT" and not is_open) or (verb == "BDAT" and not people):
            return "503 5.5.1 Not now"
        if verb == "RCPT":
            people.append(address)
        self.taken.update((subject_of(content), each) for each in people if verb == "BDAT")
        return f"{code or 250} ok"


def subject_of(content: bytes) -> str:
    return content.split(b"\r\n", 1)[0].decode().removeprefix("Subject: ")


def mails(*, mixed: bool) -> Iterator[Delivery]:
    """Everyday messages, to one person each; or among them one to several of whom one is refused, and one to him alone."""
    for index in range(MESSAGES):
        people = [f"p{index}@example.org"]
        if mixed and index % 4 == 2:
            people = [f"p{index}@example.org", REFUSED, f"q{index}@example.org"]
        elif mixed and index % 4 == 3:
            people = [REFUSED]
        octets = f"Subject: m{index}\r\n\r\n.\r\n..x\r\nQUIT\r\n".encode()
        yield Delivery(
            Envelope(reverse_path="sender@example.org", forward_paths=tuple(people)),
            Message(message_id=f"<{index}@x>", segments=(octets,), size=len(octets), body=BodyKind.SEVEN_BIT),
            index=index,
        )


async def told_by(book: Book, *, mixed: bool) -> dict[tuple[str, str], RecipientStatus | None]:
    """Send everything; give what is said of everybody, ``None`` where nobody can say anything but that it failed before."""
    told: dict[tuple[str, str], RecipientStatus | None] = {}
    async with (
        hostile(book.serve) as server,
        transport_to(server, chunking_window=WINDOW) as transport,
    ):
        async for delivery in transport.deliver_all(mails(mixed=mixed)):
            subject = f"m{delivery.index}"
            assert delivery.receipt is not None or delivery.error is not None
            statuses = statuses_of(delivery.receipt)
            for address in delivery.envelope.forward_paths:
                assert (subject, address) not in told, "somebody is told of twice"
                told[subject, address] = statuses.get(address)
    return told


def statuses_of(receipt: Receipt | None) -> dict[str, RecipientStatus]:
    return {} if receipt is None else {each.address: each.status for each in receipt.results}


async def test_without_a_fault_everybody_has_his_mail() -> None:
    book = Book(at=0, fault="")
    told = await told_by(book, mixed=True)
    assert {each for each, status in told.items() if status is ACCEPTED} == set(book.taken)
    assert {address for (_, address), status in told.items() if status is not ACCEPTED} == {REFUSED}
    assert book.commands == 3 * MESSAGES + 2 * 2


@pytest.mark.parametrize("mixed", [False, True], ids=["everyday", "mixed"])
@pytest.mark.parametrize("fault", ["hang up", "reset", "mute", "goodbye", "450", "550", "251"])
async def test_nobody_is_told_another_story_than_the_server_s(fault: str, mixed: bool) -> None:
    """For each command of the first windows: the fault comes there."""
    for at in range(1, 3 * (WINDOW + 2)):
        book = Book(at=at, fault=fault)
        told = await told_by(book, mixed=mixed)
        where = f"{fault} at command {at}"
        assert len(told) == MESSAGES + (2 * 2 if mixed else 0), where
        for each, status in told.items():
            times = book.taken[each]
            assert times <= 1, f"{where}: {each} was sent twice"
            if status is ACCEPTED:
                assert times == 1, f"{where}: {each} is said to have arrived, and was not taken"
            elif status is not IN_DOUBT:
                assert times == 0, f"{where}: {each} has arrived, and is said to be {status}"
        if fault.isdecimal():
            assert IN_DOUBT not in told.values(), where
