"""From a flow's question to its answer: a real message, a real page, a database that outlives the processes."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest

from eilbote import Awaits, Eilbote, FlowError, RunFilter
from eilbote.api.application import application
from eilbote.api.server import serving
from eilbote.config.config import Config
from eilbote.model.secret import Secret
from eilbote.net.listening import listen, listening_port
from eilbote.testing import Catcher, MemoryOutbox

pytestmark = pytest.mark.asyncio
FLOW = """
name: orders
nodes:
  - id: approval
    kind: ask
    connection: office
    to: anna@example.org, max@example.org
    subject: "Order {{ input.number }}"
    question: "May order {{ input.number }} go out?"
    free_text: true
    store_result: context
    store_as: approval
    declined: refused
    expired: late
  - {id: send, kind: set_value, values: {context.went: sent}, next: end}
  - {id: refused, kind: set_value, values: {context.went: refused}, next: end}
  - {id: late, kind: set_value, values: {context.went: late}}
"""
LINK = re.compile(r"http://127\.0\.0\.1:\d+/answer/[A-Za-z0-9_-]{43}")


@dataclass
class Office:
    """A program that asks, the page on which people answer, and their mailboxes."""

    eilbote: Eilbote
    catcher: Catcher
    browser: httpx2.AsyncClient

    async def links(self) -> dict[str, str]:
        """Give the link in each one's message."""
        found: dict[str, str] = {}
        for _ in range(2):
            message = await self.catcher.next()
            [person] = message.forward_paths
            [link] = set(LINK.findall(message.text or ""))
            assert link in (message.html or "")
            found[person] = link
        return found

    async def context(self, run: str) -> Mapping[str, object]:
        """Give what the run has kept, once it has ended."""
        kept = await self.eilbote.flows.run(FLOW, run_id=run, wait_seconds=10)
        assert kept.has_ended
        return kept.context


def config(folder: Path, public_url: str) -> Config:
    return Config(
        data_dir=folder, database_url=Secret(f"sqlite:///{folder / 'eilbote.db'}"), public_url=public_url
    )


@asynccontextmanager
async def office(folder: Path, *, in_memory: bool = False) -> AsyncGenerator[Office]:
    listening = listen("127.0.0.1", 0)
    port = listening_port(listening)
    async with (
        Catcher() as catcher,
        Eilbote(
            config=config(folder, f"http://127.0.0.1:{port}/"),
            connections={"office": f"{catcher.uri}?from=orders@example.org"},
            store=MemoryOutbox() if in_memory else None,
        ) as eilbote,
        serving(application(answers=eilbote.answers), listening),
        httpx2.AsyncClient(trust_env=False, follow_redirects=True) as browser,
    ):
        yield Office(eilbote, catcher, browser)


@pytest.mark.parametrize("in_memory", [False, True])
@pytest.mark.parametrize("answer, went", [("approve", "sent"), ("decline", "refused")])
async def test_a_run_goes_on_as_somebody_decides(
    tmp_path: Path, in_memory: bool, answer: str, went: str
) -> None:
    async with office(tmp_path, in_memory=in_memory) as desk, desk.eilbote.courier():
        run = await desk.eilbote.flows.begin(FLOW, {"number": 4711})
        links = await desk.links()
        shown = await desk.browser.get(links["anna@example.org"])
        assert "May order 4711 go out?" in shown.text
        said = await desk.browser.post(
            links["max@example.org"], data={"answer": answer, "text": "Wie besprochen"}
        )
        assert said.status_code == 200
        context = await desk.context(run.id)
        assert context["went"] == went
        kept = context["approval"]
        assert isinstance(kept, dict)
        assert (kept["answer"], kept["text"], kept["by"]) == (answer, "Wie besprochen", "max@example.org")
        late = await desk.browser.post(links["anna@example.org"], data={"answer": "approve"})
        assert late.status_code == 409


async def test_the_question_outlives_the_program_that_asked_it(tmp_path: Path) -> None:
    async with office(tmp_path) as desk, desk.eilbote.courier():
        run = await desk.eilbote.flows.begin(FLOW, {"number": 1})
        links = await desk.links()
    path = httpx2.URL(links["anna@example.org"]).path
    async with office(tmp_path) as desk:  # a page without a courier: the answer is kept, and worked later
        said = await desk.browser.post(
            f"{desk.eilbote.config.public_url[:-1]}{path}", data={"answer": "approve"}
        )
        assert said.status_code == 200
    async with office(tmp_path) as desk, desk.eilbote.courier():
        context = await desk.context(run.id)
        assert context["went"] == "sent"


async def test_a_run_that_was_called_back_cannot_be_answered(tmp_path: Path) -> None:
    async with office(tmp_path) as desk, desk.eilbote.courier():
        run = await desk.eilbote.flows.begin(FLOW, {"number": 1})
        links = await desk.links()
        assert await desk.eilbote.flows.cancel(run.id)
        said = await desk.browser.post(links["anna@example.org"], data={"answer": "approve"})
        assert said.status_code == 410


async def test_an_answer_at_a_desk_wakes_the_run(tmp_path: Path) -> None:
    async with office(tmp_path) as desk, desk.eilbote.courier():
        run = await desk.eilbote.flows.begin(FLOW, {"number": 1})
        await desk.links()
        [waiting] = await desk.eilbote.flows.runs(RunFilter(awaits=Awaits.ANSWER))
        assert waiting.id == run.id
        await desk.eilbote.answers.answer_run(run.id, "decline", by="the office")
        context = await desk.context(run.id)
        assert context["went"] == "refused"
        assert "'by': 'the office'" in str(context["approval"])


async def test_without_a_public_address_nothing_begins(tmp_path: Path) -> None:
    async with Eilbote(config=config(tmp_path, ""), store=MemoryOutbox()) as eilbote:
        with pytest.raises(FlowError) as caught:
            await eilbote.flows.begin(FLOW, {"number": 1})
        assert caught.value.field == "approval"
        assert "EILBOTE_PUBLIC_URL" in (caught.value.remedy or "")


async def test_an_address_that_nothing_can_listen_on_is_told() -> None:
    from eilbote import SettingsError

    held = listen("127.0.0.1", 0)
    try:
        for host, port in (("127.0.0.1", listening_port(held)), ("192.0.2.7", 0)):
            with pytest.raises(SettingsError) as caught:
                listen(host, port)
            assert caught.value.field == "listen"
            assert caught.value.cause
            assert caught.value.remedy
    finally:
        held.close()
