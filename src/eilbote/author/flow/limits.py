"""What every store of flows refuses before it keeps anything, in the same words: names, lengths and sizes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from eilbote.author.flow.data_text import written
from eilbote.author.plain import keepable
from eilbote.author.plain.data_text import dumped
from eilbote.author.plain.keepable import LONGEST_NAME, check_id
from eilbote.errors import FlowError

if TYPE_CHECKING:
    from eilbote.author.flow.store import KeptRun
    from eilbote.model.data import Data

MOST_STATE_OCTETS: Final = 4 * 1024 * 1024
"""Of a run's state, as it is written."""
MOST_VALUE_OCTETS: Final = 1024 * 1024
"""Of one value on the uppermost level of a context, as it is written."""
MOST_TEXT_OCTETS: Final = 1024 * 1024
"""Of a flow's text in UTF-8: 256 K characters of any script."""
LONGEST_SESSION: Final = 200


def check_names(run: KeptRun) -> None:
    """Refuse a run whose names cannot be kept.

    Raises:
        FlowError: ``field`` names which.
    """
    check_id(run.id, of="a run", fault=FlowError)
    if not run.session:
        raise FlowError(
            "the run has no session",
            field="session",
            remedy="Give the run's own id, or a conversation's name",
        )
    check_name(run.session, field="session", most=LONGEST_SESSION)
    check_name(run.organization, field="organization")
    check_name(run.flow, field="flow")
    check_name(run.author, field="author")


def check_name(name: str, *, field: str, most: int = LONGEST_NAME) -> None:
    """Refuse a name that cannot be kept.

    Raises:
        FlowError: It is too long, or holds control characters.
    """
    keepable.check_name(name, field=field, most=most, fault=FlowError)


def check_text(text: str) -> str:
    """Refuse a flow's text that cannot be kept; gives it.

    Raises:
        FlowError: It is too long, or no text.
    """
    return keepable.check_text(text, of="flow", most=MOST_TEXT_OCTETS, fault=FlowError)


def state_text(run: KeptRun) -> str:
    """Write a run's state.

    Raises:
        FlowError: It is too large.
    """
    text = dumped(run.state)
    if len(text) > MOST_STATE_OCTETS:
        raise FlowError(
            f"the run holds {len(text):,} octets",
            field="input",
            cause=f"A run is kept with at most {MOST_STATE_OCTETS:,}: its input, what was put beside it, and lists that it goes through",
            remedy="Take less along: the lines that are needed and not whole answers, or several runs",
        )
    return text


def context_texts(context: Mapping[str, Data]) -> dict[str, str]:
    """Write the values of a context.

    Raises:
        FlowError: A name or a value cannot be kept.
    """
    return {name: value_text(name, value) for name, value in context.items()}


def value_text(name: str, value: Data) -> str:
    """Write one value of a context.

    Raises:
        FlowError: Name or value cannot be kept.
    """
    field = f"context.{name[:60]}"
    if len(name) > LONGEST_NAME or not name.isprintable():
        raise FlowError(
            "this cannot be the name of a value",
            field=field,
            remedy=f"Give at most {LONGEST_NAME} printable characters",
        )
    text = written(value, field=field)
    if len(text) > MOST_VALUE_OCTETS:
        raise FlowError(
            f"the value has {len(text):,} octets",
            field=field,
            remedy=f"Keep at most {MOST_VALUE_OCTETS:,} under one name of a context",
        )
    return text
