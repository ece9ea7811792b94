"""One recipient of a series; apart from the series itself, because everybody who names recipients needs only this."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eilbote.model.address import Mailbox


@dataclass(frozen=True, slots=True)
class SeriesRecipient:
    """Who gets a message of a series, and what stands in it for them.

    Attributes:
        to: The recipient.
        values: A text for every placeholder.
    """

    to: str | Mailbox
    values: Mapping[str, str] = field(default_factory=dict[str, str])
