"""Says that there is no process or instance as it was named, and what might be meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eilbote.cli.kept_drafts import what_is_meant
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
    remedy = what_is_meant(
        name,
        names,
        elsewhere=elsewhere,
        otherwise="'eilbote process list' shows all; a diagram is named with its ending",
    )
    return ProcessNotFoundError(f"no process called {name[:60]!r} is kept", field="name", remedy=remedy)
