from eilbote.model.attempt import Event, EventKind
from eilbote.model.ids import EntryId
from eilbote.model.moment import Moment
from eilbote.record.metrics import Metrics
from eilbote.record.notice import Notice, NoticeKind
from eilbote.record.report import Reports


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
