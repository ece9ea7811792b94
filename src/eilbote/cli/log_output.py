"""The log of commands that run for long: where it is written, and how a line of it looks."""

from __future__ import annotations

import json
import logging
import sys
from datetime import datetime
from typing import cast


class LogLine(logging.Formatter):
    """Writes a record of the log as a line: time, level, text; or as a JSON object.

    Args:
        as_json: Which of the two.
    """

    def __init__(self, *, as_json: bool) -> None:
        super().__init__()
        self._as_json = as_json

    def format(self, record: logging.LogRecord) -> str:
        """Write one."""
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
    handler.setFormatter(LogLine(as_json=form == "json"))
    logger = logging.getLogger("eilbote")
    logger.addHandler(handler)
    logger.setLevel(logging.WARNING if form == "quiet" else logging.INFO)
    logger.propagate = False
    logging.raiseExceptions = False  # a log that cannot be written must not stop the mail
