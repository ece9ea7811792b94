"""An error says where in the body its fault lies, by a pointer that leads there."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Any, cast
from urllib.parse import unquote

import pytest
import pytest_asyncio
from tests.unit.api.server import Server, house

from eilbote.api.error_places import LARGEST, parts_of, place_in, pointer_of

MESSAGE = {"from": "shop@example.org", "to": "anna@example.org", "subject": "x", "text": "y"}


@pytest_asyncio.fixture
async def server() -> AsyncGenerator[Server]:
    async with house(connections={"default": "smtp://127.0.0.1:9?from=orders@example.org"}) as made:
        yield made


def resolved(body: object, pointer: str) -> object:
    """Follow a pointer as RFC 6901 says (sections 4 and 6)."""
    assert pointer.startswith("#")
    here = body
    for token in unquote(pointer[1:]).split("/")[1:]:
        part = token.replace("~1", "/").replace("~0", "~")
        here = (
            cast("list[object]", here)[int(part)]
            if isinstance(here, list)
            else cast("dict[str, object]", here)[part]
        )
    return here


@pytest.mark.parametrize(
    "field, parts",
    [
        ("to", ("to",)),
        ("to[0]", ("to", 0)),
        ("attachments[3].content_id", ("attachments", 3, "content_id")),
        ("connections['a.b']", ("connections", "a.b")),
        ("settings.host", ("settings", "host")),
        ("", ()),
    ],
)
def test_a_name_is_taken_apart(field: str, parts: tuple[object, ...]) -> None:
    assert parts_of(field) == parts


@pytest.mark.parametrize(
    "body, field, pointer",
    [
        ({"to": ["a", "b"]}, "to[1]", "#/to/1"),
        ({"to": "a"}, "to[0]", "#/to"),
        ({"settings": {"host": "x"}}, "host", "#/settings/host"),
        ({"data": {"a/b~c": 1}}, "data.a/b~c", "#/data/a~1b~0c"),
        ({"data": {"ä %": 1}}, "data.ä %", "#/data/%C3%A4%20%25"),
        ({"a": {"x": 1}, "b": {"x": 1}}, "x", None),
        ({"to": "a"}, "cursor", None),
        (["a"], "to", None),
        (7, "to", None),
    ],
)
def test_a_place_is_told_where_the_body_has_it(body: object, field: str, pointer: str | None) -> None:
    place = place_in(body, field)
    assert (None if place is None else pointer_of(place)) == pointer
    if pointer is not None:
        resolved(body, pointer)


REFUSED: tuple[tuple[str, str, dict[str, Any], str, str], ...] = (
    ("POST", "/messages", {**MESSAGE, "to": ["anna@example.org", "max@"]}, "to[1]", "#/to/1"),
    ("POST", "/messages", {**MESSAGE, "to": "max@"}, "to", "#/to"),
    (
        "POST",
        "/messages",
        {**MESSAGE, "attachments": [{"filename": "a.txt", "base64": "!"}]},
        "attachments[0].base64",
        "#/attachments/0/base64",
    ),
    ("POST", "/messages", {**MESSAGE, "connections": ["nowhere"]}, "connections", "#/connections"),
    ("POST", "/webhooks", {"url": "ftp://x", "events": ["*"]}, "url", "#/url"),
    ("POST", "/webhooks", {"url": "https://example.org/", "events": ["*", "zzz"]}, "events[1]", "#/events/1"),
    ("PATCH", "/settings", {"settings": {"host": "a b"}}, "host", "#/settings/host"),
    ("POST", "/connections", {"name": "a b", "settings": {"host": "smtp.example.org"}}, "name", "#/name"),
    ("POST", "/subscriptions", {"event": "a b", "to": ["max@example.org"]}, "event", "#/event"),
)


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "ask, body, field, pointer", [((method, path), *rest) for method, path, *rest in REFUSED]
)
async def test_the_pointer_of_a_problem_leads_into_the_body_and_agrees_with_its_field(
    server: Server, ask: tuple[str, str], body: dict[str, Any], field: str, pointer: str
) -> None:
    said = await server.ask(*ask, json=body)
    problem = said.json()
    assert said.status_code == 422, said.text
    assert problem["field"].startswith(field.partition("[")[0]), problem
    assert [each["pointer"] for each in problem["errors"]] == [pointer]
    resolved(body, pointer)


@pytest.mark.asyncio
async def test_a_fault_that_is_not_in_the_body_has_no_place_there(server: Server) -> None:
    searched = (await server.get("/messages", params={"q": "sender:max"})).json()
    assert (searched["field"], searched["errors"]) == ("q", [])
    large = {**MESSAGE, "to": "max@", "text": "x" * LARGEST}
    assert (await server.post("/messages", large)).json()["errors"] == []
