"""A house with an outbox, a courier and a catcher, in which flows run as they do for their authors."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from eilbote import Eilbote, FlowRun
from eilbote.testing import Catcher, CaughtMessage, MemoryOutbox

FROM = "reports@example.org"


@dataclass(slots=True)
class House:
    """What a test needs of it."""

    eilbote: Eilbote
    catcher: Catcher

    async def run(self, *nodes: Mapping[str, object], given: Mapping[str, object] | None = None) -> FlowRun:
        """Run a flow of these nodes, each with the id that it is given, to its end."""
        text = json.dumps({"name": "test", "nodes": list(nodes)}, indent=1)
        return await self.eilbote.flows.run(text, given or {}, wait_seconds=30)

    async def notify(self, **fields: object) -> FlowRun:
        """Run a flow with one notification."""
        usual = {"id": "mail", "kind": "email_notification", "to": "anna@example.org", "subject": "Hello"}
        return await self.run({**usual, **fields})

    async def send(self, **fields: object) -> FlowRun:
        """Run a flow with one message of its own."""
        usual = {
            "id": "mail",
            "kind": "send_smtp_email",
            "to": "anna@example.org",
            "subject": "Hello",
            "from": FROM,
            "connection": "office",
        }
        return await self.run({**usual, **fields})

    @property
    def mail(self) -> CaughtMessage:
        """The only message that came."""
        (caught,) = self.catcher.messages
        return caught


@asynccontextmanager
async def house(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    *,
    catcher: Catcher | None = None,
    environment: Mapping[str, str] | None = None,
) -> AsyncIterator[House]:
    """Open one: the notification endpoint stands in the environment, and the connection ``office`` is given."""
    async with catcher or Catcher() as caught:
        monkeypatch.setenv("EMAIL_NOTIFICATION_SMTP_FROM", FROM)
        monkeypatch.setenv("EMAIL_NOTIFICATION_SMTP_HOST", "127.0.0.1")
        monkeypatch.setenv("EMAIL_NOTIFICATION_SMTP_PORT", str(caught.port))
        monkeypatch.setenv("EMAIL_NOTIFICATION_SMTP_TLS_REQUIRED", "none")
        for name, value in (environment or {}).items():
            monkeypatch.setenv(name, value.replace("PORT", str(caught.port)))
        async with (
            Eilbote(data_dir=tmp_path, store=MemoryOutbox(), connections={"office": caught.uri}) as eilbote,
            eilbote.courier(),
        ):
            yield House(eilbote, caught)
