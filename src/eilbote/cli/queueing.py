"""What ``eilbote send --queue`` does once everything is read: hand the message to the outbox, tell its id."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING

from eilbote.cli.at_desk import at_desk
from eilbote.cli.lost_output import outliving_lost_output
from eilbote.cli.server import address_of, uri_with_password
from eilbote.connections.connection import Connection
from eilbote.errors import ConfigurationError
from eilbote.model.credentials import Anonymous
from eilbote.model.ids import entry_id_text
from eilbote.model.status import EntryState

if TYPE_CHECKING:
    from pathlib import Path

    from eilbote.app import Eilbote
    from eilbote.cli.screen import Screen
    from eilbote.cli.wanted import Wanted
    from eilbote.model.draft import Draft
    from eilbote.model.submission import Submission, SubmissionOptions


def hand_in(
    draft: Draft,
    wanted: Wanted,
    screen: Screen,
    *,
    via: str | None,
    password_file: Path | None,
    data_dir: Path | None,
) -> None:
    """Hand the draft to the outbox and show the entry's id.

    Raises:
        EilboteError: It was not accepted; nothing was stored.
    """
    if via is not None:
        wanted = replace(wanted, connections=(uri_with_password(via, password_file).reveal(),))
    options = wanted.options()

    async def work(eilbote: Eilbote) -> tuple[Submission, bool]:
        submission = await eilbote.submit(await _with_author(draft, options, eilbote), options)
        waits = submission.state in {EntryState.QUEUED, EntryState.DEFERRED}
        return submission, waits and not await eilbote.store.couriers()

    submission, is_alone = at_desk(work, data_dir=data_dir, screen=screen, makes=True)
    with outliving_lost_output():
        _show(submission, screen)
    if not submission.is_new:
        screen.note(
            f"this message was queued before under its key, and is {submission.state.value}; nothing was added"
        )
    elif sys.stderr.isatty():
        screen.note(f"queued; `eilbote outbox show {entry_id_text(submission.id)}` tells what becomes of it")
        if is_alone:
            screen.note("no courier is running; `eilbote courier` delivers what is queued")


def _show(submission: Submission, screen: Screen) -> None:
    if not screen.as_json:
        screen.text(entry_id_text(submission.id))
        return
    screen.data(
        {
            "id": entry_id_text(submission.id),
            "idempotency_key": submission.idempotency_key,
            "state": submission.state.value,
            "message_id": submission.message_id,
            "is_new": submission.is_new,
        }
    )


async def _with_author(draft: Draft, options: SubmissionOptions, eilbote: Eilbote) -> Draft:
    """Let a user name that is an address be the author of last resort, as it is without the outbox."""
    if draft.from_ is not None:
        return draft
    try:
        connection = await _first(options, eilbote)
    except ConfigurationError:
        return draft  # the outbox tells it better
    credentials = connection.credentials
    if connection.default_from is not None or isinstance(credentials, Anonymous):
        return draft
    author = address_of(credentials.user)
    return draft if author is None else draft.replace(from_=author)


async def _first(options: SubmissionOptions, eilbote: Eilbote) -> Connection:
    """Give the connection that the message is tried through first."""
    book, organization = eilbote.connections, options.organization
    if not options.connections:
        return await book.find(await book.default(organization))
    name = options.connections[0]
    return (
        Connection.from_uri(name)
        if "://" in name
        else await book.find(await book.resolve(name, organization))
    )
