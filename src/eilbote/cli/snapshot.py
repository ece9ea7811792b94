"""``eilbote snapshot create|show|restore``: flows, connections, settings and subscriptions in one file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from eilbote.cli.options import Json
from eilbote.cli.outbox_options import NAMES, DataDir
from eilbote.cli.screen import Screen

SECRETS = "Secrets"
File: TypeAlias = Annotated[Path, typer.Argument(metavar="FILE", help="The snapshot.")]
PassphraseFile: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--passphrase-file",
        metavar="FILE",
        help="Read the passphrase from the first line of a file; - is stdin.",
        show_default=False,
        rich_help_panel=SECRETS,
    ),
]
AskPassphrase: TypeAlias = Annotated[
    bool,
    typer.Option("--ask-passphrase", help="Ask for the passphrase on the terminal.", rich_help_panel=SECRETS),
]


def create(  # noqa: PLR0917 - Typer passes options by name
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What to write; it must not be there yet.")],
    flows: Annotated[
        list[str] | None,
        typer.Option(
            "--flows",
            metavar="NAME",
            help="Only this flow, and the stored connections that it names; may be repeated.",
            show_default=False,
        ),
    ] = None,
    org: Annotated[
        str | None,
        typer.Option(
            "--org", metavar="NAME", help="Only what belongs to this organization.", show_default=False
        ),
    ] = None,
    passphrase_file: PassphraseFile = None,
    ask_passphrase: AskPassphrase = False,
    data_dir: DataDir = None,
    json: Json = None,
) -> None:
    r"""Pack flows, stored connections, settings and subscriptions into one file.

    Secrets are left out, or sealed with a passphrase. Cached access tokens are dropped, so that the next session fetches others;
    refresh tokens stay. Messages, runs, keys and connections.toml are no part of a snapshot: 'eilbote db backup' copies the outbox.

    \b
      eilbote snapshot create before-the-change.snapshot --ask-passphrase
    """
    from eilbote.cli.snapshot_care import create as run

    run(
        file,
        _screen(context, json),
        data_dir=data_dir,
        flows=flows or (),
        org=org,
        passphrase_file=passphrase_file,
        asks=ask_passphrase,
    )


def show(
    context: typer.Context,
    file: File,
    passphrase_file: PassphraseFile = None,
    ask_passphrase: AskPassphrase = False,
    json: Json = None,
) -> None:
    """Tell what is in a snapshot, and that nobody has changed or damaged it. No secret is shown.

    With the passphrase it is also seen that the secrets open with it.
    """
    from eilbote.cli.snapshot_care import show as run

    run(file, _screen(context, json), passphrase_file=passphrase_file, asks=ask_passphrase)


def restore(  # noqa: PLR0917 - as above
    context: typer.Context,
    file: File,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be done, and change nothing.")
    ] = False,
    replace: Annotated[
        bool,
        typer.Option("--replace", help="Replace what is there in another form; it stays as it is otherwise."),
    ] = False,
    org: Annotated[
        str | None,
        typer.Option(
            "--org", metavar="NAME", help="Only what belongs to this organization.", show_default=False
        ),
    ] = None,
    passphrase_file: PassphraseFile = None,
    ask_passphrase: AskPassphrase = False,
    data_dir: DataDir = None,
    json: Json = None,
) -> None:
    r"""Bring back what a snapshot holds, in one transaction and after all of it was checked.

    What is there already in another form stays as it is, and is listed. Nothing is run, and nothing is sent. A connection whose
    secrets are missing arrives disabled, until they are entered.

    \b
      eilbote snapshot restore before-the-change.snapshot --dry-run
    """
    from eilbote.cli.snapshot_care import restore as run

    run(
        file,
        _screen(context, json),
        data_dir=data_dir,
        org=org,
        passphrase_file=passphrase_file,
        asks=ask_passphrase,
        replace=replace,
        dry_run=dry_run,
    )


def _screen(context: typer.Context, json: bool | None) -> Screen:
    screen = Screen.of(context, json)
    screen.names |= NAMES | {
        "file": "FILE",
        "flows": "--flows",
        "organization": "--org",
        "passphrase": "--passphrase-file",
    }
    return screen
