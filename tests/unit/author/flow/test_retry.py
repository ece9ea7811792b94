"""A failed run begins again where it failed: with what it knows, inside its loops, and under a new name for the visit."""

from __future__ import annotations

from dataclasses import replace

import pytest

from eilbote.author.flow.definition import read_flow
from eilbote.author.flow.retry import failed_at, tried_again
from eilbote.author.flow.run import Run, RunStatus, begin, go_on
from eilbote.author.flow.run_state import read_run, run_data, why_failed
from eilbote.author.flow.shelf import Shelf
from eilbote.errors import ConflictError
from eilbote.model.moment import Moment

NOW = Moment(1_800_000_000_000)
LOOP = read_flow("""name: loop
nodes:
  - {id: each, kind: for_each, items: "{{ input.people }}", as: person, do: refuse}
  - {id: done, kind: set_value, values: {context.done: "yes"}}
  - {id: refuse, kind: branch, if: "context.strict and person == 'Max'", then: stop, else: told}
  - {id: stop, kind: end, error: "{{ person }} is not to be told"}
  - {id: told, kind: set_value, values: {context.last: "{{ person }}"}, next: end}
""")


def failed() -> Run:
    """Give a run that failed in the second turn of a loop."""
    given = {"people": ["Anna", "Max", "Eva"]}
    return begin(LOOP, run_id="r1", given=given, context={"strict": True}, now=NOW)  # type: ignore[dict-item]


def kept(run: Run) -> Run:
    """Write a run down and read it again, as happens between its failing and the word to try again."""
    return read_run(LOOP, run_data(run), context=run.shelves[Shelf.CONTEXT])


def test_a_run_goes_on_inside_the_loop_in_which_it_failed() -> None:
    run = kept(failed())
    assert (run.status, failed_at(run), run.shelves[Shelf.CONTEXT]["last"]) == (
        RunStatus.FAILED,
        "stop",
        "Anna",
    )
    again = kept(tried_again(LOOP, run))
    assert (run.failed_nodes, again.failed_nodes) == (1, 0), "the node may do better this time"
    assert (again.status, again.at, again.error) == (RunStatus.RUNNING, "stop", {})
    ended = go_on(LOOP, again, now=NOW)
    assert (ended.status, ended.error["message"]) == (RunStatus.FAILED, "Max is not to be told")
    # Nothing is done again that was done before: it has been twice to the node at which it failed, and once to the others.
    assert (ended.been["stop"], ended.been["each"], ended.been["told"]) == (2, 1, 1)
    assert [visit.node for visit in ended.trail] == ["each", "refuse", "told", "refuse", "stop", "stop"]


def test_only_a_run_that_has_failed_is_tried_again() -> None:
    done = begin(LOOP, run_id="r1", given={"people": []}, context={}, now=NOW)
    assert failed_at(done) is None
    with pytest.raises(ConflictError, match="has not failed"):
        tried_again(LOOP, done)


def test_a_run_of_which_nobody_knows_where_it_failed_is_not_tried_again() -> None:
    run = failed()
    unknown = replace(run, trail=run.trail[:3])  # the last node in it was left, so the run failed after it
    assert failed_at(unknown) is None
    assert why_failed(run_data(unknown)) == unknown.error
    with pytest.raises(ConflictError, match="cannot be tried again"):
        tried_again(LOOP, unknown)
    gone = replace(run, error={"code": "flow", "node": "a node that is not there"})
    with pytest.raises(ConflictError, match="cannot be tried again"):
        tried_again(LOOP, gone)


def test_why_a_run_failed_names_the_node() -> None:
    assert why_failed(run_data(failed()))["node"] == "stop"
    assert why_failed({}) == {}
