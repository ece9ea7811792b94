"""The names under which a task is known elsewhere: to people, to the outbox, and to the instance that waits for it.

They are made from the task's key alone, so that whoever takes the work up again after a crash finds what has been done.
"""

from __future__ import annotations

import hashlib
import re
from typing import Final

_PREFIX: Final = "process:"
_KEPT: Final = re.compile(r"[!-~](?:[ -~]{0,198}[!-~])?")
"""What the outbox takes as a key, with room for a number."""
_LONGEST_ID: Final = 200
_DIGITS: Final = 24


def task_question(key: str) -> str:
    """Give the id of a task's question, and of what happens to the instance when it is answered.

    Keys of tasks and of runs look alike; this is a name that no visit of a node in a run has by chance.
    """
    name = f"{_PREFIX}{key}"
    return name if len(name) <= _LONGEST_ID else f"{_PREFIX}{hashlib.sha256(key.encode()).hexdigest()}"


def mail_name(*parts: str) -> str:
    """Give the name under which a message is handed to the outbox once: its parts, or their digest where these cannot be kept."""
    name = "/".join(parts)
    return name if _KEPT.fullmatch(name) else f"{parts[0]}/{hashlib.sha256(name.encode()).hexdigest()}"


def task_report_id(instance: str, key: str) -> str:
    """Give the id in the footer of a task's messages, by which somebody who got one can tell which it was.

    It is made of digests, because names of instances may say what is nobody's business.
    """
    return f"{_half(instance)}-{_half(key)}"


def _half(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:_DIGITS]
