"""The program inside this process: a hundred times quicker than one of its own, and the same but for signals and terminals."""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.acceptance.program import Run
from typer.testing import CliRunner

from eilbote.cli.application import application


def run(*arguments: str, stdin: str = "", **changes: str) -> Run:
    """Run ``eilbote`` as :func:`tests.acceptance.program.run` does; a fault that nobody has foreseen comes out as it is."""
    unset = {name: None for name in os.environ if name.startswith("EILBOTE")}
    given = {**unset, "NO_COLOR": "1", "COLUMNS": "100", **changes}
    with _log_left_as_it_was():
        ended = CliRunner().invoke(application, arguments, input=stdin, env=given)
    if ended.exception is not None and not isinstance(ended.exception, SystemExit):
        raise ended.exception
    return Run(ended.exit_code, ended.stdout, ended.stderr)


@contextmanager
def _log_left_as_it_was() -> Iterator[None]:
    """Undo what a courier sets for its whole process: other tests listen to the same logger."""
    logger = logging.getLogger("eilbote")
    handlers, level, propagates = logger.handlers[:], logger.level, logger.propagate
    raises = logging.raiseExceptions
    try:
        yield
    finally:
        logger.handlers[:] = handlers
        logger.setLevel(level)
        logger.propagate = propagates
        logging.raiseExceptions = raises


class Program:
    """``eilbote`` in a folder of its own, without a terminal and without this process's settings."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        monkeypatch.chdir(folder)
        monkeypatch.setenv("NO_COLOR", "1")
        monkeypatch.setenv("COLUMNS", "100")
        monkeypatch.setenv("EILBOTE_DATA_DIR", str(folder / "data"))

    def run(self, *arguments: str, stdin: str = "", **environment: str) -> Run:
        """Run it in its folder."""
        return run(*arguments, stdin=stdin, **{"EILBOTE_DATA_DIR": str(self.folder / "data"), **environment})

    def write(self, name: str, text: str) -> str:
        """Write a file into the folder."""
        (self.folder / name).write_text(text, encoding="utf-8")
        return name
