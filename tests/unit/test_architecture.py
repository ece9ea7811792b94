"""The rules of the house are kept, and each of them can be broken: a contract that cannot fail proves nothing."""

import ast
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import NamedTuple

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


class Seed(NamedTuple):
    """One violation: which contract forbids it, what is written where, and what the verdict must name."""

    story: str
    contract: str
    files: dict[str, str]
    named: str


SEEDS = [
    Seed("upwards", "layers", {"smtp/up.py": "import eilbote.engine"}, "smtp.up -> eilbote.engine"),
    Seed(
        "sideways",
        "layers",
        {"compose/aside.py": "import eilbote.deliver"},
        "compose.aside -> eilbote.deliver",
    ),
    Seed("a room that is not on the plan", "layers", {"attic/__init__.py": ""}, "attic"),
    Seed(
        "input and output in the core", "pure", {"smtp/waits.py": "import asyncio"}, "smtp.waits -> asyncio"
    ),
    Seed("a noun reads the clock", "pure", {"model/looks.py": "import time"}, "model.looks -> time"),
    Seed(
        "a socket by a detour",
        "pure",
        {"compose/far.py": "import eilbote.net.stream"},
        "compose.far -> eilbote.net",
    ),
    Seed(
        "a verdict writes a log",
        "pure",
        {"deliver/verdict.py": "import logging"},
        "deliver.verdict -> logging",
    ),
    Seed("sockets elsewhere", "sockets", {"deliver/plugs.py": "import socket"}, "deliver.plugs -> socket"),
    Seed("somebody else's sockets", "sockets", {"cli/lends.py": "import smtplib"}, "cli.lends -> smtplib"),
    Seed("a second store", "database", {"engine/keeps.py": "import sqlite3"}, "engine.keeps -> sqlite3"),
    Seed(
        "one author asks another",
        "authors",
        {"author/notification/asks.py": "import eilbote.author.flow.run"},
        "eilbote.author.notification is not allowed to import eilbote.author.flow",
    ),
    Seed(
        "two modules that need each other",
        "acyclic",
        {"model/one.py": "import eilbote.model.other", "model/other.py": "import eilbote.model.one"},
        "No cycles are allowed in eilbote.model.",
    ),
]


@pytest.fixture(scope="module")
def verdict_on_seeds(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What the linter says of a copy of the package with every seed in it."""
    copy = tmp_path_factory.mktemp("seeded") / "src" / "eilbote"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    for seed in SEEDS:
        for name, source in seed.files.items():
            path = copy / name
            path.parent.mkdir(exist_ok=True)
            with path.open("a") as file:
                file.write(f"{source}\n")
    verdict = lint_imports(copy.parents[1])
    assert verdict.returncode == 1, verdict.stdout + verdict.stderr
    return verdict.stdout


@pytest.mark.parametrize("seed", SEEDS, ids=lambda seed: seed.story)
def test_a_seeded_violation_is_found(seed: Seed, verdict_on_seeds: str) -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    (name,) = (contract["name"] for contract in contracts if contract["id"] == seed.contract)
    _, _, section = verdict_on_seeds.partition("Broken contracts")[2].partition(f"{name}\n---")
    section = re.split(r"\n[^\n]+\n-{10,}\n", section)[0]

    assert seed.named in section


def test_every_contract_has_a_seed() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]

    assert {contract["id"] for contract in contracts} == {seed.contract for seed in SEEDS}


def imports_of(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return found


MOST_LINES = 400


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_file_answers_one_question(path: Path) -> None:
    lines = len(path.read_text().splitlines())

    assert lines <= MOST_LINES, (
        f"{lines} lines: the file answers two questions; split it by question, not by size"
    )


def test_no_drawer_for_whatever_does_not_fit() -> None:
    drawers = {"utils", "util", "helpers", "common", "base", "manager", "core", "types", "misc"}

    assert [path for path in MODULES if {*path.relative_to(PACKAGE).parts[:-1], path.stem} & drawers] == []


def test_only_doors_import_the_front_page() -> None:
    """The front page names every room, so whoever imports it from inside depends on the whole house."""
    doors = {"cli", "testing"}
    inner = [path for path in MODULES if path.relative_to(PACKAGE).parts[0] not in doors]

    assert [path for path in inner if "eilbote" in imports_of(path)] == []
