"""A run that is begun again under its id is the same one: what is asked for must be what was begun."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from eilbote.author.flow.data_text import as_json
from eilbote.errors import FlowError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eilbote.author.flow.store import KeptRun
    from eilbote.model.data import Data


def mark_of(given: Mapping[str, Data]) -> str:
    """Give a mark of an input, by which the same one is known again after the run has changed it; empty for none.

    Raises:
        FlowError: It holds something that cannot be kept.
    """
    if not given:
        return ""
    ordered = json.dumps(as_json(given, field="input"), sort_keys=True)
    return hashlib.sha256(ordered.encode()).hexdigest()[:32]


def check_same(kept: KeptRun, asked: KeptRun, *, session: str) -> None:
    """Look whether the run that is kept under an id is the one that is asked for.

    Args:
        kept: What is kept.
        asked: What was to be begun; without an input it is gone on with, whatever it was begun with.
        session: The conversation that was named; empty when none was.

    Raises:
        FlowError: It is another one. Of another organization's run nothing is told.
    """
    if kept.organization != asked.organization:
        raise _used(asked, "of another organization", shows=False)
    if kept.text != asked.text:
        raise _used(
            asked,
            "of another text of the flow" if kept.flow == asked.flow else f"of another flow, {kept.flow}",
        )
    if session and kept.session != session:
        raise _used(asked, "of another session")
    before, now = kept.state.get("begun_with"), asked.state.get("begun_with")
    if before and now and before != now:
        raise _used(asked, "with another input")


def _used(asked: KeptRun, whose: str, *, shows: bool = True) -> FlowError:
    look = f"Look at it with `eilbote flow show {asked.id}`; a" if shows else "A"
    return FlowError(
        f"the id {asked.id!r} was used before, for a run {whose}",
        field="run_id",
        cause="Under one id one run is begun, and begun again it is the same one",
        remedy=f"{look} run of its own needs another id",
    )
