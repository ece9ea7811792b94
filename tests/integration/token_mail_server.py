"""A mail server that signs in by token only, and takes the tokens it is told to take."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

_INVALID = base64.b64encode(b'{"status":"400","schemes":"Bearer"}').decode()


@dataclass(slots=True)
class TokenMailServer:
    """Speaks as much SMTP as a client with a token needs.

    Attributes:
        valid: The tokens that are taken.
        shown: Every token that was shown, in its order.
        refusal: What is said to any other.
        hangs_up: Whether it closes the connection behind a refusal.
        sessions: How many connections it had.
        messages: How many messages it took.
        echoes: Whether it repeats the token in its refusal.
    """

    valid: set[str] = field(default_factory=set)
    shown: list[str] = field(default_factory=list)
    refusal: str = "535 5.7.3 Authentication unsuccessful"
    hangs_up: bool = False
    sessions: int = 0
    messages: int = 0
    echoes: bool = False
    port: int = 0
    tasks: set[asyncio.Task[object]] = field(default_factory=set)

    @property
    def host(self) -> str:
        """Where it listens."""
        return "127.0.0.1"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take one session."""
        task = asyncio.current_task()
        assert task is not None
        self.tasks.add(task)
        self.sessions += 1
        try:
            await self._session(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()
            self.tasks.discard(task)

    async def _session(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        def say(line: str) -> None:
            writer.write(f"{line}\r\n".encode())

        say("220 mail.example ESMTP")
        while line := (await reader.readline()).decode().rstrip("\r\n"):
            verb, _, rest = line.partition(" ")
            match verb.upper():
                case "EHLO":
                    say("250-mail.example\r\n250-ENHANCEDSTATUSCODES\r\n250 AUTH XOAUTH2")
                case "AUTH":
                    if await self._sign_in(rest, reader, say):
                        continue
                    if self.hangs_up:
                        return
                case "MAIL" | "RCPT" | "RSET" | "NOOP":
                    say("250 2.0.0 Ok")
                case "DATA":
                    say("354 go ahead")
                    await reader.readuntil(b"\r\n.\r\n")
                    self.messages += 1
                    say("250 2.0.0 Ok: taken")
                case "QUIT":
                    say("221 2.0.0 Bye")
                    return
                case _:
                    say("502 5.5.1 What?")

    async def _sign_in(self, rest: str, reader: asyncio.StreamReader, say: object) -> bool:
        assert callable(say)
        words = rest.split()
        encoded = words[1] if len(words) > 1 else ""
        if not encoded:
            say("334 ")
            encoded = (await reader.readline()).decode().strip()
        token = base64.b64decode(encoded).decode().split("auth=Bearer ")[1].split("\x01")[0]
        self.shown.append(token)
        if token in self.valid:
            say("235 2.7.0 Accepted")
            return True
        if self.refusal.startswith("535"):
            say(f"334 {_INVALID}")
            await reader.readline()
        say(f"{self.refusal} {token}" if self.echoes else self.refusal)
        return False


@asynccontextmanager
async def token_mail_server(**settings: object) -> AsyncIterator[TokenMailServer]:
    """Run one on this machine until the block ends."""
    made = TokenMailServer(**settings)  # type: ignore[arg-type]
    server = await asyncio.start_server(made.serve, made.host, 0)
    made.port = server.sockets[0].getsockname()[1]
    try:
        yield made
    finally:
        server.close()
        unfinished = list(made.tasks)
        for task in unfinished:
            task.cancel()
        await asyncio.gather(*unfinished, return_exceptions=True)
