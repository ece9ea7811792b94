"""The group of commands, and the one place where an error becomes a complaint and an exit code."""

from __future__ import annotations

import typer

from eilbote.cli.complaint import complain
from eilbote.cli.exit_codes import ExitCode, exit_code_of
from eilbote.cli.lazy_commands import LazyGroup
from eilbote.cli.lost_output import is_lost_output, tell_lost_output
from eilbote.cli.screen import Screen
from eilbote.errors import EilboteError


class Commands(LazyGroup):
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
        except typer.BadParameter as fault:
            # What checks the words of an option speaks of itself and of its input.
            fault.message = fault.message.replace("Value error, ", "").replace("Input should", "it should")
            raise
        except OSError as fault:
            if not is_lost_output(fault):
                raise
            tell_lost_output(fault)
            raise typer.Exit(ExitCode.FAILED) from fault
