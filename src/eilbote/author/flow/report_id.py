"""The id in a notification's footer: whoever complains about a message quotes it, and the run that sent it is found by it.

It is made of digests, because names of runs may say what is nobody's business, such as a customer's number. The first half
names the run, the second one the visit of the node.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from eilbote.author.flow.step import Scene

_DIGITS: Final = 24


def report_id(scene: Scene) -> str:
    """Give the id of a visit's message: two times 24 hexadecimal digits."""
    return f"{_half(scene.run)}-{_half(scene.key)}"


def tells_of_run(report: str, run: str) -> bool:
    """Say whether somebody has quoted the id of a message of this run; blanks and capitals do not matter."""
    return "".join(report.split()).lower().partition("-")[0] == _half(run)


def _half(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:_DIGITS]
