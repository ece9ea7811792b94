"""``eilbote serve`` as a process of its own."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import httpx2
from tests.acceptance.program import environment, run


def test_it_serves_until_it_is_told_to_stop_and_ends_with_0(tmp_path: Path) -> None:
    command = ("serve", "--listen", "127.0.0.1:0", "--public-url", "https://eilbote.example.org/", "--json")
    with subprocess.Popen(
        [sys.executable, "-m", "eilbote.cli", *command, "--data-dir", str(tmp_path)],
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        said = json.loads(process.stdout.readline())
        assert said["public_url"] == "https://eilbote.example.org"
        assert said["listening"].startswith("http://127.0.0.1:")
        path = f"/answer/{'x' * 43}"
        found = httpx2.get(said["listening"] + path, trust_env=False, headers={"Accept-Language": "de"})
        assert found.status_code == 404
        assert "Dieser Link führt nirgendwohin" in found.text
        process.send_signal(signal.SIGTERM)
        _, told = process.communicate(timeout=30)
    assert process.returncode == 0
    assert "courier_stopped" in told
    assert path not in told


def test_a_port_that_is_taken_is_told_with_what_to_do(tmp_path: Path) -> None:
    ended = run("serve", "--listen", "192.0.2.7:1", "--data-dir", str(tmp_path), "--no-json")
    assert ended.code == 1
    assert "nothing can listen on port 1 of 192.0.2.7" in ended.told
    assert "--listen" in ended.told
