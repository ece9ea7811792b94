"""A token endpoint on this machine that answers as its script says and counts what it was asked."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from tests.integration.lab.certificates import Certificates
from tests.integration.lab.tls_server import server_context
from tests.integration.lab.web_server import Request, answer, web_server

from eilbote.model.tls import TlsPolicy
from eilbote.net.http import HttpDoor


@dataclass(slots=True)
class RotatingEndpoint:
    """Hands out access tokens, and with each another refresh token; a former one is not taken again.

    Attributes:
        current: The refresh token that is valid now.
        seconds: How long access tokens are valid.
        grace: How many times a former refresh token is taken all the same, with the same answer.
        cut: How many answers are lost on the way: the request has its effect, and the connection breaks.
        faults: Answers to give before anything else.
        acted: Set as soon as a request has had its effect.
        gate: Nothing is answered before it is open.
        asked: Set as soon as a request has come.
    """

    current: str = "refresh-0"
    seconds: int | None = 3600
    grace: int = 0
    cut: int = 0
    faults: list[bytes] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    acted: asyncio.Event = field(default_factory=asyncio.Event)
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    url: str = ""
    handed: int = 0
    http: HttpDoor = field(default_factory=HttpDoor)

    async def __call__(self, request: Request, writer: asyncio.StreamWriter) -> None:
        """Answer one request."""
        self.requests.append(request)
        self.asked.set()
        await self.gate.wait()
        if self.faults:
            writer.write(self.faults.pop(0))
            return
        if (
            request.form.get("grant_type") == "refresh_token"
            and request.form["refresh_token"] != self.current
        ):
            if self.grace == 0:
                said = {"error": "invalid_grant", "error_description": "grant request is invalid"}
                writer.write(answer(json.dumps(said).encode(), status="400 Bad Request"))
                return
            self.grace -= 1
        else:
            self.handed += 1
            self.current = f"refresh-{self.handed}"
            self.acted.set()
        if self.cut > 0:
            self.cut -= 1
            writer.transport.abort()
            return
        writer.write(answer(json.dumps(self.said()).encode()))

    def said(self) -> dict[str, object]:
        """Give what a good answer holds."""
        made: dict[str, object] = {
            "access_token": f"access-{self.handed}",
            "token_type": "Bearer",
            "refresh_token": self.current,
        }
        return made if self.seconds is None else made | {"expires_in": self.seconds}


@asynccontextmanager
async def rotating_endpoint(
    certificates: Certificates, shape: Callable[[RotatingEndpoint], None] = lambda _: None
) -> AsyncIterator[RotatingEndpoint]:
    """Run one over TLS until the block ends."""
    made = RotatingEndpoint()
    made.gate.set()
    shape(made)
    async with web_server(made, server_context(certificates.good)) as server:
        made.url = server.url
        made.http = HttpDoor(tls=TlsPolicy(ca_file=str(certificates.ca_file)), seconds=20)
        yield made
