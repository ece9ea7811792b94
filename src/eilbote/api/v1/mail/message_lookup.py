"""Finds the message that a path names, for whoever may see it; all others hear that there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

from fastapi import Path

from eilbote.author.notification.catalogue import known_event
from eilbote.engine.outbox_parts import read_id
from eilbote.errors import ForbiddenError
from eilbote.model.ids import no_such_entry

if TYPE_CHECKING:
    from eilbote.api.acting import Acting
    from eilbote.model.ids import EntryId
    from eilbote.outbox.entry import Entry, History

MessageKey = Annotated[
    str,
    Path(max_length=40, description="As a submission and a list give it", examples=["1a2b3c4d5e6f7"]),
]
_NOTIFICATION: Final = "notification"


async def history_for(acting: Acting, message: str) -> History:
    """Give everything of a message.

    Raises:
        EntryNotFoundError: There is none, or it belongs to another organization.
    """
    number = read_id(message)
    history = await acting.eilbote.history(number)
    if not acting.concerns(history.entry.organization):
        raise no_such_entry(number)
    return history


async def entry_for(acting: Acting, message: str) -> Entry:
    """Give a message; see :func:`history_for`."""
    return (await history_for(acting, message)).entry


async def readable_entry(acting: Acting, message: str) -> Entry:
    """Give a message whose content may be read.

    Raises:
        EntryNotFoundError: There is none, or it belongs to another organization.
        ForbiddenError: It holds what only its recipient may see, such as a link by which a password is set.
    """
    entry = await entry_for(acting, message)
    if is_confidential(entry):
        raise ForbiddenError(
            "what this message says is for its recipient alone",
            field="id",
            cause="It holds a link or a word by which its recipient signs in",
            remedy="Have the recipient ask for another one",
        )
    return entry


def is_confidential(entry: Entry) -> bool:
    """Tell whether a message tells of an event that nobody but its recipient may read of."""
    kind, _, event = entry.author.partition(":")
    # one that does not say of what it tells may tell of anything
    return kind == _NOTIFICATION and (not event or known_event(event.partition("#")[0]).confidential)


def ids_of(messages: list[str]) -> tuple[EntryId, ...]:
    """Read ids, each once.

    Raises:
        EntryNotFoundError: One can be none.
    """
    return tuple(dict.fromkeys(read_id(each) for each in messages))
