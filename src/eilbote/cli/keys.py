"""``eilbote keys list|rotate|retire|abandon``: the keys that stored secrets are encrypted with."""

from __future__ import annotations

from typing import Annotated

import typer

from eilbote.cli.options import Json
from eilbote.cli.outbox_options import NAMES, DataDir
from eilbote.cli.screen import Screen

KeyId = Annotated[
    str, typer.Argument(metavar="ID", help="What the key is called; 'eilbote keys list' tells.")
]


def list_(context: typer.Context, data_dir: DataDir = None, json: Json = None) -> None:
    """List the keys of stored secrets: which one encrypts, how many secrets each opens, and where it comes from.

    The keys themselves are never shown.
    """
    from eilbote.cli.key_care import list_keys

    list_keys(_screen(context, json), data_dir=data_dir)


def rotate(context: typer.Context, data_dir: DataDir = None, json: Json = None) -> None:
    """Encrypt every stored secret with a new key, while others go on.

    It may be interrupted at any time: run it again, and it goes on where it was. Keys that are handed in by the environment are
    made by whoever hands them in; this puts the first of them to use.
    """
    from eilbote.cli.key_care import rotate as run

    run(_screen(context, json), data_dir=data_dir)


def retire(context: typer.Context, key_id: KeyId, data_dir: DataDir = None, json: Json = None) -> None:
    """Throw away a key that no secret needs any more.

    Copies of the database that are older than the last rotation can then only be read with a copy of the key.
    """
    from eilbote.cli.key_care import retire as run

    run(key_id, _screen(context, json), data_dir=data_dir)


def abandon(context: typer.Context, key_id: KeyId, data_dir: DataDir = None, json: Json = None) -> None:
    """Give up the secrets that a key does not open any more: all of them when it is lost for good, else those that are damaged.

    Connections and settings stay, without their passwords, which have to be entered again.
    """
    from eilbote.cli.key_care import abandon as run

    run(key_id, _screen(context, json), data_dir=data_dir)


def _screen(context: typer.Context, json: bool | None) -> Screen:
    screen = Screen.of(context, json)
    screen.names |= NAMES | {"key_id": "ID"}
    return screen
