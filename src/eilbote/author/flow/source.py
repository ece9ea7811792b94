"""A flow's text, read with the place of everything in it (:mod:`eilbote.author.plain.source`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eilbote.author.plain import source
from eilbote.errors import FlowError

if TYPE_CHECKING:
    from eilbote.author.plain.place import Place


class FlowTextError(FlowError):
    """A flow's text cannot be used, and it is known where; ``cause`` ends with the place.

    Attributes:
        place: Where; ``None`` when the fault is that something is missing altogether.
        reason: Why, without the place.
    """

    def __init__(
        self,
        what: str,
        *,
        place: Place | None,
        field: str | None = None,
        position: int | None = None,
        cause: str | None = None,
        remedy: str | None = None,
    ) -> None:
        super().__init__(
            what, field=field, position=position, cause=source.cause_with_place(cause, place), remedy=remedy
        )
        self.place = place
        self.reason = cause


def read_source(text: str) -> source.Source:
    """Read YAML or JSON.

    Raises:
        FlowTextError: It is neither, or not plain data; line and column are told.
    """
    try:
        return source.read_source(text, what="flow")
    except source.PlainTextError as fault:
        remedy = "Give it a name and nodes" if not text.strip() else fault.remedy
        raise FlowTextError(str(fault.what), place=fault.place, cause=fault.reason, remedy=remedy) from None
