"""Everything that ``eilbote serve`` runs in one process, begun and ended in order.

It begins from within: the courier and those who work beside it, the relay, the mailbox, and last the pages and the API, so that nothing is
taken that nobody could work on. It ends from without: first it says that it is no longer ready, then takes nothing new, finishes what is
being answered, and last what is on its way to a server. Told again, it does not wait for what is not finished; a message that was on its
way is then in doubt.
"""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Final

from eilbote.api.application import application
from eilbote.api.health_pages import health_router
from eilbote.api.house import house_for
from eilbote.api.metrics import Figures, metrics_router
from eilbote.api.readiness import Readiness
from eilbote.api.request_figures import CountedRequests, RequestFigures
from eilbote.api.server import HttpServer
from eilbote.api.tracing import TracedRequests
from eilbote.cli.server_doors import mailbox_options, open_doors, relay_options
from eilbote.engine.waiting import first_of
from eilbote.record.log import EventLog
from eilbote.record.metrics import Metrics
from eilbote.record.report import Reports

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from fastapi import FastAPI
    from starlette.types import Message, Scope

    from eilbote.api.tracing import Tracing
    from eilbote.app import Eilbote
    from eilbote.cli.server_doors import Doors
    from eilbote.engine.everybody import Everybody
    from eilbote.net.service_manager import ServiceManager

_BEATS: Final = 2.5
"""How often a service manager hears of us within the time after which it takes us for hung."""


class WholeServer:
    """Serves an open outbox until it is told to stop.

    Args:
        eilbote: The outbox, and all that belongs to it.
        manager: What started this process.
        with_courier: Whether it delivers as well.
        tracing: Makes spans of requests and attempts; nobody does when ``None``.
    """

    def __init__(
        self,
        eilbote: Eilbote,
        *,
        manager: ServiceManager,
        with_courier: bool,
        tracing: Tracing | None = None,
    ) -> None:
        self._eilbote = eilbote
        self._manager = manager
        self._with_courier = with_courier
        self._tracing = tracing
        self._ending = asyncio.Event()
        self._hurrying = asyncio.Event()
        self._metrics = Metrics()
        self._requests = RequestFigures()
        self._readiness = Readiness(eilbote.store.pauses, clock=eilbote.clock)
        config = eilbote.config.server
        self._app = self._application()
        self._http = HttpServer(
            self._app,
            most_connections=config.most_connections,
            grace_seconds=config.grace_seconds,
        )
        self._working: Everybody | None = None

    async def run(self, on_ready: Callable[[Doors], None]) -> None:
        """Serve until :meth:`stop`.

        Args:
            on_ready: Hears where everything listens, once everything is served.

        Raises:
            SettingsError: Nothing can listen where it should.
            OutboxError: The courier cannot work.
        """
        config, eilbote = self._eilbote.config, self._eilbote
        async with AsyncExitStack() as stack:
            doors = stack.enter_context(open_doors(config))
            if self._tracing is not None:
                stack.push_async_callback(self._tracing.close)
            if self._with_courier:
                traces = () if self._tracing is None else (self._tracing,)
                report = Reports(EventLog(), self._metrics, self._readiness, *traces)
                self._working = await stack.enter_async_context(eilbote.courier(report=report))
                await self._look_at_mailbox(stack)
            await self._relay(stack, doors)
            beating = asyncio.create_task(self._beat())
            stack.callback(beating.cancel)
            serving = asyncio.create_task(self._http.serve(doors.pages))
            await first_of(self._http.started(), serving)
            await _warm_up(self._app)
            self._manager.ready(f"Serving {', '.join(doors.addresses)}")
            on_ready(doors)
            await self._until_told(serving)
            self._readiness.stopping.set()
            eilbote.events_feed.close()  # whoever listens to events would otherwise be waited for
            self._manager.stopping("Finishing what is on its way")
            if config.server.drain_seconds and self._ending.is_set():
                await first_of(asyncio.sleep(config.server.drain_seconds), self._hurrying.wait())
            self._http.stop()
            await serving

    def stop(self) -> None:
        """Come to an end; called a second time: at once."""
        if self._ending.is_set():
            self._hurrying.set()
            self._http.stop()
            self._http.stop()
            if self._working is not None:
                self._working.stop()
        self._ending.set()

    # -- within ------------------------------------------------------------------------------------------------

    async def _until_told(self, serving: asyncio.Task[None]) -> None:
        waits: list[Awaitable[object]] = [self._ending.wait(), serving]
        if self._working is not None:
            waits.append(self._working.ended())
        await first_of(*waits)

    async def _relay(self, stack: AsyncExitStack, doors: Doors) -> None:
        settings = self._eilbote.config.relay
        for listening, is_tls in ((doors.relay, False), (doors.relay_tls, True)):
            if listening:
                from eilbote.relay.relaying import relaying

                options = relay_options(settings, self._eilbote.config.bounces, implicit_tls=is_tls)
                doorkeeper = self._eilbote.accounts.doorkeeper
                await stack.enter_async_context(relaying(self._eilbote, doorkeeper, options, listening))

    async def _look_at_mailbox(self, stack: AsyncExitStack) -> None:
        if self._eilbote.config.mailbox.is_on:
            from eilbote.engine.mailbox_poll import polling

            options = mailbox_options(self._eilbote.config.mailbox)
            await stack.enter_async_context(polling(self._eilbote, options))

    async def _beat(self) -> None:
        seconds = self._manager.watchdog_seconds
        while seconds is not None:
            self._manager.alive()
            await asyncio.sleep(seconds / _BEATS)

    def _sessions(self) -> Mapping[str, int]:
        return {} if self._working is None else self._working.open_sessions()

    def _application(self) -> FastAPI:
        eilbote = self._eilbote
        made = application(answers=eilbote.answers, house=house_for(eilbote))
        made.state.readiness = self._readiness
        made.include_router(health_router(self._readiness))
        figures = Figures(eilbote, self._metrics, self._requests, sessions=self._sessions)
        made.include_router(metrics_router(figures, allowed=eilbote.config.metrics.allowed))
        made.add_middleware(CountedRequests, figures=self._requests)
        if self._tracing is not None:
            made.add_middleware(TracedRequests, tracing=self._tracing)
        return made


async def _warm_up(app: FastAPI) -> None:
    """Ask for something once: the framework puts its parts together at the first request, and nobody should wait for that."""

    async def nothing() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def unheard(_answer: Message) -> None:
        return

    scope: Scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": "/livez",
        "raw_path": b"/livez",
        "query_string": b"",
        "headers": [],
        "client": None,
        "server": None,
        "state": {},
    }
    await app(scope, nothing, unheard)
