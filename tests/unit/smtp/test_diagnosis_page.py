"""The page about causes says what the tables say."""

import runpy
from pathlib import Path

from eilbote.engine.address_check import VRFY_ANSWERS
from eilbote.smtp.explain import refusals

SCRIPT = Path(__file__).parents[3] / "scripts" / "generate-diagnosis-reference"


def test_the_page_is_as_fresh_as_the_tables() -> None:
    script = runpy.run_path(str(SCRIPT))

    assert script["PAGE"].read_text("utf-8") == script["render"](), f"run {SCRIPT.name}"


def test_every_cause_is_on_it() -> None:
    page = runpy.run_path(str(SCRIPT))["render"]()

    for entry in refusals():
        assert entry.explanation.remedy in page
    assert all(f"| {code} |" in page for code in VRFY_ANSWERS)
