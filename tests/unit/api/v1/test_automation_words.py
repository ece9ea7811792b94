"""Errors of runs and instances, and findings, speak of operations to those who have no command line."""

from __future__ import annotations

from starlette.requests import Request

from eilbote.api.v1.automation import told_error
from eilbote.api.v1.findings import FindingShape


def test_an_error_names_operations_in_place_of_commands() -> None:
    error = {"code": "flow", "node": "tell", "remedy": "List runs with `eilbote flow runs`", "password": "x"}
    assert told_error(error) == {
        "code": "flow",
        "node": "tell",
        "remedy": "List runs with `GET /api/v1/runs`",
        "password": "***",
    }


def test_a_finding_names_operations_in_place_of_commands() -> None:
    found = FindingShape(
        severity="error", what="no connection", remedy="Keep one with `eilbote connection add`"
    )
    assert found.remedy == "Keep one with `POST /api/v1/connections`"
    assert "POST /api/v1/connections" in found.as_problem(Request({"type": "http"})).detail
