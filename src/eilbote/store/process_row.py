"""Reads an instance from its rows. What is damaged fails this instance alone, where it is taken up again, and says what is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, cast

from eilbote.author.plain.data_text import read
from eilbote.author.process.instance import InstanceStatus
from eilbote.author.process.kept import UNREADABLE, KeptInstance, KeptTrigger, KeptWait, WaitKind
from eilbote.model.ids import EntryId
from eilbote.model.moment import Moment
from eilbote.store.row_values import number_of, state_of, value_of, word_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eilbote.model.data import Data

COLUMNS: Final = (
    "number, id, organization, process, version, digest, correlation, author, status, stage, incidents, cancelled, held_back, due, "
    "began, changed, revision"
)
"""What :class:`InstanceRow` is made of, in this order."""
WAIT_COLUMNS: Final = "kind, key, name, correlation, entry, due"
"""What :func:`wait_of` reads, in this order."""


@dataclass(slots=True)
class InstanceRow:
    """A row of ``process_instance``.

    Attributes:
        number: Its own.
        digest: Of its text.
        instance: The instance, without text, state, waits and triggers.
        faults: What is damaged.
    """

    number: int
    digest: str
    instance: KeptInstance
    faults: list[str] = field(default_factory=list[str])

    def whole(
        self,
        *,
        text: str | None,
        state: str | Mapping[str, Data] | None,
        waits: Sequence[KeptWait],
        triggers: Sequence[Sequence[object]],
    ) -> KeptInstance:
        """Give the instance with all that belongs to it.

        Args:
            text: What it runs; ``None`` when that is missing.
            state: As it is written, or read already; ``None`` when it is missing.
            waits: What it waits for.
            triggers: What has happened to it: id, text and time of each.
        """
        faults = list(self.faults)
        if text is None:
            faults.append("the text of its process is missing")
        held = state_of(state, faults)
        happened = tuple(trigger_of(row, faults) for row in triggers)
        if faults:
            held = {UNREADABLE: "; ".join(faults)}
        return replace(self.instance, text=text or "", state=held, waits=tuple(waits), triggers=happened)


def instance_row(row: Sequence[object]) -> InstanceRow:
    """Read a row of :data:`COLUMNS`."""
    faults: list[str] = []
    number, name, organization, process, version, digest, correlation, author, status = row[:9]
    stage, incidents, cancelled, held_back, due, began, changed, revision = row[9:]
    found_due = number_of(due, "due", faults)
    instance = KeptInstance(
        id=value_of(str, name, "id", faults, ""),
        organization=value_of(str, organization, "organization", faults, ""),
        process=value_of(str, process, "process", faults, ""),
        version=value_of(int, version, "version", faults, 0),
        text="",
        correlation=value_of(str, correlation, "correlation key", faults, ""),
        author=value_of(str, author, "author", faults, ""),
        status=word_of(InstanceStatus, status, "status", faults, InstanceStatus.RUNNING),
        stage=value_of(str, stage, "stage", faults, ""),
        incidents=value_of(int, incidents, "number of incidents", faults, 0),
        cancelled=bool(cancelled),
        held_back=bool(held_back),
        state={},
        due=None if found_due is None else Moment(found_due),
        began=Moment(value_of(int, began, "began", faults, 0)),
        changed=Moment(value_of(int, changed, "changed", faults, 0)),
        revision=value_of(int, revision, "revision", faults, 0),
    )
    return InstanceRow(cast("int", number), value_of(str, digest, "digest", faults, ""), instance, faults)


def wait_of(row: Sequence[object], faults: list[str]) -> KeptWait:
    """Read a row of :data:`WAIT_COLUMNS`."""
    kind, key, name, correlation, entry, due = row
    found_entry, found_due = number_of(entry, "awaited entry", faults), number_of(due, "task's due", faults)
    return KeptWait(
        kind=word_of(WaitKind, kind, "kind of wait", faults, WaitKind.MAIL),
        key=value_of(str, key, "wait's key", faults, ""),
        name=value_of(str, name, "wait's name", faults, ""),
        correlation=value_of(str, correlation, "wait's correlation key", faults, ""),
        entry=None if found_entry is None else EntryId(found_entry),
        due=None if found_due is None else Moment(found_due),
    )


def trigger_of(row: Sequence[object], faults: list[str]) -> KeptTrigger:
    """Read id, text and time of something that has happened."""
    name, text, at = row
    found = value_of(str, name, "trigger's id", faults, "")
    data: Data = None
    with suppress(TypeError, ValueError):
        data = read(cast("str", text))
    if not isinstance(data, Mapping):
        faults.append(f"what has happened to it as {found[:60]!r} cannot be read")
        data = {}
    return KeptTrigger(id=found, data=data, at=Moment(value_of(int, at, "trigger's time", faults, 0)))
