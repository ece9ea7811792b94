"""A captured message, and what is known of it at once, so that it can be listed and looked for without being read anew each time (pure)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, assert_never

from eilbote.engine.message_parts import read_parts
from eilbote.errors import DraftError
from eilbote.outbox.condition import Asks

if TYPE_CHECKING:
    from collections.abc import Iterable

    from eilbote.model.moment import Moment
    from eilbote.outbox.condition import Condition

MOST_TAGS: Final = 20
LONGEST_TAG: Final = 60
_TAGS_FIELD: Final = "x-tags"
_LONGEST_TEXT: Final = 20_000
_WORDS: Final = {
    Asks.STATE: "status:",
    Asks.RECIPIENT: "status:",
    Asks.DOUBTED: "status:",
    Asks.SUBMITTED_BY: "flow: and process:",
    Asks.KEY: "key:",
}
"""What is known in the outbox alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CapturedLook:
    """What is known of a message.

    Attributes:
        subject: Decoded.
        sender: What ``From`` says, decoded.
        text: The beginning of what it says, for searches: folded, because to fold a thousand of them takes seconds.
        attachments: How many files travel with it.
        tags: What its field ``X-Tags`` says, with commas between them.
    """

    subject: str = ""
    sender: str = ""
    text: str = field(default="", repr=False)
    attachments: int = 0
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CapturedMail:
    """A message that was kept in place of being sent.

    Attributes:
        number: Its place among all that were caught by this process, counted from 1.
        at: When.
        connection: By which connection it would have gone.
        reverse_path: Whence.
        forward_paths: To whom.
        message_id: With its angle brackets.
        look: What is known of it at once.
        tags: What people have put on it, or its field ``X-Tags`` says.
        is_read: Whether somebody has marked it as read; to look at it marks nothing.
        octets: What would have been sent.
    """

    number: int
    at: Moment
    connection: str
    reverse_path: str
    forward_paths: tuple[str, ...]
    message_id: str
    look: CapturedLook
    tags: tuple[str, ...] = ()
    is_read: bool = False
    octets: bytes = field(repr=False)


def look_at(octets: bytes) -> CapturedLook:
    """Read a message; of a large one it takes a second or two, so this is done in a thread."""
    view = read_parts(octets)
    said: dict[str, str] = {}
    for name, value in view.headers:
        said.setdefault(name.lower(), value)
    return CapturedLook(
        subject=said.get("subject", ""),
        sender=said.get("from", ""),
        text=(view.text or view.html or "")[:_LONGEST_TEXT].casefold(),
        attachments=sum(not part.is_inline for part in view.parts),
        tags=clean_tags(said.get(_TAGS_FIELD, "").split(",")),
    )


def clean_tags(tags: Iterable[str]) -> tuple[str, ...]:
    """Give tags without blanks around them, each once, as many as are kept."""
    said = (" ".join(each.split())[:LONGEST_TAG] for each in tags)
    return tuple(dict.fromkeys(each for each in said if each))[:MOST_TAGS]


def check_askable(conditions: Iterable[Condition]) -> None:
    """Look whether captured mail can be searched so.

    Raises:
        DraftError: Something is asked that is known of messages in the outbox alone.
    """
    for condition in conditions:
        if condition.asks in _WORDS:
            raise DraftError(
                f"{_WORDS[condition.asks]} cannot be asked of captured mail",
                field="q",
                cause="It is known of messages in the outbox alone",
                remedy="Ask with words, to:, from:, subject:, connection:, before:, after: or has:attachment",
            )


def answers(mail: CapturedMail, conditions: Iterable[Condition]) -> bool:
    """Tell whether a message is as all conditions want it; words are looked for in what it says as well."""
    return all(
        any(_holds(mail, each, text.casefold()) for text in each.texts or ("",)) is not each.negated
        for each in conditions
    )


def _holds(mail: CapturedMail, condition: Condition, text: str) -> bool:
    look = mail.look
    match condition.asks:
        case Asks.TO:
            places = mail.forward_paths
        case Asks.FROM:
            places = (look.sender, mail.reverse_path)
        case Asks.SUBJECT:
            places = (look.subject,)
        case Asks.CONNECTION:
            places = (mail.connection,)
        case Asks.BEFORE:
            return condition.moment is not None and mail.at < condition.moment
        case Asks.AFTER:
            return condition.moment is not None and mail.at >= condition.moment
        case Asks.ATTACHMENT:
            return look.attachments > 0
        case Asks.WORD:
            if text in look.text:
                return True
            places = (look.subject, look.sender, mail.message_id, *mail.forward_paths, *mail.tags)
        case Asks.STATE | Asks.RECIPIENT | Asks.DOUBTED | Asks.SUBMITTED_BY | Asks.KEY:
            return False  # not known of captured mail, and refused before
        case _:
            assert_never(condition.asks)
    return any(text in each.casefold() for each in places)
