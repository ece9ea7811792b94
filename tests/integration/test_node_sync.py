"""A node in a program without an event loop."""

from __future__ import annotations

from pathlib import Path

import pytest

from eilbote import SendSmtpEmail
from eilbote.testing import catching


def test_from_a_program_without_a_loop(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with catching() as catcher:
        monkeypatch.setenv("EILBOTE_DATA_DIR", str(tmp_path))
        monkeypatch.setenv("EILBOTE_CONNECTION_OFFICE", catcher.uri)
        node = SendSmtpEmail(
            to="{{ input.email }}", subject="Hello", connection="office", from_="reports@example.org"
        )

        assert node.run_sync({"email": "anna@example.org"}).result["status"] == "accepted"
        assert catcher.next().subject == "Hello"
