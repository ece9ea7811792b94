"""What a search asks of an entry, as SQL that both databases understand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, assert_never

from eilbote.outbox.condition import Asks
from eilbote.store.values import storable

if TYPE_CHECKING:
    from collections.abc import Callable

    from eilbote.outbox.condition import Condition
    from eilbote.store.values import Value

    Asked = tuple[str, tuple[Value, ...]]
    """A condition with the values that stand in place of its ``?``."""

_ESCAPE: Final = str.maketrans({"/": "//", "%": "/%", "_": "/_"})


def condition_sql(condition: Condition, fold: Callable[[str], str]) -> Asked:
    """Give a condition, with its values.

    Args:
        condition: What must hold, or must not.
        fold: Gives the SQL that makes letter case not matter in a column.
    """
    text, values = _any_of([_holds(condition, each, fold) for each in condition.texts or ("",)])
    # What is unknown of an entry, such as the key of one that has none, is not what was looked for.
    return (f"NOT coalesce({text}, false)", values) if condition.negated else (text, values)


def contains(folded: str, text: str) -> Asked:
    """Ask whether a folded column contains a text."""
    return f"{folded} LIKE ? ESCAPE '/'", (f"%{_pattern(text)}%",)


def some_recipient(condition: str) -> str:
    """Ask whether there is a recipient of whom a condition holds."""
    return f"EXISTS (SELECT 1 FROM recipient WHERE recipient.entry = entry.id AND {condition})"  # noqa: S608 - from above


def _holds(condition: Condition, text: str, fold: Callable[[str], str]) -> Asked:  # noqa: PLR0911 - one for each
    match condition.asks:
        case Asks.WORD:
            columns = ("entry.subject", "entry.sender", "entry.message_id")
            return _any_of([*(contains(fold(each), text) for each in columns), _address(text, fold)])
        case Asks.TO:
            return _address(text, fold)
        case Asks.FROM:
            return contains(fold("entry.sender"), text)
        case Asks.SUBJECT:
            return contains(fold("entry.subject"), text)
        case Asks.STATE:
            return "entry.state = ?", (text,)
        case Asks.RECIPIENT:
            return some_recipient("recipient.status = ?"), (text,)
        case Asks.DOUBTED:
            return some_recipient("recipient.in_doubt > 0"), ()
        case Asks.SUBMITTED_BY:
            return f"{fold('entry.author')} LIKE ? ESCAPE '/'", (f"{_pattern(text)}%",)
        case Asks.CONNECTION:
            return contains(fold("lane.connection"), text)
        case Asks.KEY:
            return "entry.idempotency_key = ?", (storable(text),)
        case Asks.BEFORE:
            return "entry.accepted < ?", (condition.moment,)
        case Asks.AFTER:
            return "entry.accepted >= ?", (condition.moment,)
        case Asks.ATTACHMENT:
            return "entry.attachments > 0", ()
        case _:
            assert_never(condition.asks)


def _address(text: str, fold: Callable[[str], str]) -> Asked:
    condition, values = contains(fold("recipient.address"), text)
    return some_recipient(condition), values


def _any_of(asked: list[Asked]) -> Asked:
    if len(asked) == 1:
        return asked[0]
    return f"({' OR '.join([text for text, _ in asked])})", tuple(
        [value for _, values in asked for value in values]
    )


def _pattern(text: str) -> str:
    # A text with NUL or half of a character is in no database, and no driver takes it.
    return storable(text).casefold().translate(_ESCAPE)
