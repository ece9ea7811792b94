"""What the fields of a draft take besides addresses; anything else is refused here, with the name of the field.

No later place could name it: a text that is none would fail where texts are encoded, and its author would read
about a missing attribute. The everyday draft asks for none of these functions.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, cast

from eilbote.errors import AttachmentError, DraftError
from eilbote.model.attachment import Attachment

if TYPE_CHECKING:
    from eilbote.model.envelope import DsnRequest
    from eilbote.model.invitation import Invitation

_PAIR = 2


class Priority(StrEnum):
    """How urgent the author finds it."""

    HIGH = "high"
    NORMAL = "normal"
    LOW = "low"


def check_text(value: object, field: str, *, optional: bool = True) -> None:
    """Refuse what is no text.

    Args:
        value: What was given.
        field: Where.
        optional: ``None`` is fine.

    Raises:
        DraftError: It is of another kind.
    """
    if not isinstance(value, str) and (value is not None or not optional):
        raise _misfit(value, field, "a text", "Give a str")


def check_moment(value: object, field: str) -> None:
    """Refuse what is no moment everybody on Earth would agree on.

    Raises:
        DraftError: It is no ``datetime``, or has no zone.
    """
    if value is None:
        return
    if not isinstance(value, datetime):
        raise _misfit(value, field, "a time", "Give a datetime with its zone")
    if value.utcoffset() is None:
        raise DraftError(
            "the time has no zone",
            field=field,
            remedy="Give an aware datetime, for instance with datetime.UTC",
        )


def check_flag(value: object, field: str) -> None:
    """Refuse what is neither true nor false: a text such as ``"no"`` would be taken for true.

    Raises:
        DraftError: It is of another kind.
    """
    if not isinstance(value, bool):
        raise _misfit(value, field, "a bool", "Give True or False")


def check_nouns(invitation: Invitation | None, dsn: DsnRequest | None) -> None:
    """Refuse what is no invitation, and what is no request for notifications.

    Raises:
        DraftError: One of them is of another kind.
    """
    from eilbote.model.envelope import DsnRequest
    from eilbote.model.invitation import Invitation

    given: tuple[object, object] = (invitation, dsn)  # whatever a caller without a type checker wrote
    for value, kind, field in zip(given, (Invitation, DsnRequest), ("invitation", "dsn"), strict=True):
        if value is not None and not isinstance(value, kind):
            raise _misfit(value, field, f"an {kind.__name__}", f"Make one with {kind.__name__}(...)")


def priority_of(value: object) -> Priority:
    """Give the priority for its name.

    Raises:
        DraftError: There is no such priority.
    """
    try:
        return Priority(cast("str", value))
    except ValueError:
        named = repr(value) if isinstance(value, str) else f"a {type(value).__name__}"
        raise DraftError(
            f"{named} is no priority", field="priority", remedy="Use high, normal or low"
        ) from None


def texts_of(value: str | Iterable[str], field: str) -> tuple[str, ...]:
    """Give one text or several as a tuple.

    Raises:
        DraftError: Something in it is of another kind.
    """
    if isinstance(value, str):
        return (value,)
    found = _elements(value, field, "a text or several", "Give a str, or a list of them")
    for index, each in enumerate(found):
        check_text(each, f"{field}[{index}]", optional=False)
    return cast("tuple[str, ...]", found)


def attachments_of(value: Iterable[Attachment]) -> tuple[Attachment, ...]:
    """Give the attachments.

    Raises:
        AttachmentError: Something in it is none, or it is not several.
    """
    remedy = "Make one with Attachment.from_file, from_bytes, from_text, from_base64 or from_mime"
    if isinstance(value, Attachment):
        raise AttachmentError(
            "one attachment is not a list of them", field="attachments", remedy="Put it into a list"
        )
    given: object = value
    if isinstance(given, str | bytes | bytearray | memoryview) or not isinstance(given, Iterable):
        raise AttachmentError(
            f"a {type(given).__name__} is not a list of attachments", field="attachments", remedy=remedy
        )
    found = tuple(value)
    each: object
    for index, each in enumerate(found):
        if not isinstance(each, Attachment):
            raise AttachmentError(
                f"a {type(each).__name__} is not an attachment", field=f"attachments[{index}]", remedy=remedy
            )
    return found


def pairs_of(value: Mapping[str, str] | Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Give header fields as pairs of name and value.

    Raises:
        DraftError: They are neither a mapping nor pairs.
    """
    remedy = 'Give a mapping, such as {"X-Order": "4711"}, or pairs'
    given: object = value  # whatever a caller without a type checker wrote
    if isinstance(given, str):
        raise DraftError("one text is not a set of header fields", field="headers", remedy=remedy)
    if isinstance(given, Mapping):
        given = cast("Mapping[object, object]", given).items()
    for index, pair in enumerate(found := _elements(given, "headers", "a set of header fields", remedy)):
        if not isinstance(pair, tuple | list) or len(cast("list[object]", pair)) != _PAIR:
            raise _misfit(pair, f"headers[{index}]", "a pair of name and value", remedy)  # pyright: ignore[reportUnknownArgumentType] - it is only named
    # Names and values are looked at where it is known which ones there may be.
    return tuple([(name, text) for name, text in cast("tuple[tuple[str, str], ...]", found)])


def _elements(value: object, field: str, wanted: str, remedy: str) -> tuple[object, ...]:
    if isinstance(value, bytes | bytearray | memoryview) or not isinstance(value, Iterable):
        raise _misfit(value, field, wanted, remedy)  # pyright: ignore[reportUnknownArgumentType] - as above
    return tuple(cast("Iterable[object]", value))


def _misfit(value: object, field: str, wanted: str, remedy: str) -> DraftError:
    return DraftError(f"a {type(value).__name__} is not {wanted}", field=field, remedy=remedy)
