from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import replace

from eilbote.model.attempt import Attempt, Event, EventKind, Outcome
from eilbote.model.ids import CourierId, EntryId
from eilbote.model.moment import Moment
from eilbote.model.status import RecipientStatus
from eilbote.record.metrics import (
    DURATION_BOUNDS,
    MOST_CONNECTIONS,
    MOST_REPLIES,
    OTHERS,
    Metrics,
)
from eilbote.record.notice import Notice, NoticeKind
from eilbote.record.report import Reports, Tried


def test_events_are_counted_by_kind_and_connection_with_their_recipients() -> None:
    metrics = Metrics()
    accepted = Event(
        kind=EventKind.ACCEPTED, at=Moment(0), entry=EntryId(1), recipients=(0, 1), connection="a"
    )
    elsewhere = Event(kind=EventKind.ACCEPTED, at=Moment(0), entry=EntryId(2), connection="b")
    metrics.happened([accepted, elsewhere, accepted])
    assert metrics.events == {(EventKind.ACCEPTED, "a"): 2, (EventKind.ACCEPTED, "b"): 1}
    assert metrics.recipients == {(EventKind.ACCEPTED, "a"): 4, (EventKind.ACCEPTED, "b"): 1}
    assert metrics.total(EventKind.ACCEPTED) == 3
    assert metrics.total(EventKind.FAILED) == 0


def test_notices_are_counted_with_the_entries_they_concern() -> None:
    metrics = Metrics()
    metrics.noticed(Notice(kind=NoticeKind.COURIER_RESCUED, at=Moment(0), count=5))
    metrics.noticed(Notice(kind=NoticeKind.COURIER_RESCUED, at=Moment(0), count=2))
    assert metrics.notices[NoticeKind.COURIER_RESCUED] == 2
    assert metrics.entries[NoticeKind.COURIER_RESCUED] == 7


def test_everybody_hears_what_is_reported() -> None:
    first, second = Metrics(), Metrics()
    reports = Reports(first, second)
    reports.happened([Event(kind=EventKind.FAILED, at=Moment(0))])
    reports.noticed(Notice(kind=NoticeKind.LEASE_LOST, at=Moment(0)))
    for one in (first, second):
        assert one.total(EventKind.FAILED) == 1
        assert one.notices[NoticeKind.LEASE_LOST] == 1


def test_attempts_are_counted_by_how_long_they_took_and_what_was_replied() -> None:
    metrics = Metrics()
    attempt = Attempt(
        number=1,
        started=Moment(0),
        seconds=0.04,
        courier=CourierId(1),
        connection="office",
        outcomes=(
            Outcome(number=0, status=RecipientStatus.ACCEPTED, reply_code=250),
            Outcome(number=1, status=RecipientStatus.FAILED, reply_code=550),
        ),
    )
    silent = replace(attempt, seconds=999.0, outcomes=(replace(attempt.outcomes[0], reply_code=0),))
    Reports(metrics).tried(
        [Tried(entry=EntryId(1), organization="", attempt=each) for each in (attempt, silent)]
    )

    durations = metrics.deliveries["office"]
    assert durations.counts[bisect_left(DURATION_BOUNDS, 0.05)] == 1
    assert (durations.counts[-1], sum(durations.counts)) == (1, 2)
    assert durations.seconds == 999.04
    assert metrics.replies == {("office", 250): 1, ("office", 550): 1, ("office", 0): 1}


def test_who_only_hears_events_is_told_no_attempts() -> None:
    class EventsOnly:
        def happened(self, events: Sequence[Event]) -> None: ...

        def noticed(self, notice: Notice) -> None: ...

    Reports(EventsOnly()).tried([])


def test_messages_are_counted_by_organization_and_connections_are_none() -> None:
    metrics = Metrics()
    metrics.happened(
        [
            Event(
                kind=EventKind.ACCEPTED,
                at=Moment(0),
                entry=EntryId(1),
                recipients=(0, 1),
                organization="acme",
            ),
            Event(kind=EventKind.CONNECTION_PAUSED, at=Moment(0), connection="office"),
        ]
    )
    assert metrics.messages == {(EventKind.ACCEPTED, "acme"): 1}


def test_nobody_makes_figures_without_end() -> None:
    """Somebody adds connections and removes them again, each of them a line of every figure until the server ends; and their servers reply any code."""
    metrics = Metrics()
    names = [f"acme/c{number}" for number in range(MOST_CONNECTIONS + 50)]
    metrics.happened([Event(kind=EventKind.ACCEPTED, at=Moment(0), connection=each) for each in names])
    for name in (*names, names[0], names[-1]):
        outcomes = tuple(
            Outcome(number=code, status=RecipientStatus.FAILED, reply_code=500 + code) for code in range(50)
        )
        attempt = Attempt(
            number=1,
            started=Moment(0),
            seconds=0.0,
            courier=CourierId("c"),
            connection=name,
            outcomes=outcomes,
        )
        metrics.tried([Tried(entry=EntryId(1), organization="", attempt=attempt)])

    assert len(metrics.events) == len(metrics.recipients) == len(metrics.deliveries) == MOST_CONNECTIONS + 1
    assert metrics.events[EventKind.ACCEPTED, OTHERS] == 50
    assert metrics.total(EventKind.ACCEPTED) == len(names)
    assert len(metrics.replies) < MOST_REPLIES + MOST_CONNECTIONS + 2
    assert metrics.replies.total() == 50 * (len(names) + 2)
    assert metrics.replies[names[0], 549] == 2
    assert metrics.replies[OTHERS, 500] == 50 * 51
