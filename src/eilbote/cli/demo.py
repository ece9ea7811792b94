"""``eilbote demo``: a server, a flow and a process through its API, and what arrived, on this machine, to look at."""

from __future__ import annotations

from typing import Annotated

import typer


def demo(
    context: typer.Context,
    *,
    stay: Annotated[
        bool,
        typer.Option("--stay", help="Leave the server running until Ctrl-C, so that you can look around."),
    ] = False,
) -> None:
    """Start a server, run a flow and a process through its API with real HTTP and SMTP, and show what arrived.

    Nothing leaves the machine, and nothing of it stays.
    """
    from eilbote.cli.demo_tour import tour
    from eilbote.cli.screen import Screen

    tour(Screen.of(context, False), stays=stay)
