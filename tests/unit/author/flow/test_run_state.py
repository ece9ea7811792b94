"""Runs written down: what is not written, what is damaged, and what a run has seen that waits."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal

import pytest

from eilbote.author.flow.definition import read_flow
from eilbote.author.flow.effect import SendEmail, WaitUntil
from eilbote.author.flow.run import Run, RunStatus, ask_again, begin, resume
from eilbote.author.flow.run_state import complaint, failed_data, read_run, run_data, with_late
from eilbote.author.flow.shelf import Shelf
from eilbote.author.flow.step import Outcome
from eilbote.errors import FlowError
from eilbote.model.data import Data
from eilbote.model.moment import Moment, later

NOW = Moment(1_700_000_000_000)
FLOW = read_flow("""
name: greet
nodes:
  - {id: mail, kind: send_smtp_email, to: "{{ context.to }}", subject: "{{ input.number }}", content: "<p>Hello</p>"}
  - {id: rest, kind: wait, for: 1h}
""")
GIVEN: dict[str, Data] = {"number": Decimal("1.50")}
CONTEXT: dict[str, Data] = {"to": "anna@example.org"}


def begun() -> Run:
    return begin(FLOW, run_id="r", given=GIVEN, context=CONTEXT, now=NOW)


def sent(run: Run) -> SendEmail:
    assert isinstance(run.waits_for, SendEmail)
    return run.waits_for


def test_neither_effect_nor_template_is_written() -> None:
    written = json.dumps(run_data(begun()))
    assert "Hello" not in written
    assert "Subject" not in written


def test_a_run_that_waits_asks_again_in_the_scene_in_which_it_asked() -> None:
    """Another run of the conversation has taken the address away meanwhile; the message is the same, and the next node sees it."""
    run = begun()
    state = run_data(run)

    again = read_run(FLOW, state, context={"to": ""})

    assert sent(again) == sent(run)
    assert again.shelves[Shelf.CONTEXT] == {"to": ""}
    once_more = read_run(FLOW, run_data(again), context={"to": "bert@example.org"})
    assert sent(once_more) == sent(run), "however often it is written while it waits"


def test_a_late_result_is_put_in_beside_what_the_scene_has_seen() -> None:
    run = begun()
    state = with_late(run_data(run), [("number", 7), ("mail.late", {"status": "accepted"})])
    state = with_late(state, [("number", 8)])

    again = read_run(FLOW, state, context=CONTEXT)

    assert sent(again) == sent(run)
    assert again.shelves[Shelf.INPUT] == {"number": 8, "mail": {"late": {"status": "accepted"}}}
    assert sent(read_run(FLOW, run_data(again), context=CONTEXT)) == sent(run)
    after = resume(FLOW, again, Outcome(), now=later(NOW, 5))
    assert isinstance(after.waits_for, WaitUntil)
    assert "seen_input" not in run_data(after), "the next scene is another one"


def test_a_result_comes_to_a_run_that_does_not_wait() -> None:
    ended = replace(begun(), at=None, status=RunStatus.DONE, waits_for=None, since=None, seen=None)
    state = with_late(run_data(ended), [("mail", "ok")])
    assert read_run(FLOW, state, context={}).shelves[Shelf.INPUT] == {**GIVEN, "mail": "ok"}
    assert with_late({"input": 7}, [("mail", "ok")]) == {"input": 7}, "what is damaged stays for who reads it"


def test_a_node_that_asks_for_nothing_any_more_is_told() -> None:
    """The package that brought it was changed, or the state belongs to another text."""
    other = read_flow('{"name": "greet", "nodes": [{"id": "mail", "kind": "end"}]}')
    with pytest.raises(FlowError, match="asks for nothing any more") as caught:
        read_run(other, run_data(begun()), context=CONTEXT)
    assert caught.value.field == "mail"


def test_a_scene_that_cannot_be_played_again_is_told_with_its_field() -> None:
    other = read_flow("""
    {"name": "greet", "nodes": [{"id": "mail", "kind": "wait", "until": "{{ context.to }}"}]}
    """)
    with pytest.raises(FlowError, match="is no time") as caught:
        read_run(other, run_data(begun()), context=CONTEXT)
    assert caught.value.field == "mail.until"
    with pytest.raises(ValueError, match="asked for nothing"):
        ask_again(FLOW, replace(begun(), since=None))


@pytest.mark.parametrize(
    "change, why",
    [
        ({"form": 2}, "form 2, and this eilbote knows form 1"),
        ({"form": None}, "form None"),
        ({"unreadable": "the text is missing"}, "the text is missing"),
        ({"at": "nowhere"}, "no node 'nowhere'"),
        ({"at": 7}, "type int in place of one of str"),
        ({"at": None}, "waits in a node to which it has never been"),
        ({"at": "rest"}, "waits in a node to which it has never been"),
        ({"at": None, "since": None}, "it is running and at no node"),
        ({"status": "done", "since": None}, "it is done and at mail"),
        ({"status": "lost"}, "'lost' is not a valid RunStatus"),
        ({"steps": -1}, "below nothing"),
        ({"steps": True}, "type bool"),
        ({"loops": [["mail", [1, 2], 2, "item"]]}, "has no item 2"),
        ({"loops": [["gone", [1, 2], 0, "item"]]}, "no node 'gone'"),
        ({"loops": [["mail", [1, 2], 0]]}, "not enough values"),
        ({"trail": [["mail"]]}, "not enough values"),
        ({"input": [1]}, "in place of a table"),
        ({"input": {"a": {"$decimal": "x"}}}, "decimal number that is none"),
        ({"input": {"a": {"$decimal": "NaN"}}}, "decimal number that is none"),
        ({"input": {"$a": 1}}, "means nothing"),
        ({"input": {"a": 1.5}}, "type float"),
        ({"seen": None}, "in place of a table"),
    ],
)
def test_a_damaged_state_is_refused_with_the_reason(change: dict[str, Data], why: str) -> None:
    state = {**run_data(begun()), **change}
    with pytest.raises(FlowError, match="cannot be read") as caught:
        read_run(FLOW, state, context=CONTEXT)
    assert why in (caught.value.cause or "")
    assert caught.value.field == "state"
    assert caught.value.remedy


@pytest.mark.parametrize(
    "name", ["id", "at", "status", "input", "been", "steps", "mails", "loops", "trail", "seen"]
)
def test_a_missing_field_is_named(name: str) -> None:
    state = run_data(begun())
    del state[name]
    with pytest.raises(FlowError) as caught:
        read_run(FLOW, state, context=CONTEXT)
    assert caught.value.cause == f"its field {name!r} is missing"
    assert complaint(state) == caught.value.cause


def test_complaints_are_made_without_the_flow() -> None:
    assert complaint(run_data(begun())) is None
    assert complaint([]) == "a value of type list in place of one of dict"


def test_a_run_of_which_nothing_is_known_can_be_kept_as_failed() -> None:
    error: dict[str, Data] = {"code": "flow", "message": "the kept state of the run cannot be read"}
    found = read_run(FLOW, failed_data("r", error), context={})
    assert (found.id, found.status, found.at, found.error) == ("r", RunStatus.FAILED, None, error)


def test_a_run_whose_flow_cannot_be_read_keeps_what_it_knew() -> None:
    written = run_data(begun())
    failed = failed_data("r", {"code": "flow"}, former=written)

    found = read_run(FLOW, failed, context={})

    assert (found.status, found.at, found.since, found.error) == (
        RunStatus.FAILED,
        None,
        None,
        {"code": "flow"},
    )
    assert found.shelves[Shelf.INPUT] == GIVEN
    assert (found.mails, found.been) == (1, {"mail": 1})
    damaged: dict[str, Data] = {**written, "been": "nowhere"}
    assert read_run(FLOW, failed_data("r", {"code": "x"}, former=damaged), context={}).error == {"code": "x"}


def test_a_value_that_cannot_be_kept_is_named() -> None:
    for value, field in (
        ({"a": [1, Decimal("NaN")]}, "input.a[1]"),
        ({"a": {"b": object()}}, "input.a.b"),
        ({"a": {7: 1}}, "input.a"),
        ({"a": 10**1000}, "input.a"),
        ({"a": float("inf")}, "input.a"),
    ):
        run = replace(begun(), shelves={Shelf.INPUT: value, Shelf.CONTEXT: {}})  # type: ignore[dict-item]
        with pytest.raises(FlowError) as caught:
            run_data(run)
        assert caught.value.field == field
        assert caught.value.remedy
