"""Which of black and white can be read on a colour (WCAG 2.2, success criterion 1.4.3: relative luminance and contrast)."""

from __future__ import annotations

from typing import Final

_WHITE: Final = "#ffffff"
_BLACK: Final = "#000000"
_SHORT: Final = 4  # with the sign: #fc0 stands for #ffcc00
_LINEAR_BELOW: Final = 0.04045
_READABLE: Final = 4.5
_FLARE: Final = 0.05
"""What WCAG adds to both luminances: light that any screen throws back."""


def readable_on(colour: str) -> str:
    """Give black or white, whichever stands out more from a colour of three or six hexadecimal digits.

    One of the two always has a contrast of 4.5 or more, which is what text of any size needs.
    """
    luminance = _luminance(colour)
    on_white, on_black = 1 + _FLARE, _FLARE
    against_white = on_white / (luminance + _FLARE)
    against_black = (luminance + _FLARE) / on_black
    return _WHITE if against_white >= against_black else _BLACK


def lightened(colour: str, *, on: str) -> str:
    """Give a colour mixed with as little white as makes text in it readable on a dark one."""
    red, green, blue = _parts(colour)
    for tenths in range(11):
        mixed = "#" + "".join(f"{part + (255 - part) * tenths // 10:02x}" for part in (red, green, blue))
        if contrast(mixed, on) >= _READABLE:
            return mixed
    return _WHITE


def contrast(one: str, other: str) -> float:
    """Give the contrast of two colours, from 1 to 21."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + _FLARE) / (darker + _FLARE)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(part / 255) for part in _parts(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _parts(colour: str) -> tuple[int, int, int]:
    digits = colour[1:]
    if len(colour) == _SHORT:
        digits = "".join(digit * 2 for digit in digits)
    return int(digits[0:2], 16), int(digits[2:4], 16), int(digits[4:6], 16)


def _linear(part: float) -> float:
    return float(part / 12.92 if part <= _LINEAR_BELOW else ((part + 0.055) / 1.055) ** 2.4)
