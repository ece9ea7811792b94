"""Tables for people: columns as wide as their widest cell, two blanks between them, and a header in bold."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eilbote.cli.screen import Screen


def show_table(
    header: Sequence[str],
    rows: Sequence[Sequence[str]],
    screen: Screen,
    *,
    coloured: int | None = None,
    colours: Mapping[str, str] | None = None,
) -> None:
    """Write a table.

    Args:
        header: What stands above each column.
        rows: A cell for each column; all printable.
        screen: Where to.
        coloured: Which column has colours; none when ``None``.
        colours: The colour of that cell, by what it says.
    """
    widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]
    for row in (header, *rows):
        cells = [f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)]
        if row is not header and coloured is not None and colours is not None:
            said = row[
                coloured
            ]  # the blanks behind it have no colour, so that they can be left out at the end of a line
            cells[coloured] = typer.style(said, fg=colours.get(said)) + cells[coloured][len(said) :]
        line = "  ".join(cells).rstrip()
        screen.text(typer.style(line, bold=True) if row is header else line)
