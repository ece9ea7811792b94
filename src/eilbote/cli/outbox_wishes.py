"""``eilbote outbox retry|cancel|hold|release``: saying what shall become of entries, of one or of many."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from eilbote.cli.options import Json
from eilbote.cli.outbox_options import (
    NAMES,
    WHICH,
    Before,
    Chosen,
    DataDir,
    Failed,
    Ids,
    InDoubt,
    OfConnection,
    OfKey,
    OfMessageId,
    OfOrganization,
    OfRecipient,
    OfSubject,
    Since,
    States,
)
from eilbote.cli.screen import Screen

if TYPE_CHECKING:
    from collections.abc import Callable

_DO = "What to do"

TEXTS = {
    "retry": r"""Try entries now, instead of when their time has come.

    Of finished entries, those recipients are tried again who have failed; who was accepted gets nothing twice. A choice
    without --state and --failed means the deferred ones.

    \b
      eilbote outbox retry 1kd8p3v4a0003
      eilbote outbox retry --failed --since 2h --connection office
    """,
    "cancel": r"""Call entries back before they are on their way. This is final.

    \b
      eilbote outbox cancel --subject "Invoice" --since 10m
    """,
    "hold": r"""Let entries stand still until they are released.

    \b
      eilbote outbox hold --connection office
    """,
    "release": r"""Let entries go on that are held: on somebody's wish, in doubt, damaged, or restored from a backup.

    \b
      eilbote outbox release --all
    """,
}


def wish_command(word: str) -> Callable[..., None]:
    """Make the command for one of the wishes; they differ in their text and in what is done."""

    def command(  # noqa: PLR0917 - Typer passes options by name
        context: typer.Context,
        ids: Ids = None,
        everything: Annotated[
            bool,
            typer.Option("--all", help="All entries for which it is possible.", rich_help_panel=WHICH),
        ] = False,
        state: States = None,
        connection: OfConnection = None,
        organization: OfOrganization = None,
        recipient: OfRecipient = None,
        subject: OfSubject = None,
        key: OfKey = None,
        message_id: OfMessageId = None,
        failed: Failed = False,
        in_doubt: InDoubt = False,
        since: Since = None,
        before: Before = None,
        yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.", rich_help_panel=_DO)] = False,
        dry_run: Annotated[
            bool,
            typer.Option("--dry-run", help="Only list the entries it would concern.", rich_help_panel=_DO),
        ] = False,
        data_dir: DataDir = None,
        json: Json = None,
    ) -> None:
        from eilbote.cli.mass_action import act

        screen = Screen.of(context, json)
        screen.names |= NAMES
        chosen = Chosen(
            ids=ids or (),
            states=state or (),
            connection=connection,
            organization=organization,
            recipient=recipient,
            subject=subject,
            key=key,
            message_id=message_id,
            failed=failed,
            in_doubt=in_doubt,
            since=since,
            before=before,
        )
        act(word, chosen, screen, data_dir=data_dir, everything=everything, asks=not yes, dry_run=dry_run)

    command.__doc__ = TEXTS[word]
    return command


retry = wish_command("retry")
cancel = wish_command("cancel")
hold = wish_command("hold")
release = wish_command("release")
