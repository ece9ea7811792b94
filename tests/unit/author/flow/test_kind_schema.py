"""A form that is made from a kind's schema yields nodes that the kind takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import pytest
from jsonschema_rs import Draft202012Validator, meta

from eilbote.author.flow.kind_pages import FieldType, kind_page
from eilbote.author.flow.kind_schema import WIDGET, kind_schema
from eilbote.author.flow.registry import node_kind, node_kinds
from eilbote.author.flow.source import read_source
from eilbote.errors import FlowError

if TYPE_CHECKING:
    from eilbote.model.data import Data


def example_of(kind: str) -> dict[str, Data]:
    listed = read_source(kind_page(kind).example).data
    assert isinstance(listed, list)
    return cast("dict[str, Data]", listed[0])


def fields_of(kind: str) -> dict[str, Data]:
    apart = {"id", "kind", "label", *node_kind(kind).exits}
    return {name: value for name, value in example_of(kind).items() if name not in apart}


@pytest.mark.parametrize("kind", node_kinds())
def test_an_example_fits_its_schema_and_a_made_up_field_does_not(kind: str) -> None:
    schema = kind_schema(kind_page(kind))
    assert meta.is_valid(schema)
    judge = Draft202012Validator(schema)
    judge.validate(example_of(kind))
    assert not judge.is_valid({**example_of(kind), "zqxjk": 1})


@pytest.mark.parametrize("kind", node_kinds())
def test_what_is_needed_is_required(kind: str) -> None:
    schema, page = kind_schema(kind_page(kind)), kind_page(kind)
    judge = Draft202012Validator(schema)
    for name in [field.name for field in page.fields if field.is_needed]:
        assert not judge.is_valid({key: value for key, value in example_of(kind).items() if key != name})


@pytest.mark.parametrize("kind", node_kinds())
def test_every_choice_is_one_that_the_node_takes(kind: str) -> None:
    for field in kind_page(kind).fields:
        if field.type is not FieldType.CHOICE:
            continue
        plain = {
            name: value for name, value in fields_of(kind).items() if name not in {"store_result", "store_as"}
        }
        for choice in field.choices:
            beside: dict[str, Data] = {"body": "x"} if choice in {"POST", "PUT", "PATCH", "repeat"} else {}
            if choice in {"input", "context"}:
                beside["store_as"] = "x"
            node_kind(kind).read({**plain, **beside, field.name: choice})
        with pytest.raises(FlowError):
            node_kind(kind).read({**plain, field.name: "zqxjk"})


@pytest.mark.parametrize("kind", node_kinds())
def test_what_a_switch_is_otherwise_is_told_as_a_truth_value(kind: str) -> None:
    properties = cast("dict[str, dict[str, object]]", kind_schema(kind_page(kind))["properties"])
    for field in kind_page(kind).fields:
        if field.type is FieldType.SWITCH:
            assert properties[field.name]["default"] is False or field.name == "follow_redirects"
            assert properties[field.name][WIDGET] == "switch"
