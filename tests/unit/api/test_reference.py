"""The reference page: whole, searchable without scripts, and nothing in it comes from elsewhere or does what a text says."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import AsyncGenerator
from html.parser import HTMLParser

import pytest
import pytest_asyncio
from tests.unit.api.server import Server, house

from eilbote.api.reference import reference_page
from eilbote.api.reference_fields import markdown


@pytest_asyncio.fixture
async def server() -> AsyncGenerator[Server]:
    async with house() as made:
        yield made


class Balanced(HTMLParser):
    """Sees that whatever is opened is closed."""

    VOID = frozenset({"meta", "input", "br"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.loaded: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in self.VOID:
            self.open.append(tag)
        self.loaded += [str(value) for name, value in attrs if name in {"src", "href", "action"}]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.asyncio
async def test_every_operation_is_on_the_page_and_nothing_from_elsewhere(server: Server) -> None:
    said = await server.get("/api/docs", who=None)
    assert said.status_code == 200
    described = (await server.get("/api/openapi.json", who=None)).json()
    for path, found in described["paths"].items():
        for method, operation in found.items():
            assert f'id="{operation["operationId"]}"' in said.text, (method, path)
    page = Balanced()
    page.feed(said.text)
    assert page.open == []
    assert [each for each in page.loaded if not each.startswith("#")] == ["openapi.json", "docs"]


@pytest.mark.asyncio
async def test_the_policy_knows_the_one_style_and_the_one_script(server: Server) -> None:
    said = await server.get("/api/docs", who=None)
    policy = said.headers["content-security-policy"]
    assert policy.startswith("default-src 'none';")
    for tag in ("style", "script"):
        (text,) = re.findall(rf"<{tag}>(.*?)</{tag}>", said.text, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy
    assert "unsafe" not in policy
    assert "style=" not in said.text
    assert "onclick" not in said.text


@pytest.mark.asyncio
async def test_it_is_searched_without_scripts(server: Server) -> None:
    found = (await server.get("/api/docs?q=disable+connection", who=None)).text
    assert 'id="disable_connection"' in found
    assert 'id="list_services"' not in found
    nothing = (await server.get("/api/docs?q=xyzzy", who=None)).text
    assert "<body class=nothing>" in nothing
    evil = (await server.get('/api/docs?q="><script>alert(1)</script>', who=None)).text
    assert "<script>alert" not in evil


def test_texts_of_the_description_stay_texts() -> None:
    evil = "</style><script>alert(1)</script>"
    schema = {
        "type": "object",
        "properties": {evil: {"type": "string", "description": evil, "default": evil}},
    }
    operation = {
        "operationId": evil,
        "summary": evil,
        "description": evil,
        "tags": [evil],
        "x-permission": evil,
        "parameters": [{"name": evil, "in": evil, "description": evil, "schema": {"enum": [evil]}}],
        "requestBody": {"content": {evil: {"schema": schema, "example": evil}}},
        "responses": {"200": {"description": evil, "content": {"application/json": {"schema": schema}}}},
    }
    page = reference_page(
        {
            "info": {"title": evil, "version": evil, "description": evil},
            "paths": {f"/{evil}": {"get": operation}},
        },
        query=evil,
    ) + reference_page(
        {
            "info": {"title": evil, "version": evil, "description": evil},
            "paths": {f"/{evil}": {"get": operation}},
        }
    )
    assert "<script>alert" not in page


@pytest.mark.parametrize(
    "text, html",
    [
        ("one\ntwo\n\nthree", "<p>one two</p><p>three</p>"),
        ("### Title", "<h3>Title</h3>"),
        (
            "**strong** and `code` and ``code``",
            "<p><strong>strong</strong> and <code>code</code> and <code>code</code></p>",
        ),
        ("see :class:`~eilbote.app.Eilbote`", "<p>see <code>eilbote.app.Eilbote</code></p>"),
        ("a < b & c", "<p>a &lt; b &amp; c</p>"),
        ("", ""),
    ],
)
def test_the_little_markdown_there_is(text: str, html: str) -> None:
    assert markdown(text) == html


def test_a_table_of_markdown_is_one() -> None:
    assert "<th>code</th>" in markdown("| code | status |\n|---|---|\n| `x` | 404 |")
    assert "<td><code>x</code></td>" in markdown("| code | status |\n|---|---|\n| `x` | 404 |")
