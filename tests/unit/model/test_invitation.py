"""A meeting has a time that everybody reads alike."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from eilbote.errors import DraftError
from eilbote.model.invitation import Invitation

NOON = datetime(2026, 3, 29, 12, tzinfo=UTC)


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(DraftError, match="no zone") as caught:
        Invitation(summary="Review", start=NOON.replace(tzinfo=None), end=NOON)
    assert caught.value.field == "invitation.start"


@pytest.mark.parametrize("length", [timedelta(0), timedelta(hours=-1)])
def test_a_meeting_ends_after_it_begins(length: timedelta) -> None:
    with pytest.raises(DraftError, match="before it begins"):
        Invitation(summary="Review", start=NOON, end=NOON + length)


@pytest.mark.parametrize("field", ["summary", "location", "description", "uid", "start", "end"])
def test_a_value_of_the_wrong_kind_is_refused(field: str) -> None:
    given: dict[str, object] = {
        "summary": "Review",
        "start": NOON,
        "end": NOON + timedelta(hours=1),
        field: 5,
    }
    with pytest.raises(DraftError) as caught:
        Invitation(**given)  # type: ignore[arg-type] - what a program without types may pass
    assert caught.value.field == f"invitation.{field}"
