"""A house with an outbox, a courier and a catcher, in which processes run as they do for their authors."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import yaml

from eilbote import Eilbote
from eilbote.author.process.bundle import Bundle
from eilbote.engine.process.process_view import ProcessInstance
from eilbote.testing import Catcher, CaughtMessage, MemoryOutbox

FROM = "orders@example.org"

ROUTE = """
message_name: order-ready
name: Order ready
attributes:
  - {name: Customer, system_name: Customer, type: account, required: true}
  - {name: Total, system_name: Total, type: number}
properties:
  from_address: orders@example.org
  to: "{Customer}"
  subject: "Your order, {Total} EUR"
  message: "Dear {Customer}, it is ready."
"""


def diagram(body: str, *, process: str = "order") -> str:
    """Give a diagram with one process."""
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
  targetNamespace="https://example.org/test">
<message id="m_payment" name="payment"/><message id="m_order" name="order"/>
<error id="e_mail" name="mail failed" errorCode="eilbote.mail_failed"/>
<process id="{process}" isExecutable="true">{body}</process>
</definitions>"""


SEND_ONE = diagram(
    """<startEvent id="start"/>
    <sequenceFlow id="f1" sourceRef="start" targetRef="ready"/>
    <intermediateThrowEvent id="ready" name="Order ready"><messageEventDefinition/></intermediateThrowEvent>
    <sequenceFlow id="f2" sourceRef="ready" targetRef="end"/>
    <endEvent id="end"/>"""
)
SENDS: Mapping[str, object] = {
    "system_name": "order_ready",
    "state": "Notified",
    "destination": "external",
    "route": "order-ready",
    "mapping": {"Customer": "{{ customer }}", "Total": "{{ total }}"},
}
GIVEN: Mapping[str, object] = {"customer": "Anna <anna@example.org>", "total": 12}


@dataclass(slots=True)
class House:
    """What a test needs of it."""

    eilbote: Eilbote
    catcher: Catcher

    async def publish(self, bpmn: str, *, process: str = "order", **elements: Mapping[str, object]) -> None:
        """Keep a process with the settings of its elements, and publish it."""
        settings = yaml.safe_dump({"process": process, "elements": dict(elements)})
        await self.eilbote.processes.save(Bundle(bpmn=bpmn, settings=settings))
        await self.eilbote.processes.publish(process)

    async def run(self, data: Mapping[str, object] = GIVEN, *, process: str = "order") -> ProcessInstance:
        """Begin an instance and stay with it."""
        return await self.eilbote.processes.start(process, data, wait_seconds=20)

    @property
    def mail(self) -> CaughtMessage:
        """The only message that came."""
        (caught,) = self.catcher.messages
        return caught


def in_memory(folder: Path, uri: str) -> Eilbote:
    """Give one that keeps everything in memory."""
    return Eilbote(data_dir=folder, store=MemoryOutbox(), connections={"default": uri})


def in_sqlite(folder: Path, uri: str) -> Eilbote:
    """Give one that keeps everything in a file."""
    return Eilbote(data_dir=folder, connections={"default": uri})


@asynccontextmanager
async def house(
    folder: Path, make: Callable[[Path, str], Eilbote] = in_memory, *, catcher: Catcher | None = None
) -> AsyncIterator[House]:
    """Open one with a route, and a courier that works."""
    async with catcher or Catcher() as caught, make(folder, caught.uri) as eilbote:
        await eilbote.routes.save(ROUTE)
        async with eilbote.courier():
            yield House(eilbote, caught)


async def until(looked: Callable[[], Awaitable[bool]], *, seconds: float = 10.0) -> None:
    """Wait until something has come about that is worked by others."""
    async with asyncio.timeout(seconds):
        while not await looked():  # noqa: ASYNC110 - it comes about in a database
            await asyncio.sleep(0.02)
