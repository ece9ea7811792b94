"""Looks processes, routes and instances over: what refers to what, and whether everything that is written can be read.

The same for both databases, in the one view of it that the caller has opened. What is found is said as sentences.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from eilbote.author.plain.data_text import read
from eilbote.author.process.instance import InstanceStatus
from eilbote.author.process.interpret.instance_state import FORM
from eilbote.author.process.kept import UNREADABLE, StartKind, WaitKind
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
from eilbote.store.text_rows import PROCESS_TEXTS

if TYPE_CHECKING:
    from eilbote.store.record_database import Statements

_CHILDREN: Final = {
    "process_state": "state",
    "process_wait": "wait",
    "process_trigger": "trigger",
}

_ODDITIES: Final = (
    RowOddity(
        what="process instance without its state",
        name="id",
        rows="process_instance AS i WHERE NOT EXISTS (SELECT 1 FROM process_state AS its WHERE its.instance = i.number)",
    ),
    RowOddity(
        what="process instance without the text of its process",
        name="id",
        rows="process_instance AS i WHERE NOT EXISTS (SELECT 1 FROM process_text AS its WHERE its.digest = i.digest)",
    ),
    RowOddity(
        what="process instance in a state nobody knows",
        name="id",
        rows=f"process_instance WHERE status NOT IN ({one_of(InstanceStatus)})",
    ),
    RowOddity(
        what="process instance that is never taken up",
        name="id",
        rows="process_instance AS i WHERE status = 'running' AND due IS NULL AND NOT held_back AND ("
        "EXISTS (SELECT 1 FROM process_trigger AS its WHERE its.instance = i.number AND its.data IS NOT NULL) "
        "OR incidents = 0 AND NOT EXISTS (SELECT 1 FROM process_wait AS its WHERE its.instance = i.number))",
    ),
    *(
        RowOddity(
            what=f"{what} of a process instance that is not there",
            name="instance",
            rows=f"{table} AS c WHERE NOT EXISTS (SELECT 1 FROM process_instance AS its WHERE its.number = c.instance)",  # noqa: S608 - names of our own
        )
        for table, what in _CHILDREN.items()
    ),
    RowOddity(
        what="wait of a kind nobody knows",
        name="key",
        rows=f"process_wait WHERE kind NOT IN ({one_of(WaitKind)})",
    ),
    RowOddity(
        what="wait for a message of the outbox that is not named",
        name="key",
        rows="process_wait WHERE kind = 'mail' AND entry IS NULL",
    ),
    RowOddity(
        what="start event of a kind nobody knows",
        name="element",
        rows=f"process_start WHERE kind NOT IN ({one_of(StartKind)})",
    ),
    RowOddity(
        what="start event without its process",
        name="element",
        rows="process_start AS s WHERE NOT EXISTS "
        "(SELECT 1 FROM process AS its WHERE its.organization = s.organization AND its.name = s.process)",
    ),
    *draft_oddities("process"),
)

_STATES: Final = (
    "SELECT s.instance, i.id, s.state FROM process_state s JOIN process_instance i ON i.number = s.instance "
    "WHERE s.instance > $1 ORDER BY s.instance LIMIT $2"
)
_TRIGGERS: Final = (
    "SELECT t.instance, t.number, i.id, t.id, t.data FROM process_trigger t "
    "JOIN process_instance i ON i.number = t.instance "
    "WHERE t.data IS NOT NULL AND (t.instance, t.number) > ($1, $2) ORDER BY t.instance, t.number LIMIT $3"
)
_PARTS: Final = ("id", "status", "correlation", "data", "tokens")
"""What no state can be without; the rest is seen when its process is read as well."""


async def process_faults(db: Statements) -> list[str]:
    """Say everything that is wrong with processes and their instances."""
    faults = await oddity_faults(db, _ODDITIES)
    faults += told(
        "state of a process instance that cannot be read", await unreadable_states(db, _STATES, _complaint)
    )
    faults += told("trigger that cannot be read", await _unreadable_triggers(db))
    faults += told(
        "text of a process that has changed since it was kept", await changed_texts(db, PROCESS_TEXTS.table)
    )
    return faults


def _complaint(state: object) -> str | None:
    if not isinstance(state, dict):
        return "it is no table"
    parts = cast("dict[str, object]", state)
    if UNREADABLE in parts:
        return str(parts[UNREADABLE])
    if parts.get("form") != FORM:
        return f"it is of form {parts.get('form')!r:.40}, and this eilbote knows form {FORM}"
    missing = [part for part in _PARTS if part not in parts]
    return f"its part {missing[0]!r} is missing" if missing else None


async def _unreadable_triggers(db: Statements) -> list[str]:
    found: list[str] = []
    after: tuple[object, object] = (-1, -1)
    while page := await db.fetch(_TRIGGERS, *after, PAGE):
        for instance, number, name, trigger, text in page:
            try:
                is_table = isinstance(read(cast("str", text)), dict)
            except (TypeError, ValueError):
                is_table = False
            if not is_table:
                found.append(f"{trigger} of {name}")
            after = instance, number
    return found
