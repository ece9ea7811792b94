"""Which events somebody wants, and how a wish is read."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eilbote.author.notification.event import new_event
from eilbote.author.notification.schedule import Quiet
from eilbote.author.notification.subscription import Cadence, Subscription, is_like, read_subscription
from eilbote.errors import AddressError, SettingsError
from eilbote.model.moment import Moment
from eilbote.model.severity import Severity

NOW = Moment(1_800_000_000_000)
NEW = Subscription(id="s1")


@pytest.mark.parametrize(
    "pattern,kind,is_one",
    [
        ("*", "flow.failed", True),
        ("flow.*", "flow.failed", True),
        ("flow.*", "flow.run.failed", True),
        ("flow.*", "flow", False),
        ("flow.*", "workflow.failed", False),
        ("*.failed", "flow.failed", True),
        ("*.failed", "failed", False),
        ("flow.failed", "flow.failed", True),
        ("flow.failed", "flow.failed2", False),
        ("a*a", "a", False),
        ("a*a", "aa", True),
        ("*a*b*", "xaxbx", True),
        ("*b*a*", "xaxbx", False),
        ("a.b", "axb", False),
    ],
)
def test_a_star_stands_for_anything(pattern: str, kind: str, is_one: bool) -> None:
    assert is_like(kind, pattern) is is_one


@given(st.text("ab.*", max_size=12), st.text("ab.", max_size=12))
def test_patterns_mean_the_same_as_they_do_in_regular_expressions(pattern: str, kind: str) -> None:
    expression = ".*".join(re.escape(part) for part in pattern.split("*"))

    assert is_like(kind, pattern) is (re.fullmatch(expression, kind) is not None)


def test_a_wish_is_read_whole() -> None:
    said = {
        "event": " Flow.** ",
        "severity": "error",
        "to": "ops@example.org; Anna <anna@example.org>",
        "cadence": "ten-minutes",
        "at": "6:30",
        "time_zone": "Europe/Berlin",
        "quiet": "22:00-07:00",
        "language": "de-AT",
        "muted_until": NOW,
        "everywhere": True,
    }

    assert read_subscription(said, NEW) == Subscription(
        id="s1",
        everywhere=True,
        pattern="flow.*",
        least=Severity.ERROR,
        recipients=("ops@example.org", "anna@example.org"),
        cadence=Cadence.TEN_MINUTES,
        daily_at=390,
        time_zone="Europe/Berlin",
        quiet=Quiet(22 * 60, 7 * 60),
        muted_until=NOW,
        language="de_AT",
    )


def test_what_is_left_out_stays() -> None:
    known = read_subscription({"to": "a@example.org", "event": "flow.*", "quiet": "1:00-2:00"}, NEW)

    assert read_subscription({}, known) == known
    assert read_subscription({"quiet": ""}, known).quiet is None
    assert read_subscription({"event": "*"}, known).recipients == ("a@example.org",)


@pytest.mark.parametrize(
    "said,field",
    [
        ({"event": "flow failed"}, "event"),
        ({"event": "%"}, "event"),
        ({"severity": "loud"}, "severity"),
        ({"cadence": "weekly"}, "cadence"),
        ({"at": "25:00"}, "at"),
        ({"time_zone": "../../etc/passwd"}, "time_zone"),
        ({"time_zone": "Nowhere/At-all"}, "time_zone"),
        ({"quiet": "22:00"}, "quiet"),
        ({"quiet": "7:00-07:00"}, "quiet"),
        ({"language": "klingon"}, "language"),
        ({"everywhere": "yes"}, "everywhere"),
        ({"everywhere": True, "organization": "acme"}, "everywhere"),
        ({"muted_until": "tomorrow"}, "muted_until"),
        ({"event": 7}, "event"),
        ({"colour": "red"}, "colour"),
        ({"to": ""}, "to"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_its_field(said: dict[str, object], field: str) -> None:
    with pytest.raises(SettingsError) as refused:
        read_subscription({"to": "a@example.org", **said}, NEW)

    assert refused.value.field == field
    assert refused.value.remedy


def test_nobody_is_told_at_what_is_no_address() -> None:
    for to in ("nobody", [f"a{number}@example.org" for number in range(101)]):
        with pytest.raises(AddressError):
            read_subscription({"to": to}, NEW)


@pytest.mark.parametrize(
    "organization,everywhere,of,wants",
    [
        ("", False, "", True),
        ("", False, "acme", False),
        ("", True, "acme", True),
        ("acme", False, "acme", True),
        ("acme", False, "", False),
        ("acme", False, "umbrella", False),
    ],
)
def test_an_organization_hears_of_itself_alone(
    organization: str, everywhere: bool, of: str, wants: bool
) -> None:
    subscription = Subscription(id="s1", organization=organization, everywhere=everywhere)
    event = new_event("flow.failed", id="e1", at=NOW, organization=of)

    assert subscription.wants(event) is wants


def test_what_is_not_bad_enough_is_not_wanted() -> None:
    subscription = Subscription(id="s1", least=Severity.ERROR, pattern="flow.*")

    assert subscription.wants(new_event("flow.failed", id="e", at=NOW, severity="fatal"))
    assert not subscription.wants(new_event("flow.failed", id="e", at=NOW, severity="warning"))
    assert not subscription.wants(new_event("job.failed", id="e", at=NOW, severity="fatal"))
