"""A mail catcher by somebody else (aiosmtpd), for tests that look at eilbote from outside."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Thread

from aiosmtpd.smtp import SMTP, Envelope, Session


@dataclass
class MailCatcher:
    """Takes every message on a free port of 127.0.0.1 and keeps the envelopes in the order they came."""

    port: int = 0
    envelopes: list[Envelope] = field(default_factory=list)

    @property
    def uri(self) -> str:
        return f"smtp://127.0.0.1:{self.port}?starttls=never"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's word
        self.envelopes.append(envelope)
        return "250 2.0.0 Ok: caught"


@contextmanager
def running_mail_catcher() -> Iterator[MailCatcher]:
    """Run a catcher in a thread and an event loop of its own until the block ends."""
    catcher = MailCatcher()
    ready: Future[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = Future()

    async def serve() -> None:
        loop, over = asyncio.get_running_loop(), asyncio.Event()
        server = await loop.create_server(
            lambda: SMTP(catcher, hostname="catcher.example", enable_SMTPUTF8=True), "127.0.0.1", 0
        )
        catcher.port = server.sockets[0].getsockname()[1]
        ready.set_result((loop, over))
        await over.wait()
        server.close()

    thread = Thread(target=lambda: asyncio.run(serve()), name="mail catcher")
    thread.start()
    loop, over = ready.result(timeout=10)
    try:
        yield catcher
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join()
