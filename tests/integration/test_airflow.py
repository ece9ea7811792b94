"""The notifier with the real Airflow, in the environment that scripts/install-airflow makes."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import TypedDict

import pytest

pytestmark = [pytest.mark.peer, pytest.mark.timeout(180)]

ROOT = Path(__file__).parents[2]
PLACE = Path(
    os.environ.get("EILBOTE_TEST_AIRFLOW")
    or Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "eilbote-test-airflow"
)


class Kept(TypedDict):
    subject: str
    to: list[str]
    said: str


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    """What the program has seen; without Airflow a visible skip."""
    if not (PLACE / "ready").exists():
        pytest.skip("Airflow is not here; scripts/install-airflow makes an environment with it")
    folder = tmp_path_factory.mktemp("airflow")
    run = subprocess.run(
        [PLACE / "bin" / "python", ROOT / "tests" / "integration" / "airflow_program.py", folder / "mail"],
        env={**os.environ, "PYTHONPATH": str(ROOT / "src"), "AIRFLOW_HOME": str(folder / "home")},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=150,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    found = json.loads(run.stdout.splitlines()[-1])
    assert isinstance(found, dict)
    return found


@pytest.fixture
def kept(report: dict[str, list[Kept]]) -> dict[str, list[Kept]]:
    """The messages by their subjects."""
    found: dict[str, list[Kept]] = {}
    for each in report["kept"]:
        found.setdefault(each["subject"], []).append(each)
    return found


def test_a_failed_task_tells_once_each_try_of_a_run(kept: dict[str, list[Kept]]) -> None:
    """Three calls: Airflow repeats the first one's, and the third is of another run."""
    assert len(kept["load of nightly: failed"]) == 2
    for told in kept["load of nightly: failed"]:
        assert told["to"] == ["nightly@example.org"]
        assert "Task:  load, try 2" in told["said"]
        assert "Auto-Submitted: auto-generated" in told["said"]


def test_an_exception_that_speaks_like_a_template_is_not_run(kept: dict[str, list[Kept]]) -> None:
    for told in kept["load of nightly: failed"]:
        assert "no {{ 7 * 7 }} <data> today" in told["said"]


def test_each_call_has_the_values_of_its_own(kept: dict[str, list[Kept]]) -> None:
    runs = {
        line
        for told in kept["load of nightly: failed"]
        for line in told["said"].splitlines()
        if "Run:" in line
    }

    assert {line.split()[-1] for line in runs} == {"manual__1", "manual__2"}


def test_a_failed_run_tells_as_well(kept: dict[str, list[Kept]]) -> None:
    assert len(kept["Run manual__1 failed"]) == 1


def test_the_triggerer_awaits_it(kept: dict[str, list[Kept]]) -> None:
    assert len(kept["Awaited"]) == 1


def test_what_cannot_be_said_safely_is_refused(report: dict[str, object]) -> None:
    assert report["refused"] == "AddressError"
