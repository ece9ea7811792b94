"""A relay on a port of this machine, in front of an outbox in memory or on the disk, and a doorkeeper who knows two clients."""

import asyncio
import base64
import re
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from eilbote import Connection, Eilbote, SignInError, ThrottledError
from eilbote.accounts.principal import Origin, Principal, PrincipalKind
from eilbote.accounts.role import Permission
from eilbote.model.ids import EntryId, read_entry_id
from eilbote.net.listening import listen, listening_port
from eilbote.outbox.store import OutboxStore
from eilbote.relay.relay_options import RelayOptions
from eilbote.relay.relaying import relaying
from eilbote.testing import MemoryOutbox
from eilbote.testing.own_certificate import OwnCertificate, make_certificate

PASSWORD = "correct horse: battery, stäple"
WITHIN = 10.0


@dataclass
class Doors:
    """Knows ``printer`` of the organization acme, ``host`` of the host, and ``reader``, who may not hand in anything."""

    asked: list[tuple[str, Origin]] = field(default_factory=list)
    wrong: int = 0
    throttle_after: int = 1000

    async def by_password(self, name: str, password: str, *, origin: Origin) -> Principal:
        self.asked.append((name, origin))
        if self.wrong >= self.throttle_after:
            raise ThrottledError("too many wrong passwords")
        if password != PASSWORD or name not in {"printer", "host", "reader"}:
            self.wrong += 1
            raise SignInError("they do not belong together")
        return Principal(
            kind=PrincipalKind.API_KEY,
            id=name,
            name=name,
            organization="acme" if name == "printer" else "",
            permissions=frozenset(
                {Permission.MESSAGES_READ if name == "reader" else Permission.MESSAGES_SUBMIT}
            ),
            senders=("example.org",) if name == "printer" else (),  # as keys have them
        )

    async def by_key(self, text: str, *, origin: Origin) -> Principal:
        raise SignInError("no keys here")

    async def by_session(self, token: str, *, origin: Origin, is_use: bool = True) -> Principal:
        raise SignInError("no sessions here")


@dataclass
class House:
    """A relay that listens."""

    port: int
    eilbote: Eilbote
    doors: Doors
    certificate: OwnCertificate | None
    dialogues: list["Dialogue"] = field(default_factory=list)

    async def octets(self, reply: str) -> bytes:
        message = await self.eilbote.message(self.entry(reply))
        return message.octets()

    def entry(self, reply: str) -> EntryId:
        found = re.search(r"Accepted as ([0-9a-z]{13})", reply)
        assert found is not None, reply
        return read_entry_id(found[1])

    async def dial(self) -> "Dialogue":
        dialogue = Dialogue(*await asyncio.open_connection("127.0.0.1", self.port))
        self.dialogues.append(dialogue)
        assert (await dialogue.reply()).startswith("220 ")
        return dialogue


class Dialogue:
    """Speaks octets with a server."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def reply(self) -> str:
        lines: list[str] = []
        async with asyncio.timeout(WITHIN):
            while True:
                line = (await self.reader.readline()).decode()
                lines.append(line.rstrip("\r\n"))
                if line[3:4] != "-":
                    return "\n".join(lines)

    async def say(self, line: str | bytes) -> str:
        self.send((line.encode() if isinstance(line, str) else line) + b"\r\n")
        return await self.reply()

    def send(self, octets: bytes) -> None:
        self.writer.write(octets)

    async def sign_in(self, user: str = "printer", password: str = PASSWORD) -> str:
        await self.say("EHLO client.example.org")
        return await self.say("AUTH PLAIN " + base64.b64encode(f"\0{user}\0{password}".encode()).decode())

    async def begin(self, *to: str, sender: str = "a@example.org") -> None:
        assert (await self.say(f"MAIL FROM:<{sender}>")).startswith("250 ")
        for each in to or ("max@example.com",):
            assert (await self.say(f"RCPT TO:<{each}>")).startswith("250 ")

    async def content(self, octets: bytes) -> str:
        assert (await self.say("DATA")).startswith("354 ")
        self.send(octets + b".\r\n")
        return await self.reply()

    async def ended(self) -> bytes:
        async with asyncio.timeout(WITHIN):
            return await self.reader.read()

    async def close(self) -> None:
        self.writer.close()
        with suppress(ConnectionError):
            await self.writer.wait_closed()


OFFICE = "smtp://127.0.0.1:1?from=office@example.org"


@asynccontextmanager
async def relay(
    options: RelayOptions | None = None,
    *,
    store: OutboxStore | None = None,
    data_dir: Path | None = None,
    certificate_in: Path | None = None,
    connections: Connection | str = OFFICE,
    bounced: Callable[[bytes, Sequence[str]], Awaitable[None]] | None = None,
    accounts: bool = False,
) -> AsyncGenerator[House]:
    """Serve while the block lasts; with ``accounts`` it is those of the outbox that are let in, and not the two above."""
    options = options or RelayOptions(host_name="relay.example.org")
    certificate = None
    if certificate_in is not None:
        certificate = make_certificate(certificate_in, ("127.0.0.1", "localhost"), now=datetime.now(UTC))
        options = replace(options, certificate=certificate.chain, key=certificate.key)
    doors = Doors()
    if store is None and data_dir is None:
        store = MemoryOutbox()
    listening = listen("127.0.0.1", 0)
    port = listening_port(listening)
    async with (
        Eilbote(store=store, data_dir=data_dir, connections=connections) as eilbote,
        relaying(
            eilbote,
            eilbote.accounts.doorkeeper if accounts else doors,
            options,
            (listening,),
            bounced=bounced,
        ),
    ):
        house = House(port, eilbote, doors, certificate)
        try:
            yield house
        finally:
            for dialogue in house.dialogues:
                await dialogue.close()
