"""For tests of programs that send mail: a mail catcher, a clock that a test turns, ids that a test knows."""

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
    "Stage",
    "catching",
    "fall_silent",
    "hang_up",
    "refuse",
]
