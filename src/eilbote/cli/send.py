"""``eilbote send``: one message from the command line."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from eilbote.cli.faults import CommandLineError
from eilbote.cli.options import CONTENT, OUTPUT, RECIPIENTS, Dialogue, Json, PasswordFile, Service, User, Via
from eilbote.cli.screen import Screen


class Urgency(StrEnum):
    """What ``--priority`` takes; the same words as the draft's, which is not imported for a help page."""

    HIGH = "high"
    NORMAL = "normal"
    LOW = "low"


def _addresses(*names: str, text: str) -> typer.models.OptionInfo:
    option: typer.models.OptionInfo = typer.Option(
        *names, metavar="ADDRESS", help=text, show_default=False, rich_help_panel=RECIPIENTS
    )
    return option


def _content(*names: str, metavar: str, text: str) -> typer.models.OptionInfo:
    option: typer.models.OptionInfo = typer.Option(
        *names, metavar=metavar, help=text, show_default=False, rich_help_panel=CONTENT
    )
    return option


def send(  # noqa: PLR0917 - Typer passes options by name
    context: typer.Context,
    to: Annotated[
        list[str] | None,
        _addresses("--to", "-t", text="Recipient; may be repeated, or hold several by comma."),
    ] = None,
    cc: Annotated[
        list[str] | None, _addresses("--cc", text="Recipient of a copy that everybody sees.")
    ] = None,
    bcc: Annotated[
        list[str] | None, _addresses("--bcc", text="Recipient of a copy that nobody sees.")
    ] = None,
    from_: Annotated[
        str | None,
        typer.Option(
            "--from",
            "-f",
            metavar="ADDRESS",
            envvar="EILBOTE_FROM",
            help="The author; the connection's default, or the user name when it is an address.",
            show_default=False,
            show_envvar=False,
            rich_help_panel=RECIPIENTS,
        ),
    ] = None,
    reply_to: Annotated[list[str] | None, _addresses("--reply-to", text="Where answers go.")] = None,
    envelope_from: Annotated[
        str | None,
        _addresses("--envelope-from", text="Where failures return (reverse-path); '' for nowhere."),
    ] = None,
    subject: Annotated[str, _content("--subject", "-s", metavar="TEXT", text="The subject line.")] = "",
    text: Annotated[
        str | None,
        _content(
            "--text",
            metavar="TEXT",
            text="The plain text; @FILE reads a file, - stdin. Without --text and --html it is read from stdin.",
        ),
    ] = None,
    html: Annotated[
        str | None,
        _content("--html", metavar="HTML", text="The HTML text; @FILE reads a file, - stdin."),
    ] = None,
    attach: Annotated[
        list[str] | None,
        _content(
            "--attach", "-a", metavar="FILE[:NAME]", text="Attach a file, under its own or another name."
        ),
    ] = None,
    inline: Annotated[
        list[str] | None,
        _content(
            "--inline",
            metavar="FILE[:CID]",
            text="A picture that the HTML shows as cid:CID (or cid:FILE's name).",
        ),
    ] = None,
    priority: Annotated[
        Urgency,
        typer.Option("--priority", help="How urgent it is.", rich_help_panel=CONTENT),
    ] = Urgency.NORMAL,
    header: Annotated[
        list[str] | None,
        _content("--header", metavar="'NAME: VALUE'", text="One more header field; may be repeated."),
    ] = None,
    message_id: Annotated[
        str | None, _content("--message-id", metavar="<ID>", text="An own Message-ID; one is made otherwise.")
    ] = None,
    in_reply_to: Annotated[
        list[str] | None,
        _content("--in-reply-to", metavar="<ID>", text="The Message-ID this answers."),
    ] = None,
    list_unsubscribe: Annotated[
        list[str] | None,
        _content("--list-unsubscribe", metavar="URI", text="Where to unsubscribe, https: or mailto:."),
    ] = None,
    one_click: Annotated[
        bool,
        typer.Option(
            "--one-click",
            help="The https: URI takes one-click POSTs (RFC 8058).",
            rich_help_panel=CONTENT,
        ),
    ] = False,
    via: Via = None,
    service: Service = None,
    user: User = None,
    password_file: PasswordFile = None,
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run",
            help="Write the composed message to stdout and send nothing; with --json its structure.",
            rich_help_panel=OUTPUT,
        ),
    ] = False,
    into: Annotated[
        Path | None,
        typer.Option(
            "--into",
            metavar="DIR",
            help="Write the message into this directory as .eml and .json files and send nothing.",
            show_default=False,
            rich_help_panel=OUTPUT,
        ),
    ] = None,
    dialogue: Dialogue = False,
    json: Json = None,
) -> None:
    r"""Send one message; its text comes from --text, --html or stdin.

    \b
      echo "The backup is done." | eilbote send -t ops@example.org -s Backup --via smtp://mail.example.org
      eilbote send -t anna@example.org -s Report --html @report.html -a report.pdf --service gmail --user me@gmail.com
    """
    from eilbote.cli import authoring
    from eilbote.cli.server import author_from, connection_from
    from eilbote.model.draft import Draft

    screen = Screen.of(context, bool(json) if dry_run else json)
    given = screen.given
    author = authoring.read_mailbox(from_, field="from", given=given)
    draft = Draft(
        to=authoring.read_addresses(to or (), field="to", given=given),
        cc=authoring.read_addresses(cc or (), field="cc", given=given),
        bcc=authoring.read_addresses(bcc or (), field="bcc", given=given),
        reply_to=authoring.read_addresses(reply_to or (), field="reply_to", given=given),
        from_=author,
        subject=subject,
        priority=priority.value,
        headers=authoring.read_headers(header or ()),
        attachments=(
            *(authoring.read_inline(value) for value in inline or ()),
            *(authoring.read_attachment(value) for value in attach or ()),
        ),
        message_id=message_id,
        in_reply_to=in_reply_to or (),
        references=in_reply_to or (),
        unsubscribe=list_unsubscribe or (),
        one_click_unsubscribe=one_click,
        reverse_path=envelope_from,
    )
    authoring.check_recipients(draft)
    connection = None
    if dry_run and into is not None:
        raise CommandLineError(
            "a dry run leaves no files",
            field="directory",
            remedy="Give --dry-run to see the message, or --into to keep it",
        )
    if dry_run or into is not None:
        # Nobody signs in, so no password is asked for; the connection may still name the author.
        author = author or author_from(via=via, service=service, user=user)
    else:
        connection = connection_from(
            via=via, service=service, user=user, password_file=password_file, default_from=author
        )
    draft = authoring.with_texts(draft, text=text, html=html, stdin_is_free=password_file != Path("-"))
    authoring.note_slips(draft, screen)
    if into is not None:
        from eilbote.cli.storing import store

        store(draft, author, into, screen)
    elif connection is None:
        from eilbote.cli.dry_run import show_composed

        show_composed(draft, author, screen)
    else:
        from eilbote.cli.sending import deliver

        deliver(draft, connection, screen, dialogue=dialogue)
