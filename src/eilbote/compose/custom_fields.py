"""Header fields of the author's own: which names are allowed, and what their values may hold.

Names are allowed by a list, not refused by one: a field that eilbote writes itself, that a server adds on the
way, or that steers where mail goes, must not be forged by whoever can set a header.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from eilbote.compose.address_fields import address_field
from eilbote.compose.header_fields import PRIORITY_FIELDS, check_line, fold, unstructured
from eilbote.errors import AddressError, HeaderError
from eilbote.model.address import mailboxes, parse_address_list
from eilbote.model.draft import Priority

if TYPE_CHECKING:
    from eilbote.model.draft import Draft

_NAME = re.compile(r"[A-Za-z0-9-]{1,70}")
_TEXT_FIELDS = frozenset(
    # free text by definition, so it may hold any language
    ("comments", "keywords", "organization", "thread-topic")
)
_STRUCTURED_FIELDS = frozenset(
    # a syntax of their own, all of it ASCII
    (
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
    )
)
_ADDRESS_FIELDS = frozenset(("disposition-notification-to",))
_OWN_PLACE: Final = {
    # a field that has a place of its own in a draft
    "from": "from_",
    "sender": "sender",
    "reply-to": "reply_to",
    "to": "to",
    "cc": "cc",
    "bcc": "bcc",
    "subject": "subject",
    "date": "date",
    "message-id": "message_id",
    "in-reply-to": "in_reply_to",
    "references": "references",
    "list-unsubscribe": "unsubscribe",
    "list-unsubscribe-post": "one_click_unsubscribe",
    "return-path": "reverse_path",
}


def custom_fields(draft: Draft, headers: tuple[tuple[str, str], ...]) -> list[str]:
    """Give the fields of the author's own, in the order given.

    Args:
        draft: What else the draft says; a field cannot contradict it.
        headers: Names and values.

    Raises:
        HeaderError: A name is not allowed or given twice, or a value cannot be carried safely.
    """
    fields: list[str] = []
    seen: set[str] = set()
    if draft.priority is not Priority.NORMAL:
        seen.update(name.lower() for name in PRIORITY_FIELDS)
    if draft.auto_submitted is not None:
        seen.add("auto-submitted")
    for name, value in headers:
        folded = check_name(name)
        if folded in seen:
            raise HeaderError(
                f"{name} is given twice", field=f"headers.{name}", remedy="Give it in one place only"
            )
        seen.add(folded)
        fields.append(_field(name, folded, value, f"headers.{name}"))
    return fields


def check_name(name: object) -> str:
    """Give the field name in lower case when an author may set it.

    Raises:
        HeaderError: It is not a field name, or not one for authors.
    """
    if not isinstance(name, str) or _NAME.fullmatch(name) is None:
        shown = f"{name!a:.80}" if isinstance(name, str) else f"a value of type {type(name).__name__}"
        raise HeaderError(
            f"{shown} is not a header field name",
            field="headers",
            remedy="Use up to 70 ASCII letters, digits and hyphens",
        )
    folded = name.lower()
    if place := _OWN_PLACE.get(folded):
        raise HeaderError(
            f"{name} cannot be set as a header",
            field=f"headers.{name}",
            cause="eilbote writes it, and the envelope has to agree with it",
            remedy=f"Use the draft's own field: {place}",
        )
    if not (
        folded.startswith(("x-", "list-"))
        or folded in _STRUCTURED_FIELDS
        or folded in _TEXT_FIELDS
        or folded in _ADDRESS_FIELDS
    ):
        raise HeaderError(
            f"{name} is not a header that an author may set",
            field=f"headers.{name}",
            cause="eilbote or a server writes it, or readers would be misled by it",
            remedy="Choose a name that begins with X-",
        )
    return folded


def check_value(name: str, value: object) -> str:
    """Give the value when it is a text at all.

    Raises:
        HeaderError: It is something else.
    """
    if isinstance(value, str):
        return value
    raise HeaderError(
        f"the value is not a text but {type(value).__name__}", field=f"headers.{name}", remedy="Give a text"
    )


def _field(name: str, folded: str, value: str, field: str) -> str:
    text = check_line(check_value(name, value), field=field).strip(" ")
    if not text:
        raise HeaderError("the value is empty", field=field, remedy="Leave the header out")
    if folded in _ADDRESS_FIELDS:
        try:
            found = parse_address_list(text, field=field)
        except AddressError as exc:
            raise HeaderError(
                exc.what, field=field, position=exc.position, cause=exc.cause, remedy=exc.remedy
            ) from exc
        if not found:
            raise HeaderError("there is no address", field=field, remedy="Leave the header out")
        if not all(mailbox.is_ascii for mailbox in mailboxes(found)):
            raise HeaderError("the address is not ASCII", field=field, remedy="Use an ASCII address")
        return address_field(name, found)
    if folded in _TEXT_FIELDS or folded.startswith("x-"):
        return unstructured(name, text)
    if not text.isascii() or "=?" in text:
        at = next((i for i, char in enumerate(text) if not char.isascii()), text.find("=?"))
        raise HeaderError(
            f"{name} can hold ASCII only, and no encoded words",
            field=field,
            position=at,
            remedy="Write it in ASCII",
        )
    lines = fold(name, text)
    if any(len(line) > 998 for line in lines.split("\r\n")):  # noqa: PLR2004 - RFC 5322 §2.1.1
        raise HeaderError(
            "a word of the value is too long for a header line",
            field=field,
            remedy="Put blanks between its parts",
        )
    return lines
