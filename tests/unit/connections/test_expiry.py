"""Until when a token is valid, however it was written."""

import pytest

from eilbote import SettingsError
from eilbote.connections.expiry import read_expiry
from eilbote.model.moment import Moment

NOW = Moment(1_700_000_000_000)
END = Moment(1_681_382_246_000)


@pytest.mark.parametrize(
    "value,end,noted",
    [
        (1681382246000, END, False),
        ("1681382246000", END, False),
        (" 1681382246000 ", END, False),
        (1681382246000.0, END, False),
        ("1681382246000.0", END, False),
        (1681382246, END, True),
        ("1681382246", END, True),
        ("2023-04-13T10:37:26Z", END, True),
        ("2023-04-13 12:37:26+02:00", END, True),
        (3599, Moment(NOW + 3_599_000), True),
        ("3600", Moment(NOW + 3_600_000), True),
        (0, None, False),
        ("0", None, False),
    ],
)
def test_milliseconds_seconds_durations_and_times(value: object, end: Moment | None, noted: bool) -> None:
    expiry = read_expiry(value)

    assert expiry.counted_from(NOW) == end
    assert bool(expiry.note) is noted


def test_a_duration_by_itself_ends_nowhere() -> None:
    assert read_expiry(3599).moment is None


@pytest.mark.parametrize(
    "value",
    [
        "soon",
        "-1",
        -1,
        True,
        None,
        [],
        1.5,
        float("nan"),
        float("inf"),
        1681382246000000,
        1681382246000000000,
        10**30,
        "9" * 5000,
        500_000_000,
        "2023-04-13T10:37:26",
        "0001-01-01T00:00:00+14:00",
        "١٦٨١٣٨٢٢٤٦٠٠٠",
    ],
)
def test_what_is_no_end_of_a_token_is_refused(value: object) -> None:
    with pytest.raises(SettingsError) as caught:
        read_expiry(value)

    assert caught.value.field == "expiry_date"
    assert caught.value.remedy
