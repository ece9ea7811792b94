"""What works for long does not let the garbage collector look through everything that was there when it began."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from tests.acceptance.program import environment

TELLS_AT_ITS_END = """
import atexit, gc, sys
atexit.register(lambda: sys.__stderr__.write(f"\\nspared={gc.get_freeze_count()}\\n"))
from eilbote.cli import main
main()
"""
IMPORTED_ALONE = 20_000  # objects that a program has for its modules alone


@pytest.mark.parametrize("command", [("courier", "--once"), ("serve", "--listen", "127.0.0.1:0", "--json")])
def test_what_was_there_when_it_began_is_spared(tmp_path: Path, command: tuple[str, ...]) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", TELLS_AT_ITS_END, *command, "--data-dir", str(tmp_path)],
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        if "serve" in command:
            assert process.stdout is not None
            process.stdout.readline()  # it is ready
            process.send_signal(signal.SIGTERM)
        _, told = process.communicate(timeout=60)
    assert process.returncode == 0, told
    spared = int(told.rpartition("spared=")[2])
    assert spared > IMPORTED_ALONE


def test_what_is_done_quickly_leaves_the_collector_alone(tmp_path: Path) -> None:
    command = ("outbox", "list", "--data-dir", str(tmp_path))
    done = subprocess.run(
        [sys.executable, "-c", TELLS_AT_ITS_END, *command],
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    assert "spared=0" in done.stderr
