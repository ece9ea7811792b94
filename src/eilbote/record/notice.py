"""What a courier tells about itself, beside the events of entries and connections: for operators, not for authors."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from eilbote.model.ids import EntryId
    from eilbote.model.moment import Moment


class NoticeKind(StrEnum):
    """What an operator may want to know of a courier."""

    COURIER_STARTED = "courier_started"
    COURIER_STOPPING = "courier_stopping"
    """It was asked to stop: it claims nothing more and finishes what is on its way."""
    COURIER_STOPPED = "courier_stopped"
    LEASE_LOST = "lease_lost"
    """It did not show that it lives for longer than its lease, and begins anew under another name."""
    LATE_RESULT = "late_result"
    """A server decided on an entry that had been rescued by then; the text says what the server said."""
    COURIER_RESCUED = "courier_rescued"
    """Another courier was gone; what it held was taken back."""
    CLOCK_SET = "clock_set"
    """The wall clock was set; the times of the next attempts were moved with it."""
    OUTBOX_UNAVAILABLE = "outbox_unavailable"
    OUTBOX_AVAILABLE = "outbox_available"
    ENTRIES_DIVERTED = "entries_diverted"
    """Entries that waited for a paused connection go through their next one."""
    ENTRIES_PRUNED = "entries_pruned"
    """Finished entries were forgotten when their time of retention was over."""
    RUN_BEGAN = "run_began"
    """A run of a flow is kept, and begins as soon as somebody has time for it."""
    RUN_ENDED = "run_ended"
    RUN_FAILED = "run_failed"
    """A run ended with an error."""
    RUN_STEP_FAILED = "run_step_failed"
    """A node could not do what it was to do, and the run goes on, as its author wants."""
    FILE_LEFT_OUT = "file_left_out"
    """A message goes without a file that could not be fetched, as its node wants; the text says why."""
    RUN_LEASE_LOST = "run_lease_lost"
    """Somebody else has taken a run over; it goes on there."""
    INSTANCE_BEGAN = "instance_began"
    """An instance of a process is kept, and begins as soon as somebody has time for it."""
    INSTANCE_ENDED = "instance_ended"
    INSTANCE_FAILED = "instance_failed"
    """An instance ended with an error that nothing in its process caught."""
    INSTANCE_INCIDENT = "instance_incident"
    """A token of an instance stands still until somebody says retry or skip; the text says where and why."""
    INSTANCE_LEASE_LOST = "instance_lease_lost"
    """Somebody else has taken an instance over; it goes on there."""
    TRIGGER_DROPPED = "trigger_dropped"
    """A message, an answer or a decision came to an instance that does not wait for it any more; the text says which."""
    START_FAILED = "start_failed"
    """A timer could not begin an instance; it tries again at its next turn."""
    TASK_UNTOLD = "task_untold"
    """Somebody could not be told of a task; it is tried again."""
    NOTIFICATION_WAITS = "notification_waits"
    """Somebody is to be told of an event and cannot be for now; it is tried again for three days."""
    NOTIFICATION_LOST = "notification_lost"
    """Somebody was to be told of an event and cannot be at all."""
    UNFORESEEN = "unforeseen"
    """A fault in eilbote itself; nothing was lost by it, and it wants to be reported."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One thing a courier tells.

    Attributes:
        kind: What.
        at: When.
        text: What happened and what to do, in one or two sentences; may be empty.
        courier: Which courier tells it.
        entry: The entry it is about, if it is about one.
        connection: The connection it is about, if it is about one.
        count: How many entries it concerns, where it concerns many; of a run or an instance that has ended, the nodes or
            elements it has come to.
        flow: The flow it is about, if it is about one.
        run: The run it is about, if it is about one.
        process: The process it is about, if it is about one.
        instance: The process instance it is about, if it is about one.
        organization: On whose behalf that runs.
    """

    kind: NoticeKind
    at: Moment
    text: str = ""
    courier: str = ""
    entry: EntryId | None = None
    connection: str = ""
    count: int = 0
    flow: str = ""
    run: str = ""
    process: str = ""
    instance: str = ""
    organization: str = ""
