"""How much a template may do: enough for any mail, and too little to hurt.

Limits are kept by counting, not by a clock, so that the same template with the same values always ends in the same way.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final, cast

from eilbote.errors import TemplateError

if TYPE_CHECKING:
    from collections.abc import Sized

SOURCE_CHARACTERS: Final = 256 * 1024
"""Of a template's own text."""
OUTPUT_CHARACTERS: Final = 1024 * 1024
"""Of what it gives, and of every text on the way there."""
EXPRESSION_CHARACTERS: Final = 4000
"""Between one pair of braces; the engine goes over an expression more than once, and over brackets in it again."""
LOOP_TURNS: Final = 10_000
"""Of all loops together, and items of any list that a filter is given."""
WORK: Final = 3_000_000
"""Of everything together: parts of the template that are gone over, values looked up, items and stretches of text in filters."""
NESTED_BLOCKS: Final = 50
NUMBER_BITS: Final = 256
"""Of a whole number; 77 digits count anything that is counted in a mail."""
_DECIMAL_DIGITS: Final = 100


def check_size(value: object) -> None:
    """Refuse a value that is too large to go on with.

    Raises:
        TemplateError: It is.
    """
    match value:
        case bool() | None:
            return
        case str():
            fits, what = (
                len(value) <= OUTPUT_CHARACTERS,
                f"a text of more than {OUTPUT_CHARACTERS:,} characters",
            )
        case int():
            fits, what = value.bit_length() <= NUMBER_BITS, "a number of more than 77 digits"
        case float():
            fits, what = value - value == 0, "a number without bounds"  # neither infinity nor NaN
        case Decimal():
            fits = value.is_finite() and abs(value.adjusted()) <= _DECIMAL_DIGITS
            what = "a number without bounds"
        case list() | tuple() | dict() | range():
            length = len(cast("Sized", value))
            fits, what = length <= LOOP_TURNS, f"a list of more than {LOOP_TURNS:,} items"
        case _:
            return
    if not fits:
        raise too_much(what)


def too_much(what: str) -> TemplateError:
    """Say that a template makes too much of something."""
    return TemplateError(
        f"the template makes {what}",
        cause="No mail needs that, and one template must not keep all others waiting",
        remedy="Make the values smaller before they get here, or attach a file instead",
    )
