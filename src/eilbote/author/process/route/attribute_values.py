"""What processes give for the attributes of a message: checked, converted to what the attribute is, and written for readers.

A value comes from a mapping, so it is plain data: often a text that a template made, even where a number is meant. What says
unmistakably what the attribute is, is taken; anything else is refused with the attribute's name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, TypeAlias
from zoneinfo import ZoneInfo

from eilbote.author.process.route.attribute_words import (
    date_words,
    duration_words,
    moment_words,
    number_words,
    yes_or_no,
)
from eilbote.author.process.route.placeholder import key_of
from eilbote.author.process.route.route import AttributeType
from eilbote.errors import AddressError, AttachmentError, PlaceholderError
from eilbote.model.address import parse_address_list, parse_mailbox
from eilbote.model.attachment import Attachment
from eilbote.model.kinds import shown
from eilbote.model.mailbox import Mailbox

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from eilbote.author.process.route.route import MessageAttribute
    from eilbote.model.data import Data


@dataclass(frozen=True, slots=True, kw_only=True)
class Duration:
    """A length of time in calendar units (ISO 8601-1 section 5.5.2), as it was said."""

    years: int = 0
    months: int = 0
    weeks: int = 0
    days: int = 0
    hours: int = 0
    minutes: int = 0
    seconds: int = 0


@dataclass(frozen=True, slots=True)
class Documents:
    """Files, each with its name."""

    files: tuple[Attachment, ...]


@dataclass(frozen=True, slots=True)
class Accounts:
    """People, each with an address and perhaps a name."""

    people: tuple[Mailbox, ...]


AttributeValue: TypeAlias = str | Decimal | Duration | datetime | date | bool | Documents | Accounts
"""A value of one of the types: text, number, duration, date and time or a date alone, boolean, document, account."""
Values: TypeAlias = "Mapping[str, AttributeValue | None]"
"""Values by the keys of their attributes (:func:`~eilbote.author.process.route.placeholder.key_of`); ``None`` where there is none."""

_MOST_DIGITS: Final = 1000
_NUMBER: Final = re.compile(r"[+-]?\d{1,100}(?:\.\d{1,100})?", re.ASCII)
_EXTENSION: Final = re.compile(r"(?:\.?[A-Za-z0-9_+-]{1,20}){1,3}", re.ASCII)
_DURATION: Final = re.compile(
    r"P(?!$)(?:(\d{1,6})Y)?(?:(\d{1,6})M)?(?:(\d{1,6})W)?(?:(\d{1,6})D)?"
    r"(?:T(?=\d)(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,9})S)?)?",
    re.ASCII,
)
_TRUTH: Final = {"true": True, "yes": True, "false": False, "no": False}
_EXAMPLES: Final = MappingProxyType(
    {
        AttributeType.TEXT: "Give a text",
        AttributeType.NUMBER: "Give a number such as 1234.50, without blanks, commas or a unit",
        AttributeType.DURATION: "Give an ISO 8601 duration such as PT15M, P3D or P1DT12H",
        AttributeType.DATE_TIME: "Give a time such as 2026-12-24T18:00:00Z, or a date such as 2026-12-24",
        AttributeType.BOOLEAN: "Give true or false",
        AttributeType.DOCUMENT: "Give a table {name: invoice, extension: pdf, content: BASE64} or {name: note.txt, text: ...}",
        AttributeType.ACCOUNT: "Give a table {address: anna@example.org, name: Anna}, or Anna <anna@example.org>",
    }
)


def read_values(
    attributes: tuple[MessageAttribute, ...], given: Mapping[str, Data], *, time_zone: str = "UTC"
) -> Values:
    """Read what a mapping gives; names that no attribute has are left alone, they are found when a process is published.

    Args:
        attributes: Those of the route.
        given: Values by system name; capitals and small letters are the same.
        time_zone: The zone of times that name none.

    Raises:
        PlaceholderError: A required one is missing, or a value is not what its attribute is; ``field`` names the attribute.
    """
    by_key = {key_of(name): value for name, value in given.items()}
    return {
        key_of(attribute.system_name): _read(attribute, by_key.get(key_of(attribute.system_name)), time_zone)
        for attribute in attributes
    }


def text_of(value: AttributeValue | None, *, locale: str = "en", time_zone: str = "UTC") -> str:
    """Write a value for readers.

    Args:
        value: The value; nothing is written as nothing.
        locale: The language.
        time_zone: The zone in which times are told.

    Raises:
        PlaceholderError: It is a document, which no text can hold.
    """
    match value:
        case None:
            return ""
        case str():
            return value
        case bool():
            return yes_or_no(value, locale=locale)
        case Decimal():
            return number_words(value, locale=locale)
        case datetime():
            return moment_words(value, locale=locale, time_zone=time_zone)
        case date():
            return date_words(value, locale=locale)
        case Duration():
            return duration_words(
                (
                    ("year", value.years),
                    ("month", value.months),
                    ("week", value.weeks),
                    ("day", value.days),
                    ("hour", value.hours),
                    ("minute", value.minutes),
                    ("second", value.seconds),
                ),
                locale=locale,
            )
        case Accounts(people=people):
            return ", ".join(each.display_name or each.addr_spec for each in people)
        case Documents():
            raise PlaceholderError(
                "a document cannot stand in a text", remedy="Name the attribute under 'attachments'"
            )


def read_moment(text: str, *, time_zone: str) -> datetime | date:
    """Read a time, or a date, in ISO 8601; a time without a zone is in the zone given.

    Raises:
        ValueError: It is neither.
    """
    said = text.strip()
    if "T" not in said and ":" not in said:
        return date.fromisoformat(said)
    found = datetime.fromisoformat(said)
    return found if found.tzinfo else found.replace(tzinfo=ZoneInfo(time_zone))


def read_duration(text: str) -> Duration:
    """Read a duration in ISO 8601, in whole numbers.

    Raises:
        ValueError: It is none.
    """
    found = _DURATION.fullmatch(text.strip())
    if found is None:
        raise ValueError("this is no ISO 8601 duration")
    years, months, weeks, days, hours, minutes, seconds = (int(each or 0) for each in found.groups())
    return Duration(
        years=years,
        months=months,
        weeks=weeks,
        days=days,
        hours=hours,
        minutes=minutes,
        seconds=seconds,
    )


def _read(attribute: MessageAttribute, given: Data, time_zone: str) -> AttributeValue | None:
    if given is None or (isinstance(given, str) and not given.strip()) or given in ([], {}):
        if attribute.is_required:
            raise PlaceholderError(
                f"the attribute {attribute.system_name!r} has no value",
                field=attribute.system_name,
                cause="Every message of this route must have one",
                remedy="Map it where the message is sent, or make the attribute optional",
            )
        return None
    try:
        found = _converted(attribute.type, given, time_zone)
    except (AddressError, AttachmentError) as fault:
        raise PlaceholderError(
            f"the value of {attribute.system_name!r} cannot be used: {fault.what}",
            field=attribute.system_name,
            position=fault.position,
            cause=fault.cause,
            remedy=fault.remedy or _EXAMPLES[attribute.type],
        ) from fault
    if found is None:
        raise PlaceholderError(
            f"the value of {attribute.system_name!r} is no {_words(attribute.type)}",
            field=attribute.system_name,
            cause=f"It is {shown(given)}",
            remedy=_EXAMPLES[attribute.type],
        )
    return found


def _words(kind: AttributeType) -> str:
    return "date and time" if kind is AttributeType.DATE_TIME else kind.value


def _converted(kind: AttributeType, given: Data, time_zone: str) -> AttributeValue | None:
    """Give the value as what the attribute is; ``None`` when it is not that."""
    match kind:
        case AttributeType.TEXT:
            return _text(given)
        case AttributeType.NUMBER:
            return _number(given)
        case AttributeType.DURATION:
            return _of_text(given, read_duration)
        case AttributeType.DATE_TIME:
            return _moment(given, time_zone)
        case AttributeType.BOOLEAN:
            return _TRUTH.get(given.strip().lower()) if isinstance(given, str) else _boolean(given)
        case AttributeType.DOCUMENT:
            return _documents(given)
        case AttributeType.ACCOUNT:
            return _accounts(given)


def _text(given: Data) -> str | None:
    match given:
        case bool():
            return "true" if given else "false"
        case str():
            return given
        case int() | Decimal() if (number := _number(given)) is not None:
            return format(number, "f")
        case _:
            return None


def _number(given: Data) -> Decimal | None:
    match given:
        case bool():
            return None
        case int():
            return Decimal(given)
        case Decimal():
            return given if given.is_finite() and abs(given.adjusted()) <= _MOST_DIGITS else None
        case str() if _NUMBER.fullmatch(given.strip()):
            return Decimal(given.strip())
        case _:
            return None


def _boolean(given: Data) -> bool | None:
    return given if isinstance(given, bool) else None


def _of_text(given: Data, read: Callable[[str], AttributeValue]) -> AttributeValue | None:
    if not isinstance(given, str):
        return None
    try:
        return read(given)
    except ValueError:
        return None


def _moment(given: Data, time_zone: str) -> datetime | date | None:
    try:
        match given:
            case bool():
                return None
            case int():
                return datetime.fromtimestamp(given, UTC)
            case str():
                return read_moment(given, time_zone=time_zone)
            case _:
                return None
    except (ValueError, OverflowError, OSError):
        return None


def _documents(given: Data) -> Documents | None:
    listed = given if isinstance(given, list) else [given]
    files = [_document(each) for each in listed]
    return Documents(tuple(each for each in files if each)) if all(files) else None


def _document(given: Data) -> Attachment | None:
    if not isinstance(given, dict):
        return None
    name, kind = _file_name(given.get("name"), given.get("extension")), given.get("media_type")
    content, text = given.get("content"), given.get("text")
    if name is None or not (kind is None or isinstance(kind, str)):
        return None
    if isinstance(content, str) and text is None:
        return Attachment.from_base64(content, filename=name, media_type=kind or None)
    if isinstance(text, str) and content is None:
        return Attachment.from_text(text, filename=name, media_type=kind or None)
    return None


def _file_name(name: Data, extension: Data) -> str | None:
    """Give the name of a file whose extension may stand beside it; one that the name has already is not put twice."""
    if not isinstance(name, str) or not name.strip():
        return None
    if extension is None or extension == "":
        return name
    if not isinstance(extension, str) or _EXTENSION.fullmatch(extension.strip()) is None:
        return None
    ending = f".{extension.strip().removeprefix('.')}"
    stem = name.strip()
    return stem if stem.lower().endswith(ending.lower()) else stem.removesuffix(".") + ending


def _accounts(given: Data) -> Accounts | None:
    people: list[Mailbox] = []
    for each in given if isinstance(given, list) else [given]:
        match each:
            case str():
                found = parse_address_list(each, field="address")
                people += [one for one in found if isinstance(one, Mailbox)]
            case dict():
                person = _account(each)
                people += [person] if person else []
            case _:
                return None
    return Accounts(tuple(people)) if people else None


def _account(given: Mapping[str, Data]) -> Mailbox | None:
    address = given.get("address", given.get("email"))
    name = given.get("name") or ""
    if not isinstance(address, str) or not isinstance(name, str):
        return None
    found = parse_mailbox(address.strip(), field="address")
    return Mailbox(name or found.display_name, found.local_part, found.domain)
