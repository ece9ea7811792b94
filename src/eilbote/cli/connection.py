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
    "verify": "--verify",
    "connection": "URI",
}


def _is_name(text: str) -> bool:
    """Tell a connection's name, with or without its organization, from a URI and from a host without its scheme."""
    return not any(mark in text for mark in ":.@") and text.count("/") <= 1 and text != "localhost"


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
            metavar="ADDRESSES",
            help="Send a short test message to these, with commas between them, at the end.",
            show_default=False,
            rich_help_panel="Steps",
        ),
    ] = None,
    verify: Annotated[
        str | None,
        typer.Option(
            "--verify",
            metavar="ADDRESSES",
            help="Ask the server whether it knows these (VRFY); most servers do not say.",
            show_default=False,
            rich_help_panel="Steps",
        ),
    ] = None,
    check_sender: Annotated[
        bool | None,
        typer.Option(
            "--check-sender/--no-check-sender",
            help="Look up SPF, DKIM and DMARC of the sender's domain; what is not well is a note. Without either for servers beyond this machine.",
            show_default=False,
            rich_help_panel="Steps",
        ),
    ] = None,
    suggest: Annotated[
        bool,
        typer.Option(
            "--suggest",
            help="When no session comes about, try the usual ports of the same host, without signing in.",
            rich_help_panel="Steps",
        ),
    ] = False,
    data_dir: DataDir = None,
    dialogue: Dialogue = False,
    json: Json = None,
) -> None:
    r"""Test a connection step by step: DNS, TCP, TLS, EHLO, the token of OAuth2, AUTH, MAIL.

    Each step is timed and says what was seen; the first that fails says why and what to change. No mail is sent unless --send-to
    asks for it. What common refusals mean: docs/reference/diagnosis.md.

    \b
      eilbote connection test office
      eilbote connection test smtps://anna@mail.example.org --mail-from anna@example.org
      eilbote connection test office --suggest --verify anna@example.org
    """
    import asyncio

    from eilbote.cli.authoring import read_addresses, read_mailbox
    from eilbote.cli.probing import Wanted, run_named, run_wanted
    from eilbote.cli.server import connection_from

    screen = Screen.of(context, json)
    screen.names |= _NAMES
    sender = read_mailbox(mail_from, field="mail_from", given=screen.given)
    wanted = Wanted(
        sender=sender,
        recipients=read_addresses([send_to] if send_to else (), field="to", given=screen.given),
        dialogue=dialogue,
        verify=read_addresses([verify] if verify else (), field="verify", given=screen.given),
        suggest=suggest,
        check_sender=check_sender,
    )
    if uri is not None and _is_name(uri) and service is None and user is None and password_file is None:
        run_named(uri, screen, wanted, data_dir=data_dir)
        return
    connection = connection_from(
        via=uri, service=service, user=user, password_file=password_file, default_from=sender
    )
    asyncio.run(run_wanted(connection, screen, wanted))
