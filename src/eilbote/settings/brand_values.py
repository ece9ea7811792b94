"""Reads what somebody sets about the look of notifications (pure)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from eilbote.connections.values import read_count, read_text
from eilbote.errors import SettingsError
from eilbote.model.kinds import shown
from eilbote.model.look import (
    LINK_SCHEMES,
    PICTURE_SCHEMES,
    WIDEST_LOGO,
    is_address,
    is_colour,
    is_list_of_fonts,
)
from eilbote.settings.fields import FieldKind

if TYPE_CHECKING:
    from eilbote.settings.fields import SettingField

_LONGEST: Final = 4000
_REMEDIES: Final = {
    FieldKind.COLOUR: "Give six hexadecimal digits, such as #1f5fd0",
    FieldKind.FONTS: "Give names with commas between them",
    FieldKind.PICTURE: "Begin it with https:",
    FieldKind.LINK: "Begin it with https: or http:",
}


def read_look(known: SettingField, value: object) -> str | int:
    """Give a value of the look in the form in which it is kept.

    Raises:
        SettingsError: It cannot be used.
    """
    if known.kind is FieldKind.PIXELS:
        return _pixels(known.name, value)
    if known.kind is FieldKind.LINES:
        return _lines(known.name, value)
    text = read_text(value, known.name)
    if not _fits(known.kind, text):
        raise SettingsError(
            f"{shown(text)} cannot be used for the {known.label.lower()}",
            field=known.name,
            remedy=_REMEDIES[known.kind],
        )
    return text


def _fits(kind: FieldKind, text: str) -> bool:
    match kind:
        case FieldKind.COLOUR:
            return is_colour(text)
        case FieldKind.FONTS:
            return is_list_of_fonts(text)
        case FieldKind.PICTURE:
            return is_address(text, PICTURE_SCHEMES)
        case _:
            return is_address(text, LINK_SCHEMES)


def _pixels(name: str, value: object) -> int:
    pixels = read_count(value, name)
    if not 1 <= pixels <= WIDEST_LOGO:
        raise SettingsError(
            f"{pixels:,} pixels are no possible width",
            field=name,
            remedy=f"Give a number from 1 to {WIDEST_LOGO}",
        )
    return pixels


def _lines(name: str, value: object) -> str:
    if not isinstance(value, str) or len(value) > _LONGEST:
        raise SettingsError(
            "this is no text that can stand there", field=name, remedy=f"Give at most {_LONGEST} characters"
        )
    return value.strip()
