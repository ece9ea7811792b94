"""What a search asks of an entry: one condition for each term, all of which must hold."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from types import NoneType
from typing import TYPE_CHECKING

from eilbote.errors import DraftError
from eilbote.model.kinds import check_kind

if TYPE_CHECKING:
    from eilbote.model.moment import Moment


class Asks(StrEnum):
    """What a condition looks at."""

    WORD = "word"
    """Subject, author's address, some forward-path or the Message-ID contains the text."""
    TO = "to"
    """Some forward-path contains the text."""
    FROM = "from"
    """The author's address contains the text."""
    SUBJECT = "subject"
    """The subject contains the text."""
    STATE = "state"
    """The entry stands so."""
    RECIPIENT = "recipient"
    """Some recipient has this status."""
    DOUBTED = "doubted"
    """Some recipient was ever in doubt."""
    SUBMITTED_BY = "submitted_by"
    """Who submitted it begins with the text: ``flow:invoice#``."""
    CONNECTION = "connection"
    """The name of the connection it waits for, or was last tried through, contains the text."""
    KEY = "key"
    """It was submitted under this idempotency key."""
    BEFORE = "before"
    """It was accepted before the moment."""
    AFTER = "after"
    """It was accepted at the moment or later."""
    ATTACHMENT = "attachment"
    """It has attachments."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One thing that must hold, or must not.

    Attributes:
        asks: What is looked at.
        texts: What is looked for; any of them is enough. Letter case does not matter where something *contains* a text.
        moment: For what looks at a time.
        negated: Whether it must not hold.

    Raises:
        DraftError: A value is of the wrong kind.
    """

    asks: Asks
    texts: tuple[str, ...] = ()
    moment: Moment | None = None
    negated: bool = False

    def __post_init__(self) -> None:
        """Refuse what no entry could meet."""
        check_kind(self.asks, (Asks,), field="asks", fault=DraftError)
        check_kind(self.texts, (tuple,), field="texts", fault=DraftError, remedy="Give a tuple of str")
        for text in self.texts:
            check_kind(text, (str,), field="texts", fault=DraftError)
        check_kind(self.moment, (int, NoneType), field="moment", fault=DraftError)
        check_kind(self.negated, (bool,), field="negated", fault=DraftError)
        if (self.asks in _TIMES) is (self.moment is None):
            raise DraftError(f"{self.asks.value} and its moment do not go together", field="moment")
        if (self.asks in _WITHOUT_TEXT) is bool(self.texts):
            raise DraftError(f"{self.asks.value} and its texts do not go together", field="texts")


_TIMES = frozenset({Asks.BEFORE, Asks.AFTER})
_WITHOUT_TEXT = _TIMES | {Asks.ATTACHMENT, Asks.DOUBTED}
