"""The log of commands that run for long: where it is written, and how a line of it looks."""

from __future__ import annotations

import json
import logging
import os
import sys
from datetime import datetime
from typing import TYPE_CHECKING, Final, cast

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import TextIO

_PRIORITIES: Final = (
    (logging.CRITICAL, 2),
    (logging.ERROR, 3),
    (logging.WARNING, 4),
    (logging.INFO, 6),
)
"""From which level on a line has which priority of syslog (RFC 5424 section 6.2.1)."""
_DEBUG: Final = 7


class LogLine(logging.Formatter):
    """Writes a record of the log as a line: time, level, text; or as a JSON object.

    Args:
        as_json: Which of the two.
        for_journal: The reader is systemd's journal: it knows the time, and takes the level as a number in front (sd-daemon(3)).
    """

    def __init__(self, *, as_json: bool, for_journal: bool = False) -> None:
        super().__init__()
        self._as_json = as_json
        self._for_journal = for_journal

    def format(self, record: logging.LogRecord) -> str:
        """Write one."""
        if self._for_journal:
            priority = next((number for level, number in _PRIORITIES if record.levelno >= level), _DEBUG)
            # What follows a line break would be a line without a priority.
            return "\n".join(f"<{priority}>{line}" for line in self._text(record).splitlines() or [""])
        return self._text(record)

    def _text(self, record: logging.LogRecord) -> str:
        if self._for_journal and not self._as_json:
            return record.getMessage()
        time = datetime.fromtimestamp(record.created).astimezone().isoformat(timespec="milliseconds")
        if not self._as_json:
            return f"{time} {record.levelname.lower():<7} {record.getMessage()}"
        fields: object = getattr(record, "eilbote", None)
        said = (
            cast("dict[str, object]", fields) if isinstance(fields, dict) else {"text": record.getMessage()}
        )
        return json.dumps({"time": time, "level": record.levelname.lower(), **said}, ensure_ascii=False)


def write_log(form: str) -> None:
    """Write the log of eilbote to stderr.

    Args:
        form: ``text``, ``json``, or ``quiet`` for text about what somebody should look at.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(LogLine(as_json=form == "json", for_journal=is_journal(sys.stderr, os.environ)))
    logger = logging.getLogger("eilbote")
    logger.addHandler(handler)
    logger.setLevel(logging.WARNING if form == "quiet" else logging.INFO)
    logger.propagate = False
    logging.raiseExceptions = False  # a log that cannot be written must not stop the mail


def is_journal(stream: TextIO, environment: Mapping[str, str]) -> bool:
    """Tell whether what is written to a stream goes to systemd's journal (systemd.exec(5), ``JOURNAL_STREAM``)."""
    named = environment.get("JOURNAL_STREAM", "")
    if not named:
        return False
    try:
        found = os.fstat(stream.fileno())
    except (OSError, ValueError):
        return False
    return named == f"{found.st_dev}:{found.st_ino}"
