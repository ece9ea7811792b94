"""The outbox in numbers and bars."""

import pytest
from tests.unit.cli.outbox_nouns import NOW

from eilbote.cli.outbox_chart import bar, octets_text, rows_of, show_figures
from eilbote.cli.screen import Screen
from eilbote.model.moment import later
from eilbote.model.status import EntryState
from eilbote.outbox.store import OutboxFigures, Pause

FIGURES = OutboxFigures(
    entries={EntryState.DEFERRED: 1200, EntryState.DONE: 3},
    recipients={"": 0, "deferred": 1200, "accepted": 3},
    in_doubt=2,
    by_connection={"office": 1199, "backup": 1},
    oldest_due=later(NOW, -7200),
    octets=5 * 1024 * 1024,
)


def test_the_longest_bar_belongs_to_the_largest_number_and_nothing_has_none() -> None:
    assert bar(10, 10, 20) == "█" * 20
    assert bar(5, 10, 20) == "█" * 10
    assert bar(1, 100_000, 20) == "▏"
    assert bar(0, 10, 20) == ""


def test_numbers_stand_under_each_other() -> None:
    rows = list(rows_of([("a", 1200, "red"), ("long", 3, "red")], plot=False, width=80))
    assert rows == ["a     1,200", "long      3"]


def test_without_anything_there_is_no_bar_to_measure_by() -> None:
    assert list(rows_of([("a", 0, "red")], plot=True, width=80)) == ["a  0"]


@pytest.mark.parametrize(
    "octets, text", [(0, "0 octets"), (1023, "1023 octets"), (1536, "1.5 KiB"), (1 << 50, "1024.0 TiB")]
)
def test_sizes_are_in_their_largest_unit(octets: int, text: str) -> None:
    assert octets_text(octets) == text


def test_the_page_says_who_rests_and_that_nobody_delivers(capsys: pytest.CaptureFixture[str]) -> None:
    pause = Pause(
        connection="office",
        since=later(NOW, -60),
        until=later(NOW, 840),
        reason="535 5.7.8 wrong\x1b[1m password",
    )
    show_figures(FIGURES, [pause], Screen(as_json=False), couriers=0, now=NOW, plot=True)
    page = capsys.readouterr().out
    assert "deferred   1,200  " in page
    assert "waits for 2 h" in page
    assert "2 recipients" in page
    assert "5.0 MiB" in page
    assert "none is running; start one with `eilbote courier`" in page
    assert "office, for 1 min, next try in 14 min: 535 5.7.8 wrong" in page
    assert page.index("office  1,199") < page.index("backup      1")
