"""Wherever a run stands, in whatever flow: what is written of it and read again is the same run, asking for the same."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings

from eilbote.author.flow.data_text import written
from eilbote.author.flow.definition import Flow, read_flow
from eilbote.author.flow.run import Run, begin, go_on, resume
from eilbote.author.flow.run_state import complaint, read_run, run_data, with_late
from eilbote.author.flow.shelf import Shelf
from eilbote.author.flow.step import Outcome
from eilbote.author.plain.data_text import MOST_LEVELS, read
from eilbote.errors import FlowError
from eilbote.model.data import Data
from eilbote.model.moment import Moment, later, moment_of
from eilbote.testing.manual_clock import ManualClock

NOW = moment_of(ManualClock().now())

texts = st.text(max_size=20) | st.sampled_from(
    ["\ud800", "\0", "$decimal", "$$", "ü\U0001f600", "{{ input }}"]
)
decimals = st.decimals(allow_nan=False, allow_infinity=False) | st.sampled_from(
    [Decimal("1.50"), Decimal("-0"), Decimal("1E+400"), Decimal("1E-400"), Decimal("0.1") / 3]
)
scalars = (
    st.none() | st.booleans() | st.integers() | st.sampled_from([10**999, -(10**999)]) | decimals | texts
)
data: st.SearchStrategy[Data] = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(texts, inner, max_size=4)
        | st.dictionaries(st.sampled_from(["$decimal", "$", "$$decimal"]), inner, min_size=1, max_size=2)
    ),
    max_leaves=12,
)
tables = st.dictionaries(st.text(max_size=8), data, max_size=4)

_MAIL = {
    "to": "anna@example.org",
    "subject": "{{ item }} {{ context.kept }}",
    "content": "<p>{{ input.text }}</p>",
}
_KINDS: tuple[dict[str, Data], ...] = (
    {"kind": "set_value", "values": {"context.kept": "{{ item }}", "input.more": "{{ context }}"}},
    {"kind": "set_value", "values": {"input.deep.er": {"a": ["{{ input.items }}", 1]}}},
    {"kind": "wait", "for": "90m"},
    {"kind": "email_notification", **_MAIL, "store_result": "input", "store_as": "mail"},
    {
        "kind": "send_smtp_email",
        **_MAIL,
        "store_result": "context",
        "store_as": "mails.last",
        "attachments": [{"kind": "mime", "mime": "{{ input.text }}"}],
    },
    {"kind": "ask", "to": "anna@example.org, bert@example.org", "subject": "{{ item }}?", "expires": "3d"},
    {"kind": "branch", "if": "context.kept"},
    {"kind": "http_request", "method": "POST", "url": "https://example.org/{{ item | url_encode }}", "json": {"a": "{{ item }}"}},
    {"kind": "raise_notification", "event": "order.late", "summary": "{{ item }}!", "data": {"n": "{{ item }}"}},
)  # fmt: skip


@st.composite
def flows(draw: st.DrawFn) -> Flow:
    """Give a flow of nodes of all kinds, with loops in loops."""
    nodes: list[dict[str, Data]] = []

    def block(depth: int) -> list[dict[str, Data]]:
        own: list[dict[str, Data]] = []
        for _ in range(draw(st.integers(1, 3))):
            node: dict[str, Data] = {"id": f"n{len(nodes)}"}
            nodes.append(node)
            own.append(node)
            if depth and draw(st.booleans()):
                items = "{{ input.items }}" if draw(st.booleans()) else "{{ item }}"
                node |= {"kind": "for_each", "items": items, "as": draw(st.sampled_from(["item", "other"]))}
                node["do"] = block(depth - 1)[0]["id"]
            else:
                node |= draw(st.sampled_from(_KINDS))
        for node, after in zip(own, [*(each["id"] for each in own[1:]), "end"], strict=True):
            node.update(dict.fromkeys(("then", "else") if node["kind"] == "branch" else ("next",), after))
        return own

    block(3)
    return read_flow(json.dumps({"name": "any", "nodes": nodes}))


def again(flow: Flow, run: Run) -> Run:
    """Write a run and read it."""
    state = json.loads(json.dumps(run_data(run)))
    assert complaint(state) is None
    return read_run(flow, state, context=run.shelves[Shelf.CONTEXT])


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(
    flow=flows(),
    given_=tables,
    items=st.lists(data, max_size=3) | st.just([[1, [Decimal("2.5")]], ["x"]]),
    context=tables,
    outcomes=st.lists(tables, min_size=1, max_size=4),
    fails=st.lists(st.booleans(), min_size=1, max_size=4),
)
def test_a_run_that_is_written_and_read_is_the_same(  # noqa: PLR0917 - each is drawn
    flow: Flow,
    given_: dict[str, Data],
    items: list[Data],
    context: dict[str, Data],
    outcomes: list[dict[str, Data]],
    fails: list[bool],
) -> None:
    run = begin(flow, run_id="any", given={**given_, "items": items, "text": "t"}, context=context, now=NOW)
    now = NOW
    for number in range(25):
        run = replace(
            run, shelves={**run.shelves, Shelf.CONTEXT: {**run.shelves[Shelf.CONTEXT], "others": number}}
        )
        read_again = again(flow, run)
        assert read_again == run
        assert read_again.key == run.key
        if run.at is None:
            return
        now = later(now, 1.5)
        error: dict[str, Data] | None = {"code": "x", "message": "m"} if fails[number % len(fails)] else None
        outcome = Outcome(result=outcomes[number % len(outcomes)], error=error)
        run, other = (
            resume(flow, each, outcome, now=now) if run.waits_for else go_on(flow, each, now=now)
            for each in (run, read_again)
        )
        assert other == run


@given(data)
def test_data_is_read_as_it_was_written(value: Data) -> None:
    found = read(written(value, field="value"))

    assert found == value
    assert repr(found) == repr(value), "also where numbers are equal and look different"


@given(tables, st.lists(st.tuples(st.sampled_from(["a", "a.b", "c.d.e"]), data), min_size=1, max_size=3))
def test_late_results_are_put_into_a_written_run_as_into_the_run(
    values: dict[str, Data], results: list[tuple[str, Data]]
) -> None:
    flow = read_flow('{"name": "any", "nodes": [{"id": "a", "kind": "wait", "for": "1"}]}')
    run = begin(flow, run_id="any", given=values, context={}, now=NOW)
    merged = read_run(flow, with_late(run_data(run), results), context={})
    *_, (key, value) = results
    found: Data = dict(merged.shelves[Shelf.INPUT])
    for name in key.split("."):
        assert isinstance(found, dict)
        found = found[name]
    assert found == value
    assert merged.waits_for == run.waits_for


@given(
    st.recursive(
        st.none() | st.text(max_size=3) | st.integers() | st.floats(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=8), inner),
        max_leaves=20,
    )
)
def test_whatever_stands_there_is_read_or_refused_by_name(found: object) -> None:
    """A state that was damaged on the disk ends its run, and nothing else."""
    flow = read_flow('{"name": "any", "nodes": [{"id": "a", "kind": "wait", "for": "1"}]}')
    state = {**run_data(begin(flow, run_id="any", given={}, context={}, now=Moment(0)))}
    for name in state:
        try:
            run = read_run(flow, {**state, name: found}, context={})  # type: ignore[dict-item]
        except FlowError:
            continue
        assert run.id == (found if name == "id" else "any")


def test_what_is_nested_too_deeply_is_refused() -> None:
    deep: Data = []
    for _ in range(MOST_LEVELS - 1):
        deep = [deep]
    assert read(written(deep, field="x")) == deep
    with pytest.raises(FlowError) as caught:
        written([deep], field="x")
    assert caught.value.field == "x" + "[0]" * MOST_LEVELS
