"""What authors are told about a kind is what its nodes take: no field is missing, and none is made up."""

from __future__ import annotations

import re

import pytest

from eilbote.author.flow.kind_pages import kind_page
from eilbote.author.flow.registry import node_kind, node_kinds
from eilbote.author.flow.source import read_source
from eilbote.errors import FlowError

NOT_A_FIELD = "zqxjk"


def example_of(kind: str) -> dict[str, object]:
    listed = read_source(kind_page(kind).example).data
    assert isinstance(listed, list)
    (node,) = listed
    assert isinstance(node, dict)
    assert node.pop("kind") == kind
    exits = node_kind(kind).exits
    return {name: value for name, value in node.items() if name not in {"id", "label", *exits}}


def fields_taken(kind: str) -> set[str]:
    """Ask the node itself: it refuses a field that it does not have, and names those that it has."""
    with pytest.raises(FlowError) as refused:
        node_kind(kind).read({**example_of(kind), NOT_A_FIELD: "x"})
    assert refused.value.field == NOT_A_FIELD
    return set(re.findall(r"\w+", (refused.value.remedy or "").removeprefix("It has ")))


@pytest.mark.parametrize("kind", node_kinds())
def test_each_example_can_be_read(kind: str) -> None:
    node_kind(kind).read(example_of(kind))


@pytest.mark.parametrize("kind", node_kinds())
def test_each_field_is_told_in_kinds_toml_and_no_other(kind: str) -> None:
    told = {field.name for field in kind_page(kind).fields}
    taken = fields_taken(kind) - {"attachments"} if kind == "email_notification" else fields_taken(kind)
    assert told == taken


@pytest.mark.parametrize("kind", node_kinds())
def test_what_is_needed_cannot_be_left_out(kind: str) -> None:
    for field in kind_page(kind).fields:
        fields = {name: value for name, value in example_of(kind).items() if name != field.name}
        if field.is_needed:
            with pytest.raises(FlowError):
                node_kind(kind).read(fields)


def test_everything_is_said_of_every_kind() -> None:
    for kind in node_kinds():
        page = kind_page(kind)
        assert page.what
        assert all(field.what for field in page.fields)
        assert set(page.exits) == set(node_kind(kind).exits)
        assert not any(page.exits.values()) or all(page.exits.values())


def test_a_kind_that_is_not_there_has_no_page() -> None:
    with pytest.raises(FlowError, match="is no kind of node"):
        kind_page("brunch")
