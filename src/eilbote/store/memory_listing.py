"""What narrows lists of runs and instances in memory, as :mod:`eilbote.store.work_rows` says it to databases."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from eilbote.model.moment import Moment


def is_within(began: Moment, since: Moment | None, before: Moment | None) -> bool:
    """Tell whether something was begun in a time: at ``since`` or later, and before ``before``."""
    return (since is None or began >= since) and (before is None or began < before)


def has(text: str, *fields: str) -> bool:
    """Tell whether a text stands in one of some fields, in any case of letters; an empty one stands anywhere."""
    wanted = text.casefold()
    return any(wanted in field.casefold() for field in fields)
