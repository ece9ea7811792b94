"""Header fields (RFC 5322 §2.2, §3.6): how a value becomes lines, and which values are refused.

A field is one ``str`` of one or more lines, each ending in CRLF, each within 78 octets where blanks allow it
and never above 998. A value can be free text (the subject), which loses its line breaks, or something said in a
language of its own (an id, a URI, a custom field), in which every control character is refused.
"""

from __future__ import annotations

import re
from typing import Final, assert_never

from eilbote.compose.encoded_word import encoded_words
from eilbote.errors import HeaderError
from eilbote.model.draft import Priority
from eilbote.model.free_text import find_control, one_line

LINE: Final = 78
"""Octets in a line that should not be exceeded (RFC 5322 §2.1.1)."""
_ENCODED_LINE = 76  # octets in a line with encoded words (RFC 2047 §2)
_LONGEST_WORD = 900  # a word without blanks that is still written as it is
# Neither an id nor a URI may hold =?: some programs decode encoded words even there.
_MESSAGE_ID = re.compile(
    r"(?!.*=\?)<[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,300}@(?:[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,255}|\[[A-Za-z0-9.:-]{1,64}\])>"
)
_URI = re.compile(r"(?!.*=\?)(?:https://|mailto:)[!#-;=?-\[\]_a-z~%]{1,900}", re.IGNORECASE)
_AUTO_SUBMITTED = re.compile(r"[a-z-]{1,60}(?:; ?[a-z0-9-]{1,60}=[A-Za-z0-9._@-]{1,200})*", re.IGNORECASE)
PRIORITY_FIELDS: Final = ("X-Priority", "X-MSMail-Priority", "Importance")
_HTTPS = re.compile("https://", re.IGNORECASE)


def unstructured(name: str, text: str) -> str:
    """Give the field for one line of text, as it is or as encoded words (RFC 5322 §3.6.5, RFC 2047 §5 (1)).

    Args:
        name: The field's name.
        text: One line without control characters and lone surrogates, not empty.
    """
    if "=?" not in text and text.isascii():
        if len(name) + len(text) + 2 <= LINE:
            return f"{name}: {text}\r\n"
        if len(max(text.split(" "), key=len)) <= _LONGEST_WORD:
            return fold(name, text)
    words = encoded_words(text, room=_ENCODED_LINE - 2 - len(name))
    return f"{name}: " + "\r\n ".join(words) + "\r\n"


def fold(name: str, text: str) -> str:
    """Give the field for ASCII text, not empty, broken at blanks; unfolding gives the very same text back."""
    first, *words = re.findall(r" *[^ ]+", text)
    lines: list[str] = []
    line = f"{name}: {first}"  # never broken right behind the name, where some programs expect a value
    for word in words:
        if len(line) + len(word) > LINE:
            lines.append(line)
            line = word
        else:
            line += word
    lines.append(line)
    return "\r\n".join(lines) + "\r\n"


def free_text(name: str, text: str, *, field: str) -> str:
    """Give the field for free text: line breaks become blanks, other control characters are refused.

    A text of blanks alone gives no field.

    Raises:
        HeaderError: With the position.
    """
    if text.isprintable():
        text = text.strip(" ")
        if text.isascii() and len(name) + len(text) + 2 <= LINE and "=?" not in text:
            return f"{name}: {text}\r\n" if text else ""
    elif (at := find_control(text)) >= 0:
        raise HeaderError(
            f"the text holds the control character {text[at]!a}",
            field=field,
            position=at,
            remedy="Remove it",
        )
    else:
        text = one_line(text)
    return unstructured(name, text) if text else ""


def check_line(text: str, *, field: str) -> str:
    """Give the text back when it is one line without any control character.

    Raises:
        HeaderError: With the position.
    """
    if not text.isprintable():
        for at, char in enumerate(text):
            if find_control(char) >= 0 or one_line(f"x{char}x")[1] != char:
                raise HeaderError(
                    f"the value holds {char!a}",
                    field=field,
                    position=at,
                    cause="a header field cannot hold line breaks or control characters",
                    remedy="Remove it",
                )
    return text


def check_message_id(text: str, *, field: str) -> str:
    """Give the Message-ID back when it is one.

    Raises:
        HeaderError: It is not ``<left@right>``, or could not be carried safely.
    """
    if _MESSAGE_ID.fullmatch(text) is None:
        raise HeaderError(
            f"{text[:80]!a} is not a Message-ID",
            field=field,
            remedy="Write <left@right> in ASCII, with angle brackets and without blanks",
        )
    return text


def message_ids(name: str, values: tuple[str, ...], *, field: str) -> str:
    """Give a field with Message-IDs, such as References; one value may hold several, separated by blanks.

    Raises:
        HeaderError: One of them is not a Message-ID.
    """
    ids = [
        check_message_id(each, field=f"{field}[{index}]" if len(values) > 1 else field)
        for index, value in enumerate(values)
        for each in value.split(" ")
        if each or not value.strip(" ")
    ]
    return fold(name, " ".join(ids))


def unsubscribe_fields(uris: tuple[str, ...], *, one_click: bool) -> list[str]:
    """Give List-Unsubscribe (RFC 2369 §3.2), and List-Unsubscribe-Post for one click (RFC 8058).

    Raises:
        HeaderError: Something is not a URI, or one click is wanted without an https URI.
    """
    for index, uri in enumerate(uris):
        if _URI.fullmatch(uri) is None or len(uri) > _LONGEST_WORD:
            raise HeaderError(
                f"{uri[:80]!a} cannot be used to unsubscribe",
                field=f"unsubscribe[{index}]" if len(uris) > 1 else "unsubscribe",
                remedy="Give an https: or mailto: URI in ASCII, without blanks, angle brackets and =?, up to 900 characters",
            )
    if one_click and not any(_HTTPS.match(uri) for uri in uris):
        raise HeaderError(
            "one click needs an https URI",
            field="one_click_unsubscribe",
            cause="RFC 8058 has the reader's provider post to it",
            remedy="Add the https URI to unsubscribe, or leave one_click_unsubscribe out",
        )
    fields = [fold("List-Unsubscribe", ", ".join(f"<{uri}>" for uri in uris))]
    if one_click:
        fields.append("List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n")
    return fields


def priority_fields(priority: Priority) -> list[str]:
    """Give the three fields in which mail programs look for a priority."""
    match priority:
        case Priority.HIGH:
            values = ("1 (Highest)", "High", "high")
        case Priority.LOW:
            values = ("5 (Lowest)", "Low", "low")
        case Priority.NORMAL:
            values = ("3 (Normal)", "Normal", "normal")
        case _:
            assert_never(priority)
    return [f"{name}: {value}\r\n" for name, value in zip(PRIORITY_FIELDS, values, strict=True)]


def auto_submitted_field(value: str) -> str:
    """Give Auto-Submitted (RFC 3834 §5).

    Raises:
        HeaderError: The value is not one keyword with ASCII parameters.
    """
    if _AUTO_SUBMITTED.fullmatch(value) is None:
        raise HeaderError(
            f"{value[:80]!a} is not an Auto-Submitted value",
            field="auto_submitted",
            remedy="Use auto-generated, auto-replied or no",
        )
    return f"Auto-Submitted: {value}\r\n"
