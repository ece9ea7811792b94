"""The page of answers on a port of this machine, with a question behind it."""

from __future__ import annotations

import ssl
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import httpx2
from tests.unit.engine.asking_scene import AskingScene

from eilbote.api.application import application
from eilbote.api.server import serving
from eilbote.net.listening import listen

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send


class AnswerServer:
    """The server, and somebody with a browser; one server can serve several scenes, one after the other."""

    port: int

    def __init__(self, browser: httpx2.AsyncClient) -> None:
        self.browser = browser
        self.begin_anew()

    def begin_anew(self) -> None:
        """Forget everything that was asked and answered."""
        self.scene = AskingScene()
        self._application = application(answers=self.scene.answers)
        self.browser.cookies.clear()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._application(scope, receive, send)

    def url(self, token: str) -> str:
        return f"http://127.0.0.1:{self.port}/answer/{token}"


@asynccontextmanager
async def answer_server() -> AsyncGenerator[AnswerServer]:
    no_authorities = ssl.SSLContext(
        ssl.PROTOCOL_TLS_CLIENT
    )  # reading them would take longer than all else here
    async with httpx2.AsyncClient(trust_env=False, timeout=10, verify=no_authorities) as browser:
        made = AnswerServer(browser)
        async with serving(made, listen("127.0.0.1", 0)) as made.port:
            yield made
