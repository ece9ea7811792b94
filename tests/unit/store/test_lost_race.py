"""Whoever loses a race is told what has become of the thing."""

import pytest

from eilbote import ConflictError
from eilbote.store.lost_race import check_race, lost_race


@pytest.mark.parametrize("read, found", [(0, None), (0, 0), (3, 3)])
def test_who_has_seen_how_things_stand_may_change_them(read: int, found: int | None) -> None:
    check_race("webhook", "w1", read=read, found=found)


@pytest.mark.parametrize(
    "read, found, said, field",
    [
        (0, 1, "there is a webhook 'w1' already", "id"),
        (2, 3, "somebody has changed the webhook 'w1' meanwhile", "revision"),
        (2, 0, "the webhook 'w1' was removed meanwhile", "revision"),
        (2, None, "the webhook 'w1' was removed meanwhile", "revision"),
    ],
)
def test_who_has_not_is_told_why(read: int, found: int | None, said: str, field: str) -> None:
    with pytest.raises(ConflictError) as told:
        check_race("webhook", "w1", read=read, found=found)
    assert (told.value.what, told.value.field) == (said, field)
    assert told.value.remedy


def test_a_cause_tells_both_revisions() -> None:
    fault = lost_race("route", "acme/ready", read=2, found=7)
    assert fault.cause == "Revision 2 was read, and revision 7 is there by now"


def test_nobody_claims_to_know_what_was_not_looked_at() -> None:
    assert lost_race("API key", "k", read=2).what.endswith("meanwhile, or it was removed")


@pytest.mark.parametrize(
    "noun, said", [("API key", "an API key"), ("user", "a user"), ("organization", "an organization")]
)
def test_each_noun_has_its_article(noun: str, said: str) -> None:
    assert lost_race(noun, "x", read=0, key="name").what == f"there is {said} 'x' already"
