"""The options by which entries of the outbox are chosen, each written once, and what they mean together."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from eilbote.cli.faults import CommandLineError, NameNotValidError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from eilbote.outbox.store import EntryFilter

WHICH, OUTBOX = "Which entries", "Outbox"

NAMES = {
    "id": "ID",
    "ids": "ID",
    "data_dir": "--data-dir",
    "argument data_dir": "--data-dir",
    "idempotency_key": "--key",
    "state": "--state",
    "since": "--since",
    "before": "--before",
    "connection": "--connection",
    "limit": "--limit",
    "file": "--output",
    "all": "--all",
}
"""What the outbox's commands call their fields."""


class StateWord(StrEnum):
    """What ``--state`` takes; the same words as the outbox's, which is not imported for a help page."""

    QUEUED = "queued"
    ACTIVE = "active"
    DEFERRED = "deferred"
    HELD = "held"
    DONE = "done"
    CANCELLED = "cancelled"


def _which(*names: str, metavar: str | None = None, text: str) -> typer.models.OptionInfo:
    option: typer.models.OptionInfo = typer.Option(
        *names, metavar=metavar, help=text, show_default=False, rich_help_panel=WHICH
    )
    return option


DataDir: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--data-dir",
        metavar="DIR",
        help="The folder of the outbox. Environment: EILBOTE_DATA_DIR.",
        show_default=False,
        rich_help_panel=OUTBOX,
    ),
]
Ids: TypeAlias = Annotated[
    list[str] | None,
    typer.Argument(metavar="ID", help="Ids, as 'eilbote outbox list' shows them.", show_default=False),
]
States: TypeAlias = Annotated[
    list[StateWord] | None,
    _which(
        "--state",
        metavar="STATE",
        text="Those that are queued, active, deferred, held, done, or cancelled; may be repeated.",
    ),
]
OfConnection: TypeAlias = Annotated[
    str | None,
    _which("--connection", metavar="NAME", text="Those that wait for this connection, or went there."),
]
OfOrganization: TypeAlias = Annotated[
    str | None, _which("--organization", metavar="NAME", text="Those on behalf of this organization.")
]
OfRecipient: TypeAlias = Annotated[
    str | None, _which("--recipient", metavar="TEXT", text="Those to an address that contains this.")
]
OfSubject: TypeAlias = Annotated[
    str | None, _which("--subject", metavar="TEXT", text="Those whose subject contains this.")
]
OfKey: TypeAlias = Annotated[
    str | None, _which("--key", metavar="KEY", text="The one that was submitted under this key.")
]
OfMessageId: TypeAlias = Annotated[
    str | None, _which("--message-id", metavar="<ID>", text="The one with this Message-ID.")
]
Failed: TypeAlias = Annotated[bool, _which("--failed", text="Those with a recipient that has failed.")]
InDoubt: TypeAlias = Annotated[
    bool, _which("--in-doubt", text="Those with a recipient that was ever in doubt.")
]
Since: TypeAlias = Annotated[
    str | None,
    _which(
        "--since", metavar="TIME", text="Accepted since a time ('2030-01-31 08:00') or for so long (2h, 3d)."
    ),
]
Before: TypeAlias = Annotated[
    str | None, _which("--before", metavar="TIME", text="Accepted before a time, or longer ago than this.")
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """What was given of the options above."""

    ids: Sequence[str] = ()
    states: Sequence[StateWord] = ()
    connection: str | None = None
    organization: str | None = None
    recipient: str | None = None
    subject: str | None = None
    key: str | None = None
    message_id: str | None = None
    failed: bool = False
    in_doubt: bool = False
    since: str | None = None
    before: str | None = None

    @property
    def is_anything(self) -> bool:
        """Whether anything narrows the choice."""
        return self != Chosen()

    def filter(self, *, now: datetime) -> EntryFilter:
        """Give it as the outbox understands it.

        Raises:
            EntryNotFoundError: An id is none.
            CommandLineError: A time cannot be read, or nothing can be between the two.
            NameNotValidError: The connection's name cannot be one.
        """
        from eilbote.cli.times import read_time
        from eilbote.model.ids import read_entry_id
        from eilbote.model.moment import moment_of
        from eilbote.model.status import EntryState
        from eilbote.outbox.store import EntryFilter

        since = None if self.since is None else read_time(self.since, field="since", now=now, ago=True)
        before = None if self.before is None else read_time(self.before, field="before", now=now, ago=True)
        if since is not None and before is not None and since >= before:
            raise CommandLineError(
                "nothing can be accepted since a time and before an earlier one",
                field="before",
                remedy="Give a --before that is later than --since; of two spans the longer belongs to --since",
            )
        return EntryFilter(
            states=tuple(dict.fromkeys(EntryState(word.value) for word in self.states)),
            connection=None if self.connection is None else read_name(self.connection),
            organization=self.organization,
            recipient=self.recipient,
            subject=self.subject,
            idempotency_key=self.key,
            message_id=None if self.message_id is None else _with_brackets(self.message_id),
            in_doubt=self.in_doubt,
            failed=self.failed,
            accepted_from=None if since is None else moment_of(since),
            accepted_before=None if before is None else moment_of(before),
            ids=tuple(dict.fromkeys(read_entry_id(text) for text in self.ids)),
        )


def read_name(text: str) -> str:
    """Give a connection's name in the form in which names are compared.

    Raises:
        NameNotValidError: It cannot be one.
    """
    from eilbote.connections.repository import qualified
    from eilbote.errors import SettingsError

    try:
        return qualified(text)
    except SettingsError as fault:
        raise NameNotValidError(fault.what, field=fault.field, remedy=fault.remedy) from fault


def _with_brackets(message_id: str) -> str:
    """Give a Message-ID with its angle brackets, which a shell is fond of."""
    text = message_id.strip()
    return text if text.startswith("<") else f"<{text}>"
