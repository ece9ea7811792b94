"""Claims made the short way are claims like any other, and what is damaged makes none."""

from __future__ import annotations

import dataclasses

import pytest

from eilbote.errors import UnreadableEntryError
from eilbote.model.ids import EntryId
from eilbote.model.moment import Moment
from eilbote.model.status import RecipientKind
from eilbote.model.submission import InDoubtPolicy, PartialPolicy
from eilbote.outbox.entry import Claim, Lane, Pending
from eilbote.store.claims import read_claim, read_pending

LANE = Lane("acme", "office")
PENDING = (Pending(2, "anna@example.org", RecipientKind.CC, 3, in_doubt=True, doubts=1),)
ROW: tuple[object, ...] = (17, 4, '["office", "spare"]', 3, 1000, 9000, "park", "ok", 1, b"octets", 7, 2)
CLAIM = Claim(
    id=EntryId(17),
    epoch=4,
    lane=LANE,
    connections=("office", "spare"),
    attempts=3,
    accepted=Moment(1000),
    expires=Moment(9000),
    on_in_doubt=InDoubtPolicy.PARK,
    on_partial=PartialPolicy.OK,
    others_accepted=True,
    pending=PENDING,
    frozen=b"octets",
    crc=7,
    attempts_before=2,
)


def test_a_claim_is_one_like_any_other() -> None:
    read = read_claim(ROW, LANE, PENDING)

    assert read == CLAIM
    assert {field.name for field in dataclasses.fields(Claim)} == {
        name for name in Claim.__slots__ if hasattr(read, name)
    }, "a new field needs a place in read_claim"
    with pytest.raises(dataclasses.FrozenInstanceError):
        read.epoch = 5  # type: ignore[misc]


def test_a_recipient_of_a_claim_is_one_like_any_other() -> None:
    read = read_pending((2, "anna@example.org", "cc", 3, 1, "in_doubt"))

    assert (read,) == PENDING
    assert all(hasattr(read, name) for name in Pending.__slots__), "a new field needs a place in read_pending"
    assert not read_pending((0, "anna@example.org", "cc", 0, 0, None)).in_doubt


@pytest.mark.parametrize(
    "place, damaged",
    [(2, "[]"), (2, "{"), (3, "3"), (4, None), (5, 1.5), (6, "perhaps"), (7, ""), (9, "text"), (10, None)],
)
def test_a_damaged_entry_makes_no_claim(place: int, damaged: object) -> None:
    with pytest.raises(UnreadableEntryError):
        read_claim((*ROW[:place], damaged, *ROW[place + 1 :]), LANE, PENDING)


def test_who_has_nobody_to_reach_makes_no_claim() -> None:
    with pytest.raises(UnreadableEntryError):
        read_claim(ROW, LANE, ())


@pytest.mark.parametrize(
    "damaged",
    [(0, b"anna@example.org", "to", 0, 0, None), (0, "a@b", "x", 0, 0, None), (0, "a@b", "to", 0, 0, "x")],
)
def test_a_damaged_recipient_makes_none(damaged: tuple[object, ...]) -> None:
    with pytest.raises(UnreadableEntryError):
        read_pending(damaged)
