"""A field that is not there is told with the one that was meant, so that nobody has to look it up."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Annotated

import pytest
import pytest_asyncio
from pydantic import BaseModel, Field
from tests.unit.api.server import Server, house

from eilbote.api.invalid_requests import field_names


@pytest_asyncio.fixture
async def server() -> AsyncGenerator[Server]:
    async with house() as made:
        yield made


class Leaf(BaseModel):
    host: str = ""
    kind: str = Field(default="", alias="type")


class Tree(BaseModel):
    leaves: list[Leaf] = []
    named: dict[str, Leaf] = {}
    other: Annotated[Leaf | None, Field()] = None
    text: str | Leaf = ""


@pytest.mark.parametrize(
    "place, names",
    [
        ((), ["leaves", "named", "other", "text"]),
        (("leaves", 3), ["host", "type"]),
        (("named", "any"), ["host", "type"]),
        (("other",), ["host", "type"]),
        # what says no type names the variant that it has tried
        (("text", "Leaf"), ["host", "type"]),
        (("leaves",), []),
    ],
)
def test_names_are_those_of_the_place(place: tuple[str | int, ...], names: list[str]) -> None:
    assert field_names(Tree | None, place) == names


@pytest.mark.asyncio
async def test_a_slip_in_a_field_is_told_what_was_meant(server: Server) -> None:
    said = await server.post("/connections", {"name": "office", "settings": {"hots": "smtp.example.org"}})
    problem = said.json()
    assert said.status_code == 422
    assert problem["field"] == "settings.hots"
    assert problem["remedy"] == "Did you mean 'host'?"
    assert problem["detail"] == "settings.hots: there is no field 'hots' here. Did you mean 'host'?"
    assert problem["errors"] == [
        {
            "pointer": "#/settings/hots",
            "detail": "there is no field 'hots' here. Did you mean 'host'?",
            "code": "extra_forbidden",
        }
    ]


@pytest.mark.asyncio
async def test_the_words_of_another_naming_style_are_known(server: Server) -> None:
    problem = (await server.patch("/settings", {"settings": {"fromName": "Anna"}})).json()
    assert problem["remedy"] == "Did you mean 'from_name'?"


@pytest.mark.asyncio
async def test_where_nothing_is_alike_the_few_that_are_there_are_named(server: Server) -> None:
    problem = (await server.post("/captured/1/release", {"to": ["a@example.org"], "zzz": 1})).json()
    assert problem["remedy"] == "There are connections, to"


@pytest.mark.asyncio
async def test_what_was_in_a_field_is_not_repeated(server: Server) -> None:
    said = await server.post("/connections", {"name": "office", "settings": {"pasword": "correct horse"}})
    assert "password" in said.json()["remedy"]
    assert "correct horse" not in said.text


@pytest.mark.asyncio
async def test_a_very_long_name_is_not_looked_up_at_length(server: Server) -> None:
    said = await server.post("/connections", {"name": "office", "settings": {"x" * 50_000: 1}})
    assert said.status_code == 422
    assert len(said.json()["remedy"]) < 200


@pytest.mark.asyncio
async def test_one_of_many_messages_is_told_what_was_meant_as_well(server: Server) -> None:
    message = {"to": "anna@example.org", "subjekt": "Order 4711", "text": "It is on its way."}
    said = await server.post("/messages/batch", {"messages": [message]})
    assert "Did you mean 'subject'?" in said.json()["results"][0]["error"]["errors"][0]["detail"]


@pytest.mark.asyncio
async def test_a_body_that_is_missing_is_no_field(server: Server) -> None:
    problem = (await server.post("/connections")).json()
    assert problem["status"] == 422
    assert problem["detail"] == "request: Field required."
    assert problem.get("field") in {None, ""}
