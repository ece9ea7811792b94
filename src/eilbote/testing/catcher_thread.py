"""The mail catcher for tests without asyncio: the same catcher in a thread of its own."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from threading import Thread
from typing import TYPE_CHECKING, Unpack

from eilbote.model.tls import Security
from eilbote.testing.catcher import Catcher

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Mapping

    from eilbote.connections.connection import Connection, Settings
    from eilbote.testing.caught_message import CaughtMessage
    from eilbote.testing.faults import Fault


class CatcherThread:
    """A running catcher, seen from another thread; :func:`catching` makes it."""

    def __init__(self, catcher: Catcher, loop: asyncio.AbstractEventLoop) -> None:
        self._catcher = catcher
        self._loop = loop

    @property
    def port(self) -> int:
        """The port it listens on."""
        return self._catcher.port

    @property
    def uri(self) -> str:
        """The SMTP URI to send to; it names the authority to trust."""
        return self._catcher.uri

    @property
    def ca_file(self) -> str | None:
        """The authority to trust for its certificate, as a PEM file; ``None`` in clear."""
        return self._catcher.ca_file

    def connection(self, **settings: Unpack[Settings]) -> Connection:
        """Give the connection to it, as :meth:`Catcher.connection`.

        Raises:
            SettingsError: A setting cannot be used.
        """
        return self._catcher.connection(**settings)

    @property
    def messages(self) -> tuple[CaughtMessage, ...]:
        """Every message caught and kept, in the order of arrival."""
        return asyncio.run_coroutine_threadsafe(self._read_messages(), self._loop).result()

    @property
    def dialogue(self) -> tuple[str, ...]:
        """Every line said in every session, passwords and content left out."""
        return asyncio.run_coroutine_threadsafe(self._read_dialogue(), self._loop).result()

    def next(self, within: float | None = 10.0) -> CaughtMessage:
        """Wait for the next message that this method has not given yet.

        Raises:
            TimeoutError: None came within so many seconds.
        """
        return asyncio.run_coroutine_threadsafe(self._catcher.next(within), self._loop).result()

    def add_fault(self, fault: Fault) -> None:
        """Let something go wrong from now on."""
        self._loop.call_soon_threadsafe(self._catcher.add_fault, fault)

    def clear_faults(self) -> None:
        """Let everything go right from now on."""
        self._loop.call_soon_threadsafe(self._catcher.clear_faults)

    async def _read_messages(self) -> tuple[CaughtMessage, ...]:
        return self._catcher.messages

    async def _read_dialogue(self) -> tuple[str, ...]:
        return self._catcher.dialogue


@contextmanager
def catching(
    *,
    port: int = 0,
    tls: Security | str = Security.NONE,
    users: Mapping[str, str] | None = None,
    without: Iterable[str] = (),
    max_size: int = 64 * 1024 * 1024,
    max_recipients: int = 1000,
    faults: Iterable[Fault] = (),
) -> Generator[CatcherThread]:
    """Catch mail on 127.0.0.1 until the block ends; the arguments are those of :class:`Catcher`.

    ::

        with catching() as catcher:
            send_sync(draft, catcher.uri)
            assert catcher.next().subject == "Order 17"

    Raises:
        OSError: The port cannot be had.
    """
    catcher = Catcher(
        port=port,
        tls=tls,
        users=users,
        without=without,
        max_size=max_size,
        max_recipients=max_recipients,
        faults=faults,
    )
    loop = asyncio.new_event_loop()
    thread = Thread(target=loop.run_forever, name="eilbote-catcher", daemon=True)
    thread.start()
    try:
        asyncio.run_coroutine_threadsafe(catcher.__aenter__(), loop).result()
        try:
            yield CatcherThread(catcher, loop)
        finally:
            asyncio.run_coroutine_threadsafe(catcher.__aexit__(None, None, None), loop).result()
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
