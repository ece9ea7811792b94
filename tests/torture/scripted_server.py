"""A real SMTP server that keeps a journal of what it took, and tells when a client has come to a certain point.

Written apart from eilbote's own mail catcher, so that both sides cannot share a misunderstanding: whatever is in
the journal was taken, and nothing else. A message counts as taken at the moment its reply is decided, before the
reply leaves: whether the client ever hears it is another matter, and the very one these tests are about.
"""

import asyncio
import os
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from email.parser import BytesHeaderParser
from email.policy import SMTP
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import Self

_LOOK_SECONDS = 0.2


class Point(StrEnum):
    """Where in the dialogue a client can be."""

    MAIL = "mail"
    """It has said MAIL, and has no reply."""
    RCPT = "rcpt"
    """It has the reply to a RCPT."""
    DATA = "data"
    """It has said DATA, and has no reply."""
    CONTENT = "content"
    """A part of its content has come."""
    DOT = "dot"
    """The final dot has come; the message is not taken."""
    TAKEN = "taken"
    """The message is taken, and the client does not know."""
    REPLIED = "replied"
    """The message is taken, and the reply has left."""


async def nothing(_point: Point) -> bool:
    """Let a client pass."""
    return False


@dataclass(frozen=True, slots=True)
class Taken:
    """A message in the journal, for one of its recipients."""

    message_id: str
    recipient: str


class ScriptedServer:
    """Listens on 127.0.0.1, as an asynchronous context manager.

    Args:
        journal: A file to which every message taken is added, a line for each recipient; what an earlier server wrote to it
            counts as well.

    Attributes:
        reached: Called at every point with its name; what it does happens before the server goes on. When it
            gives ``True`` the server says nothing more in that session and takes nothing more from it.
        taken: The journal.
        takers: For each line of it the number of the connection that brought it, counted from 1;
            0 when that was an earlier server.
        is_open: While it is not, every client is turned away with 421.
        sessions_at_most: More are turned away with 421.
        connections: How many clients have come.
        most_at_once: How many of them were there at the same time at most.
        turned_away: How many of them were turned away while the server was open.
        seconds_to_take: How long it thinks about a message before it takes it.
    """

    def __init__(self, journal: Path) -> None:
        self.taken: list[Taken] = _read(journal)
        self.takers: list[int] = [0] * len(self.taken)
        self.reached: Callable[[Point], Awaitable[bool]] = nothing
        self.is_open = True
        self.sessions_at_most = 1000
        self.connections = 0
        self.most_at_once = 0
        self.turned_away = 0
        self.seconds_to_take = 0.0
        self._changed = asyncio.Event()
        self._journal = os.open(journal, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._server: asyncio.Server | None = None
        self._sessions: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=1 << 20)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        for session in self._sessions:
            session.cancel()
        await asyncio.gather(*self._sessions, return_exceptions=True)
        await self._server.wait_closed()
        os.close(self._journal)

    @property
    def port(self) -> int:
        assert self._server is not None
        return int(self._server.sockets[0].getsockname()[1])

    @property
    def uri(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    async def until(self, is_so: Callable[[], bool], *, within: float = 30.0) -> None:
        """Wait until something is so, looking again with every message taken, and now and then for what others write down."""
        async with asyncio.timeout(within):
            while not is_so():
                self._changed.clear()
                with suppress(TimeoutError):
                    async with asyncio.timeout(_LOOK_SECONDS):
                        await self._changed.wait()

    # -- a session ----------------------------------------------------------------------------------------

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._sessions.add(task)
        self.connections += 1
        self.most_at_once = max(self.most_at_once, len(self._sessions))
        try:
            await self._talk(self.connections, reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # the client is gone, or the test is over
        finally:
            self._sessions.discard(task)
            writer.close()

    async def _talk(self, number: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not self.is_open or len(self._sessions) > self.sessions_at_most:
            self.turned_away += self.is_open
            writer.write(b"421 4.3.2 Not now\r\n")
            return
        writer.write(b"220 scripted ESMTP\r\n")
        recipients: list[str] = []
        while line := await reader.readline():
            verb = line[:4].upper()
            if verb == b"EHLO":
                writer.write(b"250-scripted\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 SIZE 50000000\r\n")
            elif verb == b"MAIL":
                recipients = []
                if await self.reached(Point.MAIL):
                    return
                writer.write(b"250 2.1.0 Ok\r\n")
            elif verb == b"RCPT":
                recipients.append(line.split(b"<", 1)[1].split(b">", 1)[0].decode())
                writer.write(b"250 2.1.5 Ok\r\n")
                if await self.reached(Point.RCPT):
                    return
            elif verb == b"DATA":
                if await self.reached(Point.DATA):
                    return
                writer.write(b"354 Go on\r\n")
                if not await self._take_content(number, reader, writer, recipients):
                    return
            elif verb == b"QUIT":
                writer.write(b"221 2.0.0 Bye\r\n")
                return
            else:
                writer.write(b"250 2.0.0 Ok\r\n")

    async def _take_content(
        self, number: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, recipients: list[str]
    ) -> bool:
        lines: list[bytes] = []
        while (line := await reader.readuntil(b"\r\n")) != b".\r\n":
            if not lines and await self.reached(Point.CONTENT):
                return False
            lines.append(line[1:] if line.startswith(b".") else line)
        if await self.reached(Point.DOT):
            return False
        if self.seconds_to_take:
            await asyncio.sleep(self.seconds_to_take)
        header = BytesHeaderParser(policy=SMTP).parsebytes(b"".join(lines))
        self._take(number, str(header["Message-ID"]).strip(), recipients)
        if await self.reached(Point.TAKEN):
            return False
        writer.write(b"250 2.0.0 Taken\r\n")
        return not await self.reached(Point.REPLIED)

    def _take(self, number: int, message_id: str, recipients: list[str]) -> None:
        taken = [Taken(message_id, recipient) for recipient in recipients]
        os.write(self._journal, b"".join(f"{one.message_id} {one.recipient}\n".encode() for one in taken))
        self.taken += taken
        self.takers += [number] * len(taken)
        self._changed.set()


def _read(journal: Path) -> list[Taken]:
    if not journal.exists():
        return []
    return [Taken(*line.split()) for line in journal.read_text().splitlines()]
