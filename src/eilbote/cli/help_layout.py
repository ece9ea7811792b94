"""Plain help pages with the options in named groups.

Typer's own grouping needs rich, which takes longer to import than everything else a help page needs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer
from typer.core import TyperCommand, TyperOption

from eilbote.cli.plain_parameters import take_as_they_are

if TYPE_CHECKING:
    from typer._click import Parameter
    from typer._click.formatting import HelpFormatter

_OTHERS = "Options"


class GroupedCommand(TyperCommand):
    """A command whose help shows options under the ``rich_help_panel`` they name, in the order of appearance."""

    def get_params(self, ctx: typer.Context) -> list[Parameter]:  # type: ignore[override]
        """Give the parameters, each read as simply as it can be."""
        return take_as_they_are(super().get_params(ctx))

    def format_options(self, ctx: typer.Context, formatter: HelpFormatter) -> None:  # type: ignore[override]
        """Write one section for each group, those without a group last."""
        groups: dict[str, list[tuple[str, str]]] = {}
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx)
            if record is None:
                continue
            panel = parameter.rich_help_panel if isinstance(parameter, TyperOption) else "Arguments"
            if panel == "Arguments":
                record = (record[0].partition(" <")[0], record[1])  # WORD says more than its Python type
            groups.setdefault(panel or _OTHERS, []).append(record)
        if _OTHERS in groups:
            groups[_OTHERS] = groups.pop(_OTHERS)
        for title, records in groups.items():
            with formatter.section(title):
                formatter.write_dl(records)
