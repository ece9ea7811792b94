"""How much was handed in lately: a window that slides by the minute."""

from __future__ import annotations

from eilbote.model.moment import Moment
from eilbote.outbox.usage import Usage

MINUTE = 60_000
START = Moment(1_000_000 * MINUTE)


def at(minutes: float) -> Moment:
    return Moment(START + int(minutes * MINUTE))


def test_what_is_older_than_the_window_leaves_it() -> None:
    usage = Usage()
    usage.add(5, now=at(0))
    usage.add(2, now=at(30))

    assert usage.lately(now=at(30)) == (7, 7)
    assert usage.lately(now=at(59.9)) == (7, 7)
    assert usage.lately(now=at(60)) == (2, 7)
    assert usage.lately(now=at(24 * 60 - 0.1)) == (0, 7)
    assert usage.lately(now=at(24 * 60)) == (0, 2)


def test_what_is_added_counts_at_once() -> None:
    usage = Usage()
    assert usage.lately(now=at(0)) == (0, 0)

    usage.add(3, now=at(0.5))

    assert usage.lately(now=at(0.7)) == (3, 3)


def test_what_was_really_accepted_replaces_what_was_counted() -> None:
    """Others hand in to the same outbox; what is older than the question stays."""
    usage = Usage()
    usage.add(1, now=at(0))
    usage.add(1, now=at(10))

    usage.correct({at(10) // MINUTE: 4, at(11) // MINUTE: 6}, since=at(10))

    assert usage.lately(now=at(11)) == (11, 11)


def test_it_tells_when_there_will_be_room() -> None:
    usage = Usage()
    usage.add(5, now=at(0))
    usage.add(5, now=at(30))

    assert usage.seconds_until(1, minutes=60, now=at(40)) == 20 * 60
    assert usage.seconds_until(5, minutes=60, now=at(40)) == 20 * 60
    assert usage.seconds_until(6, minutes=60, now=at(40)) == 50 * 60
    assert usage.seconds_until(99, minutes=60, now=at(40)) == 60 * 60
