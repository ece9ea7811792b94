"""Commands that are loaded when somebody runs one, or asks for its help.

What a command takes is read from its signature, and that costs more than most commands do. So a page that lists
commands knows their names and summaries by heart, and only the one that was named is ever read.
"""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping
from importlib import import_module
from inspect import cleandoc
from typing import TYPE_CHECKING, Final

import typer
import typer.main
from typer.core import TyperGroup

from eilbote.cli.help_layout import GroupedCommand
from eilbote.cli.plain_parameters import take_as_they_are

if TYPE_CHECKING:
    from collections.abc import Callable

    from typer._click import Command, Parameter
    from typer._click.formatting import HelpFormatter

SETTINGS: Final = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


class LazyCommands(MutableMapping[str, "Command"]):
    """The commands of a group by their names, each made when it is first asked for."""

    def __init__(self) -> None:
        self._made: dict[str, Command] = {}
        self._places: dict[str, str] = {}
        self._summaries: dict[str, str] = {}

    def register(self, name: str, place: str, *, summary: str) -> None:
        """Add a command that is not loaded yet.

        Args:
            name: What is typed.
            place: The function behind it, as ``module:function`` within :mod:`eilbote.cli`.
            summary: One sentence for the page that lists it.
        """
        self._places[name] = place
        self._summaries[name] = summary

    def summaries(self) -> Iterator[tuple[str, str]]:
        """Give each name with its summary, and load nothing."""
        yield from self._summaries.items()

    def __getitem__(self, name: str) -> Command:
        if name not in self._made:
            self._made[name] = _load(name, self._places[name], self._summaries[name])
        return self._made[name]

    def __setitem__(self, name: str, command: Command) -> None:
        self._made[name] = command
        self._summaries[name] = command.get_short_help_str()

    def __delitem__(self, name: str) -> None:
        del self._summaries[name]
        self._places.pop(name, None)
        self._made.pop(name, None)

    def __iter__(self) -> Iterator[str]:
        return iter(self._summaries)

    def __len__(self) -> int:
        return len(self._summaries)


class LazyGroup(TyperGroup):
    """A group of commands whose help page loads none of them."""

    def get_params(self, ctx: typer.Context) -> list[Parameter]:  # type: ignore[override]
        """Give the parameters, each read as simply as it can be."""
        return take_as_they_are(super().get_params(ctx))

    def list_commands(self, ctx: typer.Context) -> list[str]:  # type: ignore[override]  # noqa: ARG002
        """Give the names, in the order in which they were added."""
        return list(self.commands)

    def format_commands(self, ctx: typer.Context, formatter: HelpFormatter) -> None:  # type: ignore[override]
        """Write the list of commands, from what is known of them by heart."""
        if not isinstance(self.commands, LazyCommands):
            super().format_commands(ctx, formatter)
            return
        with formatter.section("Commands"):
            formatter.write_dl(list(self.commands.summaries()))


def group(name: str, text: str, commands: LazyCommands) -> LazyGroup:
    """Make a group of commands within another one."""
    return LazyGroup(
        name=name,
        commands=commands,  # type: ignore[arg-type]  # Typer keeps it as it is, and takes any mapping
        help=text,
        short_help=text,
        no_args_is_help=True,
        rich_markup_mode=None,
        context_settings=SETTINGS,
    )


def _load(name: str, place: str, summary: str) -> Command:
    module, _, function = place.partition(":")
    run: Callable[..., None] = getattr(import_module(f"eilbote.cli.{module}"), function)
    alone = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
    # A docstring writes the mark of a paragraph that keeps its lines as two characters, the help page as one.
    text = cleandoc(run.__doc__ or "").replace(r"\b", "\b")
    alone.command(name, cls=GroupedCommand, context_settings=SETTINGS, help=text, short_help=summary)(run)
    return typer.main.get_command(alone)
