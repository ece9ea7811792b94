"""What must not run beside one another does not, in the pytest and the pytest-xdist that are installed."""

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from tests.together import TOGETHER, GroupScheduling
from xdist.remote import Producer

ROOT = Path(__file__).parents[2]
TELLS_ITS_PROCESS = """\
import os
from pathlib import Path

import pytest

@pytest.mark.parametrize("number", range(6))
def test_it(number: int) -> None:
    with Path("processes").open("a") as told:
        told.write(f"{Path(__file__).name} {os.getpid()}\\n")
"""


@pytest.mark.timeout(180)  # three processes, each of which loads every plugin
def test_a_group_is_dealt_to_one_process(tmp_path: Path) -> None:
    group = [Path(file) for file, name in TOGETHER.items() if name == "wheel"]
    for file in (*group, Path("tests/unit/test_alone.py")):
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_text(TELLS_ITS_PROCESS)

    run = subprocess.run(
        [
            *(
                sys.executable,
                "-m",
                "pytest",
                "-q",
                "-n",
                "2",
                "-p",
                "no:cacheprovider",
                "-p",
                "tests.conftest",
            ),
            *("-c", ROOT / "pyproject.toml", "--rootdir", tmp_path, tmp_path),
        ],
        cwd=tmp_path,
        env={
            **{name: value for name, value in os.environ.items() if not name.startswith("PYTEST")},
            "PYTHONPATH": str(ROOT),
        },
        capture_output=True,
        text=True,
        check=False,
    )

    assert run.returncode == 0, run.stdout + run.stderr
    told = [line.split() for line in (tmp_path / "processes").read_text().splitlines()]
    assert len(told) == 6 * (len(group) + 1)
    assert len({process for _file, process in told}) == 2, (
        "one process did everything: this run proves nothing"
    )
    assert len({process for file, process in told if file != "test_alone.py"}) == 1


@pytest.mark.parametrize("file", TOGETHER)
def test_every_file_of_a_group_is_there(file: str) -> None:
    assert (ROOT / file).is_file()


class Process:
    """What the one who deals out the tests sees of a process."""

    def __init__(self) -> None:
        self.gateway = SimpleNamespace(id="any")
        self.shutting_down = False
        self.to_do: list[int] = []

    def send_runtest_some(self, indices: list[int]) -> None:
        self.to_do.extend(indices)

    def shutdown(self) -> None:
        self.shutting_down = True


class Config:
    """The options of ``-n 2``, of which a process that runs tests is told nothing."""

    def __init__(self) -> None:
        self.option = SimpleNamespace(tx=["2*popen"], maxprocesses=None, loadscopereorder=True)

    def getvalue(self, name: str) -> object:
        return getattr(self.option, name)


def test_what_is_done_is_not_counted_again() -> None:
    group = [
        f"{file}::test_{number}" for file, name in TOGETHER.items() if name == "wheel" for number in range(20)
    ]
    tests = [*group, *(f"tests/unit/test_alone.py::test_{number}" for number in range(200))]
    deals = GroupScheduling(Config(), Producer("deals", enabled=False))
    processes = [Process(), Process()]
    for each in processes:
        deals.add_node(each)
        deals.add_node_collection(each, tests)
    deals.schedule()
    done: dict[str, Process] = {}

    while any(each.to_do for each in processes):
        for each in processes:
            if each.to_do:
                test = tests[each.to_do.pop(0)]
                assert test not in done
                done[test] = each
                deals.mark_test_complete(each, tests.index(test))
                assert sum(map(len, deals.assigned_work[each].values())) <= len(group) + 3

    assert done.keys() == set(tests)
    assert len({done[test] for test in group}) == 1
    assert deals.tests_finished
    assert not deals.has_pending
    assert all(each.shutting_down for each in processes)
