"""The node at which runs begin."""

from __future__ import annotations

import pytest

from eilbote.author.flow.check import check_flow
from eilbote.author.flow.definition import read_flow
from eilbote.author.flow.nodes.start import check_input
from eilbote.author.flow.run import RunStatus, begin
from eilbote.author.flow.shelf import Shelf
from eilbote.errors import FlowError
from eilbote.model.data import Data
from eilbote.model.moment import Moment

NOW = Moment(1_700_000_000_000)
TEXT = """
name: order
nodes:
  - {id: begin, kind: start, needs: [email, order.number], defaults: {order.currency: EUR, greeting: Hello}}
  - {id: keep, kind: set_value, values: {context.said: "{{ input.greeting }} {{ input.order.currency }}"}}
"""
GIVEN: dict[str, Data] = {"email": "anna@example.org", "order": {"number": 7}}


def test_a_run_begins_with_what_is_usual_where_nothing_is_said() -> None:
    run = begin(read_flow(TEXT), run_id="r", given={**GIVEN, "greeting": "Hi"}, context={}, now=NOW)

    assert run.status is RunStatus.DONE
    assert run.shelves[Shelf.CONTEXT] == {"said": "Hi EUR"}
    assert run.shelves[Shelf.INPUT]["order"] == {"number": 7, "currency": "EUR"}


@pytest.mark.parametrize(
    "given, field",
    [
        ({}, "input.email"),
        ({**GIVEN, "email": ""}, "input.email"),
        ({**GIVEN, "email": None}, "input.email"),
        ({**GIVEN, "order": {}}, "input.order.number"),
        ({**GIVEN, "order": 7}, "input.order.number"),
    ],
)
def test_an_input_that_lacks_something_is_refused_by_its_path(given: dict[str, Data], field: str) -> None:
    flow = read_flow(TEXT)
    with pytest.raises(FlowError) as refused:
        check_input(flow, given)
    assert refused.value.field == field
    assert refused.value.remedy
    run = begin(flow, run_id="r", given=given, context={}, now=NOW)
    assert run.status is RunStatus.FAILED


def test_zero_and_no_are_said() -> None:
    check_input(read_flow(TEXT), {"email": "a@b", "order": {"number": 0}})


def test_it_stands_first_or_not_at_all() -> None:
    with pytest.raises(FlowError) as refused:
        read_flow("name: x\nnodes:\n  - {id: a, kind: wait, for: 1h}\n  - {id: b, kind: start}\n")
    assert "line 4" in (refused.value.cause or "")


@pytest.mark.parametrize(
    "fields, field",
    [("needs: email", "begin.needs"), ("needs: [1]", "begin.needs[0]"), ("defaults: [a]", "begin.defaults")],
)
def test_what_it_cannot_use_is_named(fields: str, field: str) -> None:
    with pytest.raises(FlowError) as refused:
        read_flow(f"name: x\nnodes:\n  - {{id: begin, kind: start, {fields}}}\n")
    assert refused.value.field == field


def test_the_check_knows_what_it_promises() -> None:
    findings = check_flow(
        TEXT + '  - {id: more, kind: set_value, values: {context.to: "{{ input.email }}"}}\n'
    )
    assert [each.what for each in findings if "has no value" in each.what or "email" in each.what] == []
