"""``eilbote settings show|set|reset|test``: the mail settings of the host and of its organizations."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from eilbote.cli.options import Dialogue, Json
from eilbote.cli.outbox_options import DataDir
from eilbote.cli.screen import Screen
from eilbote.cli.sender_notes import CheckSender

CHANGES, SECRETS, SCOPE = "Changes", "Secrets", "Scope"

Org: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--org",
        metavar="NAME",
        help="Those of this organization; without it the host's, which hold for all.",
        show_default=False,
        rich_help_panel=SCOPE,
    ),
]
System: TypeAlias = Annotated[
    bool,
    typer.Option(
        "--system",
        help="Those for mails about accounts, which the environment may set apart.",
        rich_help_panel=SCOPE,
    ),
]


def show(  # noqa: PLR0917 - Typer passes options by name
    context: typer.Context,
    org: Org = None,
    system: System = False,
    origin: Annotated[
        bool, typer.Option("--origin", help="Say where each value comes from: a variable, a file, a level.")
    ] = False,
    data_dir: DataDir = None,
    json: Json = None,
) -> None:
    """Show what holds: for every field the value of the nearest level that says one.

    Levels from far to near: default, environment, host, organization. Secrets are never shown.
    """
    from eilbote.cli.settings_care import show_settings

    show_settings(_screen(context, json), org=org, system=system, origin=origin, data_dir=data_dir)


def set_(  # noqa: PLR0917 - Typer passes options by name
    context: typer.Context,
    values: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="FIELD=VALUE", help="Fields with their values; no secrets.", show_default=False
        ),
    ] = None,
    org: Org = None,
    file: Annotated[
        Path | None,
        typer.Option(
            "--file",
            metavar="FILE",
            help="Fields from YAML, JSON or TOML, or a Helm values file; - reads YAML from stdin.",
            show_default=False,
            rich_help_panel=CHANGES,
        ),
    ] = None,
    password_file: Annotated[
        Path | None,
        typer.Option(
            "--password-file",
            metavar="FILE",
            help="Read the password from the first line of a file; - is stdin. Environment: EILBOTE_PASSWORD.",
            show_default=False,
            rich_help_panel=SECRETS,
        ),
    ] = None,
    secret: Annotated[
        list[str] | None,
        typer.Option(
            "--secret",
            metavar="FIELD=FILE",
            help="Read a secret field from a file; - is stdin. May be repeated.",
            show_default=False,
            rich_help_panel=SECRETS,
        ),
    ] = None,
    unset: Annotated[
        list[str] | None,
        typer.Option(
            "--unset",
            metavar="FIELD",
            help="Take a field back, so that farther levels are heard. May be repeated.",
            show_default=False,
            rich_help_panel=CHANGES,
        ),
    ] = None,
    lock: Annotated[
        list[str] | None,
        typer.Option(
            "--lock",
            metavar="FIELD",
            help="Let no organization override a field. May be repeated.",
            show_default=False,
            rich_help_panel=CHANGES,
        ),
    ] = None,
    unlock: Annotated[
        list[str] | None,
        typer.Option(
            "--unlock",
            metavar="FIELD",
            help="Let organizations override it again. May be repeated.",
            show_default=False,
            rich_help_panel=CHANGES,
        ),
    ] = None,
    custom: Annotated[
        bool | None,
        typer.Option(
            "--custom/--default",
            help="Whether the own values hold; with --default they are kept and those above hold.",
            show_default=False,
            rich_help_panel=CHANGES,
        ),
    ] = None,
    check_sender: CheckSender = False,
    data_dir: DataDir = None,
    json: Json = None,
) -> None:
    r"""Change what the host or an organization says: all of it, or nothing when any of it cannot be used.

    A stored secret stays only while it goes to the server it was entered for; with another host, port, protection or user it
    has to be entered again in the same step.

    \b
      eilbote settings set uri=smtps://orders@mail.example.org --password-file secret.txt
      eilbote settings set --org acme default_from=acme@example.org from_name=Acme
      eilbote settings set --lock host
    """
    from eilbote.cli.settings_care import set_settings
    from eilbote.cli.settings_input import Given

    given = Given(
        values=tuple(values or ()),
        file=file,
        password_file=password_file,
        secrets=tuple(secret or ()),
        unset=tuple(unset or ()),
        lock=tuple(lock or ()),
        unlock=tuple(unlock or ()),
        custom=custom,
    )
    set_settings(given, _screen(context, json), org=org, data_dir=data_dir, check_sender=check_sender)


def reset(
    context: typer.Context,
    org: Org = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.", rich_help_panel=CHANGES)] = False,
    data_dir: DataDir = None,
    json: Json = None,
) -> None:
    """Forget everything the host or an organization says, its passwords included; also what something has damaged.

    What can be read of it, without secrets, is left in a file in the data folder first.
    """
    from eilbote.cli.settings_care import reset_settings

    reset_settings(_screen(context, json), org=org, data_dir=data_dir, asks=not yes)


def probe(  # noqa: PLR0917 - Typer passes options by name
    context: typer.Context,
    org: Org = None,
    system: System = False,
    sender: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="ADDRESS",
            help="The author of the test message; also asked about without one.",
            show_default=False,
        ),
    ] = None,
    to: Annotated[
        str | None,
        typer.Option(
            "--to",
            metavar="ADDRESSES",
            help="Send a short test message to these, with commas between them, at the end.",
            show_default=False,
        ),
    ] = None,
    suggest: Annotated[
        bool,
        typer.Option(
            "--suggest",
            help="When no session comes about, try the usual ports of the same host, without signing in.",
        ),
    ] = False,
    data_dir: DataDir = None,
    dialogue: Dialogue = False,
    json: Json = None,
) -> None:
    """Test what holds, step by step, and send a test message if there is somebody to send it to."""
    from eilbote.cli.settings_care import probe_settings

    probe_settings(
        _screen(context, json),
        org=org,
        system=system,
        sender=sender,
        to=to,
        suggest=suggest,
        dialogue=dialogue,
        data_dir=data_dir,
    )


def _screen(context: typer.Context, json: bool | None) -> Screen:
    from eilbote.settings.fields import FIELDS

    screen = Screen.of(context, json)
    screen.names |= {name: name for name in FIELDS if name != "password"}
    screen.names |= {
        "tls": "security",
        "organization": "--org",
        "file": "--file",
        "secret": "--secret",
        "from": "--from",
        "to": "--to",
        "mail_from": "--from",
        "connection": "settings",
        "field": "FIELD",
        "values": "FIELD=VALUE",
    }
    return screen
