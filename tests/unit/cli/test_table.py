"""A table is read by people: columns stand below one another, no line ends in blanks, and colours take no room."""

from __future__ import annotations

import pytest
import typer

from eilbote.cli.screen import Screen
from eilbote.cli.table import show_table

HEADER = ("RUN", "STATUS", "NOTE")
ROWS = [("r1", "done", ""), ("order-4711", "failed", "no route")]


def written(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return capsys.readouterr().out.splitlines()  # what is no terminal gets no colours


def test_columns_are_as_wide_as_their_widest_cell(capsys: pytest.CaptureFixture[str]) -> None:
    show_table(HEADER, ROWS, Screen(as_json=False))
    assert written(capsys) == [
        "RUN         STATUS  NOTE",
        "r1          done",
        "order-4711  failed  no route",
    ]


def test_colours_move_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    show_table(HEADER, ROWS, Screen(as_json=False))
    plain = written(capsys)
    show_table(HEADER, ROWS, Screen(as_json=False), coloured=1, colours={"failed": typer.colors.RED})
    assert written(capsys) == plain


def test_a_table_of_nothing_has_a_header(capsys: pytest.CaptureFixture[str]) -> None:
    show_table(HEADER, [], Screen(as_json=False))
    assert written(capsys) == ["RUN  STATUS  NOTE"]
