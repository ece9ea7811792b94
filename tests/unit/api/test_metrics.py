"""Who may read the figures, what they are called, and that nothing of people is in them."""

from collections.abc import AsyncGenerator
from ipaddress import ip_network

import httpx2
import pytest
import pytest_asyncio
from tests.unit.api.server import Server, house

from eilbote.api.metrics import Figures, metrics_router
from eilbote.api.request_figures import CountedRequests, RequestFigures
from eilbote.model.attempt import Event, EventKind
from eilbote.model.ids import EntryId
from eilbote.model.moment import Moment
from eilbote.record.metrics import Metrics
from eilbote.record.step import Step, StepKind


@pytest_asyncio.fixture
async def server() -> AsyncGenerator[Server]:
    async with house(connections={"default": "smtp://127.0.0.1:1"}, fresh=True) as made:
        metrics, requests = Metrics(), RequestFigures()
        metrics.happened(
            [
                Event(
                    kind=EventKind.FAILED,
                    at=Moment(0),
                    entry=EntryId(1),
                    organization='a"c\nme',
                    text="anna@example.org",
                )
            ]
        )
        for is_well in (True, True, False):
            metrics.stepped(
                Step(kind=StepKind.TOKEN_REFRESH, about="office", began=Moment(0), seconds=1, is_well=is_well)
            )
        figures = Figures(made.eilbote, metrics, requests, sessions=lambda: {"office": 2})
        made.application.include_router(metrics_router(figures, allowed=(ip_network("127.0.0.0/8"),)))
        made.application.add_middleware(CountedRequests, figures=requests)
        yield made


async def figures_of(server: Server, *, client: str = "127.0.0.1", **headers: str) -> httpx2.Response:
    transport = httpx2.ASGITransport(server.application, client=(client, 40_000))
    async with httpx2.AsyncClient(transport=transport, base_url="http://eilbote.test") as asking:
        return await asking.get("/metrics", headers=headers)


@pytest.mark.asyncio
async def test_this_machine_reads_them_without_a_key(server: Server) -> None:
    said = await figures_of(server)

    assert said.status_code == 200
    assert said.headers["content-type"].startswith("text/plain; version=")
    assert 'eilbote_queue_depth{state="queued"} 0.0' in said.text
    assert "eilbote_database_up 1.0" in said.text
    assert 'eilbote_oauth_refresh_total{result="ok"} 2.0' in said.text
    assert 'eilbote_oauth_refresh_total{result="failed"} 1.0' in said.text
    assert 'eilbote_connections_open{connection="office"} 2.0' in said.text


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Forwarded-For": "127.0.0.1"},
        {"Forwarded": "for=127.0.0.1"},
        {"Via": "1.1 proxy"},
        {"X-Real-IP": "::1"},
    ],
)
@pytest.mark.asyncio
async def test_what_a_proxy_passes_on_is_not_from_this_machine(
    server: Server, headers: dict[str, str]
) -> None:
    assert (await figures_of(server, **headers)).status_code == 401


@pytest.mark.parametrize(
    "who,status",
    [
        ("system_administrator@", 200),
        ("statistics:read@", 200),
        ("messages:submit@", 403),
        ("organization_administrator@acme", 403),
    ],
)
@pytest.mark.asyncio
async def test_others_need_a_key_of_the_host(server: Server, who: str, status: int) -> None:
    assert (await figures_of(server, client="192.0.2.7", Authorization=f"Bearer {who}")).status_code == status
    assert (await figures_of(server, client="192.0.2.7")).status_code == 401


@pytest.mark.asyncio
async def test_names_are_escaped_and_no_address_and_no_path_is_in_them(server: Server) -> None:
    await server.client.get("/answer/secret-token")
    await server.client.get("/nothing/anna@example.org")

    said = await figures_of(server)

    assert r'eilbote_messages_total{organization="a\"c\nme",status="failed"} 1.0' in said.text
    assert "anna" not in said.text
    assert "secret-token" not in said.text
    assert 'eilbote_http_requests_total{operation="none",status="404"} 1.0' in said.text


@pytest.mark.asyncio
async def test_what_waits_is_counted_again_after_some_seconds(server: Server) -> None:
    await figures_of(server)
    submitted = await server.post("/messages", {"from": "a@example.org", "to": "b@example.org", "text": "x"})
    assert submitted.status_code == 202, submitted.text

    assert 'eilbote_queue_depth{state="queued"} 0.0' in (await figures_of(server)).text
    server.clock.advance(6)
    later = (await figures_of(server)).text
    assert 'eilbote_queue_depth{state="queued"} 1.0' in later
    assert 'eilbote_connection_queue_depth{connection="default"} 1.0' in later
    assert 'operation="submit_message",status="202"' in later
