"""A meeting that travels with a message (RFC 5545, RFC 5546, RFC 6047)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from eilbote.errors import DraftError

if TYPE_CHECKING:
    from datetime import datetime


class Method(StrEnum):
    """What the organizer wants (RFC 5546 §1.4)."""

    REQUEST = "REQUEST"
    PUBLISH = "PUBLISH"
    CANCEL = "CANCEL"


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """One meeting.

    Attributes:
        summary: Its title.
        start: When it begins, aware of its time zone.
        end: When it ends, aware of its time zone, after ``start``.
        location: Where.
        description: What for.
        uid: The same in every update and in the cancellation; minted when ``None``.
        sequence: Grows with every update.
        method: Invite, publish or cancel.

    Raises:
        DraftError: A value is of the wrong kind, a time has no zone, or the meeting ends before it begins.
    """

    summary: str
    start: datetime
    end: datetime
    location: str = ""
    description: str = ""
    uid: str | None = None
    sequence: int = 0
    method: Method = Method.REQUEST

    def __post_init__(self) -> None:
        """Refuse values of the wrong kind, and times that readers in other zones would misread."""
        texts: tuple[tuple[str, object], ...] = (
            ("summary", self.summary),
            ("location", self.location),
            ("description", self.description),
            ("uid", self.uid or ""),
        )
        for name, text in texts:
            if not isinstance(text, str):
                raise DraftError(
                    f"a {type(text).__name__} is not a text", field=f"invitation.{name}", remedy="Give a str"
                )
        for name, moment in (("start", self.start), ("end", self.end)):
            if not hasattr(moment, "utcoffset"):
                raise DraftError(
                    f"a {type(moment).__name__} is not a time",
                    field=f"invitation.{name}",
                    remedy="Give an aware datetime",
                )
            if moment.utcoffset() is None:
                raise DraftError(
                    "the time has no zone",
                    field=f"invitation.{name}",
                    remedy="Give an aware datetime, for instance with zoneinfo.ZoneInfo",
                )
        if self.end <= self.start:
            raise DraftError("the meeting ends before it begins", field="invitation.end")
