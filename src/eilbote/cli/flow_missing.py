"""What an input of a flow leaves out of what the flow's sample shows.

That is no fault, because a sample also shows what is there only now and then; but it is worth a word before a message goes out
with a hole in it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from eilbote.cli.printable import printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from eilbote.model.data import Data

_MOST: Final = 8


def missing_names(sample: Mapping[str, Data], given: Mapping[str, Data]) -> str:
    """Name what a sample has and an input has not, with dots into tables; nothing when nothing is missing."""
    names = [printable(name, longest=60) for name in _missing(sample, given, "")]
    return ", ".join([*names[:_MOST], *(["..."] if len(names) > _MOST else [])])


def _missing(sample: Mapping[str, Data], given: Mapping[str, Data], before: str) -> Iterator[str]:
    for name, value in sample.items():
        here = given.get(name)
        if name not in given:
            yield f"{before}{name}"
        elif isinstance(value, dict) and isinstance(here, dict):
            yield from _missing(value, here, f"{before}{name}.")
