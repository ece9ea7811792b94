"""For tests of programs that send mail: a mail catcher, an outbox and records in memory, a clock that a test turns, known ids.

Whoever writes an outbox store of their own finds what it must be able to do in
:mod:`eilbote.testing.exercise_outbox_store`. A name is loaded when it is first used, so a test that catches mail does
not pay for the outbox.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from eilbote.store.memory_outbox import MemoryOutbox
    from eilbote.store.memory_records import MemoryRecords
    from eilbote.testing.catcher import Catcher
    from eilbote.testing.catcher_thread import CatcherThread, catching
    from eilbote.testing.caught_message import CaughtMessage, CaughtPart
    from eilbote.testing.faults import Fault, Stage, fall_silent, hang_up, refuse
    from eilbote.testing.fixed_ids import FixedIds
    from eilbote.testing.manual_clock import ManualClock

_ROOM_OF = {
    "Catcher": "testing.catcher",
    "CatcherThread": "testing.catcher_thread",
    "CaughtMessage": "testing.caught_message",
    "CaughtPart": "testing.caught_message",
    "Fault": "testing.faults",
    "FixedIds": "testing.fixed_ids",
    "ManualClock": "testing.manual_clock",
    "MemoryOutbox": "store.memory_outbox",
    "MemoryRecords": "store.memory_records",
    "Stage": "testing.faults",
    "catching": "testing.catcher_thread",
    "fall_silent": "testing.faults",
    "hang_up": "testing.faults",
    "refuse": "testing.faults",
}

__all__ = [
    "Catcher",
    "CatcherThread",
    "CaughtMessage",
    "CaughtPart",
    "Fault",
    "FixedIds",
    "ManualClock",
    "MemoryOutbox",
    "MemoryRecords",
    "Stage",
    "catching",
    "fall_silent",
    "hang_up",
    "refuse",
]


if not TYPE_CHECKING:  # a type checker that saw this function would believe in every misspelt name

    def __getattr__(name: str) -> object:
        """Load a public name from its room when it is first used (PEP 562)."""
        room = _ROOM_OF.get(name)
        if room is None:
            raise AttributeError(f"module 'eilbote.testing' has no attribute {name!r}")
        from importlib import import_module

        value: object = getattr(import_module(f"eilbote.{room}"), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    """List the public names, loaded or not."""
    return sorted(__all__)
