"""The page about the log shows every kind of line with its level, and no other."""

import logging
import re
from pathlib import Path

from eilbote.record.log import EVENT_LEVELS, NOTICE_LEVELS

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "log.md"


def shown(heading: str) -> dict[str, str]:
    section = PAGE.read_text().split(f"## {heading}\n")[1].split("\n## ")[0]
    return dict(re.findall(r"^\| `(\w+)` \| ([A-Z]+) \|", section, re.MULTILINE))


def test_every_event_is_there_with_its_level() -> None:
    assert shown("Events") == {
        kind.value: logging.getLevelName(level) for kind, level in EVENT_LEVELS.items()
    }


def test_every_notice_is_there_with_its_level() -> None:
    assert shown("Notices") == {
        kind.value: logging.getLevelName(level) for kind, level in NOTICE_LEVELS.items()
    }
