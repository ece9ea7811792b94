"""``eilbote db upgrade|check|backup|restore``: the care of the outbox's database."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from eilbote.cli.options import Json
from eilbote.cli.outbox_options import NAMES, DataDir
from eilbote.cli.screen import Screen


def upgrade(
    context: typer.Context,
    if_any: Annotated[
        bool,
        typer.Option(
            "--if-any", help="That there is no outbox yet is no fault: for what runs before every start."
        ),
    ] = False,
    data_dir: DataDir = None,
    json: Json = None,
) -> None:
    """Bring the database of an older eilbote to the form that this one knows; does nothing when it has it already.

    Nothing is changed when it fails. Stop servers and couriers of the older version first, and make a backup.
    """
    from eilbote.cli.database_care import upgrade as run

    run(_screen(context, json), if_any=if_any, data_dir=data_dir)


def check(context: typer.Context, data_dir: DataDir = None, json: Json = None) -> None:
    """Look the whole outbox over: the database and its references, every message, every large part.

    It only reads, and others may go on meanwhile. Exit code 1 when something is wrong.
    """
    from eilbote.cli.database_care import check as run

    run(_screen(context, json), data_dir=data_dir)


def backup(
    context: typer.Context,
    target: Annotated[
        Path, typer.Argument(metavar="TARGET", help="A folder that is not there yet, or is empty.")
    ],
    data_dir: DataDir = None,
    json: Json = None,
) -> None:
    r"""Copy the outbox while it is in use: database and large parts, as they stand at one moment.

    Connections that are kept in it come along, their secrets encrypted; the keys and connections.toml do not.

    \b
      eilbote db backup /var/backups/eilbote/$(date +%F)
    """
    from eilbote.cli.database_care import backup as run

    run(target, _screen(context, json), data_dir=data_dir)


def restore(
    context: typer.Context,
    source: Annotated[Path, typer.Argument(metavar="SOURCE", help="A folder that 'db backup' has made.")],
    data_dir: DataDir = None,
    json: Json = None,
) -> None:
    """Make an outbox of a copy, where there is none yet.

    What was not finished when the copy was made has most likely been sent since. It is held back until somebody releases it:
    eilbote outbox release --all, or one by one.
    """
    from eilbote.cli.database_care import restore as run

    run(source, _screen(context, json), data_dir=data_dir)


def _screen(context: typer.Context, json: bool | None) -> Screen:
    screen = Screen.of(context, json)
    screen.names |= NAMES | {"target": "TARGET", "source": "SOURCE"}
    return screen
