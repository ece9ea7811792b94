from __future__ import annotations

import json
from decimal import Decimal

import pytest

from eilbote.author.flow.definition import read_flow
from eilbote.errors import FlowError

HEAD = "name: test\nnodes:\n"


def refusal(text: str) -> FlowError:
    with pytest.raises(FlowError) as refused:
        read_flow(text)
    return refused.value


def test_json_is_read_as_well_as_yaml() -> None:
    said = {
        "name": "orders",
        "sample": {"n": 1, "list": [True, None, 1.5]},
        "nodes": [
            {"id": "ask", "kind": "branch", "if": "input.n", "then": "end", "else": "done"},
            {"id": "done", "kind": "end", "label": "Nothing to do"},
        ],
    }
    flow = read_flow(json.dumps(said))
    assert list(flow.sample.items()) == [("n", 1), ("list", [True, None, Decimal("1.5")])]
    assert flow.start == "ask"
    assert flow.nodes["ask"].exits == {"then": None, "else": "done"}
    assert flow.nodes["done"].label == "Nothing to do"


def test_a_node_goes_on_to_the_one_below_unless_told_otherwise() -> None:
    pause = "kind: wait, for: 1h"
    flow = read_flow(
        f"{HEAD}  - {{id: a, {pause}}}\n  - {{id: b, {pause}, next: d}}\n  - {{id: c, {pause}}}\n  - {{id: d, {pause}, next: c}}\n"
    )
    assert {name: node.exits["next"] for name, node in flow.nodes.items()} == {
        "a": "b",
        "b": "d",
        "c": "d",
        "d": "c",
    }


@pytest.mark.parametrize(
    "text, field, what, place, remedy",
    [
        ("", None, "empty", None, "nodes"),
        ("name: x", "nodes", "no nodes", None, "nodes"),
        ("name: x\nname: y", None, "said twice", "line 2, column 1", "Keep one"),
        ("name: x\nnodez: []", "nodez", "no field", "line 2, column 1", "'nodes'"),
        (HEAD + "  - {id: a, kind: brunch}", "a.kind", "no kind of node", "line 3, column 13", "'branch'"),
        (HEAD + "  - {kind: end}", "nodes.0.id", "no usable id", "line 3, column 5", "letters"),
        (
            HEAD + "  - {id: end, kind: end}",
            "nodes.0.id",
            "no usable id",
            "line 3, column 6",
            "word of its own",
        ),
        (
            HEAD + "  - {id: a, kind: end}\n  - {id: a, kind: end}",
            "nodes.1.id",
            "two nodes",
            "line 4, column 6",
            "own id",
        ),
        (
            HEAD + "  - {id: a, kind: wait, for: 1h, next: bee}\n  - {id: been, kind: end}",
            "nodes.0.next",
            "no node",
            "line 3, column 34",
            "'been'",
        ),
        (
            HEAD + "  - {id: a, kind: end}\n  - {id: b, kind: end}",
            "nodes.1",
            "no way leads",
            "line 4, column 5",
            "exit",
        ),
        (
            HEAD + "  - {id: a, kind: wait, for: 1h, fro: 2}",
            "a.fro",
            "no field 'fro'",
            "line 3, column 34",
            "'for'",
        ),
        (HEAD + "  - {id: a, kind: wait}", "a.for", "how long", "line 3, column 5", "2h"),
        (
            HEAD + "  - {id: a, kind: branch, if: '{{ x }}'}",
            "a.if",
            "no braces",
            "line 3, column 27",
            "input.total",
        ),
        (HEAD + "  - {id: a, kind: branch, if: 'x > '}", "a.if", "", "line 3, column 27", ""),
        (
            HEAD + "  - {id: a, kind: set_value, values: {contxt.x: 1}}",
            "a.values.contxt.x",
            "no place",
            "line 3, column 39",
            "context.",
        ),
        (
            HEAD + "  - {id: a, kind: set_value, values: {context.1x: 1}}",
            "a.values.context.1x",
            "cannot be a key",
            "line 3, column 39",
            "letters",
        ),
        (
            HEAD + "  - id: a\n    kind: set_value\n    values:\n      context.x: '{{ a || b }}'",
            "a.values.context.x",
            "dpipe",
            "line 6, column 24",
            "default: b",
        ),
        ("a: &x [1]\nb: *x", None, "anchors", "line 1, column 4", "Write the part out"),
        ("- !!python/object:os.system x", None, "cannot be used", "line 1, column 3", "plain"),
        (HEAD + "  - {id: a, kind: end", None, "neither YAML nor JSON", "line", "Mend"),
        (HEAD + "\t- id: a", None, "a tab", "line 3, column 1", "blanks"),
        (HEAD + "  - id: a\n    to: {{ input.a }}", None, "no quotes", "line 4, column 9", '"{{'),
        (HEAD + "  - id: a\n    to: {{ input.a }} x", None, "no quotes", "line 4, column", '"{{'),
        (HEAD + "  - id: a\n    subject: Order: 1", None, "a colon", "line 4, column 19", "below a |"),
        (HEAD + "  - id: a\n     kind: end", None, "indented otherwise", "line 4, column 10", "same column"),
        (HEAD + "  - id: a\n   kind: end", None, "indented otherwise", "line 4, column 4", "same column"),
        (HEAD + "  - id: a\n   - id: b", None, "indented otherwise", "line 4, column 4", "dashes"),
        (
            HEAD + '  - id: a\n    to: "a\n    kind: end',
            None,
            "no closing quote",
            "line 4, column 9",
            "same kind",
        ),
        (
            HEAD + '  - id: a\n    to: "{{ a | date: "long" }}"',
            None,
            "behind a text in quotes",
            "line 4, column 24",
            "single ones",
        ),
    ],
)
def test_a_fault_is_pointed_at(
    text: str, field: str | None, what: str, place: str | None, remedy: str
) -> None:
    refused = refusal(text)
    assert refused.field == field
    assert what in refused.what
    assert remedy in (refused.remedy or "")
    if place is not None:
        assert f"It stands in {place}" in (refused.cause or "")


def test_a_number_that_python_does_not_read_is_refused_in_its_place() -> None:
    digits = "9" * 5000
    fault = refusal(f"name: test\nsample: {{n: {digits}}}\nnodes:\n  - {{id: a, kind: end}}\n")
    assert "line 2" in str(fault)
    assert digits not in str(fault)


def test_a_page_of_text_does_not_become_a_gigabyte() -> None:
    laughs = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"{name}: &{name} [*{before}, *{before}, *{before}, *{before}]\n"
        for before, name in zip("abcdefgh", "bcdefghi", strict=True)
    )
    assert "anchors" in refusal(laughs).what


def test_a_flow_nested_without_end_is_refused() -> None:
    assert refusal(f"a: {'[' * 200_000}").what == "the flow is nested too deeply"


def test_json_as_python_writes_it_is_read() -> None:
    name = "Ümit 😀🎉 \\ud83d\\ude00 \\"
    text = json.dumps(
        {"name": "x", "sample": {"name": name}, "nodes": [{"id": "done", "kind": "end", "label": name}]}
    )
    assert "\\ud83d\\ude00\\ud83c\\udf89" in text

    flow = read_flow(text)

    assert flow.sample["name"] == name
    assert flow.nodes["done"].label == name


def test_half_a_character_of_json_is_refused() -> None:
    with pytest.raises(FlowError):
        read_flow('{"name": "x", "nodes": [{"id": "done", "kind": "end", "label": "\\ud83d"}]}')
