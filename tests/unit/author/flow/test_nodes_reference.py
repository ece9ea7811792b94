"""The page about the nodes names every kind and every field, and every flow on the pages can run."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

import pytest

from eilbote.author.flow.check import check_flow
from eilbote.author.flow.kind_pages import kind_page
from eilbote.author.flow.registry import node_kind, node_kinds
from eilbote.template.finding import Weight

DOCS = Path(__file__).parents[4] / "docs"
PAGE = (DOCS / "reference" / "nodes.md").read_text("utf-8")
YAML = re.compile(r"```yaml\n(.*?)```", re.DOTALL)
BLOCKS = [
    (page.stem, block)
    for page in (DOCS / "reference" / "nodes.md", DOCS / "howto" / "templates.md")
    for block in YAML.findall(page.read_text("utf-8"))
]


def section(kind: str) -> str:
    found = re.search(rf"^## {kind}\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    assert found is not None, f"{kind} has no section"
    return found[1]


@pytest.mark.parametrize("kind", node_kinds())
def test_every_kind_has_a_section_with_each_of_its_fields_and_ways_out(kind: str) -> None:
    said = section(kind)
    for field in kind_page(kind).fields:
        mark = "**" if field.is_needed else ""
        row = re.search(
            rf"^\| {re.escape(mark)}`{field.name}`{re.escape(mark)} \| (.*?) \|", said, re.MULTILINE
        )
        assert row is not None, field.name
        assert row[1].strip() == field.default
    if set(node_kind(kind).exits) - {"next"}:
        assert all(f"| `{way}` |" in said for way in node_kind(kind).exits)
    assert "```yaml" in said


@pytest.mark.parametrize("page, block", BLOCKS)
def test_every_example_can_run(page: str, block: str) -> None:
    text = block
    if not block.lstrip().startswith("name:"):
        ways = set(re.findall(r"^ +(?:do|then|else|declined|expired): ([\w-]+)$", block, re.MULTILINE)) - {
            "end"
        }
        ends = "".join(f"  - {{id: {way}, kind: end}}\n" for way in sorted(ways))
        text = f"name: example\nnodes:\n{textwrap.indent(block, '  ')}{ends}"
    assert [each for each in check_flow(text) if each.severity is Weight.ERROR] == []
