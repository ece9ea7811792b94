"""The page about services says what the catalogue says."""

import runpy
from pathlib import Path

SCRIPT = Path(__file__).parents[3] / "scripts" / "generate-service-reference"


def test_the_page_is_as_fresh_as_the_catalogue() -> None:
    script = runpy.run_path(str(SCRIPT))

    assert script["PAGE"].read_text("utf-8") == script["render"](), f"run {SCRIPT.name}"
