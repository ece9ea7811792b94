"""Looks flows and their runs over: what refers to what, and whether everything that is written can be read.

The same for both databases, in the one view of it that the caller has opened. What is found is said as sentences.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from eilbote.author.flow.run import RunStatus
from eilbote.author.flow.run_state import complaint
from eilbote.author.flow.store import Awaits
from eilbote.author.plain.data_text import read
from eilbote.store.row_check import (
    PAGE,
    RowOddity,
    changed_texts,
    draft_oddities,
    oddity_faults,
    one_of,
    told,
    unreadable_states,
)
from eilbote.store.text_rows import FLOW_TEXTS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eilbote.store.record_database import Statements

_ODDITIES: Final = (
    RowOddity(
        what="run without its state",
        name="id",
        rows="flow_run WHERE NOT EXISTS (SELECT 1 FROM flow_state WHERE flow_state.run = flow_run.number)",
    ),
    RowOddity(
        what="run without the text of its flow",
        name="id",
        rows="flow_run WHERE NOT EXISTS (SELECT 1 FROM flow_text WHERE flow_text.digest = flow_run.digest)",
    ),
    RowOddity(
        what="run in a state nobody knows",
        name="id",
        rows=f"flow_run WHERE status NOT IN ({one_of(RunStatus)}) OR awaits NOT IN ({one_of(Awaits)})",
    ),
    RowOddity(
        what="run that is never taken up",
        name="id",
        rows="flow_run WHERE status = 'running' AND due IS NULL AND (awaits IN ('', 'time') "
        "OR awaits = 'mail' AND entry IS NULL)",
    ),
    RowOddity(
        what="state without its run",
        name="run",
        rows="flow_state WHERE NOT EXISTS (SELECT 1 FROM flow_run WHERE flow_run.number = flow_state.run)",
    ),
    RowOddity(
        what="late result without its run",
        name="run",
        rows="flow_late_result WHERE NOT EXISTS (SELECT 1 FROM flow_run WHERE flow_run.number = flow_late_result.run)",
    ),
    RowOddity(
        what="link without its question",
        name="question",
        rows="answer_link WHERE NOT EXISTS (SELECT 1 FROM question WHERE question.id = answer_link.question)",
    ),
    *draft_oddities("flow"),
)

_STATES: Final = (
    "SELECT s.run, r.id, s.state FROM flow_state s JOIN flow_run r ON r.number = s.run WHERE s.run > $1 "
    "ORDER BY s.run LIMIT $2"
)
_VALUES: Final = (
    "SELECT organization, session, key, value FROM flow_context WHERE (organization, session, key) > ($1, $2, $3) "
    "ORDER BY organization, session, key LIMIT $4"
)


async def flow_faults(db: Statements) -> list[str]:
    """Say everything that is wrong with flows and runs."""
    faults = await oddity_faults(db, _ODDITIES)
    faults += told("state of a run that cannot be read", await unreadable_states(db, _STATES, complaint))
    faults += told(
        "text of a flow that has changed since it was kept", await changed_texts(db, FLOW_TEXTS.table)
    )
    faults += told("value of a conversation that cannot be read", await _unreadable_values(db))
    return faults


async def _unreadable_values(db: Statements) -> list[str]:
    found: list[str] = []
    after = ("", "", "")
    while page := cast("Sequence[tuple[str, str, str, str]]", await db.fetch(_VALUES, *after, PAGE)):
        for organization, session, key, value in page:
            try:
                read(value)
            except (TypeError, ValueError):
                found.append(f"{key} of {session}")
            after = organization, session, key
    return found
