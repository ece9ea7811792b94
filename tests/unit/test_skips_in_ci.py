"""On a developer's machine a missing server is a visible skip; in CI it is a failure that says what was missing."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]

SKIPS = {
    "a mark": "import pytest\n@pytest.mark.skip(reason='no Postfix here')\ndef test_it(): pass\n",
    "a call": "import pytest\ndef test_it(): pytest.skip('no Postfix here')\n",
    "a fixture": "import pytest\n@pytest.fixture\ndef server(): pytest.skip('no Postfix here')\n"
    "def test_it(server): pass\n",
    "a module": "import pytest\npytest.skip('no Postfix here', allow_module_level=True)\n",
    "an expected failure": "import pytest\n@pytest.mark.xfail(reason='no Postfix here')\ndef test_it(): assert 0\n",
}


def run_pytest(folder: Path, *, ci: str) -> subprocess.CompletedProcess[str]:
    for number, source in enumerate(SKIPS.values()):
        (folder / f"test_{number}.py").write_text(source)
    return subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "tests.conftest"),
            *("-c", ROOT / "pyproject.toml", "--rootdir", folder, folder, "--continue-on-collection-errors"),
        ],
        cwd=ROOT,
        env={**{k: v for k, v in os.environ.items() if not k.startswith("PYTEST")}, "CI": ci},
        capture_output=True,
        text=True,
        check=False,
    )


def test_in_ci_every_kind_of_skip_is_a_failure(tmp_path: Path) -> None:
    run = run_pytest(tmp_path, ci="true")

    assert run.returncode == 1, run.stdout
    assert "2 failed, 3 errors" in run.stdout
    assert run.stdout.count("no Postfix here (in CI a skip is a failure)") >= len(SKIPS)


def test_elsewhere_a_skip_is_seen(tmp_path: Path) -> None:
    run = run_pytest(tmp_path, ci="")

    assert run.returncode == 0, run.stdout
    assert "4 skipped, 1 xfailed" in run.stdout
    assert run.stdout.count("no Postfix here") >= len(SKIPS)
