"""The program as a process of its own, without a terminal."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Run:
    """One run that has ended."""

    code: int
    out: str
    err: str

    @property
    def data(self) -> Any:  # noqa: ANN401 - JSON
        """What stdout holds, which must be one JSON document."""
        return json.loads(self.out)

    @property
    def told(self) -> str:
        """What stderr says, without the line breaks, which fall elsewhere with every longer path."""
        return " ".join(self.err.split())


def environment(**changes: str) -> dict[str, str]:
    """Give this process's environment without what would steer the program, and with the changes."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("EILBOTE")}
    return {**kept, "NO_COLOR": "1", "COLUMNS": "100", **changes}


def run(*arguments: str, stdin: str = "", cwd: Path | None = None, **changes: str) -> Run:
    """Run ``eilbote`` with these arguments; ``changes`` go into its environment."""
    ended = subprocess.run(
        [sys.executable, "-m", "eilbote.cli", *arguments],
        input=stdin,
        env=environment(**changes),
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
        timeout=50,
    )
    return Run(ended.returncode, ended.stdout, ended.stderr)
