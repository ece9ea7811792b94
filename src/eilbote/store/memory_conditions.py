"""What a search asks of an entry, for entries in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, assert_never

from eilbote.outbox.condition import Asks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eilbote.model.status import EntryState
    from eilbote.outbox.condition import Condition
    from eilbote.outbox.entry import EntryRecipient, Lane, NewEntry


class Kept(Protocol):
    """What is kept of an entry."""

    @property
    def new(self) -> NewEntry:
        """As it was handed in."""
        ...

    @property
    def lane(self) -> Lane:
        """Where it waits."""
        ...

    @property
    def state(self) -> EntryState:
        """Where it stands."""
        ...

    @property
    def recipients(self) -> Sequence[EntryRecipient]:
        """What became of each recipient."""
        ...


def meets(record: Kept, condition: Condition) -> bool:
    """Tell whether an entry is as a condition wants it."""
    found = any(_holds(record, condition, text) for text in condition.texts or ("",))
    return found is not condition.negated


def contains(part: str, text: str) -> bool:
    """Tell whether a text contains another, in any letter case."""
    return part.casefold() in text.casefold()


def _holds(record: Kept, condition: Condition, text: str) -> bool:  # noqa: PLR0911 - one for each
    new = record.new
    match condition.asks:
        case Asks.WORD:
            texts = (new.subject, new.sender, new.message_id, *(one.address for one in record.recipients))
            return any(contains(text, each) for each in texts)
        case Asks.TO:
            return any(contains(text, one.address) for one in record.recipients)
        case Asks.FROM:
            return contains(text, new.sender)
        case Asks.SUBJECT:
            return contains(text, new.subject)
        case Asks.STATE:
            return record.state.value == text
        case Asks.RECIPIENT:
            return any(one.status is not None and one.status.value == text for one in record.recipients)
        case Asks.DOUBTED:
            return any(one.in_doubt for one in record.recipients)
        case Asks.SUBMITTED_BY:
            return new.author.casefold().startswith(text.casefold())
        case Asks.CONNECTION:
            return contains(text, record.lane.connection)
        case Asks.KEY:
            return new.idempotency_key == text
        case Asks.BEFORE:
            return condition.moment is not None and new.accepted < condition.moment
        case Asks.AFTER:
            return condition.moment is not None and new.accepted >= condition.moment
        case Asks.ATTACHMENT:
            return new.attachments > 0
        case _:
            assert_never(condition.asks)
