"""Filters that write numbers, money and times in the reader's language, by the Unicode CLDR (Babel).

::

    {{ total | currency: "EUR" }}      1.234,50 €
    {{ count | decimal }}              12.345
    {{ when | datetime: "long" }}      22. November 2026 um 09:00:00 MEZ
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import TYPE_CHECKING, Final, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from eilbote.errors import TemplateError

if TYPE_CHECKING:
    from collections.abc import Callable

    from babel import Locale
    from liquid import RenderContext

LOCALE: Final = " locale"
"""Under which name the engine carries the reader's language; no template can write it."""
TIME_ZONE: Final = " time_zone"
_EMPTY: Final = "The variable has no value in this run"
_LONGEST_SHOWN: Final = 40
_FilterT = TypeVar("_FilterT", bound="Callable[..., object]")


def with_context(function: _FilterT) -> _FilterT:
    """Mark a filter for the engine: it wants to know in which context it works."""
    setattr(function, "with_context", True)  # noqa: B010 - functions have no such attribute of their own
    return function


_STYLES: Final = ("short", "medium", "long", "full")


@with_context
def currency(left: object, code: object = "USD", *, context: RenderContext) -> str:
    """Write an amount of money."""
    from babel.numbers import format_currency, is_currency

    if not is_currency(known := str(code).upper()):
        raise TemplateError(
            f"{str(code)[:20]!r} is no currency", remedy='Give an ISO 4217 code, such as currency: "EUR"'
        )
    return format_currency(_number(left), known, locale=_locale(context))


@with_context
def decimal(left: object, pattern: object = None, *, context: RenderContext) -> str:
    """Write a number, by the language's habits or by a pattern such as ``#,##0.00``."""
    from babel.numbers import format_decimal

    return format_decimal(
        _number(left), None if pattern is None else str(pattern)[:100], locale=_locale(context)
    )


@with_context
def moment(left: object, style: object = "medium", *, context: RenderContext) -> str:
    """Write a time, a date, or both, whatever is given; a time without a zone is in UTC."""
    from babel.dates import format_date, format_datetime, format_time

    chosen = str(style)
    if chosen not in _STYLES:
        raise TemplateError(
            f"{chosen[:40]!r} is no style of a time", remedy=f"Give one of {', '.join(_STYLES)}"
        )
    when, locale = _time(left), _locale(context)
    if isinstance(when, datetime):
        zone = _zone(str(context.resolve(TIME_ZONE, default="UTC")))
        return format_datetime(
            when if when.tzinfo else when.replace(tzinfo=UTC), chosen, tzinfo=zone, locale=locale
        )
    if isinstance(when, time):
        return format_time(when, chosen, locale=locale)
    return format_date(when, chosen, locale=locale)


LOCALIZED: Final = {"currency": currency, "money": currency, "decimal": decimal, "datetime": moment}


def read_locale(text: str) -> str:
    """Give a language in the form in which it is known, such as ``de`` or ``en_GB``.

    Raises:
        TemplateError: Nobody knows it.
    """
    return str(_parsed(text))


def read_time_zone(text: str) -> str:
    """Give the IANA name of a time zone, such as ``Europe/Berlin``.

    Raises:
        TemplateError: There is none of that name.
    """
    return _zone(text).key


def known_locale(text: str, *, otherwise: str = "en") -> str:
    """Give a language that somebody has asked for, or another one when nobody knows that one."""
    try:
        return read_locale(text.strip())
    except TemplateError:
        return otherwise


def _locale(context: RenderContext) -> Locale:
    return _parsed(str(context.resolve(LOCALE, default="en")))


@lru_cache(maxsize=256)  # it looks for a file each time, and every template asks
def _parsed(text: str) -> Locale:
    from babel import Locale, UnknownLocaleError

    try:
        return Locale.parse(text.replace("-", "_"))
    except (UnknownLocaleError, ValueError) as fault:
        raise TemplateError(
            f"{text[:40]!r} is no language", field="locale", remedy="Give a language such as en, de or en-GB"
        ) from fault


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as fault:
        raise TemplateError(
            f"{name[:60]!r} is no time zone",
            field="time_zone",
            remedy="Give an IANA name such as Europe/Berlin",
        ) from fault


def _number(value: object) -> Decimal:
    try:
        number = Decimal(str(value)) if not isinstance(value, bool) else Decimal("NaN")
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        raise TemplateError(
            f"{_shown(value)} is no number",
            cause=_EMPTY if _is_nothing(value) else None,
            remedy="Give a number, or put the text into {% if %}...{% endif %} where there may be none"
            if _is_nothing(value)
            else "Give a number, or leave the filter out",
        )
    return number


def _time(value: object) -> datetime | date | time:
    match value:
        case datetime() | date() | time():
            return value
        case str():
            try:
                return (
                    datetime.fromisoformat(value.strip())
                    if "T" in value or ":" in value
                    else date.fromisoformat(value.strip())
                )
            except ValueError:
                pass
        case int() if not isinstance(value, bool):
            try:
                return datetime.fromtimestamp(value, UTC)
            except (OverflowError, ValueError, OSError):
                pass
        case _:
            pass
    raise TemplateError(
        f"{_shown(value)} is no time",
        cause=_EMPTY if _is_nothing(value) else None,
        remedy="Give a time as 2026-11-22T08:00:00Z, a date as 2026-11-22, or seconds since 1970",
    )


def _is_nothing(value: object) -> bool:
    return (
        value is None or not str(value).strip()
    )  # a variable without a value is an object that is written as nothing


def _shown(value: object) -> str:
    return "nothing" if _is_nothing(value) else repr(str(value)[:_LONGEST_SHOWN])
