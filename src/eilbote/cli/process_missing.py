"""Says that there is no process or instance as it was named, and what might be meant."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from eilbote.errors import ProcessNotFoundError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eilbote.author.process.kept import StoredProcess


def no_process(name: str, kept: Sequence[StoredProcess], organization: str) -> ProcessNotFoundError:
    """Say that there is no process of that name.

    Args:
        name: What was asked for.
        kept: Every process that there is.
        organization: Whose was asked for.
    """
    elsewhere = [each.organization for each in kept if each.name == name]
    names = [each.name for each in kept if each.organization == organization]
    alike = difflib.get_close_matches(name[:60], names, n=1, cutoff=0.5)
    if elsewhere:
        remedy = (
            f"There is one of {elsewhere[0]}: --org {elsewhere[0]}"
            if elsewhere[0]
            else "There is one of the host: leave --org out"
        )
    elif alike:
        remedy = f"Did you mean {alike[0]!r}?"
    else:
        remedy = "'eilbote process list' shows all; a diagram is named with its ending"
    return ProcessNotFoundError(f"no process called {name[:60]!r} is kept", field="name", remedy=remedy)
