"""Where commands that run for long write the log."""

from __future__ import annotations

import logging
import sys

from eilbote.cli.couriering import LogLine


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
