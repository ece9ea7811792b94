"""Differences of texts: put together again they give both, and what is far from a change is left out."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from eilbote.author.plain.difference import LineKind, difference

LINES = st.lists(st.sampled_from(["a", "b", "c", "", "  d"]), max_size=30)


def test_the_same_texts_have_no_difference() -> None:
    assert difference("a\nb\n", "a\nb\n") == ()


def test_a_changed_line_is_shown_with_three_lines_around_it() -> None:
    before = "\n".join(str(number) for number in range(1, 21))
    lines = difference(before, before.replace("10", "ten"))
    assert [
        (each.kind, each.text, each.before, each.after) for each in lines if each.kind is not LineKind.SAME
    ] == [
        (LineKind.LEFT_OUT, "", 1, 1),
        (LineKind.REMOVED, "10", 10, None),
        (LineKind.ADDED, "ten", None, 10),
        (LineKind.LEFT_OUT, "", 14, 14),
    ]
    assert [each.text for each in lines if each.kind is LineKind.SAME] == ["7", "8", "9", "11", "12", "13"]
    assert [each.count for each in lines if each.kind is LineKind.LEFT_OUT] == [6, 7]


@given(LINES, LINES)
def test_removed_and_same_lines_are_the_former_text_added_and_same_ones_the_latter(
    former: list[str], latter: list[str]
) -> None:
    before, after = "\n".join(former), "\n".join(latter)
    lines = difference(before, after)
    for text, gone, number in ((before, LineKind.ADDED, "before"), (after, LineKind.REMOVED, "after")):
        place = 1
        written = text.splitlines()
        for each in lines:
            if each.kind is gone:
                continue
            assert getattr(each, number) == place
            if each.kind is not LineKind.LEFT_OUT:
                assert written[place - 1] == each.text
            place += each.count
        assert place == len(written) + 1 or before == after
