"""The server under load: ``eilbote serve`` as a process of its own, with a key for whoever hands in messages."""

import asyncio
import json
import os
import signal
import sys
from pathlib import Path
from types import TracebackType
from typing import Self

from eilbote import Eilbote
from eilbote.accounts.role import Permission
from eilbote.engine.accounts.principals import command_of

START_SECONDS = 60.0
END_SECONDS = 60.0
RETENTION_DAYS = 0.01
"""A quarter of an hour: what a run of half an hour has to forget again."""


class Served:
    """Runs the server, as an asynchronous context manager.

    Args:
        folder: Where its data and its log are.
        upstream: The URI of the mail server.

    Attributes:
        port: Where it listens.
        key: Lets a client hand in messages and look at them.
        exit_code: With which it has ended.
    """

    def __init__(self, folder: Path, upstream: str) -> None:
        self.data = folder / "data"
        self.log = folder / "server.log"
        self.port = 0
        self.key = ""
        self.exit_code: int | None = None
        # A connection that rests is tried anew within seconds, and so is a message: the run is short.
        self._upstream = f"{upstream}?retry-first=1&retry-cap=5&retry-lifetime=86400"
        self._process: asyncio.subprocess.Process | None = None

    @property
    def process(self) -> int:
        """The number of its process."""
        assert self._process is not None
        return self._process.pid

    @property
    def environment(self) -> dict[str, str]:
        """What the server and commands beside it are told."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("EILBOTE")}
        return kept | {
            "EILBOTE_DATA_DIR": str(self.data),
            "EILBOTE_CONNECTION": self._upstream,
            "EILBOTE_RETENTION__DAYS": str(RETENTION_DAYS),
        }

    async def __aenter__(self) -> Self:
        self.key = await self._make_key()
        with self.log.open("wb") as log:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "eilbote.cli", "serve", "--json", "--log", "quiet"),
                *("--listen", "127.0.0.1:0"),
                env=self.environment,
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
            )
        assert self._process.stdout is not None
        async with asyncio.timeout(START_SECONDS):
            said = json.loads(await self._process.stdout.readline())
        self.port = int(said["listening"].rpartition(":")[2])
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.end()

    async def end(self) -> None:
        """Tell it to stop, and wait until it has."""
        if self._process is None or self.exit_code is not None:
            return
        if self._process.returncode is None:
            self._process.send_signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(END_SECONDS):
                self.exit_code = await self._process.wait()
        except TimeoutError:
            self._process.kill()
            self.exit_code = await self._process.wait()

    async def _make_key(self) -> str:
        async with Eilbote(data_dir=self.data) as eilbote:
            made = await eilbote.accounts.keys.create(
                "soak",
                organization="",
                permissions=frozenset({Permission.MESSAGES_SUBMIT, Permission.MESSAGES_READ}),
                by=command_of("soak"),
            )
            return made.text
