"""A client, the script it faces, and everything it told its owner."""

from __future__ import annotations

import asyncio

from eilbote.deliver.client import Client
from eilbote.deliver.client_options import ClientOptions
from eilbote.deliver.delivery import Delivery
from eilbote.errors import DeliveryError
from eilbote.model.envelope import Envelope
from eilbote.model.message import Message
from eilbote.model.status import RecipientStatus
from eilbote.model.tls import Security
from eilbote.testing.dialogue_file import DialogueFile
from eilbote.testing.manual_clock import ManualClock
from eilbote.testing.scripted_stream import ScriptedStream

ACCEPTED, DEFERRED = RecipientStatus.ACCEPTED, RecipientStatus.DEFERRED
FAILED, IN_DOUBT = RecipientStatus.FAILED, RecipientStatus.IN_DOUBT

HELLO = """
S: 220 mail.example.net
C: EHLO client.example.org
S: 250-mail.example.net
"""
PIPELINED = HELLO + "S: 250-SIZE 100000\nS: 250 PIPELINING\n"
GOODBYE = "C: QUIT\nS: 221 bye\n"


def envelope_lines(*paths: str, size: int = 7) -> str:
    rcpts = "".join(f"C: RCPT TO:<{path}>\n" for path in paths)
    return f"C: MAIL FROM:<a@example.org> SIZE={size}\n{rcpts}C: DATA\n"


ONE = envelope_lines("b@example.net")
YES = "S: 250 2.1.0 ok\nS: 250 2.1.5 ok\nS: 354 go on\n"
CONTENT = "C: hello\nC: .\n"


def delivery(*paths: str, **changes: object) -> Delivery:
    content = changes.pop("content", b"hello\r\n")
    assert isinstance(content, bytes)
    index = changes.pop("index", 0)
    message = Message(message_id="<1@example.org>", segments=(content,), size=len(content), **changes)
    envelope = Envelope(reverse_path="a@example.org", forward_paths=paths or ("b@example.net",))
    return Delivery(envelope, message, index=index)


class Scene:
    """A client, the script it faces, and everything it told its owner."""

    def __init__(self, script: str, **settings: object) -> None:
        self.stream = ScriptedStream(DialogueFile.parse(script).turns)
        self.clock = ManualClock()
        self.options = ClientOptions(
            host="mail.example.net",
            port=25,
            security=Security.NONE,
            ehlo_name="client.example.org",
            **settings,
        )
        self.waiting: list[Delivery] = []
        self.done: list[Delivery] = []
        self.batches: list[int] = []
        self.lost: list[DeliveryError] = []
        self.unsent: list[Delivery] = []
        self.settled = asyncio.Event()

    def on_done(self, client: Client, deliveries: list[Delivery]) -> None:
        self.batches.append(len(deliveries))
        self.done += deliveries
        self.settled.set()

    def on_room(self, client: Client) -> None:
        while client.room and self.waiting:
            client.submit(self.waiting.pop(0))

    def on_lost(self, client: Client, error: DeliveryError) -> None:
        self.lost.append(error)
        self.unsent += client.unsent()
        self.settled.set()

    async def open(self) -> Client:
        return await Client.open(
            self.options,
            clock=self.clock,
            on_done=self.on_done,
            on_room=self.on_room,
            on_lost=self.on_lost,
            connect=self.stream.connect,
        )

    async def send(self, *deliveries: Delivery) -> Client:
        """Open, send, and wait until everything is told."""
        client = await self.open()
        self.waiting += deliveries
        self.on_room(client)
        while len(self.done) + len(self.unsent) < len(deliveries):
            self.settled.clear()
            await self.settled.wait()
        return client

    def check_script(self) -> None:
        assert self.stream.departures == []
        assert self.stream.unsaid == []


def statuses(one: Delivery) -> list[RecipientStatus]:
    assert one.receipt is not None
    return [result.status for result in one.receipt.results]
