"""What becomes of a command whose output nobody takes: what was done stays done."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.acceptance.program import environment

from eilbote.testing import catching, refuse

MESSAGE = ("send", "--from", "b@x.example", "--to", "anna@y.example", "--text", "hi")


def run_into(stdout: int, *arguments: str) -> tuple[int, str]:
    """Run the program with this descriptor as its stdout; give its exit code and what it told on stderr."""
    ended = subprocess.run(
        [sys.executable, "-m", "eilbote.cli", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=subprocess.PIPE,
        env=environment(),
        text=True,
        check=False,
        timeout=50,
    )
    os.close(stdout)
    return ended.returncode, ended.stderr


def full_disk() -> int:
    return os.open("/dev/full", os.O_WRONLY)


def pipe_without_reader() -> int:
    reader, writer = os.pipe()
    os.close(reader)
    return writer


@pytest.mark.parametrize("form", ["--json", "--no-json"])
@pytest.mark.parametrize("stdout", [full_disk, pipe_without_reader])
def test_a_message_that_was_sent_is_no_failure(stdout: Callable[[], int], form: str) -> None:
    if stdout is full_disk and not Path("/dev/full").exists():
        stdout = pipe_without_reader
    with catching() as server:
        code, told = run_into(stdout(), *MESSAGE, "--via", server.uri, form)
        assert len(server.messages) == 1
    assert code == 0, told
    (line,) = told.splitlines()
    assert line.startswith("eilbote: the output cannot be written: ")


def test_a_refused_message_keeps_its_exit_code() -> None:
    with catching(faults=[refuse("rcpt", "451 4.2.1 later")]) as server:
        code, told = run_into(pipe_without_reader(), *MESSAGE, "--via", server.uri, "--json")
    assert code == 4, told
    assert "Traceback" not in told
    assert "the output cannot be written" in told


def test_a_list_that_nobody_reads_ends_in_one_line() -> None:
    code, told = run_into(pipe_without_reader(), "services", "--json")
    (line,) = told.splitlines()
    assert (code, line.partition(": ")[0]) == (1, "eilbote")
