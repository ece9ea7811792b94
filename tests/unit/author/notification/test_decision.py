"""Who is told of an event, and when; repeats, storms, quiet nights and people who are named twice."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eilbote.author.notification.decision import (
    MOST_IN_AN_HOUR,
    Decision,
    Earlier,
    Situation,
    decide,
    decide_quietly,
)
from eilbote.author.notification.event import SystemEvent, new_event
from eilbote.author.notification.schedule import Quiet
from eilbote.author.notification.subscription import Cadence, Subscription
from eilbote.author.notification.telling import Telling
from eilbote.model.moment import Moment, later, moment_of
from eilbote.model.severity import Severity

NOW = moment_of(datetime(2026, 11, 22, 14, 23, 45, tzinfo=UTC))
MINUTE = 60.0


def event(**fields: object) -> SystemEvent:
    return new_event("flow.failed", **({"id": "e1", "at": NOW, "severity": "error"} | fields))  # type: ignore[arg-type]


def wish(id_: str = "s1", *to: str, **fields: object) -> Subscription:
    return Subscription(id=id_, recipients=to or ("anna@example.org",), **fields)  # type: ignore[arg-type]


def told(
    *subscriptions: Subscription, of: SystemEvent | None = None, **situation: object
) -> tuple[Telling, ...]:
    return decide(of or event(), Situation(subscriptions=subscriptions, **situation)).tellings  # type: ignore[arg-type]


def test_whoever_wants_it_at_once_is_told_now_each_in_a_message_of_their_own() -> None:
    tellings = told(
        wish("s1", "anna@example.org", "max@example.org", language="de", organization="", time_zone="UTC")
    )

    assert [(one.recipient, one.due, one.gathered, one.language) for one in tellings] == [
        ("anna@example.org", NOW, False, "de"),
        ("max@example.org", NOW, False, "de"),
    ]
    assert len({one.batch for one in tellings}) == 2
    assert all(one.batch for one in tellings)


def test_what_concerns_one_person_is_told_to_nobody_who_has_subscribed_to_everything() -> None:
    recovery = new_event(
        "account.password_recovery",
        id="e1",
        at=NOW,
        severity="fatal",
        to="eva@example.org",
        data={"link": "x"},
    )

    tellings = told(wish(), wish("s2", pattern="account.*", everywhere=True), of=recovery)

    assert [one.recipient for one in tellings] == ["eva@example.org"]


def test_what_concerns_one_person_waits_for_no_storm_to_end() -> None:
    recovery = new_event("account.password_recovery", id="e1", at=NOW, to="eva@example.org")

    (telling,) = told(of=recovery, told_lately={"eva@example.org": 2 * MOST_IN_AN_HOUR})

    assert (telling.due, telling.gathered) == (NOW, False)


def test_who_does_not_want_it_is_not_told() -> None:
    assert (
        told(wish(pattern="job.*"), wish("s2", least=Severity.FATAL), wish("s3", organization="acme")) == ()
    )


@pytest.mark.parametrize(
    "cadence,due",
    [
        (Cadence.TEN_MINUTES, datetime(2026, 11, 22, 14, 30, tzinfo=UTC)),
        (Cadence.HOURLY, datetime(2026, 11, 22, 15, 0, tzinfo=UTC)),
        (Cadence.DAILY, datetime(2026, 11, 23, 6, 0, tzinfo=UTC)),
    ],
)
def test_what_can_wait_is_gathered_until_its_time(cadence: Cadence, due: datetime) -> None:
    (telling,) = told(wish(cadence=cadence, time_zone="Europe/Berlin"))

    assert (telling.due, telling.gathered, telling.batch) == (moment_of(due), True, "")


def test_a_quiet_night_is_kept_and_told_when_it_is_over() -> None:
    quiet = Quiet(14 * 60, 16 * 60)
    (telling,) = told(wish(quiet=quiet))
    (hourly,) = told(wish(quiet=quiet, cadence=Cadence.HOURLY))

    over = moment_of(datetime(2026, 11, 22, 16, 0, tzinfo=UTC))
    assert (telling.due, telling.gathered) == (over, True)
    assert (hourly.due, hourly.gathered) == (over, True)


def test_what_is_fatal_breaks_a_quiet_night() -> None:
    (telling,) = told(wish(quiet=Quiet(0, 23 * 60)), of=event(severity="fatal"))

    assert (telling.due, telling.gathered) == (NOW, False)


def test_who_is_muted_is_told_nothing_until_then() -> None:
    assert told(wish(muted_until=later(NOW, 1)), of=event(severity="fatal")) == ()
    assert len(told(wish(muted_until=NOW))) == 1


def test_who_is_named_twice_is_told_once_by_what_tells_first() -> None:
    (telling,) = told(wish("s1", cadence=Cadence.DAILY), wish("s2"), wish("s3", cadence=Cadence.HOURLY))

    assert (telling.subscription, telling.due) == ("s2", NOW)


def test_of_two_that_tell_at_once_the_closer_one_is_heard() -> None:
    (telling,) = told(wish("s1", language="en"), wish("s2", pattern="flow.*", language="de"))

    assert (telling.subscription, telling.language) == ("s2", "de")


def test_whom_it_concerns_is_told_without_any_subscription() -> None:
    (telling,) = told(of=event(to="eva@example.org", language="ru", organization="acme"))

    assert (telling.recipient, telling.subscription, telling.language) == ("eva@example.org", "", "ru")
    assert telling.organization == "acme"


def test_a_hosts_subscription_speaks_for_the_host_whose_event_it_ever_is() -> None:
    (telling,) = told(wish(everywhere=True), of=event(organization="acme"))

    assert telling.organization == ""


# -- repeats ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("minutes,is_counted", [(0, True), (59.9, True), (60, False), (600, False)])
def test_the_same_about_the_same_is_counted_for_an_hour(minutes: float, is_counted: bool) -> None:
    earlier = Earlier(id="e0", at=later(NOW, -minutes * MINUTE), count=37)
    decision = decide(event(key="orders"), Situation(subscriptions=[wish()], earlier=earlier))

    if is_counted:
        assert decision == Decision(repeats="e0")
    else:
        assert decision.repeats == ""
        assert decision.earlier == 36
        assert len(decision.tellings) == 1


def test_a_clock_that_was_set_back_silences_nothing_for_ever() -> None:
    earlier = Earlier(id="e0", at=later(NOW, 86_400), count=1)

    assert decide(event(key="orders"), Situation(earlier=earlier)).repeats == ""


def test_what_is_about_nothing_is_told_each_time() -> None:
    earlier = Earlier(id="e0", at=NOW, count=1)

    assert len(told(wish(), earlier=earlier)) == 1


# -- storms ----------------------------------------------------------------------------------------------------


def test_after_twenty_messages_the_rest_of_the_hour_comes_in_one() -> None:
    lately = {"anna@example.org": MOST_IN_AN_HOUR, "max@example.org": MOST_IN_AN_HOUR - 1}
    anna, max_ = told(wish("s1", "anna@example.org", "max@example.org"), told_lately=lately)

    assert (anna.gathered, anna.due) == (True, moment_of(datetime(2026, 11, 22, 15, 0, tzinfo=UTC)))
    assert (max_.gathered, max_.due) == (False, NOW)


@given(st.lists(st.integers(0, 120), min_size=1, max_size=150))
def test_however_much_happens_nobody_gets_more_than_twenty_messages_and_one_for_each_hour(
    gaps: list[int],
) -> None:
    sent: list[Moment] = []
    summaries: set[Moment] = set()
    now = NOW
    for number, gap in enumerate(gaps):
        now = later(now, gap)
        lately = {"anna@example.org": sum(at > later(now, -3600) for at in sent)}
        (telling,) = told(wish(), of=event(id=f"e{number}", at=now), told_lately=lately)
        if telling.gathered:
            summaries.add(telling.due)
            assert telling.due > now
        else:
            sent.append(now)
    for at in sent:
        assert sum(later(at, -3600) < one <= at for one in sent) <= MOST_IN_AN_HOUR
    assert len(summaries) <= (now - NOW) // 3_600_000 + 2


def test_an_event_about_the_telling_itself_is_told_to_nobody() -> None:
    decision = decide_quietly(event(to="eva@example.org"), Situation(subscriptions=[wish()]))

    assert decision == Decision()
