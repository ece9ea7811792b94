"""For tests of programs that send mail: a mail catcher, an outbox in memory, a clock that a test turns, known ids.

Whoever writes an outbox store of their own finds what it must be able to do in
:mod:`eilbote.testing.exercise_outbox_store`.
"""

from eilbote.store.memory_outbox import MemoryOutbox
from eilbote.testing.catcher import Catcher
from eilbote.testing.catcher_thread import CatcherThread, catching
from eilbote.testing.caught_message import CaughtMessage, CaughtPart
from eilbote.testing.faults import Fault, Stage, fall_silent, hang_up, refuse
from eilbote.testing.fixed_ids import FixedIds
from eilbote.testing.manual_clock import ManualClock

__all__ = [
    "Catcher",
    "CatcherThread",
    "CaughtMessage",
    "CaughtPart",
    "Fault",
    "FixedIds",
    "ManualClock",
    "MemoryOutbox",
    "Stage",
    "catching",
    "fall_silent",
    "hang_up",
    "refuse",
]
