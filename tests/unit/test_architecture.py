"""The rules of the house are kept, and each of them can be broken: a contract that cannot fail proves nothing."""

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "eilbote"
MODULES = sorted(PACKAGE.rglob("*.py"))


def lint_imports(directory: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Judge the package that lies under ``directory``, whichever one is installed."""
    return subprocess.run(
        [
            *(sys.executable, "-c", "from importlinter.cli import lint_imports_command as main; main()"),
            *("--config", ROOT / "pyproject.toml", "--no-cache", "--no-logo", *options),
        ],
        cwd=directory,
        env={**os.environ, "PYTHONPATH": str(directory / "src"), "NO_COLOR": "1", "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_imports_point_down() -> None:
    verdict = lint_imports(ROOT)

    assert verdict.returncode == 0, verdict.stdout + verdict.stderr
    assert "0 broken" in verdict.stdout


@pytest.mark.parametrize(
    "contract,seeds",
    [
        pytest.param("layers", {"smtp/seeded.py": "import eilbote.engine"}, id="upwards"),
        pytest.param("layers", {"compose/seeded.py": "import eilbote.deliver"}, id="sideways"),
        pytest.param("layers", {"utils/__init__.py": ""}, id="a room that is not on the plan"),
        pytest.param(
            "pure", {"smtp/seeded.py": "import asyncio"}, id="input and output in the protocol core"
        ),
        pytest.param("pure", {"model/seeded.py": "import time"}, id="a noun that reads the clock"),
        pytest.param("pure", {"compose/seeded.py": "import eilbote.net.stream"}, id="a socket by a detour"),
        pytest.param("pure", {"deliver/verdict.py": "import logging"}, id="a verdict that writes a log"),
        pytest.param("sockets", {"deliver/seeded.py": "import socket"}, id="a second place with sockets"),
        pytest.param("sockets", {"cli/seeded.py": "import smtplib"}, id="somebody else's sockets"),
        pytest.param("database", {"engine/seeded.py": "import sqlite3"}, id="a database outside the store"),
        pytest.param(
            "acyclic",
            {"model/one.py": "import eilbote.model.other", "model/other.py": "import eilbote.model.one"},
            id="two modules that need each other",
        ),
    ],
)
def test_a_seeded_violation_is_found(contract: str, seeds: dict[str, str], tmp_path: Path) -> None:
    copy = tmp_path / "src" / "eilbote"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    for name, source in seeds.items():
        (copy / name).parent.mkdir(exist_ok=True)
        (copy / name).write_text(source + "\n")

    verdict = lint_imports(tmp_path, "--contract", contract)

    assert verdict.returncode == 1, verdict.stdout + verdict.stderr
    assert "1 broken" in verdict.stdout, verdict.stdout + verdict.stderr


def imports_of(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return found


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_file_answers_one_question(path: Path) -> None:
    lines = len(path.read_text().splitlines())

    assert lines <= 400, f"{lines} lines: the file answers two questions; split it by question, not by size"


def test_no_drawer_for_whatever_does_not_fit() -> None:
    drawers = {"utils", "util", "helpers", "common", "base", "manager", "core", "types", "misc"}

    assert [path for path in MODULES if {*path.relative_to(PACKAGE).parts[:-1], path.stem} & drawers] == []


def test_only_doors_import_the_front_page() -> None:
    """The front page names every room, so whoever imports it from inside depends on the whole house."""
    doors = {"cli", "testing"}
    inner = [path for path in MODULES if path.relative_to(PACKAGE).parts[0] not in doors]

    assert [path for path in inner if "eilbote" in imports_of(path)] == []
