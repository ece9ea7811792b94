"""Times as people write and read them."""

from datetime import UTC, datetime, timedelta

import pytest

from eilbote.cli.faults import CommandLineError
from eilbote.cli.times import distance_text, moment_text, read_time, span_text
from eilbote.model.moment import Moment, later

NOW = datetime(2030, 1, 31, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "text, seconds",
    [
        ("90s", 90),
        ("30m", 1800),
        ("2h", 7200),
        ("3d", 259_200),
        ("1w", 604_800),
        ("+2H", 7200),
        (" 5 m ", 300),
    ],
)
def test_a_span_leads_into_the_future_or_the_past(text: str, seconds: int) -> None:
    assert read_time(text, field="f", now=NOW) == NOW + timedelta(seconds=seconds)
    assert read_time(text, field="f", now=NOW, ago=True) == NOW - timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["2030-02-01T08:00+01:00", "2030-02-01 07:00Z", "20300201T070000Z"])
def test_a_time_with_a_zone_is_that_time(text: str) -> None:
    assert read_time(text, field="f", now=NOW) == datetime(2030, 2, 1, 7, tzinfo=UTC)


@pytest.mark.parametrize("text", ["2030-02-01 08:00", "2030-02-01"])
def test_a_time_without_a_zone_is_this_machines(text: str) -> None:
    read = read_time(text, field="f", now=NOW)
    assert read == datetime.fromisoformat(text).astimezone()
    assert read.tzinfo is not None


@pytest.mark.parametrize("text", ["", "soon", "2h30", "-5m", "1.5h", "5x", "999999999w", "2030-13-01"])
def test_what_is_no_time_is_refused_with_the_option_and_examples(text: str) -> None:
    with pytest.raises(CommandLineError) as caught:
        read_time(text, field="since", now=NOW)
    assert caught.value.field == "since"
    assert "2h" in (caught.value.remedy or "")


@pytest.mark.parametrize(
    "seconds, text",
    [
        (0, "0 s"),
        (59.9, "59 s"),
        (60, "1 min"),
        (119, "1 min"),
        (7140, "1 h 59 min"),
        (7200, "2 h"),
        (345_599, "3 d 23 h"),
        (-90, "1 min"),
    ],
)
def test_a_length_of_time_is_cut_and_never_rounded_up(seconds: float, text: str) -> None:
    assert span_text(seconds) == text


def test_a_distance_says_its_direction() -> None:
    now = Moment(1_900_000_000_000)
    assert distance_text(later(now, 300), now) == "in 5 min"
    assert distance_text(later(now, -7200), now) == "2 h ago"
    assert distance_text(now, now) == "now"


def test_programs_get_utc_to_the_millisecond() -> None:
    assert moment_text(Moment(1_900_000_000_007)) == "2030-03-17T17:46:40.007Z"
    assert moment_text(None) is None
