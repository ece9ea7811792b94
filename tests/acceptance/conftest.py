"""The built wheel in a clean environment, as a user gets it."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Installed:
    """An environment that holds eilbote, what it requires, and nothing else."""

    wheel: Path
    programs: Path
    folder: Path

    def run(self, program: str, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        """Run a program of the environment in an empty folder, without a terminal."""
        clean = {
            name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "EILBOTE"))
        }
        return subprocess.run(
            [self.programs / program, *arguments],
            input=stdin,
            cwd=self.folder,
            env={**clean, "NO_COLOR": "1", "COLUMNS": "120"},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    def eilbote(self, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        return self.run("eilbote", *arguments, stdin=stdin)


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", folder],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    environment = tmp_path_factory.mktemp("clean")
    programs = environment / "bin"
    subprocess.run([sys.executable, "-m", "venv", environment], check=True)
    # Compiled is what a program needs, when it first needs it: all of it would take as long as everything else here.
    subprocess.run([programs / "pip", "install", "--quiet", "--quiet", "--no-compile", wheel], check=True)
    return Installed(wheel=wheel, programs=programs, folder=tmp_path_factory.mktemp("folder"))
