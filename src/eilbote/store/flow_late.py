"""Late results of messages on their way into a run or its conversation: what is decided for both, memory and database.

A result arrives whenever its message is settled, whoever works on the run meanwhile. So it lies beside the run's state, and whoever
reads the run sees it in its place. When the run is claimed again, whoever has it gets the result for good, and it is forgotten
as soon as that one keeps the run: put in once, and lost by nobody. Beside a run that has ended it lies for ever.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from eilbote.author.flow.data_text import written
from eilbote.author.flow.limits import MOST_VALUE_OCTETS, value_text
from eilbote.author.flow.shelf import Put, Shelf, with_puts
from eilbote.author.plain.data_text import read
from eilbote.errors import FlowError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eilbote.author.flow.shelf import Target
    from eilbote.model.data import Data


def late_text(result: Mapping[str, Data]) -> str:
    """Write a late result; one that cannot be kept is replaced by its status and the reason."""
    try:
        text = written(result, field="result")
        if len(text) <= MOST_VALUE_OCTETS:
            return text
        fault = FlowError(
            f"the result has {len(text):,} octets and was not kept",
            field="result",
            remedy="Look the message up by its id",
        )
    except FlowError as found:
        fault = found
    return written(_told(result, fault), field="result")


def context_name(target: Target) -> str:
    """Give the name on the uppermost level of the context under which a target lies."""
    return target.key.partition(".")[0]


def context_with(target: Target, now_there: str | None, result: str) -> str:
    """Put a late result into the value of a context under which it belongs; gives the value as it is written.

    Args:
        target: Where it goes.
        now_there: What is written under :func:`context_name`; ``None`` when nothing is.
        result: What :func:`late_text` gave.
    """
    name = context_name(target)
    try:
        there = {name: read(now_there)} if now_there is not None else {}
    except ValueError:
        there = {}  # damaged, and about to be replaced
    value = read(result)
    try:
        return value_text(name, _with(target, there, value)[name])
    except FlowError as fault:
        told = _told(value if isinstance(value, dict) else {}, fault)
        return value_text(name, _with(target, {}, told)[name])


def _with(target: Target, there: dict[str, Data], value: Data) -> dict[str, Data]:
    put = Put(shelf=Shelf.CONTEXT, key=target.key, value=value)
    return with_puts({Shelf.CONTEXT: there}, (put,))[Shelf.CONTEXT]


def _told(result: Mapping[str, Data], fault: FlowError) -> dict[str, Data]:
    status, entry = result.get("status"), result.get("id")
    return {
        "id": entry if isinstance(entry, (str, int)) else None,
        "status": status if isinstance(status, str) else None,
        "error": {"code": fault.code, "message": fault.what, "field": fault.field, "remedy": fault.remedy},
    }
