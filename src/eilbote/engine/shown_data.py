"""Values of runs and instances as they are shown to people and programs: as JSON knows them, without what is called a secret."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final, cast

if TYPE_CHECKING:
    from eilbote.model.data import Data

_SECRET_WORDS: Final = (
    "password",
    "passwort",
    "secret",
    "token",
    "api_key",
    "apikey",
    "authorization",
    "credential",
)
_STARS: Final = "***"
_LARGEST: Final = 307
"""The power of ten up to which a number of double precision reaches, as most readers of JSON keep it (RFC 8259, section 6)."""


def plain(value: Data) -> object:
    """Give data as JSON knows it: a decimal number is written as the number it is, as text where readers could not hold it."""
    match value:
        case Decimal() if value.adjusted() > _LARGEST:
            return str(value)
        case Decimal():
            return (
                int(value) if value == value.to_integral_value() and "." not in str(value) else float(value)
            )
        case dict():
            return {key: plain(inner) for key, inner in value.items()}
        case list():
            return [plain(inner) for inner in value]
        case _:
            return cast("object", value)


def without_secrets(value: Data, name: str = "") -> Data:
    """Give data in which whatever is called a password, a token or the like is struck out."""
    if name and any(word in name.lower() for word in _SECRET_WORDS) and value not in (None, "", True, False):
        return _STARS
    match value:
        case dict():
            return {key: without_secrets(inner, key) for key, inner in value.items()}
        case list():
            return [without_secrets(inner, name) for inner in value]
        case _:
            return value
