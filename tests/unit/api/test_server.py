"""What the tests of the API stand on: who asks is let in as what the name says."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import pytest
import pytest_asyncio
from tests.unit.api.server import Server, house

pytestmark = pytest.mark.asyncio


@pytest_asyncio.fixture
async def server() -> AsyncGenerator[Server]:
    async with house() as made:
        yield made


async def test_the_host_and_every_role_of_an_organization_read_services(server: Server) -> None:
    for who in ("system_administrator@", "viewer@acme", "author@acme", "connections:read@acme"):
        said = await server.get("/services", who=who)
        assert said.status_code == 200, said.text
        assert len(said.json()["items"]) > 20


async def test_nobody_and_those_without_the_permission_do_not(server: Server) -> None:
    assert (await server.get("/services", who=None)).status_code == 401
    assert (await server.get("/services", who="nobody in particular")).status_code == 401
    assert (await server.get("/services", who="messages:submit@acme")).status_code == 403


async def test_another_organization_is_told_of_as_if_there_were_none(server: Server) -> None:
    said = await server.get("/services", who="viewer@acme", params={"organization": "globex"})
    assert said.status_code == 404
    assert (await server.get("/services", params={"organization": "globex"})).status_code == 200


async def test_a_browser_is_known_by_its_cookie(server: Server) -> None:
    server.client.cookies.set("eilbote_session", "viewer@acme")
    assert (await server.get("/services", who=None)).status_code == 200
