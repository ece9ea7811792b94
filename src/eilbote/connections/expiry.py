"""Until when an access token is valid, in every form in which people and programs write it.

The vendor's field holds milliseconds since 1970. Token endpoints answer with seconds that the token still has
(``expires_in``, RFC 6749 §5.1), most libraries keep seconds since 1970, and people paste what they find. Which one is
meant shows in the size of the number: a token's end lies in this century, and no token lasts ten years.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from eilbote.errors import SettingsError
from eilbote.model.kinds import shown
from eilbote.model.moment import Moment, as_datetime, later, moment_of

_FIELD: Final = "expiry_date"
_LONGEST_DURATION: Final = 10 * 365 * 86_400
_SECONDS: Final = range(10**9, 10**11)  # 2001 to 5138
_MILLISECONDS: Final = range(10**12, 10**14)  # the same years
_NUMBER: Final = re.compile(r"([0-9]{1,20})(?:\.0{1,9})?")
_REMEDY: Final = (
    "Give milliseconds since 1970, such as 1893456000000, or leave it empty: then the server decides"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Expiry:
    """The end of a token.

    Attributes:
        moment: When it is; ``None`` when that cannot be told from what was written.
        seconds: How long the token lasts, from a time that nobody wrote down; ``None`` when a moment was written.
        note: What was understood, if it was not written as it should be.
    """

    moment: Moment | None = None
    seconds: int | None = None
    note: str = ""

    def counted_from(self, now: Moment) -> Moment | None:
        """Give the end of a token that was handed out just now."""
        return self.moment if self.seconds is None else later(now, self.seconds)


def read_expiry(value: object) -> Expiry:
    """Read what somebody wrote.

    Raises:
        SettingsError: It is no number and no time, or lies in no year in which tokens end.
    """
    if isinstance(value, str) and not _NUMBER.fullmatch(value.strip()):
        return Expiry(moment=_written_out(value.strip()), note="expiryDate was read as a time written out.")
    number = _whole(value)
    if number == 0:  # what forms hold before anybody has filled them in
        return Expiry()
    if number in _MILLISECONDS:
        return Expiry(moment=Moment(number))
    if number in _SECONDS:
        end = Moment(number * 1000)
        return Expiry(
            moment=end,
            note=f"expiryDate {number} was read as seconds, {as_datetime(end):%Y-%m-%d %H:%M} UTC: "
            f"write milliseconds, {end}.",
        )
    if number <= _LONGEST_DURATION:
        return Expiry(
            seconds=number,
            note=f"expiryDate {number} was read as a duration in seconds, counted from the moment at which it is kept: "
            "write milliseconds since 1970.",
        )
    raise SettingsError(
        f"{shown(value)} is no time at which a token ends",
        field=_FIELD,
        cause="As milliseconds, as seconds and as a duration it lies outside of what tokens have",
        remedy=_REMEDY,
    )


def _whole(value: object) -> int:
    if isinstance(value, str):
        value = int(value.strip().partition(".")[0])
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise SettingsError(f"{shown(value)} is no time at which a token ends", field=_FIELD, remedy=_REMEDY)
    return value


def _written_out(text: str) -> Moment:
    """Read RFC 3339, with its time zone."""
    try:
        time = datetime.fromisoformat(text)
        if time.tzinfo is None:
            cause = "It says no time zone"
        elif (moment := moment_of(time)) in _MILLISECONDS:
            return moment
        else:
            cause = "No token ends in that year"
    except (ValueError, OverflowError):
        cause = None
    raise SettingsError(
        f"{shown(text)} is no time at which a token ends", field=_FIELD, cause=cause, remedy=_REMEDY
    )
