"""A receiver of webhooks on this machine, as somebody would write one: it checks each signature with the library of the specification."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from standardwebhooks.webhooks import Webhook, WebhookVerificationError
from tests.integration.lab.web_server import Request, answer, web_server

if TYPE_CHECKING:
    from eilbote.model.secret import Secret


@dataclass
class Receiver:
    """Takes deliveries, and answers as its script says.

    Attributes:
        url: Where it listens.
        secret: What it believes in; everything without a secret.
        answers: Given before anything else, in turn: octets, or ``None`` to hang up.
        forged: How many deliveries were not signed with the secret.
        told: What was delivered and believed, in order: id, type, data.
        came: Set with every delivery.
        is_silent: Whether it takes what comes and never answers.
    """

    url: str = ""
    secret: str = ""
    answers: list[bytes | None] = field(default_factory=list)
    forged: int = 0
    told: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)
    came: asyncio.Event = field(default_factory=asyncio.Event)
    is_silent: bool = False
    requests: int = 0

    def believe(self, secret: Secret) -> None:
        """Check signatures with this from now on."""
        self.secret = secret.reveal()

    @property
    def counts(self) -> Counter[str]:
        """How often each id has come."""
        return Counter(id_ for id_, _, _ in self.told)

    @property
    def types(self) -> list[str]:
        """What was told, in order."""
        return [type_ for _, type_, _ in self.told]

    async def __call__(self, request: Request, writer: asyncio.StreamWriter) -> None:
        """Take one delivery."""
        self.requests += 1
        self.came.set()
        if self.is_silent:
            await asyncio.Event().wait()
        if self.answers:
            said = self.answers.pop(0)
            if said is None:
                writer.transport.abort()
            else:
                writer.write(said)
            return
        if self.secret:
            try:
                Webhook(self.secret).verify(request.body, request.headers)
            except WebhookVerificationError:
                self.forged += 1
                writer.write(answer(b"who are you?", status="401 Unauthorized"))
                return
        said_json = json.loads(request.body)
        self.told.append((request.headers["webhook-id"], said_json["type"], said_json["data"]))
        writer.write(answer(b"", status="204 No Content"))


@asynccontextmanager
async def receiver() -> AsyncIterator[Receiver]:
    """Run one on a free port of this machine until the block ends."""
    made = Receiver()
    async with web_server(made) as server:
        made.url = f"http://127.0.0.1:{server.port}/hook"
        yield made
