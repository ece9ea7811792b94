"""``eilbote connection test``: does this server take my mail, and if not, at which step and why?"""

from __future__ import annotations

from typing import Annotated

import typer

from eilbote.cli.options import Dialogue, Json, PasswordFile, Service, User
from eilbote.cli.outbox_options import DataDir
from eilbote.cli.screen import Screen

_NAMES = {
    "default_from": "--mail-from",
    "from": "--mail-from",
    "host": "URI (host)",
    "mail_from": "--mail-from",
    "port": "URI (port)",
    "security": "URI (security)",
    "tls": "URI",
    "to": "--send-to",
    "uri": "URI",
    "connection": "URI",
}


def _is_name(text: str) -> bool:
    """Tell a connection's name from a URI, and from a host whose scheme was forgotten."""
    return not any(mark in text for mark in ":/.@") and text != "localhost"


def probe(  # noqa: PLR0917 - Typer passes options by name
    context: typer.Context,
    uri: Annotated[
        str | None,
        typer.Argument(
            metavar="URI",
            help="The server, as in --via of 'eilbote send', or the NAME of a connection; or --service, or EILBOTE_CONNECTION.",
            show_default=False,
        ),
    ] = None,
    service: Service = None,
    user: User = None,
    password_file: PasswordFile = None,
    mail_from: Annotated[
        str | None,
        typer.Option(
            "--mail-from",
            metavar="ADDRESS",
            help="Also ask whether this sender may send; taken back before any recipient is named.",
            show_default=False,
            rich_help_panel="Steps",
        ),
    ] = None,
    send_to: Annotated[
        str | None,
        typer.Option(
            "--send-to",
            metavar="ADDRESS",
            help="Send a short test message there at the end.",
            show_default=False,
            rich_help_panel="Steps",
        ),
    ] = None,
    data_dir: DataDir = None,
    dialogue: Dialogue = False,
    json: Json = None,
) -> None:
    """Test a connection step by step: DNS, TCP, TLS, EHLO, AUTH, MAIL.

    Each step is timed and says what was seen; the first that fails says why. No mail is sent unless --send-to asks for it.
    """
    from eilbote.cli.authoring import read_mailbox
    from eilbote.cli.probing import run
    from eilbote.cli.server import connection_from

    screen = Screen.of(context, json)
    screen.names |= _NAMES
    sender = read_mailbox(mail_from, field="mail_from", given=screen.given)
    recipient = read_mailbox(send_to, field="to", given=screen.given)
    if uri is not None and _is_name(uri) and service is None and user is None and password_file is None:
        from eilbote.cli.named_connection import named_connection

        connection = named_connection(uri, screen, data_dir=data_dir)
    else:
        connection = connection_from(
            via=uri, service=service, user=user, password_file=password_file, default_from=sender
        )
    run(connection, screen, sender=sender, recipient=recipient, dialogue=dialogue)
