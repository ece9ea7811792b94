from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

import pytest

from eilbote.author.flow.definition import Flow, FlowNode, read_flow
from eilbote.author.flow.effect import WaitUntil
from eilbote.author.flow.run import MOST_STEPS, STEPS_AT_ONCE, Run, RunStatus, begin, go_on, resume
from eilbote.author.flow.run_state import failed_nodes, read_run, run_data
from eilbote.author.flow.shelf import Put, Shelf
from eilbote.author.flow.step import Leave, Outcome
from eilbote.model.moment import Moment

NOW = Moment(1_800_000_000_000)


def flow(nodes: str) -> Flow:
    return read_flow(f"name: test\nnodes:\n{nodes}")


def run(nodes: str, given: dict[str, object] | None = None, context: dict[str, object] | None = None) -> Run:
    return begin(flow(nodes), run_id="r1", given=given or {}, context=context or {}, now=NOW)  # type: ignore[arg-type]


def test_nodes_follow_one_another_and_leave_values_behind() -> None:
    ended = run(
        """
  - {id: a, kind: set_value, values: {context.greeting: "Hello {{ input.name }}", input.order.number: 7}}
  - {id: b, kind: set_value, values: {context.again: "{{ context.greeting }} ({{ input.order.number }})"}}
""",
        {"name": "Anna"},
    )
    assert ended.status is RunStatus.DONE
    assert ended.shelves[Shelf.CONTEXT] == {"greeting": "Hello Anna", "again": "Hello Anna (7)"}
    assert [(visit.node, visit.by) for visit in ended.trail] == [("a", "next"), ("b", "next")]


def test_a_variable_alone_stays_what_it_is() -> None:
    nodes = '  - {id: a, kind: set_value, values: {context.list: "{{ input.list }}", context.n: "{{input.list[1].n}}"}}\n'
    kept = run(nodes, {"list": [1, {"n": 2}]}).shelves[Shelf.CONTEXT]
    assert kept == {"list": [1, {"n": 2}], "n": 2}


@pytest.mark.parametrize("total, way", [(101, "dear"), (100, "cheap"), (None, "cheap")])
def test_a_branch_goes_one_of_two_ways(total: int | None, way: str) -> None:
    ended = run(
        """
  - {id: ask, kind: branch, if: "input.total and input.total > 100", then: dear, else: cheap}
  - {id: dear, kind: end}
  - {id: cheap, kind: end}
""",
        {"total": total},
    )
    assert [visit.node for visit in ended.trail] == ["ask", way]


def test_loops_stand_inside_loops_and_see_their_items() -> None:
    ended = run(
        """
  - {id: outer, kind: for_each, items: "{{ input.rows }}", as: row, do: inner, next: done}
  - {id: inner, kind: for_each, items: "{{ row }}", as: cell, do: write, next: end}
  - {id: write, kind: set_value, values: {context.text: "{{ context.text }}{{ row_index }}{{ cell_index }}{{ cell }} "}, next: end}
  - {id: done, kind: set_value, values: {context.after: "[{{ row }}{{ cell }}]"}}
""",
        {"rows": [["a", "b"], [], ["c"]]},
    )
    assert ended.status is RunStatus.DONE
    assert ended.shelves[Shelf.CONTEXT] == {"text": "00a 01b 20c ", "after": "[]"}


def test_the_list_of_a_loop_is_looked_up_once() -> None:
    ended = run(
        """
  - {id: each, kind: for_each, items: "{{ input.list }}", do: more, next: end}
  - {id: more, kind: set_value, values: {input.list: ["x", "y", "z"], context.n: "{{ context.n }}{{ item }}"}, next: end}
""",
        {"list": [1, 2]},
    )
    assert ended.shelves[Shelf.CONTEXT] == {"n": "12"}


def test_a_run_waits_and_goes_on_where_it_was() -> None:
    nodes = """
  - {id: each, kind: for_each, items: [1, 2], do: pause, next: end}
  - {id: pause, kind: wait, for: "1h 30m", next: end}
"""
    waiting = run(nodes)
    assert waiting.waits_for == WaitUntil(due=Moment(NOW + 5_400_000))
    assert waiting.key == "r1/pause/0"
    again = resume(flow(nodes), waiting, Outcome(), now=Moment(NOW + 5_400_000))
    assert again.key == "r1/pause/1", "each visit is another one"
    ended = resume(flow(nodes), again, Outcome(), now=NOW)
    assert ended.status is RunStatus.DONE
    with pytest.raises(ValueError, match="waits for nothing"):
        resume(flow(nodes), ended, Outcome(), now=NOW)


def test_an_end_may_be_a_bad_one() -> None:
    ended = run('  - {id: a, kind: end, error: "no stock for {{ input.item }}"}\n', {"item": "ink"})
    assert ended.status is RunStatus.FAILED
    assert ended.error == {"code": "ended", "message": "no stock for ink"}


def test_a_node_that_cannot_go_on_ends_the_run_and_is_named() -> None:
    ended = run('  - {id: each, kind: for_each, items: "{{ input.n }}", do: end}\n', {"n": 5})
    assert ended.status is RunStatus.FAILED
    assert ended.error["node"] == "each"
    assert ended.error["field"] == "items"
    assert ended.error["remedy"]
    assert ended.trail[-1].error == ended.error


def test_a_list_longer_than_allowed_is_not_begun() -> None:
    ended = run(
        '  - {id: each, kind: for_each, items: "{{ input.l }}", most: 2, do: end}\n', {"l": [1, 2, 3]}
    )
    assert ended.status is RunStatus.FAILED
    assert "3 items" in str(ended.error["message"])


def test_a_circle_gives_way_to_others_and_ends_in_the_end() -> None:
    nodes = "  - {id: a, kind: set_value, values: {context.n: 1}, next: a}\n"
    circle = flow(nodes)
    going = run(nodes)
    assert going.steps == STEPS_AT_ONCE
    assert going.can_go_on
    from dataclasses import replace

    late = replace(going, steps=MOST_STEPS - 1)
    ended = go_on(circle, late, now=NOW)
    assert ended.status is RunStatus.FAILED
    assert "circle" in str(ended.error["remedy"])


def test_nodes_that_take_long_give_way_after_each_of_them() -> None:
    from dataclasses import replace

    circle = flow("  - {id: a, kind: set_value, values: {context.n: 1}, next: a}\n")
    begun = replace(run("  - {id: a, kind: end}\n"), at="a", status=RunStatus.RUNNING, steps=0)
    asked: list[bool] = []

    def is_enough() -> bool:
        asked.append(True)
        return len(asked) == 3

    assert go_on(circle, begun, now=NOW, is_enough=is_enough).steps == 3


def test_a_run_changes_nothing_that_it_was_given() -> None:
    given: dict[str, object] = {"order": {"n": 1}}
    run("  - {id: a, kind: set_value, values: {input.order.n: 2}}\n", given)
    assert given == {"order": {"n": 1}}


def test_what_went_wrong_is_told_even_where_the_run_goes_on() -> None:
    """A mail that cannot be sent need not end its run; whoever looks at the run sees it all the same."""
    made = flow(
        "  - {id: notify, kind: email_notification, to: a@example.org, subject: Hi}\n  - {id: done, kind: end}\n"
    )
    waits = begin(made, run_id="r1", given={}, context={}, now=NOW)
    ended = resume(made, waits, Outcome(error={"code": "connect", "message": "nobody is there"}), now=NOW)
    assert ended.status is RunStatus.DONE
    assert [(visit.node, visit.error.get("message")) for visit in ended.trail] == [
        ("notify", "nobody is there"),
        ("done", None),
    ]
    assert ended.failed_nodes == 1
    written = run_data(ended)
    assert failed_nodes(written) == read_run(made, written, context={}).failed_nodes == 1
    del written["failed_nodes"]
    assert failed_nodes(written) == 1, "as it was written before they were counted"
    assert failed_nodes({}) == failed_nodes({"trail": 7, "failed_nodes": "x"}) == 0, "damaged"


@dataclass
class Puts:
    """A node of somebody else, which leaves behind what it still holds."""

    kind: ClassVar[str] = "puts"
    exits: ClassVar[tuple[str, ...]] = ("next",)
    value: object

    def enter(self, scene: object) -> Leave:
        return Leave(puts=(Put(shelf=Shelf.INPUT, key="thing", value=self.value),))  # type: ignore[arg-type]


def flow_of(*nodes: object) -> Flow:
    names = [f"n{number}" for number in range(len(nodes))]
    made = {
        name: FlowNode(id=name, kind="puts", label=name, node=node, exits={"next": below})  # type: ignore[arg-type]
        for name, node, below in zip(names, nodes, [*names[1:], None], strict=True)
    }
    return Flow(name="test", nodes=made, start=names[0], sample={})


def test_what_a_node_puts_is_copied_once_so_that_templates_can_use_it_as_it_is() -> None:
    held: list[object] = [{"n": 1}, 0.5]
    ended = begin(flow_of(Puts(held)), run_id="r1", given={}, context={}, now=NOW)
    held.append("more")
    assert ended.shelves[Shelf.INPUT]["thing"] == [{"n": 1}, Decimal("0.5")]


def test_a_node_of_somebody_else_that_puts_an_object_ends_the_run_and_says_where() -> None:
    ended = begin(flow_of(Puts(1), Puts(object())), run_id="r1", given={}, context={}, now=NOW)
    assert ended.status is RunStatus.FAILED
    assert (ended.error["node"], ended.error["field"]) == ("n1", "input.thing")
    assert ended.shelves[Shelf.INPUT] == {"thing": 1}
