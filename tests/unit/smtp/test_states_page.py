"""The page about states shows the tables as they are."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from pathlib import Path

import pytest

from eilbote.smtp.states import SESSION, TRANSACTION

PAGE = Path(__file__).parents[3] / "docs" / "states.md"


def shown(heading: str) -> set[tuple[str, str, str]]:
    """Read the transitions of a section's first table; a state is named in the first of its rows."""
    section = PAGE.read_text().split(f"## {heading}\n")[1].split("\n## ")[0]
    found: set[tuple[str, str, str]] = set()
    state = ""
    for line in section.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 4 and cells[0] not in ("state", "---"):
            state = cells[0] or state
            if cells[2]:
                found.add((state, cells[2], cells[3]))
    return found


@pytest.mark.parametrize("heading, table", [("A session", SESSION), ("A transaction", TRANSACTION)])
def test_the_page_shows_every_transition_and_no_other(
    heading: str, table: Mapping[IntEnum, Mapping[IntEnum, IntEnum]]
) -> None:
    assert shown(heading) == {
        (state.name, event.name, following.name)
        for state, row in table.items()
        for event, following in row.items()
    }
