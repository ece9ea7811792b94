"""The page of answers on a port of this machine, with a question behind it."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx2
from tests.unit.engine.asking_scene import AskingScene

from eilbote.api.application import application
from eilbote.api.server import serving
from eilbote.net.listening import listen


@dataclass
class AnswerServer:
    """The server, and somebody with a browser."""

    scene: AskingScene
    port: int
    browser: httpx2.AsyncClient

    def url(self, token: str) -> str:
        return f"http://127.0.0.1:{self.port}/answer/{token}"


@asynccontextmanager
async def answer_server() -> AsyncGenerator[AnswerServer]:
    scene = AskingScene()
    async with (
        serving(application(answers=scene.answers), listen("127.0.0.1", 0)) as port,
        httpx2.AsyncClient(trust_env=False, timeout=10) as browser,
    ):
        yield AnswerServer(scene, port, browser)
