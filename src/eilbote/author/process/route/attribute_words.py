"""Values of attributes as people read them, in their language (Unicode CLDR, by Babel).

Numbers are written with the language's decimal sign and nothing between thousands: a number may count things, and may be the number
of an order. Digits behind the point stay as they were given, so that an amount keeps its cents.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from datetime import date, datetime
    from decimal import Decimal

Unit = Literal["year", "month", "week", "day", "hour", "minute", "second"]

# Unicode CLDR has these words for a yes or a no of programs' questions; Babel does not bring them along.
_YES_NO: Final = {
    "cs": ("ano", "ne"),
    "da": ("ja", "nej"),
    "de": ("ja", "nein"),
    "en": ("yes", "no"),
    "es": ("sí", "no"),
    "fi": ("kyllä", "ei"),
    "fr": ("oui", "non"),
    "it": ("sì", "no"),
    "nb": ("ja", "nei"),
    "nl": ("ja", "nee"),
    "pl": ("tak", "nie"),
    "pt": ("sim", "não"),
    "ru": ("да", "нет"),
    "sv": ("ja", "nej"),
    "tr": ("evet", "hayır"),  # noqa: RUF001 - a Turkish letter
    "uk": ("так", "ні"),
}


def yes_or_no(value: bool, *, locale: str) -> str:  # noqa: FBT001 - it is the value, and not a switch
    """Write a truth value; in English where the language is not known here."""
    yes, no = _YES_NO.get(locale.replace("-", "_").partition("_")[0].lower(), _YES_NO["en"])
    return yes if value else no


def number_words(value: Decimal, *, locale: str) -> str:
    """Write a number with all the digits behind the point that it was given with."""
    from babel.numbers import get_decimal_symbol

    return format(value, "f").replace(".", get_decimal_symbol(locale.replace("-", "_")))


def moment_words(value: datetime, *, locale: str, time_zone: str) -> str:
    """Write a time to the minute, with its date and its zone, which readers elsewhere need."""
    from babel.dates import format_date, format_time, get_datetime_format, get_timezone_name

    language, zone = locale.replace("-", "_"), ZoneInfo(time_zone)
    local = value.astimezone(zone)
    day = format_date(local.date(), "medium", locale=language)
    clock = format_time(local, "short", tzinfo=zone, locale=language)
    together = str(get_datetime_format("medium", locale=language)).replace("'", "")
    zone_name = "UTC" if zone.key == "UTC" else get_timezone_name(local, width="short", locale=language)
    if zone_name[:1] in {"+", "-"}:  # the language has no short name for it
        zone_name = f"UTC{zone_name[:3]}:{zone_name[3:]}"
    return f"{together.replace('{1}', day).replace('{0}', clock)} {zone_name}"


def date_words(value: date, *, locale: str) -> str:
    """Write a date."""
    from babel.dates import format_date

    return format_date(value, "medium", locale=locale.replace("-", "_"))


def duration_words(parts: tuple[tuple[Unit, int], ...], *, locale: str) -> str:
    """Write a length of time, without the units of which there are none."""
    from babel.lists import format_list
    from babel.units import format_unit

    language = locale.replace("-", "_")
    said = [(unit, count) for unit, count in parts if count] or [("second", 0)]
    words = [format_unit(count, f"duration-{unit}", length="long", locale=language) for unit, count in said]
    return format_list(words, style="unit", locale=language)
