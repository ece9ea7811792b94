"""A pattern by which no event could ever be meant is refused, where it goes wrong and with what is like it."""

from __future__ import annotations

import pytest

from eilbote.author.notification.catalogue import known_events
from eilbote.author.notification.pattern import read_pattern
from eilbote.author.notification.subscription import Subscription, is_like, read_subscription
from eilbote.errors import SettingsError


@pytest.mark.parametrize(
    "text, pattern",
    [
        ("*", "*"),
        (" Flow.** ", "flow.*"),
        ("invoice.overdue", "invoice.overdue"),
        ("*.failed", "*.failed"),
        ("a.*.c", "a.*.c"),
        ("job*", "job*"),
        ("job_1.step-2", "job_1.step-2"),
    ],
)
def test_what_can_be_meant(text: str, pattern: str) -> None:
    assert read_pattern(text) == pattern


@pytest.mark.parametrize(
    "text, position, cause",
    [
        ("a..b", 2, "Nothing stands before the dot"),
        (".job", 0, "Nothing stands before the dot"),
        ("job.", 4, "Nothing stands behind the dot"),
        ("", 0, "It is empty"),
        ("*.*x", 2, "A star stands for a whole part"),
        ("fl*w.failed", 3, "behind it comes a dot"),
        ("flow failed", 4, "' ' cannot stand"),
        ("flow.größe", 7, "'ö' cannot stand"),
        ("flow,job", 4, "',' cannot stand"),
        ("x" * 101, 100, None),
    ],
)
def test_what_cannot_be_is_told_with_its_place(text: str, position: int, cause: str | None) -> None:
    with pytest.raises(SettingsError) as caught:
        read_pattern(text)
    assert (caught.value.field, caught.value.position) == ("event", position)
    assert (cause or "") in (caught.value.cause or "")


@pytest.mark.parametrize(
    "text, near", [("flow..failed", "flow.failed"), ("process.incident.", "process.incident")]
)
def test_the_nearest_kinds_are_named(text: str, near: str) -> None:
    with pytest.raises(SettingsError) as caught:
        read_pattern(text)
    assert f"nearest to it are {near}" in (caught.value.remedy or "")


def test_every_known_kind_is_a_pattern_of_itself() -> None:
    for event in known_events():
        assert is_like(event.kind, read_pattern(event.kind))


def test_what_was_kept_before_hinders_no_other_change() -> None:
    known = Subscription(id="x", pattern="job.", recipients=("anna@example.org",))
    assert read_subscription({"severity": "error"}, known).pattern == "job."
    with pytest.raises(SettingsError):
        read_subscription({"event": "job."}, known)
