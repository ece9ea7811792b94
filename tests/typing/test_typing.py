"""A program that uses the public names is checked by mypy and pyright, both strict, and mistakes are found."""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

HERE = Path(__file__).parent

pytestmark = pytest.mark.timeout(180)


def lines_mypy_refuses(path: Path) -> set[int]:
    run = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", "--config-file=", path],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode in {0, 1}, run.stdout + run.stderr
    refused = re.findall(rf"{re.escape(path.name)}:(\d+): error", run.stdout)
    return {int(number) for number in refused}


def lines_pyright_refuses(path: Path) -> set[int]:
    project = path.parent / "pyrightconfig.json"
    run = subprocess.run(
        [
            sys.executable,
            "-m",
            "pyright",
            "--outputjson",
            "--project",
            project,
            "--pythonpath",
            sys.executable,
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    found = json.loads(run.stdout)["generalDiagnostics"]
    return {
        entry["range"]["start"]["line"] + 1
        for entry in found
        if entry["severity"] == "error" and Path(entry["file"]).name == path.name
    }


CHECKERS = pytest.mark.parametrize("lines_refused", [lines_mypy_refuses, lines_pyright_refuses])


@CHECKERS
def test_a_right_program_is_accepted(lines_refused: Callable[[Path], set[int]]) -> None:
    assert lines_refused(HERE / "public_use.py") == set()


@CHECKERS
def test_every_mistake_is_refused(lines_refused: Callable[[Path], set[int]]) -> None:
    path = HERE / "misuse.py"
    wrong = {
        number for number, line in enumerate(path.read_text().splitlines(), 1) if line.endswith("# refused")
    }

    assert lines_refused(path) == wrong
