"""A field that is not there is told with the one that was meant, so that nobody has to look it up."""

from __future__ import annotations

import math
from collections.abc import AsyncGenerator, Mapping
from datetime import UTC, date, datetime
from typing import Annotated, Literal, cast

import pytest
import pytest_asyncio
from pydantic import BaseModel, Field, ValidationError
from tests.unit.api.server import Server, house

from eilbote.api.invalid_requests import field_names, field_problems


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
            "field": "",
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
    assert (
        problem["detail"]
        == "request: it has no body. Send one as JSON; the reference of the API shows its form."
    )
    assert problem.get("field") in {None, ""}


# -- in our words ----------------------------------------------------------------------------------------------------


async def told(server: Server, path: str, body: object) -> dict[str, str]:
    """Give what is said of each field."""
    problem = (await server.post(path, body)).json()
    assert problem["status"] == 422
    return {each["pointer"]: each["detail"] for each in problem["errors"]}


@pytest.mark.asyncio
async def test_a_field_of_the_wrong_kind_is_told_once_whatever_kinds_there_are(server: Server) -> None:
    said = await told(server, "/messages", {"to": 5, "subject": ["x"], "text": None, "attachments": "a"})
    assert said["#/to"] == "it is neither a text nor a list. Give one, in quotes"
    assert said["#/subject"] == "it is no text. Give one, in quotes"
    assert said["#/attachments"] == "it is no list. Give a list in square brackets, also of one alone: [...]"
    assert set(said) <= {"#/to", "#/subject", "#/text", "#/attachments"}


@pytest.mark.asyncio
async def test_what_is_wrong_within_a_list_is_told_there_alone(server: Server) -> None:
    said = await told(server, "/messages", {"to": ["anna@example.org", 5], "text": "x"})
    assert said == {"#/to/1": "it is no text. Give one, in quotes"}


@pytest.mark.asyncio
async def test_one_of_many_messages_is_told_in_the_same_words(server: Server) -> None:
    said = await server.post(
        "/messages/batch", {"messages": [{"to": ["a@example.org", 5], "priority": "now"}]}
    )
    errors = said.json()["results"][0]["error"]["errors"]
    assert {each["pointer"]: each["detail"] for each in errors} == {
        "#/to/1": "it is no text. Give one, in quotes",
        "#/priority": "it is none of the words that are known here. Give one of high, normal or low",
    }


@pytest.mark.asyncio
async def test_the_first_fault_is_told_whole(server: Server) -> None:
    problem = (await server.post("/connections", {})).json()
    assert (problem["field"], problem["remedy"]) == (
        "name",
        "Give it. The reference of the API shows its form",
    )
    assert problem["detail"] == (
        "name: it is missing (1 more below). Give it. The reference of the API shows its form."
    )


class Everything(BaseModel):
    text: str = Field(default="", min_length=2, max_length=3, pattern="^[a-z]+$")
    name: str = Field(default="x", min_length=1)
    whole: int = Field(default=1, ge=1, le=9)
    number: float = Field(default=1.0, gt=0, lt=10, allow_inf_nan=False)
    switch: bool = False
    at: datetime = datetime(2030, 1, 31, tzinfo=UTC)
    on: date = date(2030, 1, 31)
    some: list[int] = Field(default=[1], min_length=1, max_length=2)
    word: Literal["one", "two"] = "one"
    leaf: Leaf = Leaf()
    named: dict[str, int] = {}
    needed: int = 0


@pytest.mark.parametrize(
    "given, what, remedy",
    [
        ({"text": 5}, "it is no text", "in quotes"),
        ({"text": "a"}, "it has fewer than 2 characters", "longer"),
        ({"text": "abcd"}, "it has more than 3 characters", "Shorten"),
        ({"text": "A!"}, "it holds what cannot stand there", "reference"),
        ({"name": ""}, "it is empty", "leave it out"),
        ({"whole": "x"}, "it is no whole number", "such as 10"),
        ({"whole": 1.5}, "it is no whole number", "such as 10"),
        ({"whole": [1]}, "it is no whole number", "such as 10"),
        ({"whole": 0}, "it is less than 1", "1 or more"),
        ({"whole": 10}, "it is more than 9", "9 or less"),
        ({"number": "x"}, "it is no number", "such as 2.5"),
        ({"number": 0}, "it is not more than 0.0", "more than 0.0"),
        ({"number": 10}, "it is not less than 10.0", "less than 10.0"),
        ({"number": math.nan}, "it has to be a finite number", "such as"),
        ({"switch": "perhaps"}, "it is neither true nor false", "true or false"),
        ({"switch": []}, "it is neither true nor false", "true or false"),
        ({"at": "yesterday"}, "it is no time", "2030-01-31T08:00:00Z"),
        ({"at": []}, "it is no time", "2030-01-31T08:00:00Z"),
        ({"on": "tomorrow"}, "it is no day", "2030-01-31"),
        ({"some": 1}, "it is no list", "brackets"),
        ({"some": []}, "it is empty", "1 at least"),
        ({"some": [1, 2, 3]}, "it has more than 2 items", "2 at most"),
        ({"word": "three"}, "it is none of the words that are known here", "one or two"),
        ({"leaf": 5}, "it is no object", "braces"),
        ({"named": 5}, "it is no object", "braces"),
        ({"needed": None}, "it is no whole number", "such as 10"),
    ],
)
def test_each_fault_has_words_of_ours(given: dict[str, object], what: str, remedy: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Everything.model_validate(given)
    said = caught.value.errors(include_url=False)
    (problem,) = field_problems(cast("list[Mapping[str, object]]", said), Everything, given)
    assert problem.pointer == f"#/{next(iter(given))}"
    assert problem.detail.startswith(f"{what}. ")
    assert remedy in problem.detail
    assert str(said[0]["msg"]) not in problem.detail


def test_a_kind_of_fault_that_nobody_has_foreseen_shows_no_words_of_others() -> None:
    said = {"type": "surprise", "loc": ("x",), "msg": "Input should be something else", "input": "s3cret"}
    (problem,) = field_problems([said], Everything, {"x": "s3cret"})
    assert problem.detail == "it cannot be used as it is. The reference of the API shows its form"
