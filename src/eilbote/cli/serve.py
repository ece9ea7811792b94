"""``eilbote serve``: everything in one process, the pages and the API, the courier, flows and processes, the relay."""

from __future__ import annotations

from typing import Annotated

import typer

from eilbote.cli.courier import LogForm
from eilbote.cli.options import OUTPUT, SERVER, Json
from eilbote.cli.outbox_options import DataDir
from eilbote.cli.screen import Screen


def serve(  # noqa: PLR0917 - Typer passes options by name
    context: typer.Context,
    listen: Annotated[
        str | None,
        typer.Option(
            "--listen",
            metavar="ADDRESS:PORT",
            help="Where to listen; 127.0.0.1:8025 unless the settings say otherwise. Port 0 takes a free one. With another address "
            "than 127.0.0.1 others can reach it.",
            show_default=False,
            rich_help_panel=SERVER,
        ),
    ] = None,
    public_url: Annotated[
        str | None,
        typer.Option(
            "--public-url",
            metavar="URL",
            help="Under which address people reach it, by a proxy that speaks TLS; links in messages begin with it.",
            show_default=False,
            rich_help_panel=SERVER,
        ),
    ] = None,
    no_courier: Annotated[
        bool,
        typer.Option("--no-courier", help="Only serve: another process delivers, and works the flows."),
    ] = False,
    dev: Annotated[
        bool,
        typer.Option(
            "--dev",
            help="For trying things out: the data lies in ./.eilbote, and mail is captured instead of sent.",
        ),
    ] = False,
    log: Annotated[
        LogForm,
        typer.Option(
            "--log",
            help="How the log on stderr is written; quiet means text, and only what somebody should look at.",
            rich_help_panel=OUTPUT,
        ),
    ] = LogForm.TEXT,
    data_dir: DataDir = None,
    json: Json = None,
) -> None:
    r"""Serve the API and the pages, take mail over SMTP, deliver it, and work flows and processes, until told to stop.

    It speaks HTTP without TLS, for a proxy on the same machine. SIGTERM or Ctrl-C: what was begun may finish, exit code 0; a
    second one ends it at once. On its first start it tells a link for whoever is to look after it. With JSON it says on stdout
    where it listens.

    \b
      eilbote serve --dev
      eilbote serve --public-url https://eilbote.example.org
      eilbote serve --listen 127.0.0.1:9000 --no-courier
    """
    from eilbote.cli.serving import run

    screen = Screen.of(context, json)
    run(
        screen,
        listen=listen,
        public_url=public_url,
        with_courier=not no_courier,
        is_development=dev,
        log=log.value,
        data_dir=data_dir,
    )
