"""The program inside this process: a hundred times quicker than one of its own, and the same but for signals and terminals."""

from pathlib import Path

import pytest
from tests.acceptance.program import Run
from typer.testing import CliRunner

from eilbote.cli.application import application


class Program:
    """``eilbote`` in a folder of its own, without a terminal and without this process's settings."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        monkeypatch.chdir(folder)
        monkeypatch.setenv("NO_COLOR", "1")
        monkeypatch.setenv("COLUMNS", "100")
        monkeypatch.setenv("EILBOTE_DATA_DIR", str(folder / "data"))

    def run(self, *arguments: str, stdin: str = "", **environment: str) -> Run:
        """Run it; a fault that nobody has foreseen comes out as it is."""
        ended = CliRunner().invoke(application, arguments, input=stdin, env=environment)
        if ended.exception is not None and not isinstance(ended.exception, SystemExit):
            raise ended.exception
        return Run(ended.exit_code, ended.stdout, ended.stderr)

    def write(self, name: str, text: str) -> str:
        """Write a file into the folder."""
        (self.folder / name).write_text(text, encoding="utf-8")
        return name
