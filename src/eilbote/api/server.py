"""Serves an application over HTTP on a port of this machine.

Others reach it through a proxy that speaks TLS. What a request claims about whence it comes (``Host``, ``Forwarded``,
``X-Forwarded-*``) is not believed here. Uvicorn's own log of requests is off, because their paths may hold secrets.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, contextmanager
from math import ceil
from typing import TYPE_CHECKING, Any, Final

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from eilbote.net.listening import listening_port

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Generator, Sequence

    from starlette.types import ASGIApp

    from eilbote.net.listening import Listening

_HEAD_OCTETS: Final = 16 * 1024
HEAD_SECONDS: Final = 10.0
"""How long a client may take to say what it wants."""
READ_SECONDS: Final = 30.0
"""How long a client may take to read some of an answer that waits for it."""
_LEAST_READ: Final = 16 * 1024
"""Octets that it has to take within that time."""
_IDLE_SECONDS: Final = 5
GRACE_SECONDS: Final = 10.0
MOST_CONNECTIONS: Final = 512


class HttpServer:
    """Serves an application on sockets until it is told to stop.

    Args:
        app: The application.
        most_connections: That may be open at a time.
        grace_seconds: How long what was begun may take when it is told to stop.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        most_connections: int = MOST_CONNECTIONS,
        grace_seconds: float = GRACE_SECONDS,
    ) -> None:
        self._server = _Server(
            uvicorn.Config(
                app,
                http=HurriedProtocol,
                ws="none",
                lifespan="off",
                log_config=None,
                access_log=False,
                proxy_headers=False,
                server_header=False,
                h11_max_incomplete_event_size=_HEAD_OCTETS,
                limit_concurrency=most_connections,
                timeout_keep_alive=_IDLE_SECONDS,
                timeout_graceful_shutdown=ceil(grace_seconds),
            )
        )

    async def serve(self, listening: Sequence[Listening]) -> None:
        """Serve until :meth:`stop`; the sockets are closed at the end."""
        await self._server.serve(list(listening))

    async def started(self) -> None:
        """Wait until whoever connects is served."""
        await self._server.is_serving.wait()

    def stop(self) -> None:
        """Take no more connections, and finish what was begun; called a second time: cut off what is not finished."""
        if self._server.should_exit:
            self._server.force_exit = True
        self._server.should_exit = True


@asynccontextmanager
async def serving(app: ASGIApp, listening: Listening) -> AsyncGenerator[int]:
    """Serve while the block lasts; gives the port. What was begun may finish, for ten seconds at most.

    Args:
        app: The application.
        listening: Where; closed at the end.
    """
    server = HttpServer(app)
    port = listening_port(listening)
    running = asyncio.create_task(server.serve([listening]))
    try:
        yield port
    finally:
        server.stop()
        await running


class _Server(uvicorn.Server):
    """A server that leaves signals to the program around it, and tells when it serves."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.is_serving = asyncio.Event()

    async def startup(self, sockets: list[Listening] | None = None) -> None:
        await super().startup(sockets)
        self.is_serving.set()

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        yield


class HurriedProtocol(H11Protocol):
    """HTTP/1.1 with clients that have to say within :data:`HEAD_SECONDS` what they want, and to read what they asked for.

    Whoever opens connections and says a letter now and then, or never reads, would otherwise keep all of them for himself.
    """

    _hurry: asyncio.TimerHandle | None = None
    _reading: asyncio.TimerHandle | None = None

    def __init__(self, *arguments: Any, **settings: Any) -> None:  # noqa: ANN401 - its base's own
        super().__init__(*arguments, **settings)
        # Its base goes by whether anybody listens to its logger, whatever the settings say.
        self.access_log = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as in its base
        """Begin to wait for a request."""
        super().connection_made(transport)
        self._wait_for_head()

    def data_received(self, data: bytes) -> None:
        """Take what has come; the time runs from the first octet of each request, and before the first one."""
        super().data_received(data)
        if self.conn.their_state is h11.IDLE:
            self._wait_for_head()
        else:
            self._head_has_come()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop waiting."""
        self._head_has_come()
        self._stop_watching()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """Hear that the client does not keep up: from now on it is looked whether it reads at all."""
        super().pause_writing()
        self._stop_watching()
        self._watch_reading()

    def resume_writing(self) -> None:
        """Hear that it has read nearly everything."""
        self._stop_watching()
        super().resume_writing()

    def _wait_for_head(self) -> None:
        if self._hurry is None:
            self._hurry = self.loop.call_later(HEAD_SECONDS, self._give_up)

    def _head_has_come(self) -> None:
        if self._hurry is not None:
            self._hurry.cancel()
            self._hurry = None

    def _give_up(self) -> None:
        self._hurry = None
        if self.conn.their_state is h11.IDLE:
            self.transport.close()

    def _watch_reading(self) -> None:
        waiting = self.transport.get_write_buffer_size()
        self._reading = self.loop.call_later(READ_SECONDS, self._check_reading, waiting)

    def _check_reading(self, waiting: int) -> None:
        if self.transport.get_write_buffer_size() > waiting - _LEAST_READ:
            self._reading = None
            self.transport.abort()
        else:
            self._watch_reading()

    def _stop_watching(self) -> None:
        if self._reading is not None:
            self._reading.cancel()
            self._reading = None
