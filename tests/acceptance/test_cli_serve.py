"""``eilbote serve`` as a process of its own: what it serves, how it begins and how it ends."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
from tests.acceptance.program import environment, run

from eilbote.testing import catching


@dataclass
class Served:
    """A server that runs, and what it said when it was ready."""

    process: subprocess.Popen[str]
    said: dict[str, Any]

    @property
    def url(self) -> str:
        url = self.said["listening"]
        assert isinstance(url, str)
        return url

    def get(self, path: str, **headers: str) -> httpx2.Response:
        return httpx2.get(self.url + path, trust_env=False, headers=headers)

    def end(self) -> str:
        """Tell it to stop; gives what it said on stderr."""
        self.process.send_signal(signal.SIGTERM)
        _, told = self.process.communicate(timeout=30)
        return told


@contextmanager
def served(folder: Path, *arguments: str, **changes: str) -> Iterator[Served]:
    command = ("serve", "--listen", "127.0.0.1:0", "--json", "--data-dir", str(folder), *arguments)
    with subprocess.Popen(
        [sys.executable, "-m", "eilbote.cli", *command],
        env=environment(**changes),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        try:
            yield Served(process, json.loads(process.stdout.readline()))
        finally:
            process.kill()


def test_it_serves_until_it_is_told_to_stop_and_ends_with_0(tmp_path: Path) -> None:
    with served(tmp_path, "--public-url", "https://eilbote.example.org/") as server:
        assert server.said["public_url"] == "https://eilbote.example.org"
        path = f"/answer/{'x' * 43}"
        found = server.get(path, **{"Accept-Language": "de"})
        assert found.status_code == 404
        assert "Dieser Link führt nirgendwohin" in found.text
        told = server.end()
    assert server.process.returncode == 0
    assert "courier_stopped" in told
    assert path not in told


def test_a_port_that_is_taken_is_told_with_what_to_do(tmp_path: Path) -> None:
    ended = run("serve", "--listen", "192.0.2.7:1", "--data-dir", str(tmp_path), "--no-json")
    assert ended.code == 1
    assert "nothing can listen on port 1 of 192.0.2.7" in ended.told
    assert "--listen" in ended.told


def test_the_first_start_tells_a_link_and_the_api_and_the_figures_are_there(tmp_path: Path) -> None:
    with served(tmp_path) as server:
        start = server.said["first_administrator"]
        assert start.startswith(f"{server.url}/start/")
        assert server.get("/livez").json() == {"status": "ok"}
        assert server.get("/readyz").json()["checks"] == {
            "server": "ok",
            "database": "ok",
            "writing": "ok",
        }
        figures = server.get("/metrics").text
        assert "eilbote_couriers 1.0" in figures
        assert 'eilbote_queue_depth{state="queued"} 0.0' in figures
        assert server.get("/metrics", **{"X-Forwarded-For": "127.0.0.1"}).status_code == 401
        assert server.get("/api/v1/services").status_code == 401
        told = server.end()
    assert start in told


def test_for_trying_things_out_it_lies_in_the_folder_and_sends_nothing(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "eilbote.cli", "serve", "--dev", "--listen", "127.0.0.1:0", "--json"]
    with subprocess.Popen(
        command, cwd=tmp_path, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        _, told = process.communicate(timeout=30)
    assert (tmp_path / ".eilbote" / "eilbote.db").is_file()
    assert "Mail is captured: nothing is delivered" in told


def test_the_service_manager_hears_when_it_is_ready_that_it_lives_and_that_it_ends(tmp_path: Path) -> None:
    name = tmp_path / "notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(name))
        manager.settimeout(20)
        with served(tmp_path / "data", NOTIFY_SOCKET=str(name), WATCHDOG_USEC="1000000") as server:
            heard = [manager.recv(999).decode()]
            while not any(each.startswith("READY=1") for each in heard):
                heard.append(manager.recv(999).decode())
            assert f"STATUS=Serving {server.url}" in heard[-1]
            while "WATCHDOG=1" not in heard:
                heard.append(manager.recv(999).decode())
            server.end()
            while not any(each.startswith("STOPPING=1") for each in heard):
                heard.append(manager.recv(999).decode())
        assert server.process.returncode == 0


def test_whoever_looks_for_a_server_hears_first_that_it_ends(tmp_path: Path) -> None:
    with served(tmp_path, EILBOTE_SERVER__DRAIN_SECONDS="60") as server:
        server.process.send_signal(signal.SIGTERM)
        answered = server.get("/readyz")
        while answered.status_code == 200:  # the signal is on its way
            answered = server.get("/readyz")
        assert answered.status_code == 503
        assert answered.json()["checks"]["server"] == "stopping"
        server.process.send_signal(
            signal.SIGTERM
        )  # and a second time, without waiting for the minute to be over
        server.process.wait(timeout=20)
    assert server.process.returncode == 0


def test_two_servers_share_one_outbox(tmp_path: Path) -> None:
    with served(tmp_path) as first, served(tmp_path) as second:
        assert first.get("/readyz").status_code == second.get("/readyz").status_code == 200
        assert "eilbote_couriers 2.0" in second.get("/metrics").text


def test_the_journal_gets_levels_and_no_times(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with log.open("w") as stream:
        found = os.fstat(stream.fileno())
        with subprocess.Popen(
            [
                *(sys.executable, "-m", "eilbote.cli", "serve", "--listen", "127.0.0.1:0"),
                *("--json", "--data-dir", str(tmp_path / "data")),
            ],
            env=environment(JOURNAL_STREAM=f"{found.st_dev}:{found.st_ino}"),
            stdout=subprocess.PIPE,
            stderr=stream,
            text=True,
        ) as process:
            assert process.stdout is not None
            process.stdout.readline()
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=30)
    assert any(line.startswith("<6>notice=courier_started") for line in log.read_text().splitlines())


def test_a_copy_made_while_it_serves_sends_nothing_again(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with catching() as catcher, served(data, EILBOTE_CONNECTION=catcher.uri) as server:
        sent = run(
            *("send", "--queue", "-f", "a@example.org", "-t", "b@example.org", "--text", "x"),
            *("--send-at", "2030-01-31T12:00:00Z", "--data-dir", str(data)),
            EILBOTE_CONNECTION=catcher.uri,
        )
        assert sent.code == 0, sent.err
        copied = run("db", "backup", str(tmp_path / "copy"), "--data-dir", str(data))
        assert copied.code == 0, copied.err
        server.end()
        restored = run("db", "restore", str(tmp_path / "copy"), "--data-dir", str(tmp_path / "restored"))
        assert (restored.code, restored.data["held"]) == (0, 1), restored.err
        with served(tmp_path / "restored", EILBOTE_CONNECTION=catcher.uri) as again:
            assert 'eilbote_queue_depth{state="held"} 1.0' in again.get("/metrics").text
        assert not catcher.messages


def test_spans_are_sent_where_a_variable_says(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as collector:
        collector.settimeout(30)
        where = f"http://127.0.0.1:{collector.getsockname()[1]}"
        with served(tmp_path, OTEL_EXPORTER_OTLP_ENDPOINT=where, OTEL_BSP_SCHEDULE_DELAY="100") as server:
            server.get("/livez")
            connection, _ = collector.accept()
            with connection:
                connection.settimeout(10)
                assert connection.recv(4096).startswith(b"POST /v1/traces ")
