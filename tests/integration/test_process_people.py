"""From a task of a process to somebody's word and back: real messages, a real page, replies as they were received, a database."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

import httpx2
import pytest
import yaml
from tests.integration.process_house import ROUTE, SEND_ONE, SENDS, diagram, until

from eilbote import Connection, Eilbote
from eilbote.api.application import application
from eilbote.api.server import serving
from eilbote.author.process.bundle import Bundle
from eilbote.author.process.instance import InstanceStatus
from eilbote.config.config import Config
from eilbote.engine.process.replies import ReplyState
from eilbote.errors import ProcessError
from eilbote.model.secret import Secret
from eilbote.net.listening import listen, listening_port
from eilbote.testing import Catcher, CaughtMessage, ManualClock, MemoryOutbox

pytestmark = pytest.mark.asyncio
LINK = re.compile(r"http://127\.0\.0\.1:\d+/answer/[A-Za-z0-9_-]{43}")
APPROVAL = diagram(
    """<startEvent id="start"/><sequenceFlow id="f1" sourceRef="start" targetRef="approve"/>
    <userTask id="approve" name="Approve"/><sequenceFlow id="f2" sourceRef="approve" targetRef="end"/>
    <endEvent id="end"/>"""
)
ASKS = {
    "title": "Approve order {{ number }}",
    "record": "{{ number }}",
    "recipients": ["Anna <anna@example.org>", "{{ boss }}"],
    "due": "P2D",
    "choices": ["approve", "decline"],
    "wants_text": True,
    "result": "decision",
}
GIVEN = {"number": 4711, "boss": "max@example.org"}
DIALOGUE = diagram(
    """<startEvent id="start"/><sequenceFlow id="f1" sourceRef="start" targetRef="ready"/>
    <intermediateThrowEvent id="ready"><messageEventDefinition/></intermediateThrowEvent>
    <sequenceFlow id="f2" sourceRef="ready" targetRef="wait"/>
    <intermediateCatchEvent id="wait"><messageEventDefinition messageRef="m_reply"/></intermediateCatchEvent>
    <sequenceFlow id="f3" sourceRef="wait" targetRef="end"/><endEvent id="end"/>"""
).replace("<process ", '<message id="m_reply" name="reply"/><process ', 1)


@dataclass
class Office:
    """A program that works processes, the page on which people answer, and their mailboxes."""

    eilbote: Eilbote
    catcher: Catcher
    browser: httpx2.AsyncClient

    async def publish(self, bpmn: str, **elements: object) -> None:
        await self.eilbote.routes.save(ROUTE)
        settings = yaml.safe_dump({"process": "order", "title": "Orders", "elements": elements})
        await self.eilbote.processes.save(Bundle(bpmn=bpmn, settings=settings))
        await self.eilbote.processes.publish("order")

    async def letters(self, count: int = 2) -> dict[str, CaughtMessage]:
        """Give the next messages by their recipients."""
        found = [await self.catcher.next() for _ in range(count)]
        return {message.forward_paths[0]: message for message in found}

    async def has_ended(self, instance: str) -> bool:
        return (await self.eilbote.processes.get(instance)).status is InstanceStatus.COMPLETED


def config(folder: Path, public_url: str) -> Config:
    return Config(
        data_dir=folder, database_url=Secret(f"sqlite:///{folder / 'eilbote.db'}"), public_url=public_url
    )


def sender(catcher: Catcher) -> Connection:
    return Connection.from_uri(catcher.uri, default_from="orders@example.org")


@asynccontextmanager
async def office(folder: Path, *, in_memory: bool = False) -> AsyncIterator[Office]:
    """Open one whose page is served by another program than the one that works, where there is a database."""
    listening = listen("127.0.0.1", 0)
    said = config(folder, f"http://127.0.0.1:{listening_port(listening)}")
    async with Catcher() as catcher, httpx2.AsyncClient(trust_env=False, timeout=10) as browser:
        connections = {"default": sender(catcher)}
        store = MemoryOutbox() if in_memory else None
        async with Eilbote(config=said, connections=connections, store=store) as eilbote:
            second = eilbote if in_memory else Eilbote(config=said, connections=connections)
            async with eilbote.courier(), serving(application(answers=second.answers), listening):
                yield Office(eilbote, catcher, browser)
            if second is not eilbote:
                await second.close()


def link_in(message: CaughtMessage) -> str:
    (link,) = set(LINK.findall(message.text or ""))
    assert link in (message.html or "")
    return link


def reply_to(message: CaughtMessage, text: str, *, sender: str, **changes: str) -> bytes:
    """Write a reply as programs do: the references of what is answered, and its Message-ID (RFC 5322 section 3.6.4)."""
    own = message.parse()
    made = EmailMessage()
    fields = {
        "From": sender,
        "To": str(own["From"]),
        "Subject": f"Re: {own['Subject']}",
        "Message-ID": "<reply-1@example.org>",
        "In-Reply-To": str(own["Message-ID"]),
        "References": f"{own['References']} {own['Message-ID']}",
    }
    for name, value in (fields | changes).items():
        made[name] = value
    quoted = "\n".join(f"> {line}" for line in (message.text or "").splitlines())
    made.set_content(
        f"{text}\n\nOn Thu, Jan 15, 2026 at 10:30 AM Orders <orders@example.org> wrote:\n\n{quoted}\n"
    )
    return made.as_bytes()


@pytest.mark.parametrize("in_memory", [True, False])
async def test_an_instance_goes_on_as_somebody_decides_on_the_page(
    tmp_path: Path, *, in_memory: bool
) -> None:
    async with office(tmp_path, in_memory=in_memory) as own:
        await own.publish(APPROVAL, approve=ASKS)
        instance = await own.eilbote.processes.start("order", GIVEN)
        letters = await own.letters()
        assert set(letters) == {"anna@example.org", "max@example.org"}
        link = link_in(letters["max@example.org"])
        page = await own.browser.get(link)
        assert page.status_code == 200
        for words in (
            "Approve order 4711",
            "Record: 4711",
            "Process: Orders",
            "You answer as max@example.org",
        ):
            assert words in page.text
        assert (
            await own.browser.post(link, data={"answer": "decline", "text": "Too dear"})
        ).status_code == 303
        await until(lambda: own.has_ended(instance.id))
        ended = await own.eilbote.processes.get(instance.id)
        assert ended.data["decision"] == {"answer": "decline", "text": "Too dear", "by": "max@example.org"}
        late = await own.browser.post(link_in(letters["anna@example.org"]), data={"answer": "approve"})
        assert late.status_code == 409


async def test_an_instance_goes_on_as_somebody_decides_by_reply(tmp_path: Path) -> None:
    async with office(tmp_path) as own:
        await own.publish(APPROVAL, approve=ASKS)
        instance = await own.eilbote.processes.start("order", GIVEN)
        letter = (await own.letters())["anna@example.org"]
        hand_in = own.eilbote.processes.hand_in
        assert (await hand_in(reply_to(letter, "Approve", sender="eve@example.net"))).state is (
            ReplyState.NOT_ASKED
        )
        away = reply_to(letter, "Approve", sender="anna@example.org", **{"Auto-Submitted": "auto-replied"})
        assert (await hand_in(away)).state is ReplyState.AUTOMATIC
        unsure = reply_to(letter, "Let me see.", sender="anna@example.org")
        assert (await hand_in(unsure)).state is ReplyState.UNCLEAR
        handed = await hand_in(reply_to(letter, "Genehmigen!", sender="Anna <anna@example.org>"))
        assert (handed.state, handed.instance, handed.answer) == (
            ReplyState.DECIDED,
            instance.id,
            "approve",
        )
        await until(lambda: own.has_ended(instance.id))
        ended = await own.eilbote.processes.get(instance.id)
        assert ended.data["decision"] == {"answer": "approve", "text": "", "by": "anna@example.org"}


async def test_a_reply_to_a_message_of_a_process_goes_on_with_what_it_says(tmp_path: Path) -> None:
    async with office(tmp_path) as own:
        await own.publish(DIALOGUE, ready=SENDS, wait={"result": "reply"})
        given = {"customer": "Anna <anna@example.org>", "total": 12}
        instance = await own.eilbote.processes.start("order", given)
        other = await own.eilbote.processes.start("order", given)
        letters = [await own.catcher.next(), await own.catcher.next()]

        async def waits() -> bool:
            kept = [await own.eilbote.processes.get(each.id) for each in (instance, other)]
            return all(each.messages for each in kept)

        await until(waits)
        first = await own.eilbote.processes.hand_in(
            reply_to(letters[0], "On Friday, please.", sender="anna@example.org")
        )
        assert (first.state, first.element) == (ReplyState.TAKEN, "wait")
        await until(lambda: own.has_ended(first.instance))
        ended = await own.eilbote.processes.get(first.instance)
        said = ended.data["reply"]
        assert isinstance(said, dict)
        assert (said["text"], said["from"], said["about"]) == (
            "On Friday, please.",
            "anna@example.org",
            "ready",
        )
        (left,) = {instance.id, other.id} - {first.instance}
        assert not await own.has_ended(left)


async def test_every_message_of_a_process_says_where_a_reply_belongs(tmp_path: Path) -> None:
    async with office(tmp_path) as own:
        await own.publish(SEND_ONE, ready=SENDS)
        await own.eilbote.processes.start("order", {"customer": "anna@example.org", "total": 1})
        letter = (await own.letters(1))["anna@example.org"]
        assert re.fullmatch(
            r"<p1\.[a-z2-7]+\.[a-z2-7]{32}@process\.invalid>", str(letter.parse()["References"])
        )
        handed = await own.eilbote.processes.hand_in(reply_to(letter, "x", sender="anna@example.org"))
        assert handed.state in {ReplyState.ENDED, ReplyState.NOT_EXPECTED}


async def test_a_reply_to_which_nothing_is_left_but_its_subject_is_found_by_that(tmp_path: Path) -> None:
    async with office(tmp_path) as own:
        await own.publish(DIALOGUE, ready=SENDS, wait={"result": "reply"})
        route = ROUTE.replace(
            "attributes:", "attributes:\n  - {name: Reply id, system_name: ReplyId, type: text}"
        )
        await own.eilbote.routes.save(route.replace("Your order,", "{ReplyId} Your order,"))
        given = {"customer": "anna@example.org", "total": 12}
        instance = await own.eilbote.processes.start("order", given, instance_id="order-4711")
        letter = (await own.letters(1))["anna@example.org"]
        assert re.match(r"\[order-4711\.[a-z2-7]{16}\] Your order", letter.subject)

        async def waits() -> bool:
            return bool((await own.eilbote.processes.get(instance.id)).messages)

        await until(waits)
        octets = reply_to(letter, "Thank you", sender="anna@example.org")
        plain = re.sub(rb"^(References|In-Reply-To):.*\n(?:[ \t].*\n)*", b"", octets, flags=re.MULTILINE)
        assert b"process.invalid" not in plain
        assert (await own.eilbote.processes.hand_in(plain)).state is ReplyState.TAKEN


async def test_a_word_at_the_desk_withdraws_what_was_asked(tmp_path: Path) -> None:
    async with office(tmp_path) as own:
        await own.publish(APPROVAL, approve=ASKS)
        instance = await own.eilbote.processes.start("order", GIVEN)
        letter = (await own.letters())["anna@example.org"]
        await own.eilbote.processes.complete(instance.id, by="the desk", answer="approve")
        await until(lambda: own.has_ended(instance.id))
        page = await own.browser.post(link_in(letter), data={"answer": "decline"})
        assert page.status_code == 410
        assert "No longer needed" in page.text
        handed = await own.eilbote.processes.hand_in(reply_to(letter, "decline", sender="anna@example.org"))
        assert handed.state is ReplyState.ENDED


async def test_a_process_that_asks_people_is_not_published_without_an_address(tmp_path: Path) -> None:
    async with Eilbote(config=config(tmp_path, ""), connections={"default": "smtp://127.0.0.1:9"}) as eilbote:
        settings = yaml.safe_dump({"process": "order", "elements": {"approve": ASKS}})
        await eilbote.processes.save(Bundle(bpmn=APPROVAL, settings=settings))
        with pytest.raises(ProcessError, match="address for their answers"):
            await eilbote.processes.publish("order")


@pytest.mark.parametrize("programs", [1, 3])
async def test_each_day_has_one_reminder_however_many_work_and_begin_anew(
    tmp_path: Path, programs: int
) -> None:
    """The clock shows 09:30 UTC, which is 10:30 in Berlin."""
    clock = ManualClock()
    said = config(tmp_path, "https://eilbote.example.org")
    async with Catcher() as catcher:

        @asynccontextmanager
        async def program() -> AsyncIterator[Eilbote]:
            async with Eilbote(config=said, connections={"default": sender(catcher)}, clock=clock) as eilbote:
                yield eilbote

        async with program() as eilbote:
            own = Office(eilbote, catcher, None)  # type: ignore[arg-type]
            wanted = {**ASKS, "reminds": True, "time_zone": "Europe/Berlin", "recipients": ["a@example.org"]}
            await own.publish(APPROVAL, approve=wanted)
            instance = (await eilbote.processes.start("order", GIVEN)).id
            await eilbote.deliver_due()

        async def day(to: datetime) -> list[str]:
            clock.advance((to - clock.now()).total_seconds())
            for _ in range(programs):
                async with program() as eilbote:
                    await eilbote.deliver_due()
            return [message.subject for message in catcher.messages]

        subject = "Approve order 4711"
        told = [f"Task: {subject}"]
        assert await day(datetime(2026, 1, 16, 5, 59, tzinfo=UTC)) == told
        told.append(f"Reminder: {subject}")
        assert await day(datetime(2026, 1, 16, 6, 0, tzinfo=UTC)) == told
        assert await day(datetime(2026, 1, 16, 20, 0, tzinfo=UTC)) == told
        told.append(f"Reminder: {subject}")
        assert await day(datetime(2026, 1, 17, 6, 0, 1, tzinfo=UTC)) == told
        told.append(f"Overdue: {subject}")
        assert await day(datetime(2026, 1, 18, 6, 0, tzinfo=UTC)) == told
        async with program() as eilbote:
            await eilbote.processes.complete(instance, by="desk", answer="approve")
        assert await day(datetime(2026, 1, 19, 6, 0, tzinfo=UTC)) == told
