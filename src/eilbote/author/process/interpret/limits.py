"""What stops an instance that would not stop by itself, in words."""

from __future__ import annotations

from typing import Final

from eilbote.author.process.instance import MOST_MAILS, MOST_STEPS, MOST_TURNS
from eilbote.errors import ProcessError

MOST_NESTED: Final = 50
"""How deep sub-processes and called processes may run inside of one another."""
MOST_PASSAGES: Final = 2000
"""How many passages are kept: the last ones."""


TOO_MANY_STEPS: Final = "too_many_steps"
TOO_MANY_MAILS: Final = "too_many_mails"


class TooManyStepsError(ProcessError):
    """Tokens have come to more elements than is allowed; whoever decides allows as many again."""

    code = TOO_MANY_STEPS


class TooManyMailsError(ProcessError):
    """More messages were sent than is allowed; whoever tries again allows as many again."""

    code = TOO_MANY_MAILS


def too_many_steps(element: str, allowed: int) -> TooManyStepsError:
    """Say that tokens have come to too many elements."""
    return TooManyStepsError(
        f"tokens have come to more than {allowed:,} elements",
        field=element,
        cause="A loop in the diagram may have no end",
        remedy=f"Mend the data or the diagram; retry or skip allows {MOST_STEPS:,} more",
    )


def too_many_mails(element: str, allowed: int) -> TooManyMailsError:
    """Say that too many messages were sent."""
    return TooManyMailsError(
        f"the instance has sent {allowed:,} messages",
        field=element,
        cause="A loop in the diagram may have no end",
        remedy=f"Retry allows {MOST_MAILS:,} more; skip goes on without this one",
    )


def too_many_turns(element: str, count: int) -> ProcessError:
    """Say that a multi-instance activity has too many turns."""
    return ProcessError(
        f"the activity would be done {count:,} times",
        field=element,
        cause=f"At most {MOST_TURNS:,} turns are done",
        remedy="Give fewer items, mend the data and retry, or skip",
    )


def too_deep(process: str) -> ProcessError:
    """Say that processes are called too deeply."""
    return ProcessError(
        f"{process[:60]!r} would run more than {MOST_NESTED} processes deep",
        field=process,
        cause="A process may call itself without an end",
        remedy="Let the calls end by a condition, or skip this one",
    )
