"""Organizations take turns."""

import hypothesis.strategies as st
from hypothesis import given

from eilbote.store.fair_share import fair_share


def test_each_organization_has_its_turn() -> None:
    waiting = [(1, "a"), (2, "a"), (3, "a"), (4, "b"), (5, "c"), (6, "b")]
    assert fair_share(waiting, 10) == [1, 4, 5, 2, 6, 3]
    assert fair_share(waiting, 4) == [1, 4, 5, 2]
    assert fair_share(waiting, 0) == []
    assert fair_share([], 3) == []


@given(st.lists(st.sampled_from("abcd")), st.integers(0, 20))
def test_nobody_is_chosen_twice_or_before_whom_it_follows(whose: list[str], limit: int) -> None:
    chosen = fair_share(list(enumerate(whose)), limit)
    assert len(chosen) == len(set(chosen)) == min(limit, len(whose))
    for organization in set(whose):
        own = [number for number in chosen if whose[number] == organization]
        assert own == [number for number, each in enumerate(whose) if each == organization][: len(own)]
        others = [whose[number] for number in chosen].count(organization)
        share = -(-len(chosen) // max(1, len(set(whose))))
        left = whose.count(organization) - others
        assert not left or others >= share - 1, "whoever still waits has had as many turns as anybody"
