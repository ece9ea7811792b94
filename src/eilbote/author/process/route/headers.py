"""Header fields of a route's own (RFC 5322 section 2.2): what their names may be, and how values get into them.

A value comes from whoever wrote to the process, so nothing in it may begin another field: a line break is refused where the value is
put in, with the name of the field, and not only where the message is written. Names are allowed by a list, the same as for drafts; what a
mail server or eilbote itself writes cannot be set.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from eilbote.author.process.route.recipients import recipients
from eilbote.errors import HeaderError
from eilbote.model.free_text import find_control, one_line

if TYPE_CHECKING:
    from eilbote.author.process.route.scene import Scene

HEADER_NAME: Final = re.compile(r"[A-Za-z0-9-]{1,70}")
"""What a name looks like."""
ADDRESS_FIELDS: Final = frozenset({"disposition-notification-to"})
"""Fields that hold addresses."""
PRIORITY_FIELDS: Final = frozenset({"x-priority", "x-msmail-priority", "importance"})
"""Fields in which a priority other than normal is written."""
OWN_PROPERTIES: Final = {
    "from": "from_address",
    "reply-to": "reply_to",
    "to": "to",
    "cc": "cc",
    "bcc": "bcc",
    "subject": "subject",
}
"""Fields that are message properties, and which."""
_WRITTEN_ELSEWHERE: Final = frozenset({"list-unsubscribe", "list-unsubscribe-post"})
_FREE_TEXT: Final = frozenset({"comments", "keywords", "organization", "thread-topic"})
_STRUCTURED: Final = frozenset(
    {
        "accept-language",
        "archived-at",
        "auto-submitted",
        "autocrypt",
        "bimi-selector",
        "expires",
        "feedback-id",
        "importance",
        "openpgp",
        "precedence",
        "priority",
        "reply-by",
        "sensitivity",
        "supersedes",
        "thread-index",
        "tls-required",
        "user-agent",
    }
)


def may_be_set(name: str) -> bool:
    """Tell whether authors may set a field; the answer is that of drafts."""
    folded = name.lower()
    if HEADER_NAME.fullmatch(name) is None or folded in OWN_PROPERTIES or folded in _WRITTEN_ELSEWHERE:
        return False
    return (
        folded.startswith(("x-", "list-"))
        or folded in _FREE_TEXT
        or folded in _STRUCTURED
        or folded in ADDRESS_FIELDS
    )


def is_ascii_only(name: str) -> bool:
    """Tell whether a field has a syntax of its own, all of it ASCII, rather than free text in any language."""
    folded = name.lower()
    return folded not in _FREE_TEXT and not folded.startswith("x-")


def breaking_at(text: str) -> int:
    """Give the offset of the first character that no header field can hold, or -1: a line break, a tab or another control character."""
    if text.isprintable():
        return -1
    return next(
        (at for at, char in enumerate(text) if find_control(char) >= 0 or one_line(f"x{char}x")[1] != char),
        -1,
    )


def header_values(headers: tuple[tuple[str, str], ...], scene: Scene) -> tuple[tuple[str, str], ...]:
    """Give the fields with values in them, in their order; those that come out empty are left out.

    Args:
        headers: Names and values, with places.
        scene: The values of the attributes.

    Raises:
        HeaderError: A value holds a line break or another control character.
        DraftError: A value is no address where one is needed, or a document.
    """
    found: list[tuple[str, str]] = []
    for name, said in headers:
        field = f"headers.{name}"
        if name.lower() in ADDRESS_FIELDS:
            text = ", ".join(map(str, recipients(said, "", scene, field=field)))
        else:
            text = scene.text(said).strip(" \t\r\n")
        if (at := breaking_at(text)) >= 0:
            raise HeaderError(
                f"the value of the header {name} holds {text[at]!a}",
                field=field,
                position=at,
                cause="What follows a line break would be a header field of its own",
                remedy="Map a text of one line to the attribute",
            )
        if text:
            found.append((name, text))
    return tuple(found)
