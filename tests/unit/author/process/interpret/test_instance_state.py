"""Instances and what happens to them, written down and read again; and what is told of a state that is damaged."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from typing import cast

import pytest
from tests.unit.author.process.drawn import END, NOW, START, K, began, element, kept, mail, on, process

from eilbote.author.process.details import (
    Destination,
    FlowDetails,
    HttpDetails,
    Importance,
    OnFailure,
    TaskDetails,
)
from eilbote.author.process.instance import (
    DeedDone,
    IncidentDecided,
    Instance,
    MessageArrived,
    TaskCompleted,
    Trigger,
)
from eilbote.author.process.interpret.instance_state import instance_data, read_instance
from eilbote.author.process.interpret.interpret import begin, cancel, go_on, settle
from eilbote.author.process.interpret.trigger_text import read_trigger, trigger_data
from eilbote.errors import ProcessError
from eilbote.model.data import Data

EVERYTHING = process(
    [
        START,
        element("fork", K.PARALLEL_GATEWAY),
        element("mail", K.SEND_TASK),
        element("start-other", K.SEND_TASK),
        element("tell-all", K.SEND_TASK),
        element("http", K.SERVICE_TASK),
        element("flow", K.SERVICE_TASK),
        element("ask", K.USER_TASK),
        element("late", K.BOUNDARY_EVENT, at="ask", timer="R3/PT1H", interrupting=False),
        element("wait", K.RECEIVE_TASK, message="go"),
        element("broken", K.CATCH_EVENT, timer="soon"),
        element("join", K.PARALLEL_GATEWAY),
        element("pass", K.TASK),
        END,
    ],
    *(
        f"fork > {each} > join"
        for each in (
            "mail",
            "start-other",
            "tell-all",
            "http",
            "flow",
            "ask",
            "wait",
            "broken",
            "pass",
        )
    ),
    "start > fork",
    "join > end",
    "late > end",
    details={
        "mail": mail("mail", mapping={"Total": "{{ total }}"}, on_failure=OnFailure.INCIDENT),
        "start-other": mail("other", destination=Destination.START, message="order", mapping={"$x": "1"}),
        "tell-all": mail(
            "all",
            destination=Destination.NOTIFICATION,
            title="T",
            duration="PT1.5S",
            importance=Importance.HIGH,
        ),
        "http": HttpDetails(url="https://x", headers={"A": {"secret": "S"}}, body=[1, None], seconds=0.1),
        "flow": FlowDetails(flow="f", input={"a": "{{ total }}"}, result="r"),
        "ask": TaskDetails(recipients=("{{ to }}",), choices=(("a", "A"),), due="P1D", reminds=True),
    },
)
DATA: dict[str, Data] = {
    "total": Decimal("12.50"),
    "to": "anna@example.org",
    "$odd": None,
    "deep": [{"a": [True]}],
}


STAY = {"key": "i/ask/0", "element": "ask", "iteration": 0, "scope": 0, "since": 1, "phase": "ready"}
TOKENS = {"form": 1, "scopes": [[0, "P", "", {}]], "stays": [STAY], "counts": {}, "last_scope": 0}


def test_everything_an_instance_can_hold_is_the_same_after_it_was_kept() -> None:
    instance = began(EVERYTHING, DATA)
    assert len(instance.wanted) == 5
    assert len(instance.incidents) == 1
    again = kept(EVERYTHING, instance)
    assert again.data == DATA
    assert isinstance(again.data["total"], Decimal)
    assert again.waits.tasks[0].details.recipients == ("anna@example.org",)
    assert again.waits.tasks[0].details.choices == (("a", "A"),)
    kept(EVERYTHING, cancel(again, now=NOW))
    error: dict[str, Data] = {"code": "x", "message": Decimal(1)}
    failed = settle(EVERYTHING, again, "i/mail/0", DeedDone(error=error, catchable=True), now=NOW)
    assert kept(EVERYTHING, failed).error == error


def test_whoever_works_it_out_again_wants_the_same() -> None:
    instance = begin(EVERYTHING, DATA, instance_id="i", now=NOW)
    assert go_on(EVERYTHING, instance, now=NOW) == go_on(EVERYTHING, instance, now=NOW)
    assert on(EVERYTHING, instance) == go_on(EVERYTHING, instance, now=NOW)


def test_what_is_given_to_an_instance_is_not_shared_with_the_giver() -> None:
    inside: dict[str, Data] = {"name": "Anna"}
    instance = begin(EVERYTHING, {"customer": inside}, instance_id="i", now=NOW)
    inside["name"] = "Berta"
    assert instance.data == {"customer": {"name": "Anna"}}


def test_data_that_cannot_be_kept_is_refused_at_the_door() -> None:
    with pytest.raises(ProcessError, match="cannot be kept") as told:
        begin(EVERYTHING, {"a": [object()]}, instance_id="i", now=NOW)  # type: ignore[list-item]
    assert told.value.field == "data.a[0]"
    instance = began(EVERYTHING, DATA)
    with pytest.raises(ProcessError, match="cannot be kept"):
        settle(EVERYTHING, instance, "i/flow/0", DeedDone(result={"x": float("nan")}), now=NOW)  # type: ignore[dict-item]


def damaged(instance: Instance, **changes: object) -> dict[str, Data]:
    return cast("dict[str, Data]", {**json.loads(json.dumps(instance_data(instance))), **changes})


@pytest.mark.parametrize(
    "changes, why",
    [
        ({"form": 2}, "form 2"),
        ({"unreadable": "the row is cut off"}, "cut off"),
        ({"id": None}, "text"),
        ({"status": "asleep"}, "asleep"),
        ({"tokens": None}, "table"),
        ({"tokens": {"form": 9}}, "form 9"),
        ({"tokens": {"form": 1, "scopes": [], "last_scope": 0, "counts": {}}}, "stays"),
        ({"tokens": {**TOKENS, "scopes": []}}, "0"),
        ({"tokens": {**TOKENS, "scopes": [[0, "P", "i/gone/0", {}]]}}, "belongs to nothing"),
        ({"tokens": {**TOKENS, "scopes": [[0, "P", "", {"gone": {"f": 1}}]]}}, "no element"),
        ({"tokens": {**TOKENS, "scopes": [[0, "P", "", {"join": {"f": 0}}]]}}, "tokens that is none"),
        (
            {"tokens": {**TOKENS, "stays": [{**STAY, "turn": 0, "body": "i/gone/all.0"}]}},
            "belongs to nothing",
        ),
        ({"tokens": {**TOKENS, "stays": [{**STAY, "phase": "asleep"}]}}, "asleep"),
        ({"tokens": {**TOKENS, "stays": [{**STAY, "since": "now"}]}}, "number"),
        ({"data": []}, "table"),
        ({"passages": [[1]]}, ""),
        ({"passages": [["a", 0, "x", 1]]}, "x"),
        ({"wanted": [["k", "e", 1, {"kind": "dance"}]]}, "dance"),
        ({"steps": True}, "number"),
        ({"taken": {"a": "1"}}, "number"),
    ],
)
def test_a_damaged_state_is_told(changes: dict[str, object], why: str) -> None:
    with pytest.raises(ProcessError, match="cannot be read") as told:
        read_instance(EVERYTHING, damaged(began(EVERYTHING, DATA), **changes))
    assert why in str(told.value.cause)
    assert told.value.remedy


def test_each_part_that_is_missing_is_told_and_none_falls_through() -> None:
    whole = damaged(began(EVERYTHING, DATA))
    for name in whole:
        less = {other: value for other, value in whole.items() if other != name}
        try:
            read_instance(EVERYTHING, less)
        except ProcessError as fault:
            assert "cannot be read" in fault.what  # noqa: PT017 - some parts may be missing


def test_tokens_in_elements_that_the_process_does_not_have_are_told() -> None:
    other = process([START, END], "start > end")
    with pytest.raises(ProcessError, match="cannot be read") as told:
        read_instance(other, damaged(began(EVERYTHING, DATA)))
    assert "no element" in str(told.value.cause)


@pytest.mark.parametrize(
    "trigger",
    [
        MessageArrived(name="go", correlation="7", data={"amount": Decimal("1.50")}, key="i/wait/0"),
        TaskCompleted(key="i/ask/0", by="boss", answer="a", text="fine", data={"n": 1}),
        IncidentDecided(key="i/broken/0", retries=True, by="me"),
    ],
)
def test_what_happens_is_the_same_after_it_was_kept(trigger: Trigger) -> None:
    text = json.dumps(trigger_data(trigger))
    assert read_trigger(json.loads(text)) == trigger
    for name in trigger_data(trigger):
        less = {other: value for other, value in trigger_data(trigger).items() if other != name}
        with pytest.raises(ProcessError, match="cannot be read"):
            read_trigger(less)
    with pytest.raises(ProcessError, match="cannot be kept"):
        trigger_data(replace(MessageArrived(name="go"), data={"x": object()}))  # type: ignore[dict-item]
