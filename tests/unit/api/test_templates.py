"""Templates over HTTP: rendered within limits, checked, and shown in a sandbox."""

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


async def test_values_stand_in_their_places_and_are_escaped_in_html(server: Server) -> None:
    wanted = {
        "template": "<p>Dear {{ input.name }}</p>",
        "markup": "html",
        "values": {"input": {"name": "<b>Anna</b>"}},
    }
    said = (await server.post("/templates/render", wanted, who="viewer@acme")).json()
    assert said["rendered"] == "<p>Dear &lt;b&gt;Anna&lt;/b&gt;</p>"
    assert said["text"].strip() == "Dear <b>Anna</b>"


async def test_a_missing_value_is_empty_or_an_error_with_its_place(server: Server) -> None:
    wanted = {"template": "Dear {{ input.name }}", "values": {"input": {}}}
    assert (await server.post("/templates/render", wanted)).json()["rendered"] == "Dear "
    said = await server.post("/templates/render", {**wanted, "missing": "error"})
    assert (said.status_code, said.json()["code"]) == (422, "template")
    assert said.json()["position"] == wanted["template"].index("input")  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "template, at", [("Dear\n{{ input.name | nothing }}", "nothing"), ("{{ 1 | date: }}", "date")]
)
async def test_what_cannot_be_rendered_says_where(server: Server, template: str, at: str) -> None:
    for operation in ("render", "preview"):
        said = await server.post(f"/templates/{operation}", {"template": template})
        assert said.status_code == 422, said.text
        assert said.json()["position"] == template.index(at), said.text


@pytest.mark.parametrize(
    "template",
    [
        "{% for a in (1..100000000) %}x{% endfor %}",
        "{% for a in (1..3000) %}{% for b in (1..3000) %}x{% endfor %}{% endfor %}",
        "{{ 'x' | nothing }}",
        "{% if %}",
        "{{ input.a",
    ],
)
async def test_what_cannot_be_made_is_a_fault_of_the_request(server: Server, template: str) -> None:
    said = await server.post("/templates/render", {"template": template})
    assert said.status_code == 422, said.text
    assert said.json()["code"] == "template"


async def test_an_unknown_language_or_time_zone_is_refused(server: Server) -> None:
    for wrong in ({"locale": "klingon!"}, {"time_zone": "Mars/Phobos"}):
        wanted = {
            "template": "{{ input.at | date: '%H:%M' }}",
            "values": {"input": {"at": "2026-01-15T09:30Z"}},
        }
        said = await server.post("/templates/render", {**wanted, **wrong})
        assert said.status_code == 422, (wrong, said.text)


async def test_the_preview_is_a_page_in_a_sandbox(server: Server) -> None:
    wanted = {"template": "<p>Hello<script>alert(1)</script></p>", "markup": "html", "heading": "Order ready"}
    said = await server.post("/templates/preview", wanted)
    assert said.headers["content-type"].startswith("text/html")
    assert said.headers["content-security-policy"].startswith("sandbox; default-src 'none'")
    assert "Order ready" in said.text
    assert "alert(1)" not in said.text


async def test_findings_say_where(server: Server) -> None:
    wanted = {"template": "Dear\n{{ input.nam }}", "sample": {"input": {"name": "Anna"}}}
    said = (await server.post("/templates/lint", wanted)).json()
    assert said["findings"], said
    assert (said["findings"][0]["line"], said["findings"][0]["column"]) == (2, 4)
    broken = (await server.post("/templates/lint", {"template": "{% if %}"})).json()
    assert (broken["ok"], broken["findings"][0]["severity"]) == (False, "error")
