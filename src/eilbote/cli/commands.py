"""The group of commands, and the one place where an error becomes a complaint and an exit code."""

from __future__ import annotations

import typer
from typer.core import TyperGroup

from eilbote.cli.complaint import complain
from eilbote.cli.exit_codes import exit_code_of
from eilbote.cli.screen import Screen
from eilbote.errors import EilboteError


class Commands(TyperGroup):
    """Tells expected errors in a block instead of a traceback."""

    def invoke(self, ctx: typer.Context) -> object:  # type: ignore[override]
        """Run the command.

        Raises:
            typer.Exit: With the exit code that belongs to what went wrong.
        """
        try:
            return super().invoke(ctx)
        except EilboteError as error:
            complain(error, Screen.current(ctx))
            raise typer.Exit(exit_code_of(error)) from error
