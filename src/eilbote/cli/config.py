"""``eilbote config show|check``: what the program was told by its environment and its files, and whether it can be used."""

from __future__ import annotations

from typing import Annotated

import typer

from eilbote.cli.options import Json
from eilbote.cli.outbox_options import DataDir
from eilbote.cli.screen import Screen


def show(
    context: typer.Context,
    origin: Annotated[
        bool,
        typer.Option("--origin", help="Say where each value comes from: a variable, a file, the default."),
    ] = False,
    data_dir: DataDir = None,
    json: Json = None,
) -> None:
    """Show the settings of the program: those of eilbote.toml and of EILBOTE_ variables.

    Mail settings are shown by 'eilbote settings show'. Secrets are never shown.
    """
    from eilbote.cli.config_care import show_config

    show_config(Screen.of(context, json), origin=origin, data_dir=data_dir)


def check(context: typer.Context, data_dir: DataDir = None, json: Json = None) -> None:
    """Read everything that can be configured, and tell every problem with its cause and its remedy.

    Settings, environment, connections, mail settings of every level, and the keys of secrets. Nothing is contacted but the
    database. Exit code 3 when something cannot be used; warnings alone are exit code 0.
    """
    from eilbote.cli.config_check import check_config

    check_config(Screen.of(context, json), data_dir=data_dir)
