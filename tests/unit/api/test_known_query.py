"""What an operation does not know in its query it refuses, instead of doing more than was meant."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Any

import pytest
import pytest_asyncio
from fastapi.routing import APIRoute
from tests.unit.api.server import Server, house

from eilbote.api.description import description_alone
from eilbote.api.known_query import query_names
from eilbote.api.v1.resources import RESOURCES


@pytest_asyncio.fixture
async def server() -> AsyncGenerator[Server]:
    async with house() as made:
        yield made


@pytest.mark.asyncio
async def test_a_filter_that_is_none_gives_no_whole_list(server: Server) -> None:
    said = await server.get("/messages?state=failed")
    assert said.status_code == 422
    problem = said.json()
    assert problem["field"] == "state"
    assert problem["remedy"] == "There are cursor, limit, oldest_first, organization, q"


@pytest.mark.asyncio
async def test_a_slip_is_told_what_was_meant(server: Server) -> None:
    problem = (await server.get("/messages?limits=5")).json()
    assert problem["remedy"].startswith("Did you mean 'limit'?")


@pytest.mark.asyncio
async def test_captured_mail_is_not_thrown_away_with_a_filter_that_is_not_heard(server: Server) -> None:
    said = await server.ask("DELETE", "/captured?to=anna@example.org")
    assert said.status_code == 422
    assert said.json()["field"] == "to"


@pytest.mark.asyncio
async def test_a_name_that_is_no_word_is_not_taken_for_a_field(server: Server) -> None:
    said = await server.get("/messages?%0a=1")
    assert said.status_code == 422
    assert said.json()["field"] == "query"


@pytest.mark.asyncio
async def test_what_an_operation_knows_it_takes(server: Server) -> None:
    assert (await server.get("/messages?limit=5&q=status:failed&organization=*")).status_code == 200


@pytest.mark.asyncio
async def test_providers_send_browsers_back_with_a_query_of_their_own(server: Server) -> None:
    said = await server.get("/connections/consent/callback?state=x&session_state=y")
    assert "knows no" not in said.text


def test_what_is_known_is_what_is_described() -> None:
    paths: dict[str, dict[str, Any]] = description_alone()["paths"]
    described = {
        operation["operationId"]: {
            each["name"] for each in operation.get("parameters", []) if each["in"] == "query"
        }
        for operations in paths.values()
        for operation in operations.values()
    }
    for resource in RESOURCES:
        for route in resource.routes:
            assert isinstance(route, APIRoute)
            assert route.operation_id is not None
            assert set(query_names(route.dependant)) == described[route.operation_id], route.operation_id
