"""``eilbote send``: one message from the command line."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from eilbote.cli.faults import CommandLineError
from eilbote.cli.options import (
    CONTENT,
    OUTPUT,
    RECIPIENTS,
    SERVER,
    Dialogue,
    Json,
    PasswordFile,
    Service,
    User,
    Via,
)
from eilbote.cli.outbox_options import OUTBOX, DataDir
from eilbote.cli.screen import Screen


class Urgency(StrEnum):
    """What ``--priority`` takes; the same words as the draft's, which is not imported for a help page."""

    HIGH = "high"
    NORMAL = "normal"
    LOW = "low"


class InDoubtWord(StrEnum):
    """What ``--on-in-doubt`` takes."""

    RETRY = "retry"
    PARK = "park"


class PartialWord(StrEnum):
    """What ``--on-partial`` takes."""

    RETRY_REST = "retry_rest"
    OK = "ok"
    ERROR = "error"


def _outbox(*names: str, metavar: str, text: str) -> typer.models.OptionInfo:
    option: typer.models.OptionInfo = typer.Option(
        *names, metavar=metavar, help=text, show_default=False, rich_help_panel=OUTBOX
    )
    return option


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
    connection: Annotated[
        list[str] | None,
        typer.Option(
            "--connection",
            metavar="NAME",
            help="A connection that 'eilbote connection add' keeps; with --queue several, tried in this order.",
            show_default=False,
            rich_help_panel=SERVER,
        ),
    ] = None,
    queue: Annotated[
        bool,
        typer.Option(
            "--queue",
            help="Hand it to the outbox and return; 'eilbote courier' delivers it. Shows the entry's id.",
            rich_help_panel=OUTBOX,
        ),
    ] = False,
    key: Annotated[
        str | None,
        _outbox("--key", metavar="KEY", text="Your name for this message: queued twice, it is sent once."),
    ] = None,
    send_at: Annotated[
        str | None,
        _outbox(
            "--send-at", metavar="TIME", text="Not before: '2030-01-31 08:00', or in so long: 30m, 2h, 3d."
        ),
    ] = None,
    expires: Annotated[
        str | None, _outbox("--expires", metavar="TIME", text="Not after; written as --send-at.")
    ] = None,
    on_in_doubt: Annotated[
        InDoubtWord | None,
        _outbox(
            "--on-in-doubt",
            metavar="retry|park",
            text="When nobody knows whether the server took it: send it again (retry), or hold it.",
        ),
    ] = None,
    on_partial: Annotated[
        PartialWord | None,
        _outbox(
            "--on-partial",
            metavar="retry_rest|ok|error",
            text="When some are accepted: try the rest again (retry_rest), or give them up.",
        ),
    ] = None,
    org: Annotated[
        str | None,
        _outbox("--org", metavar="NAME", text="On behalf of this organization, by its connections first."),
    ] = None,
    data_dir: DataDir = None,
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
      eilbote send -t anna@example.org -s "Invoice 17" --text "Dear Anna, ..." --queue --key invoice-17 --connection office
    """
    from eilbote.cli import authoring
    from eilbote.cli.server import author_from, connection_from
    from eilbote.cli.wanted import Wanted, check_wanted
    from eilbote.model.draft import Draft

    screen = Screen.of(context, bool(json) if dry_run or queue else json)
    given = screen.given
    wanted = Wanted(
        connections=tuple(connection or ()),
        key=key,
        send_at=send_at,
        expires=expires,
        on_in_doubt=on_in_doubt,
        on_partial=on_partial,
        organization=org,
    )
    check_wanted(
        wanted,
        queue=queue,
        via=via,
        beside={
            "service": service is not None,
            "user": user is not None,
            "password": password_file is not None and (via is None or not queue),
            "directory": into is not None,
            "dialogue": dialogue,
        },
    )
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
    server = None
    if dry_run and into is not None:
        raise CommandLineError(
            "a dry run leaves no files",
            field="directory",
            remedy="Give --dry-run to see the message, or --into to keep it",
        )
    if dry_run or into is not None:
        # Nobody signs in, so no password is asked for; the connection may still name the author.
        author = author or (None if connection else author_from(via=via, service=service, user=user))
    elif connection and not queue:
        from eilbote.cli.named_connection import named_connection

        inside = ("host", "port", "security", "tls", "user", "password")
        screen.names |= {field: f"--connection ({field})" for field in inside}  # there is no --via here
        server = named_connection(connection[0], screen, data_dir=data_dir)
    elif not queue:
        server = connection_from(
            via=via, service=service, user=user, password_file=password_file, default_from=author
        )
    draft = authoring.with_texts(draft, text=text, html=html, stdin_is_free=password_file != Path("-"))
    authoring.note_slips(draft, screen)
    if into is not None:
        from eilbote.cli.storing import store

        store(draft, author, into, screen)
    elif dry_run:
        from eilbote.cli.dry_run import show_composed

        show_composed(draft, author, screen)
    elif server is None:
        from eilbote.cli.queueing import hand_in

        hand_in(draft, wanted, screen, via=via, password_file=password_file, data_dir=data_dir)
    else:
        from eilbote.cli.sending import deliver

        known = bool(connection)
        deliver(draft, server, screen, dialogue=dialogue, is_known=known, data_dir=data_dir)
