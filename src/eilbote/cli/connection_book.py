"""``eilbote connection add|update|remove|enable|disable|default|resume``: stored connections."""

from __future__ import annotations

from typing import Annotated

import typer

from eilbote.cli.connection_options import (
    SETTINGS,
    Ask,
    Changes,
    File,
    Name,
    Organization,
    Secrets,
    What,
    screen_for,
)
from eilbote.cli.options import Json, PasswordFile, Service, User
from eilbote.cli.outbox_options import DataDir
from eilbote.cli.sender_notes import CheckSender


def add(  # noqa: PLR0917 - Typer passes options by name
    context: typer.Context,
    name: Name,
    what: What = None,
    service: Service = None,
    user: User = None,
    file: File = None,
    password_file: PasswordFile = None,
    secret: Secrets = None,
    ask: Ask = None,
    is_default: Annotated[
        bool,
        typer.Option(
            "--default", help="Use it for messages that name no connection.", rich_help_panel=SETTINGS
        ),
    ] = False,
    disabled: Annotated[
        bool,
        typer.Option(
            "--disabled", help="Let mail for it wait until it is enabled.", rich_help_panel=SETTINGS
        ),
    ] = False,
    check_sender: CheckSender = False,
    org: Organization = None,
    data_dir: DataDir = None,
    json: Json = None,
) -> None:
    r"""Keep a connection under a name, in place of an earlier one of that name.

    It is kept in the outbox's database, its secrets encrypted, and no command shows them again. A courier that runs takes it up
    by itself; if the connection rested, it is tried again. Nothing is contacted: 'eilbote connection test NAME' does that.

    \b
      eilbote connection add office smtps://orders@mail.example.org --password-file secret.txt
      eilbote connection add gmail --service gmail --user anna@gmail.com
      eilbote connection add m365 --file m365.yaml --secret clientSecret=secret.txt
    """
    from eilbote.cli.connection_care import add as run
    from eilbote.cli.connection_fields import Given

    given = Given(
        what=what or (),
        service=service,
        user=user,
        file=file,
        password_file=password_file,
        secrets=secret or (),
        ask=ask or (),
    )
    run(
        name,
        given,
        screen_for(context, json),
        data_dir=data_dir,
        org=org,
        is_default=is_default,
        enabled=not disabled,
        check_sender=check_sender,
    )


def update(  # noqa: PLR0917 - as above
    context: typer.Context,
    name: Name,
    changes: Changes = None,
    file: File = None,
    password_file: PasswordFile = None,
    secret: Secrets = None,
    ask: Ask = None,
    check_sender: CheckSender = False,
    org: Organization = None,
    data_dir: DataDir = None,
    json: Json = None,
) -> None:
    r"""Change some fields of a stored connection; the others stay.

    A stored secret stays in use only while it goes where it was entered for: with another host, port, protection, user, token
    endpoint or client id it has to be entered again.

    \b
      eilbote connection update office port=587 tlsOption=starttls --ask password
      eilbote connection update m365 --secret clientSecret=new.txt
    """
    from eilbote.cli.connection_care import update as run
    from eilbote.cli.connection_fields import Given

    given = Given(
        what=changes or (), file=file, password_file=password_file, secrets=secret or (), ask=ask or ()
    )
    run(name, given, screen_for(context, json), data_dir=data_dir, org=org, check_sender=check_sender)


def remove(  # noqa: PLR0917 - as above
    context: typer.Context,
    name: Name,
    force: Annotated[
        bool,
        typer.Option(
            "--force",
            help="Also when mail waits for it, which then rests until it is back, or flows name it.",
        ),
    ] = False,
    org: Organization = None,
    data_dir: DataDir = None,
    json: Json = None,
) -> None:
    """Forget a connection and its secrets.

    Refused while mail waits for it, or a flow names it in its latest version or its draft, unless forced.
    """
    from eilbote.cli.connection_care import remove as run

    run(name, screen_for(context, json), data_dir=data_dir, org=org, force=force)


def enable(
    context: typer.Context,
    name: Name,
    org: Organization = None,
    data_dir: DataDir = None,
    json: Json = None,
) -> None:
    """Let mail go through a connection again."""
    from eilbote.cli.connection_care import switch

    switch(name, screen_for(context, json), data_dir=data_dir, org=org, enabled=True)


def disable(
    context: typer.Context,
    name: Name,
    org: Organization = None,
    data_dir: DataDir = None,
    json: Json = None,
) -> None:
    """Let mail for a connection wait.

    Messages for it are accepted, and go out when it is enabled; those that name another connection as well go through that one.
    """
    from eilbote.cli.connection_care import switch

    switch(name, screen_for(context, json), data_dir=data_dir, org=org, enabled=False)


def default(
    context: typer.Context,
    name: Name,
    org: Organization = None,
    data_dir: DataDir = None,
    json: Json = None,
) -> None:
    """Use a connection for messages that name none."""
    from eilbote.cli.connection_care import make_default

    make_default(name, screen_for(context, json), data_dir=data_dir, org=org)


def resume(
    context: typer.Context,
    name: Name,
    org: Organization = None,
    data_dir: DataDir = None,
    json: Json = None,
) -> None:
    """Use a connection again that rests after failures, without waiting for its next try."""
    from eilbote.cli.connection_care import resume as run

    run(name, screen_for(context, json), data_dir=data_dir, org=org)
