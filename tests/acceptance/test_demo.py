"""The demonstration that stays: whoever looks where it says finds what it says, and Ctrl-C ends it."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from typing import Final

import httpx2
from tests.acceptance.program import environment

_KEY: Final = re.compile(r"KEY=(eb_live_\S+)")
_PLACE: Final = re.compile(r"(http://127\.0\.0\.1:\d+/api\S+)")


def _read(url: str, key: str) -> str:
    answer = httpx2.get(url, headers={"Authorization": f"Bearer {key}"}, timeout=30, trust_env=False)
    assert answer.is_success, answer.text
    return answer.text


def test_everything_is_where_the_demonstration_says() -> None:
    running = subprocess.Popen(
        [sys.executable, "-m", "eilbote.cli", "demo", "--stay"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(),
    )
    try:
        assert running.stdout is not None
        places: list[str] = []
        key = ""
        for line in running.stdout:
            places += _PLACE.findall(line)
            key = found[1] if (found := _KEY.search(line)) else key
            if "docs/quickstart.md" in line:
                break
        reference, message, run, picture, _ = places
        assert "<html" in _read(reference, key)
        assert json.loads(_read(message, key))["subject"] == "Your order 17 is on its way ✉"
        assert json.loads(_read(run, key))["status"] == "done"
        assert _read(picture, key).startswith("<svg")
        running.send_signal(signal.SIGINT)
        _, said = running.communicate(timeout=30)
        assert running.returncode == 0, said
        assert "Traceback" not in said
    finally:
        running.kill()
        running.wait()
