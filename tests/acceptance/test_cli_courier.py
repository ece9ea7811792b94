"""``eilbote courier`` as an operator meets it: signals, exit codes, log, settings."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.acceptance.at_a_terminal import CTRL_C, at_a_terminal
from tests.acceptance.program import environment, run

from eilbote.testing import CatcherThread, catching, fall_silent

MESSAGE = ("send", "--queue", "-f", "a@x.example", "-t", "b@y.example", "--text", "hi")

# Each command is a process of its own, and some tests need a dozen.
pytestmark = pytest.mark.timeout(180)


@pytest.fixture
def server() -> Iterator[CatcherThread]:
    with catching() as catcher:
        yield catcher


@contextmanager
def courier(folder: Path, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "-m", "eilbote.cli", "courier", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(EILBOTE_DATA_DIR=str(folder)),
        text=True,
    ) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()


def until(process: subprocess.Popen[str], text: str) -> None:
    assert process.stderr is not None
    for line in process.stderr:
        if text in line:
            return
    pytest.fail(f"the log ended without {text}")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_told_to_stop_it_ends_with_0_and_sums_up(
    number: signal.Signals, server: CatcherThread, tmp_path: Path
) -> None:
    with courier(tmp_path) as process:
        until(process, "notice=courier_started")
        assert run(*MESSAGE, "--via", server.uri, EILBOTE_DATA_DIR=str(tmp_path)).code == 0
        until(process, "event=accepted")
        process.send_signal(number)
        out, err = process.communicate(timeout=20)
    assert process.returncode == 0, err
    assert json.loads(out)["accepted"] == 1
    assert "notice=courier_stopped" in err
    figures = run("outbox", "stats", EILBOTE_DATA_DIR=str(tmp_path)).data
    assert (figures["couriers"], figures["entries"]["done"]) == (0, 1)


def test_while_it_runs_it_is_counted(tmp_path: Path) -> None:
    with courier(tmp_path) as process:
        until(process, "notice=courier_started")
        assert run("outbox", "stats", EILBOTE_DATA_DIR=str(tmp_path)).data["couriers"] == 1
        process.terminate()
        assert process.wait(timeout=20) == 0


def test_without_grace_what_a_server_keeps_waiting_for_is_in_doubt(
    server: CatcherThread, tmp_path: Path
) -> None:
    assert run(*MESSAGE, "--via", server.uri, EILBOTE_DATA_DIR=str(tmp_path)).code == 0
    server.add_fault(fall_silent("content"))
    with courier(tmp_path, "--grace", "0") as process:
        until(process, "notice=courier_started")
        server.next(within=20)
        process.terminate()
        out, err = process.communicate(timeout=20)
    assert process.returncode == 0, err
    assert json.loads(out)["in_doubt"] == 1
    (entry,) = [
        json.loads(line) for line in run("outbox", "list", EILBOTE_DATA_DIR=str(tmp_path)).out.splitlines()
    ]
    assert (entry["state"], entry["recipients"][0]["status"]) == ("deferred", "in_doubt")


def test_at_a_terminal_it_says_how_to_end_it(tmp_path: Path) -> None:
    with at_a_terminal("courier", EILBOTE_DATA_DIR=str(tmp_path)) as terminal:
        terminal.until("courier_started")
        assert "Ctrl-C ends it" in terminal.shown
        terminal.type(CTRL_C)
        assert terminal.end() == 0
    assert "nothing was due" in terminal.shown


def test_mail_that_is_due_and_could_not_be_sent_is_not_called_nothing(tmp_path: Path) -> None:
    assert run(*MESSAGE, "--via", "smtp://127.0.0.1:9", EILBOTE_DATA_DIR=str(tmp_path)).code == 0
    ended = run("courier", "--once", "--no-json", "--log", "quiet", EILBOTE_DATA_DIR=str(tmp_path))
    assert ended.code == 4
    assert ended.out.startswith("nothing was sent, though mail is due")
    assert "127.0.0.1:9" in ended.err
    assert run("outbox", "list", EILBOTE_DATA_DIR=str(tmp_path)).data["state"] == "queued"


def test_a_quiet_log_keeps_to_what_somebody_should_look_at(server: CatcherThread, tmp_path: Path) -> None:
    assert run(*MESSAGE, "--via", server.uri, EILBOTE_DATA_DIR=str(tmp_path)).code == 0
    ended = run("courier", "--once", "--log", "quiet", EILBOTE_DATA_DIR=str(tmp_path))
    assert (ended.code, ended.err) == (0, "")


@pytest.mark.parametrize(
    "changes, field",
    [
        ({"EILBOTE_COURIER__GRACE": "5"}, "EILBOTE_COURIER__GRACE_SECONDS"),
        ({"EILBOTE_RETENTION__DAYS": "never"}, "EILBOTE_RETENTION__DAYS"),
        ({"EILBOTE_DATABASE_URL": "mysql://h/d"}, "EILBOTE_DATABASE_URL"),
    ],
)
def test_a_setting_that_cannot_be_used_stops_it_before_it_begins(
    changes: dict[str, str], field: str, tmp_path: Path
) -> None:
    ended = run("courier", "--once", EILBOTE_DATA_DIR=str(tmp_path), **changes)
    assert ended.code == 1
    assert field in ended.err


def test_an_outbox_that_cannot_be_had_may_be_there_later(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    ended = run("courier", "--once", EILBOTE_DATA_DIR=str(tmp_path / "file" / "below"))
    assert ended.code == 4
    assert str(tmp_path / "file") in ended.told
