"""One recipient of a series; apart from the series itself, because everybody who names recipients needs only this."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from eilbote.errors import DraftError
from eilbote.model.address import Mailbox
from eilbote.model.kinds import check_kind

_PAIR = 2


@dataclass(frozen=True, slots=True)
class SeriesRecipient:
    """Who gets a message of a series, and what stands in it for them.

    Attributes:
        to: The recipient.
        values: A text for every placeholder. Those that are no text are refused when they are put in.

    Raises:
        DraftError: A part is of the wrong kind.
    """

    to: str | Mailbox
    values: Mapping[str, str] = field(default_factory=dict[str, str])

    def __post_init__(self) -> None:
        """Refuse what is no address or no table of values; asked cheaply first, as there may be a million."""
        if self.to.__class__ is not str:
            check_kind(self.to, (str, Mailbox), field="to", fault=DraftError)
        if self.values.__class__ is not dict:
            check_kind(
                self.values,
                (Mapping,),
                field="values",
                fault=DraftError,
                remedy="Give a dict with a text for every placeholder; an empty one if there are none",
            )


def read_recipient(given: object) -> SeriesRecipient:
    """Give the recipient that somebody has written as such, or as an address and its values.

    Raises:
        DraftError: It is neither.
    """
    if isinstance(given, SeriesRecipient):
        return given
    if isinstance(given, (tuple, list)) and len(given) == _PAIR:  # pyright: ignore[reportUnknownArgumentType] - counted only
        return SeriesRecipient(*given)  # pyright: ignore[reportUnknownArgumentType] - which looks at both
    kind = type(given).__name__  # pyright: ignore[reportUnknownArgumentType] - as above
    raise DraftError(
        f"a value of type {kind} is not a recipient of a series",
        field="recipients",
        remedy="Give (address, values) or SeriesRecipient(to=address, values=values)",
    )
