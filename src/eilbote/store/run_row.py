"""Reads a run from its row. What is damaged fails this run alone, where it is taken up again, and says what is wrong."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, cast

from eilbote.author.flow.run import RunStatus
from eilbote.author.flow.run_state import UNREADABLE, with_late
from eilbote.author.flow.shelf import Shelf
from eilbote.author.flow.store import Awaits, KeptRun
from eilbote.author.plain.data_text import read
from eilbote.model.ids import EntryId
from eilbote.model.moment import Moment
from eilbote.store.late_rows import on_shelf
from eilbote.store.row_values import number_of, state_of, value_of, word_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eilbote.model.data import Data
    from eilbote.store.context_rows import Session
    from eilbote.store.late_rows import Arrived

COLUMNS: Final = (
    "number, id, organization, flow, version, digest, session, author, status, cancelled, awaits, entry, due, began, "
    "changed, revision, failed_nodes"
)
"""What :class:`RunRow` is made of, in this order."""
READ: Final = f"SELECT {COLUMNS} FROM flow_run"  # noqa: S608 - names of our own


@dataclass(slots=True)
class RunRow:
    """A row of ``flow_run``.

    Attributes:
        number: Its own.
        digest: Of its text.
        run: The run, without text, state and context.
        faults: What is damaged.
    """

    number: int
    digest: str
    run: KeptRun
    faults: list[str] = field(default_factory=list[str])

    @property
    def session(self) -> Session:
        """Give its conversation."""
        return self.run.organization, self.run.session

    def whole(
        self,
        *,
        text: str | None,
        state: str | Mapping[str, Data] | None,
        context: Mapping[str, str],
        late: Sequence[Arrived],
    ) -> KeptRun:
        """Give the run with all that belongs to it.

        Args:
            text: What it runs; ``None`` when that is missing.
            state: As it is written, or read already; ``None`` when it is missing.
            context: The values of its conversation, as they are written.
            late: The late results that lie beside it.
        """
        faults = list(self.faults)
        if text is None:
            faults.append("the text of its flow is missing")
        values = read_values(context, faults)
        held = state_of(state, faults)
        inputs = on_shelf(late, Shelf.INPUT)
        if inputs:
            results = [(each.target.key, _result(each.result)) for each in inputs]
            held = with_late(held, results)
        if faults:
            held = {UNREADABLE: "; ".join(faults)}
        return replace(self.run, text=text or "", state=held, context=values)


def read_values(context: Mapping[str, str], faults: list[str]) -> dict[str, Data]:
    """Read the values of a conversation; those that are damaged are told and left out."""
    values: dict[str, Data] = {}
    for key, value in context.items():
        try:
            values[key] = read(value)
        except (TypeError, ValueError) as fault:
            faults.append(f"the value {key[:60]!r} of its conversation cannot be read ({fault})")
    return values


def run_row(row: Sequence[object]) -> RunRow:
    """Read a row of :data:`COLUMNS`."""
    faults: list[str] = []
    number, name, organization, flow, version, digest, session, author = row[:8]
    status, cancelled, awaits, entry, due, began, changed, revision, failed_nodes = row[8:]
    found_entry, found_due = number_of(entry, "entry", faults), number_of(due, "due", faults)
    run = KeptRun(
        id=value_of(str, name, "id", faults, ""),
        organization=value_of(str, organization, "organization", faults, ""),
        flow=value_of(str, flow, "flow", faults, ""),
        version=value_of(int, version, "version", faults, 0),
        text="",
        session=value_of(str, session, "session", faults, ""),
        author=value_of(str, author, "author", faults, ""),
        status=word_of(RunStatus, status, "status", faults, RunStatus.RUNNING),
        cancelled=bool(cancelled),
        state={},
        context={},
        awaits=word_of(Awaits, awaits, "awaits", faults, Awaits.NOTHING),
        entry=None if found_entry is None else EntryId(found_entry),
        due=None if found_due is None else Moment(found_due),
        began=Moment(value_of(int, began, "began", faults, 0)),
        changed=Moment(value_of(int, changed, "changed", faults, 0)),
        revision=value_of(int, revision, "revision", faults, 0),
        failed_nodes=value_of(int, failed_nodes, "failed_nodes", faults, 0),
    )
    return RunRow(cast("int", number), value_of(str, digest, "digest", faults, ""), run, faults)


def _result(text: str) -> Data:
    try:
        return read(text)
    except (TypeError, ValueError):
        return {"status": None, "error": {"code": "flow", "message": "the kept result cannot be read"}}
