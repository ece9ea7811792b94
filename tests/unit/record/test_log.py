import logging

import pytest

from eilbote.model.attempt import Event, EventKind
from eilbote.model.ids import EntryId, read_entry_id
from eilbote.model.moment import Moment
from eilbote.record.log import EVENT_LEVELS, NOTICE_LEVELS, EventLog, fields_of_event, line_of
from eilbote.record.notice import Notice, NoticeKind

ENTRY = EntryId(1_796_000_000_000 << 20 | 7)


def event(**changes: object) -> Event:
    fields: dict[str, object] = {"kind": EventKind.DEFERRED, "at": Moment(0), "entry": ENTRY}
    return Event(**(fields | changes))  # type: ignore[arg-type]


def test_every_kind_has_a_level() -> None:
    assert set(EVENT_LEVELS) == set(EventKind)
    assert set(NOTICE_LEVELS) == set(NoticeKind)


def test_a_line_names_its_fields_and_leaves_out_what_is_empty(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="eilbote"):
        EventLog().happened([event(connection="office", recipients=(0, 2), text="451 4.7.1 Greylisted")])
    (record,) = caplog.records
    assert record.levelno == logging.INFO
    head, _, tail = record.getMessage().partition(" entry=")
    entry, _, rest = tail.partition(" ")
    assert head == "event=deferred"
    assert read_entry_id(entry) == ENTRY
    assert rest == 'connection=office recipients=0,2 text="451 4.7.1 Greylisted"'


def test_the_record_carries_the_pairs_for_formatters_that_write_json(
    caplog: pytest.LogCaptureFixture,
) -> None:
    said = event(kind=EventKind.CONNECTION_PAUSED, entry=None, connection="office", text="535 no")
    with caplog.at_level(logging.ERROR, logger="eilbote"):
        EventLog().happened([said])
    fields = caplog.records[0].__dict__["eilbote"]
    assert fields == {"event": "connection_paused", "connection": "office", "text": "535 no"}


@pytest.mark.parametrize(
    "hostile",
    [
        "250 ok\nevent=accepted entry=forged",
        "250 ok\r\n2026-01-01 ERROR",
        'a" event="accepted',
        "\x1b[2J",
        "a\u2028b\x85c",
        "x=y",
    ],
)
def test_nothing_a_server_says_can_forge_a_line_or_a_pair(hostile: str) -> None:
    line = line_of(fields_of_event(event(text=hostile)))
    assert line.isascii()
    assert line.isprintable()
    assert line.splitlines() == [line]
    assert line.index("text=") + len("text=") == line.index('"')


def test_what_nobody_listens_to_is_not_written(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, logger="eilbote"):
        EventLog().happened([event(kind=EventKind.ACCEPTED), event(kind=EventKind.FAILED)])
    assert [record.__dict__["eilbote"]["event"] for record in caplog.records] == ["failed"]


def test_a_notice_tells_courier_and_count(caplog: pytest.LogCaptureFixture) -> None:
    notice = Notice(kind=NoticeKind.COURIER_RESCUED, at=Moment(0), courier="c1", count=3, text="c0 is gone")
    with caplog.at_level(logging.INFO, logger="eilbote"):
        EventLog().noticed(notice)
    assert caplog.messages == ['notice=courier_rescued courier=c1 count=3 text="c0 is gone"']
