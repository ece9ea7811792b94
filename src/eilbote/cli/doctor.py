"""``eilbote doctor``: looks at everything a server needs, and says what to do about what it finds."""

from __future__ import annotations

from typing import Annotated

import typer

from eilbote.cli.options import Json
from eilbote.cli.outbox_options import NAMES, DataDir
from eilbote.cli.screen import Screen


def doctor(
    context: typer.Context,
    connections: Annotated[
        bool, typer.Option("--connections", help="Try every connection as far as signing in; sends no mail.")
    ] = False,
    offline: Annotated[
        bool, typer.Option("--offline", help="Ask nobody over the network, not even the public address.")
    ] = False,
    data_dir: DataDir = None,
    json: Json = None,
) -> None:
    r"""Look at everything a server needs: settings, data folder, permissions, disk, keys, database, couriers, what rests, the public address.

    Run it as the user of the server, with the same environment. It changes nothing, and the server may run meanwhile. Exit code 1
    when something is wrong; warnings alone are exit code 0.

    \b
      eilbote doctor
      eilbote doctor --connections --json
    """
    from eilbote.cli.doctoring import examine

    screen = Screen.of(context, json)
    screen.names |= NAMES
    examine(screen, with_connections=connections, offline=offline, data_dir=data_dir)
