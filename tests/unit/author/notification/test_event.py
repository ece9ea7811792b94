"""What can be an event, and what is refused before anything is kept."""

from __future__ import annotations

from decimal import Decimal

import pytest

from eilbote.author.notification.event import SystemEvent, new_event, read_severity
from eilbote.errors import AddressError, DraftError
from eilbote.model.moment import Moment
from eilbote.model.severity import Severity

NOW = Moment(1_800_000_000_000)


def event(kind: str = "invoice.overdue", **fields: object) -> SystemEvent:
    return new_event(kind, id="e1", at=NOW, **fields)  # type: ignore[arg-type]  # tests give what they want to see refused


def test_an_event_says_what_it_was_given() -> None:
    made = event(
        " Invoice.Overdue ",
        severity="warn",
        summary="  Invoice 4711\r\nBcc: eva@example.org ",
        detail="a\nb\n",
        data={"total": 12.5, "lines": ("a", 1), "paid": False, "by": None},
        key="4711",
        to="Anna <anna@example.org>; anna@example.org, max@example.org",
        organization="acme",
        source="cli",
    )

    assert made == SystemEvent(
        id="e1",
        kind="invoice.overdue",
        at=NOW,
        severity=Severity.WARNING,
        organization="acme",
        summary="Invoice 4711 Bcc: eva@example.org",
        detail="a\nb",
        data={"total": Decimal("12.5"), "lines": ["a", 1], "paid": False, "by": None},
        key="4711",
        to=("anna@example.org", "max@example.org"),
        source="cli",
    )


def test_what_is_too_long_for_one_line_is_cut() -> None:
    assert event(summary="x" * 1000).summary == "x" * 299 + "…"


def deep(levels: int) -> dict[str, object]:
    made: dict[str, object] = {}
    for _ in range(levels):
        made = {"a": made}
    return made


@pytest.mark.parametrize("kind", ["", "Überfällig", "a..b", ".a", "a.", "a b", "1a", "a" * 101, "a/b", "*"])
def test_what_is_no_dotted_name_is_no_kind(kind: str) -> None:
    with pytest.raises(DraftError) as refused:
        event(kind)
    assert refused.value.field == "event"


@pytest.mark.parametrize(
    "fields,field",
    [
        ({"severity": "loud"}, "severity"),
        ({"detail": "x" * 20_001}, "detail"),
        ({"detail": "nul \x00"}, "detail"),
        ({"summary": "\ud800"}, "summary"),
        ({"key": "a\nb"}, "key"),
        ({"key": "k" * 301}, "key"),
        ({"organization": "o" * 201}, "organization"),
        ({"data": {"a": object()}}, "data.a"),
        ({"data": {"a": [float("nan")]}}, "data.a[0]"),
        ({"data": {"a": Decimal("1e999999")}}, "data.a"),
        ({"data": {1: "a"}}, "data"),
        ({"data": {"a": "x" * 70_000}}, "data.a"),
        ({"data": {"a": 1 << 2000}}, "data.a"),
        ({"data": {"a": list(range(3000))}}, "data.a[1998]"),
        ({"data": deep(12)}, "data" + ".a" * 11),
        ({"data": {"a": "\x00"}}, "data.a"),
    ],
)
def test_what_cannot_be_kept_or_shown_is_refused_with_its_field(
    fields: dict[str, object], field: str
) -> None:
    with pytest.raises(DraftError) as refused:
        event(**fields)

    assert refused.value.field == field
    assert refused.value.remedy


def test_nobody_is_told_at_an_address_that_is_none() -> None:
    with pytest.raises(AddressError):
        event(to="not an address")
    with pytest.raises(AddressError):
        event(to=[f"a{number}@example.org" for number in range(101)])


def test_severities_are_compared_by_how_bad_they_are() -> None:
    assert [each.value for each in sorted(Severity, key=lambda each: each.rank)] == list(Severity)
    assert Severity.SUCCESS.is_at_least(Severity.INFORMATION)
    assert Severity.INFORMATION.is_at_least(Severity.SUCCESS)
    assert not Severity.WARNING.is_at_least(Severity.ERROR)
    assert read_severity(" INFO ", field="severity") is Severity.INFORMATION
