"""What a program hands to a process becomes plain data, or is refused with the place of what cannot be kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eilbote.engine.flow_input import plain_input
from eilbote.errors import FlowError, ProcessError

if TYPE_CHECKING:
    from eilbote.model.data import Data


def plain_data(given: object, *, field: str = "data") -> dict[str, Data]:
    """Give a table as plain data: numbers with a fraction become decimal, nothing is shared with what was given.

    Raises:
        ProcessError: A part of it is no plain data; ``field`` is the path to it, such as ``data.lines[2].price``.
    """
    try:
        return plain_input(given, field=field)
    except FlowError as fault:
        raise ProcessError(fault.what, field=fault.field, cause=fault.cause, remedy=fault.remedy) from None
