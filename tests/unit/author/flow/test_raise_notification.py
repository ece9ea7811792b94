"""The Raise Notification node: what it asks for, and what it keeps of the answer."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from eilbote.author.flow.definition import read_flow
from eilbote.author.flow.effect import RaiseNotification
from eilbote.author.flow.run import Run, RunStatus, begin, resume
from eilbote.author.flow.shelf import Shelf
from eilbote.author.flow.step import Outcome
from eilbote.errors import FlowError
from eilbote.model.data import Data
from eilbote.model.moment import Moment
from eilbote.model.severity import Severity

NOW = Moment(1_800_000_000_000)
NODE: dict[str, object] = {
    "id": "tell",
    "kind": "raise_notification",
    "event": "invoice.{{ input.what }}",
    "severity": "warning",
    "summary": "Invoice {{ input.number }}\nis late",
    "detail": "Since {{ input.since }}.",
    "data": {"customer": "{{ input.customer }}", "lines": ["{{ input.number }}"]},
    "about": " {{ input.number }} ",
    "store_result": "context",
    "store_as": "told",
}
INPUT: dict[str, Data] = {
    "what": "overdue",
    "number": 4711,
    "since": "{{ 1 | plus: 1 }}",
    "customer": {"name": "Acme", "owes": Decimal("12.50")},
}


def text(**fields: object) -> str:
    return json.dumps({"name": "test", "nodes": [NODE | fields]})


def started(**fields: object) -> Run:
    return begin(read_flow(text(**fields)), run_id="r1", given=INPUT, context={}, now=NOW)


def test_it_asks_for_the_event_with_the_values_of_the_visit() -> None:
    assert started().waits_for == RaiseNotification(
        event="invoice.overdue",
        severity=Severity.WARNING,
        summary="Invoice 4711\nis late",
        detail="Since {{ 1 | plus: 1 }}.",
        data={"customer": {"name": "Acme", "owes": Decimal("12.50")}, "lines": [4711]},
        about="4711",
    )


def test_it_keeps_how_many_are_told() -> None:
    flow = read_flow(text())
    run = resume(flow, started(), Outcome(result={"event": "e1", "told": 2}), now=NOW)

    assert run.status is RunStatus.DONE
    assert run.shelves[Shelf.CONTEXT]["told"] == {"event": "e1", "told": 2}


@pytest.mark.parametrize("stops,status", [(False, RunStatus.DONE), (True, RunStatus.FAILED)])
def test_an_event_that_cannot_be_raised_ends_the_run_when_its_author_says_so(
    stops: bool, status: RunStatus
) -> None:
    flow = read_flow(text(stop_on_error=stops))
    error: dict[str, Data] = {"code": "draft", "message": "no kind of event"}
    run = resume(flow, started(stop_on_error=stops), Outcome(error=error), now=NOW)

    assert run.status is status
    kept = run.shelves[Shelf.CONTEXT]["told"]
    assert isinstance(kept, dict)
    assert kept["error"] == error


@pytest.mark.parametrize(
    "fields,field",
    [
        ({"event": " "}, "event"),
        ({"summary": None}, "summary"),
        ({"severity": "loud"}, "severity"),
        ({"data": ["a"]}, "data"),
        ({"colour": "red"}, "colour"),
        ({"store_as": ""}, "store_as"),
    ],
)
def test_what_cannot_be_meant_is_refused_when_the_flow_is_read(fields: dict[str, object], field: str) -> None:
    with pytest.raises(FlowError) as refused:
        read_flow(text(**fields))

    assert refused.value.field is not None
    assert refused.value.field.endswith(field)
